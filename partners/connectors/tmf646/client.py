"""TMF646 v4 as a client. A person waits for these calls: short timeouts, and three kinds of bad ends told apart.

`Refused`: the partner said no, nothing has changed. `NotDone`: it was not reached, nothing has changed.
`Unclear`: it may have been done; look it up by our key before anything else is asked.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from ofx.core import outbound
from partners.connectors.tmf622.calls import document, words

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


class Refused(Exception):
    """The partner said no; the text is its own."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class NotDone(Exception):
    """The partner was not reached, or cannot work now: nothing has changed there."""


class Unclear(Exception):
    """No answer, or one that says nothing: it may have been done."""


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
    path = f"appointment/{quote(ref, safe='')}" if ref else "appointment?" + urlencode({"externalId": key})
    try:
        found = _call(endpoint, "GET", path, None)
    except Refused as error:
        if error.status == 404:
            return None
        raise NotDone(str(error)) from error
    except Unclear as error:
        raise NotDone(str(error)) from error
    if ref:
        return _visit(found)
    # A server may ignore a filter that it does not know and return everything.
    rows = found if isinstance(found, list) else []
    ours = [row for row in rows if isinstance(row, dict) and row.get("externalId") == key]
    return _visit(ours[0]) if ours else None


def serves(endpoint: Any) -> bool:
    """Whether this partner's system has appointments, and may be called now."""
    return bool(endpoint is not None and endpoint.services.get("tmf646") and endpoint.state == "active")


def _call(endpoint: Any, method: str, path: str, body: dict[str, Any] | None) -> Any:
    headers = {"Accept": "application/json", "Authorization": f"Bearer {endpoint.token}"}
    if body is not None:
        headers["Content-Type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
    try:
        reply = outbound.request(
            method,
            f"{endpoint.services['tmf646'].rstrip('/')}/{path}",
            headers=headers,
            body=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            timeout=min(TIMEOUT_SECONDS, float(endpoint.timeout_seconds)),
        )
    except outbound.NotSent as error:
        raise NotDone(str(error)) from error
    except outbound.Unanswered as error:
        raise Unclear(str(error)) from error
    return _judged(reply)


def _judged(reply: outbound.Reply) -> Any:
    if reply.status in (401, 403, 408, 425, 429, 503):
        raise NotDone(words(reply))
    if reply.status >= 500:
        raise Unclear(words(reply))
    if not 200 <= reply.status < 300:
        raise Refused(words(reply), reply.status)
    found = document(reply)
    if found is None:
        raise Unclear("the answer is 2xx but not JSON: whether it was done is unknown")
    return found


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
        reserved_until=_moment(found.get("reservedUntil")),
    )


def _slot(row: dict[str, Any]) -> Slot | None:
    period = row.get("validFor")
    if not isinstance(period, dict):
        return None
    start, end = _moment(period.get("startDateTime")), _moment(period.get("endDateTime"))
    if start is None or end is None or end <= start:
        return None
    return Slot(start, end, str(row.get("id") or "")[:80])


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


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
