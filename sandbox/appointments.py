"""The appointment book of a partner: TMF646 v4 beside its order API (docs/sandbox.md, Appointments).

Half-day slots with a capacity. A reservation lapses after a working day, but never before a person could have acted.
Scenarios of the order decide the rest: `no_slots_once` finds the diary full the first time, `rebook_refused_once` has
the wished-for slot taken the first time.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any

from sandbox.book import OPEN, save
from sandbox.desk import Desk
from sandbox.lifecycle import Order, stamp
from sandbox.wire import Answer, Call, Refused, error, parse

ROOT = "tmf-api/appointment/v4"
PARTNERS = ("northfibre", "southlink", "eastwave")
HALVES = ((clock(8), clock(13)), (clock(13), clock(18)))
CAPACITY = 3
MOST = 40
FURTHEST = timedelta(days=60)
SETTINGS: dict[str, Any] = {"reservation_seconds": 0.0, "full": False, "fault": ""}
FAULTS = ("", "timeout_after_commit", "reset_after_commit", "html_200")


def services(url: str, partner: Any) -> dict[str, str]:
    """The partner's appointment service: its root address; empty where it has none."""
    return {"tmf646": f"{url}/{partner.id}/{ROOT}"} if partner.id in PARTNERS else {}


def below(desk: Desk, path: str) -> str:
    """The path below the partner's appointment book; empty where it is not meant."""
    root = f"/{desk.partner.id}/{ROOT}/"
    return path.removeprefix(root) if desk.partner.id in PARTNERS and path.startswith(root) else ""


