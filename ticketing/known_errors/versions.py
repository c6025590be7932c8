"""What changed between two versions, field by field. Pure."""

import difflib
from dataclasses import dataclass
from typing import Any

from ticketing.known_errors.models import KnownError


@dataclass(frozen=True)
class Change:
    """One field: its lines, each with "+" added, "-" gone or " " as before."""

    label: str
    lines: list[tuple[str, str]]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Fields that differ, in the order of the record."""
    changed = [name for name in after if (before.get(name) or "") != (after[name] or "")]
    return [Change(_label(name), _lines(before.get(name), after[name])) for name in changed]


def _label(name: str) -> str:
    return str(getattr(KnownError._meta.get_field(name.removesuffix("_id")), "verbose_name", name)).capitalize()


def _lines(before: Any, after: Any) -> list[tuple[str, str]]:
    told = difflib.ndiff(as_lines(before), as_lines(after))
    return [(line[0], line[2:]) for line in told if line[0] in "+- "]


def as_lines(value: Any) -> list[str]:
    """A value as people read it."""
    if isinstance(value, list):
        return [
            " · ".join(str(part) for part in one.values() if part) if isinstance(one, dict) else str(one)
            for one in value
        ]
    return str(value).splitlines() if value not in (None, "") else []
