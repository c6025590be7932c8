"""TMF646 v4 as a client. A person waits for these calls: short timeouts; bad ends as in connectors/asking."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from partners.connectors import asking
from partners.connectors.asking import NotDone, Unclear, moment

API = "tmf646"
TIMEOUT_SECONDS = 6.0
MOST_SLOTS = 60
STATES = {
    "initialized": "reserved",
    "attempted": "reserved",
    "confirmed": "confirmed",
    "cancelled": "cancelled",
    "completed": "completed",
    "failed": "failed",
    "missed": "missed",
    "expired": "expired",
}


@dataclass(frozen=True)
class Slot:
    """Half an engineer's day that the partner offers."""

    start: datetime
    end: datetime
    ident: str = ""


@dataclass(frozen=True)
class Visit:
    """An appointment as it lies at the partner. `state` in our words; empty for a word that we do not know."""

    ref: str
    key: str
    state: str
    start: datetime | None
    end: datetime | None
    reserved_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class About:
    """What a visit is for: the order at the partner, where, for whom."""

    key: str
    order_id: str
    postcode: str
    address: str
    contact: str = ""


def search(endpoint: Any, about: About, since: datetime, until: datetime) -> list[Slot]:
    """Free slots of a period, earliest first. Raises Refused or NotDone."""
    body = {
        "requestedTimeSlot": [{"validFor": _period(since, until)}],
        "relatedPlace": _place(about),
        "relatedEntity": _order(about),
        "@type": "SearchTimeSlot",
    }
    try:
        found = _call(endpoint, "POST", "searchTimeSlot", body)
    except Unclear as error:
        raise NotDone(str(error)) from error
    rows = found.get("availableTimeSlot") if isinstance(found, dict) else None
    slots = [slot for row in rows or [] if isinstance(row, dict) and (slot := _slot(row)) is not None]
    return sorted(slots, key=lambda slot: slot.start)[:MOST_SLOTS]


def reserve(endpoint: Any, about: About, start: datetime, end: datetime) -> Visit:
    """A reservation of a slot under our key. Raises Refused, NotDone or Unclear."""
    body: dict[str, Any] = {
        "externalId": about.key,
        "category": "installation",
        "validFor": _period(start, end),
        "relatedPlace": _place(about),
        "relatedEntity": _order(about),
        "@type": "Appointment",
    }
    if about.contact:
        body["note"] = [{"text": f"Site contact: {about.contact}"[:500]}]
    return _visit(_call(endpoint, "POST", "appointment", body))


def change(endpoint: Any, ref: str, start: datetime, end: datetime, status: str = "") -> Visit:
    """Another slot, or another status (confirmed, cancelled). Raises Refused, NotDone or Unclear."""
    body: dict[str, Any] = {"validFor": _period(start, end)}
    if status:
        body["status"] = status
    return _visit(_call(endpoint, "PATCH", f"appointment/{quote(ref, safe='')}", body))


def look_up(endpoint: Any, ref: str, key: str) -> Visit | None:
    """The appointment by the partner's id, else by our key; None where it is not there. Raises NotDone."""
    return asking.look_up(endpoint, API, "appointment", _visit, ref=ref, key=key, seconds=TIMEOUT_SECONDS)


def serves(endpoint: Any) -> bool:
    """Whether this partner's system has appointments, and may be called now."""
    return asking.serves(endpoint, API)


def _call(endpoint: Any, method: str, path: str, body: dict[str, Any]) -> Any:
    return asking.call(endpoint, API, method, path, body, seconds=TIMEOUT_SECONDS)


def _visit(found: Any) -> Visit:
    if not isinstance(found, dict) or not found.get("id"):
        raise Unclear("the answer is 2xx but holds no appointment: whether it was done is unknown")
    slot = _slot(found)
    return Visit(
        ref=str(found["id"])[:120],
        key=str(found.get("externalId") or ""),
        state=STATES.get(str(found.get("status") or ""), ""),
        start=slot.start if slot else None,
        end=slot.end if slot else None,
        reserved_until=moment(found.get("reservedUntil")),
    )


def _slot(row: dict[str, Any]) -> Slot | None:
    period = row.get("validFor")
    if not isinstance(period, dict):
        return None
    start, end = moment(period.get("startDateTime")), moment(period.get("endDateTime"))
    if start is None or end is None or end <= start:
        return None
    return Slot(start, end, str(row.get("id") or "")[:80])


def _period(start: datetime, end: datetime) -> dict[str, str]:
    return {"startDateTime": _stamp(start), "endDateTime": _stamp(end)}


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _place(about: About) -> dict[str, str]:
    return {
        "role": "installationAddress",
        "name": f"{about.address}, {about.postcode}"[:300],
        "@referredType": "GeographicAddress",
    }


def _order(about: About) -> list[dict[str, str]]:
    if not about.order_id:
        return []
    return [{"id": about.order_id, "role": "order", "@referredType": "ProductOrder"}]