def steer(desks: dict[str, Desk], body: dict[str, Any]) -> None:
    """`POST /_control/appointments {partner, reservation_seconds, full, fault}`. Raises ValueError."""
    unknown = sorted(set(body) - set(SETTINGS))
    if unknown:
        raise ValueError(f"unknown setting {unknown[0]!r}; known are {', '.join(SETTINGS)}")
    seconds = body.get("reservation_seconds", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e7:
        raise ValueError("reservation_seconds must be a number from 0 up")
    if body.get("fault", "") not in FAULTS:
        raise ValueError(f"fault must be one of {', '.join(FAULTS[1:])}, or empty")
    for desk in desks.values():
        desk.store.set("appointments", {**SETTINGS, **body})


def fault(desk: Desk) -> str:
    """What befalls the answer that is about to be given: set by control, for one call."""
    told = {**SETTINGS, **desk.store.setting("appointments", {})}
    if told["fault"]:
        desk.store.set("appointments", {**told, "fault": ""})
    return str(told["fault"])


def answer(desk: Desk, call: Call) -> Answer:
    """Work one call in a transaction of its own."""
    name, _, ident = call.path.strip("/").partition("/")
    handlers = {
        ("searchTimeSlot", "POST", False): _search,
        ("appointment", "POST", False): _reserve,
        ("appointment", "GET", False): _list,
        ("appointment", "GET", True): _read,
        ("appointment", "PATCH", True): _change,
    }
    handler = handlers.get((name, call.method, bool(ident)))
    if handler is None:
        return error(Refused(404, "NOT_FOUND", f"there is no {call.method} of {call.path!r}"))
    with desk.store.transaction():
        _lapse(desk)
        try:
            return handler(desk, call, ident)
        except Refused as refused:  # what was counted before the refusal stays
            return error(refused)


def _object(call: Call) -> dict[str, Any]:
    body = parse(call.body)
    if not isinstance(body, dict):
        raise Refused(400, "INVALID_REQUEST", "the body must be a JSON object")
    return body


# -- slots
def _search(desk: Desk, call: Call, _: str) -> Answer:
    body = _object(call)
    since, until = _wanted(body, desk.now())
    order = _order_of(desk, body)
    found = [] if _full(desk, order) else [slot for slot in _slots(since, until) if _free(desk, slot[0]) > 0][:MOST]
    shown = {
        "id": stamp(desk.now()),
        "searchDate": stamp(desk.now()),
        "status": "done",
        "searchResult": "success" if found else "NO_SLOTS: no crew is free in this period",
        "requestedTimeSlot": body.get("requestedTimeSlot") or [],
        "availableTimeSlot": [_slot(*slot) for slot in found],
        "simulated": True,
        "@type": "SearchTimeSlot",
    }
    return Answer(201, shown, order=order)


def _full(desk: Desk, order: Order | None) -> bool:
    if desk.store.setting("appointments", SETTINGS).get("full"):
        return True
    return bool(order and order.scenario == "no_slots_once" and _first(desk, f"slots:{order.number}"))


def _first(desk: Desk, key: str) -> bool:
    """Whether this happens for the first time."""
    told = desk.store.setting("once", [])
    if key in told:
        return False
    desk.store.set("once", [*told, key])
    return True


def _wanted(body: dict[str, Any], now: datetime) -> tuple[datetime, datetime]:
    rows = body.get("requestedTimeSlot") or [{}]
    period = rows[0].get("validFor") if isinstance(rows, list) and isinstance(rows[0], dict) else None
    if not isinstance(period, dict):
        return now, now + timedelta(days=14)
    since, until = _moment(period, "startDateTime"), _moment(period, "endDateTime")
    return max(since, now + timedelta(hours=18)), min(until, now + FURTHEST)


def _slots(since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    found, day = [], since.date()
    while day <= until.date():
        if day.weekday() < 5:
            found += [(_at(day, start), _at(day, end)) for start, end in HALVES if _at(day, start) >= since]
        day += timedelta(days=1)
    return [slot for slot in found if slot[1] <= until]


def _at(day: date, hour: clock) -> datetime:
    return datetime.combine(day, hour, UTC)


def _free(desk: Desk, start: datetime) -> int:
    """Capacity less what others have booked (drawn, the same for ever) and what lies in the book."""
    digest = hashlib.sha256(f"{desk.partner.id}:{start.isoformat()}".encode()).digest()[0]
    row = desk.store.one("SELECT count(*) AS n FROM visits WHERE start = ? AND open = 1", (stamp(start),))
    return CAPACITY - digest % 4 - (row["n"] if row else 0)


def _slot(start: datetime, end: datetime) -> dict[str, Any]:
    return {"id": f"{start:%Y%m%dT%H}", "validFor": _period(start, end), "@type": "TimeSlot"}


def _period(start: datetime, end: datetime) -> dict[str, str]:
    return {"startDateTime": f"{start:%Y-%m-%dT%H:%M:%SZ}", "endDateTime": f"{end:%Y-%m-%dT%H:%M:%SZ}"}


# -- the book
def _reserve(desk: Desk, call: Call, _: str) -> Answer:
    body = _object(call)
    start, end = _checked(desk, body)
    order = _order_of(desk, body)
    if order is not None and order.ended:
        raise Refused(409, "ORDER_ENDED", f"productOrder {order.id} has ended")
    visit: dict[str, Any] = {
        "externalId": str(body.get("externalId") or ""),
        "category": str(body.get("category") or ""),
        "status": "initialized",
        "validFor": _period(start, end),
        "reservedUntil": stamp(desk.now() + _reservation(desk)),
        "relatedEntity": body.get("relatedEntity") or [],
        "relatedPlace": body.get("relatedPlace"),
        "creationDate": stamp(desk.now()),
        "lastUpdate": stamp(desk.now()),
        "simulated": True,
        "@type": "Appointment",
    }
    visit["id"] = str(desk.store.run("INSERT INTO visits (number, key, start, open, doc) VALUES (0,'','',0,'')"))
    visit["href"] = f"{services(desk.config.url, desk.partner)['tmf646']}/appointment/{visit['id']}"
    save(desk.store, visit, order.number if order else 0)
    _book(desk, order, visit)
    return Answer(201, visit, {"Location": visit["href"]}, order)


def _reservation(desk: Desk) -> timedelta:
    told = desk.store.setting("appointments", SETTINGS).get("reservation_seconds")
    habits = desk.partner.habits
    return timedelta(seconds=told or max(desk.day * habits.reservation_days, habits.reservation_seconds))


def _list(desk: Desk, call: Call, _: str) -> Answer:
    key = call.one("externalId")
    rows = desk.store.rows("SELECT doc FROM visits WHERE ?1 = '' OR key = ?1 ORDER BY id", (key,))
    shown = [json.loads(row["doc"]) for row in rows]
    count = str(len(shown))
    return Answer(200, shown, {"X-Total-Count": count, "X-Result-Count": count})


def _read(desk: Desk, call: Call, ident: str) -> Answer:
    return Answer(200, _visit(desk, ident)[0])


def _visit(desk: Desk, ident: str) -> tuple[dict[str, Any], Order | None]:
    row = desk.store.one("SELECT number, doc FROM visits WHERE CAST(id AS TEXT) = ?", (ident,))
    if row is None:
        raise Refused(404, "NOT_FOUND", f"appointment {ident!r} does not exist")
    return json.loads(row["doc"]), desk.store.order("number = ?", (row["number"],))


def _change(desk: Desk, call: Call, ident: str) -> Answer:
    """Another slot, or another status."""
    body = _object(call)
    visit, order = _visit(desk, ident)
    if visit["status"] not in OPEN:
        raise Refused(409, "APPT_EXPIRED" if "lapsed" in visit.get("description", "") else "ENDED", _gone(visit))
    if body.get("status") not in (None, "initialized", "confirmed", "cancelled"):
        raise Refused(400, "INVALID_REQUEST", "status must be confirmed or cancelled")
    if body.get("validFor") and _starts(body) != _starts(visit):
        _rebook(desk, visit, body, order)
    if body.get("status") in ("confirmed", "cancelled"):
        visit["status"] = body["status"]
    if visit["status"] != "initialized":
        visit.pop("reservedUntil", None)
    visit["lastUpdate"] = stamp(desk.now())
    save(desk.store, visit, order.number if order else 0)
    _book(desk, order, visit)
    return Answer(200, visit, order=order)


def _gone(visit: dict[str, Any]) -> str:
    return visit.get("description") or f"the appointment is {visit['status']}"


def _rebook(desk: Desk, visit: dict[str, Any], body: dict[str, Any], order: Order | None) -> None:
    if order is not None and (order.visited or order.ended):
        raise Refused(409, "PONR_PASSED", "the visit has begun or the order has ended")
    if order is not None and order.scenario == "rebook_refused_once" and _first(desk, f"rebook:{order.number}"):
        raise Refused(409, "SLOT_TAKEN", "another customer took this slot a moment ago; choose another one")
    start, end = _checked(desk, body)
    visit["validFor"] = _period(start, end)
    if visit["status"] == "initialized":
        visit["reservedUntil"] = stamp(desk.now() + _reservation(desk))


def _checked(desk: Desk, body: dict[str, Any]) -> tuple[datetime, datetime]:
    """The slot that a body asks for, if it is one of ours and free."""
    start, end = _starts(body)
    if (start, end) not in _slots(start - timedelta(seconds=1), end):
        raise Refused(409, "NO_SUCH_SLOT", "validFor is none of our half-days; search for one")
    if start < desk.now() + timedelta(hours=12):
        raise Refused(409, "TOO_SOON", "validFor is too soon; search for a later one")
    if _free(desk, start) <= 0:
        raise Refused(409, "SLOT_TAKEN", "the slot was taken meanwhile; search again")
    return start, end


def _starts(body: dict[str, Any]) -> tuple[datetime, datetime]:
    period = body.get("validFor")
    if not isinstance(period, dict):
        raise Refused(400, "INVALID_REQUEST", "validFor is required, an object")
    return _moment(period, "startDateTime"), _moment(period, "endDateTime")


def _moment(period: dict[str, Any], name: str) -> datetime:
    try:
        found = datetime.fromisoformat(str(period.get(name)))
    except ValueError:
        raise Refused(400, "INVALID_REQUEST", f"validFor.{name} must be an ISO 8601 date-time") from None
    if found.tzinfo is None:
        raise Refused(400, "INVALID_REQUEST", f"validFor.{name} must carry a zone, such as Z")
    return found.astimezone(UTC)


def _lapse(desk: Desk) -> None:
    """Reservations whose time is over are nobody's any more."""
    for row in desk.store.rows("SELECT number, doc FROM visits WHERE open = 1"):
        visit = json.loads(row["doc"])
        if visit["status"] == "initialized" and visit.get("reservedUntil", "9") < stamp(desk.now()):
            visit |= {"status": "cancelled", "description": "the reservation has lapsed"}
            save(desk.store, visit, row["number"])


# -- the order that a visit is for
def _order_of(desk: Desk, body: dict[str, Any]) -> Order | None:
    for row in body.get("relatedEntity") or []:
        if isinstance(row, dict) and row.get("id"):
            found = desk.store.order("id = ?1 OR external_id = ?1", (str(row["id"]),))
            if found is not None:
                return found
    return None


def _book(desk: Desk, order: Order | None, visit: dict[str, Any]) -> None:
    """The order's own appointment follows the book; before the commitment it only remembers what is reserved."""
    if order is None or order.ended:
        return
    start, end = _starts(visit)
    if visit["status"] not in OPEN:
        order.booked = None
    else:
        order.booked = {"id": visit["id"], "start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
        if order.appointment and visit["status"] == "confirmed":
            order.appointment |= {"start": order.booked["start"], "end": order.booked["end"]}
    desk.store.save(order, desk.dialect.state(order.state))
