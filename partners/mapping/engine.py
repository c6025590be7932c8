"""Reading foreign records without trusting them: every accessor names the attribute that is wrong. Pure."""

import hashlib
import re
from collections.abc import Mapping as Pairs
from datetime import UTC, date, datetime
from typing import Any

from partners.mapping.base import Unmappable
from partners.mapping.words import CANONICAL

TEXT_LIMIT = 2000
KEY_LIMIT = 150


def text(data: Pairs[str, Any], name: str, limit: int = TEXT_LIMIT) -> str:
    """The attribute as text; empty where absent. Raises Unmappable for a list or an object."""
    value = data.get(name)
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise Unmappable(f"{name} must be a text, not {type(value).__name__}")
    return clean(str(value))[:limit]


def clean(value: str) -> str:
    """Without what a database cannot hold: NUL and lone surrogates."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode().strip()


def rows(data: Pairs[str, Any], name: str) -> list[dict[str, Any]]:
    """The attribute as a list of objects; empty where absent. Raises Unmappable for anything else."""
    value = data.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise Unmappable(f"{name} must be a list of objects")
    return value


def number(data: Pairs[str, Any], name: str) -> int | None:
    """The attribute as a whole number; None where absent. Raises Unmappable for anything else."""
    value = data.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,18}", str(value)):
        raise Unmappable(f"{name} must be a whole number, not {str(value)[:40]!r}")
    return int(value)


def moment(data: Pairs[str, Any], name: str) -> datetime | None:
    """The attribute as an aware time, UTC where it names no zone; None where absent. Raises Unmappable."""
    value = text(data, name, 60)
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unmappable(f"{name} must be an ISO 8601 date-time, not {value!r}") from None


def day(data: Pairs[str, Any], name: str) -> date | None:
    """The date of the attribute, a date or a date-time as written by the partner; None where absent."""
    value = text(data, name, 60)
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise Unmappable(f"{name} must be an ISO 8601 date, not {value!r}") from None


def reason_of(word: str, table: Pairs[str, str]) -> tuple[str, bool]:
    """The canonical reason of a partner's word and whether the table knows it. A canonical code stands for itself."""
    if not word:
        return "", True
    found = table.get(word) or table.get(word.upper())
    if found is None and word.upper() in CANONICAL:
        found = word.upper()
    return (found, True) if found else ("OTHER", False)


def key_of(*parts: object) -> str:
    """A dedupe key of bounded length, the same for the same parts."""
    whole = ":".join(str(part) for part in parts)
    if len(whole) <= KEY_LIMIT:
        return whole
    return f"{whole[:80]}:{hashlib.sha256(whole.encode()).hexdigest()}"


def split_reason(line: str) -> tuple[str, str]:
    """`CODE: text` into its parts; a line without a code is all text."""
    found = re.match(r"([A-Z0-9_-]{2,40}): ?(.*)", line, re.S)
    return (found[1], found[2]) if found else ("", line)
