"""TMF622 bytes into records: an event envelope, one order, or a list of orders."""

import json
from typing import Any

from partners.connectors.base import Unreadable
from partners.mapping.base import ParsedRecord

MAX_DEPTH = 40


def records(raw: bytes) -> list[ParsedRecord]:
    """The records of a payload. Raises Unreadable saying why it is none."""
    found = content(raw)
    if isinstance(found, list):
        return [_order(row) for row in found]
    if not isinstance(found, dict):
        raise Unreadable("the payload is neither an object nor a list")
    if "event" in found or "eventType" in found:
        return [_event(found)]
    return [_order(found)]


def content(raw: bytes) -> Any:
    """The JSON of a payload. Raises Unreadable."""
    try:
        found = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse)
    except RecursionError:
        raise Unreadable("the payload is nested too deeply") from None
    except ValueError as error:
        raise Unreadable(f"the payload is not JSON: {error}") from None
    if _depth(found) > MAX_DEPTH:
        raise Unreadable(f"the payload is nested deeper than {MAX_DEPTH} levels")
    return found


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _depth(value: Any) -> int:
    """How deep lists and objects are nested, without recursion."""
    level, deep = [value], 0
    while level and deep <= MAX_DEPTH:
        deep += 1
        inner: list[Any] = []
        for entry in level:
            inner += entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else []
        level = inner
    return deep


def _event(envelope: dict[str, Any]) -> ParsedRecord:
    event = envelope.get("event")
    if not isinstance(event, dict):
        raise Unreadable("event must be an object")
    if isinstance(event.get("productOrder"), dict):
        return _order(event["productOrder"])
    task = event.get("cancelProductOrder")
    if not isinstance(task, dict):
        raise Unreadable(
            f"event {str(envelope.get('eventType'))[:80]!r} holds neither productOrder nor cancelProductOrder"
        )
    about = task.get("productOrder")
    order_id = about.get("id") if isinstance(about, dict) else None
    data = {"issuedOn": envelope.get("eventTime"), **task}
    return ParsedRecord("cancel", data, external_id=word(order_id, "cancelProductOrder.productOrder.id"))


def _order(row: Any) -> ParsedRecord:
    if not isinstance(row, dict):
        raise Unreadable("productOrder must be an object")
    if "state" not in row:
        raise Unreadable("productOrder has no state")
    key = row.get("externalId")
    return ParsedRecord(
        "order",
        row,
        our_key=word(key, "externalId") if key else "",
        external_id=word(row.get("id"), "productOrder.id"),
        version=version(row),
    )


def word(value: Any, name: str) -> str:
    """An id as text. Raises Unreadable naming the attribute."""
    if value in (None, "") or isinstance(value, dict | list | bool):
        raise Unreadable(f"{name} must be a text")
    text = str(value).replace("\x00", "")
    if len(text) > 120:
        raise Unreadable(f"{name} is longer than 120 characters")
    return text.encode("utf-8", "replace").decode()


def version(row: dict[str, Any]) -> str:
    """What tells two versions of one order apart: the partner's numbering, else its time."""
    return str(row.get("sequence") or row.get("lastUpdate") or row.get("state") or "")[:60]


def version_key(row: dict[str, Any]) -> str:
    """The dedupe key of this version, the same whenever and however often it is read."""
    return f"tmf:{str(row.get('id'))[:80]}:{version(row)}"
