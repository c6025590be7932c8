"""The kinds of news that people can choose among: each package registers its own, the kernel knows none."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of news. `fixed`: channel → why it cannot be turned off. `managers`: only offered to administrators."""

    code: str
    label: Any
    help: Any = ""
    position: int = 50
    channels: tuple[str, ...] = ("email", "portal")
    fixed: dict[str, Any] = field(default_factory=dict)
    default: bool = True
    managers: bool = False


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind of news known."""
    KINDS[kind.code] = kind
    return kind


def kinds(*, manager: bool) -> list[Kind]:
    """What a person chooses among, in the order of the page."""
    found = (kind for kind in KINDS.values() if manager or not kind.managers)
    return sorted(found, key=lambda kind: (kind.position, kind.code))
