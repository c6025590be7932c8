"""The admin calls: faults, weights, clock, down; and the journal that tests count from."""

from __future__ import annotations

import json
import time
from typing import Any

from sandbox import appointments, faults, qualification, scenarios
from sandbox.care import steering
from sandbox.care.desk import Care
from sandbox.desk import Desk
from sandbox.dialects import history
from sandbox.house import House
from sandbox.rules import Invalid
from sandbox.wire import Answer, Call, Refused, parse

CASES = {"tickets": "ticket", "tests": "test", "problems": "problem"}


def _bad(message: str) -> Refused:
    return Refused(400, "INVALID_REQUEST", message)


def _chosen(desks: dict[str, Desk], body: dict[str, Any]) -> list[Desk]:
    name = body.pop("partner", "*")
    if name == "*":
        return list(desks.values())
    if name not in desks:
        raise _bad(f"partner must be * or one of {', '.join(desks)}")
    return [desks[name]]


def _number(body: dict[str, Any], name: str, default: float | None = None) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise _bad(f"{name} must be a number from 0 up")
    return float(value)


def _set_faults(desks: dict[str, Desk], body: dict[str, Any]) -> None:
    for desk in _chosen(desks, body):
        try:
            faults.settled(desk.partner.habits, body)
        except ValueError as problem:
            raise _bad(str(problem)) from None
        desk.store.set("faults", body)


def _set_weights(desks: dict[str, Desk], body: dict[str, Any]) -> None:
    chosen, weights = _chosen(desks, body), body.get("weights")
    if not isinstance(weights, dict):
        raise _bad("weights must be an object of scenario to weight")
    for name in weights:
        if name not in scenarios.STEPS:
            raise _bad(f"weights: unknown scenario {name!r}; known are {', '.join(scenarios.STEPS)}")
        _number(weights, name)
    for desk in chosen:
        desk.store.set("weights", weights)


def _set_clock(desks: dict[str, Desk], body: dict[str, Any]) -> None:
    factor = _number(body, "factor")
    if factor <= 0:
        raise _bad("factor must be above 0")
    for desk in _chosen(desks, body):
        desk.set_factor(factor)


def _set_down(desks: dict[str, Desk], body: dict[str, Any]) -> None:
    seconds, mode = _number(body, "seconds"), body.get("mode", "503")
    if mode not in ("503", "reset"):
        raise _bad("mode must be 503 or reset")
    for desk in _chosen(desks, body):
        desk.store.set("down", {"until": time.time() + seconds, "mode": mode})
        desk.wake.set()


def _set_qualification(desks: dict[str, Desk], body: dict[str, Any]) -> None:
    chosen = _chosen(desks, body)
    try:
        qualification.steer({desk.partner.id: desk for desk in chosen}, body)
    except ValueError as problem:
        raise _bad(str(problem)) from None


def _set_appointments(desks: dict[str, Desk], body: dict[str, Any]) -> None:
    chosen = _chosen(desks, body)
    try:
        appointments.steer({desk.partner.id: desk for desk in chosen}, body)
    except ValueError as problem:
        raise _bad(str(problem)) from None


_SETTERS = {
    "appointments": _set_appointments,
    "qualification": _set_qualification,
    "faults": _set_faults,
    "weights": _set_weights,
    "clock": _set_clock,
    "down": _set_down,
}


def _shown(desk: Desk) -> dict[str, Any]:
    return {
        "faults": desk.faults().to_dict(),
        "weights": desk.weights(),
        "clock": {"factor": desk.factor, "day_seconds": desk.day},
        "down": desk.down(),
        "orders": count(desk, "orders"),
        "waiting_news": count(desk, "outbox", "waiting = 1"),
    }


def count(desk: Desk, table: str, where: str = "1") -> int:
    """How many rows of a table of ours meet a fixed condition."""
    row = desk.store.one(f"SELECT count(*) AS n FROM {table} WHERE {where}")  # noqa: S608
    return row["n"] if row else 0


def steer(desks: dict[str, Desk], cares: dict[str, Care], call: Call) -> Answer:
    """`/_control` and below."""
    result = None
    if call.method == "POST" and call.path in (*_SETTERS, *steering.ACTS):
        body = parse(call.body)
        if not isinstance(body, dict):
            raise _bad("the body must be a JSON object")
        result = _steered(desks, cares, call.path, dict(body))
    elif call.method != "GET" or call.path:
        known = ", ".join((*_SETTERS, *steering.ACTS))
        raise Refused(404, "NOT_FOUND", f"POST to one of {known}, or GET /_control")
    shown = {name: _shown(desk) for name, desk in desks.items()}
    for name, care in cares.items():
        shown.setdefault(name, {}).update(_shown_care(care))
    return Answer(200, {"simulated": True, "result": result, "partners": shown})


def _steered(desks: dict[str, Desk], cares: dict[str, Care], name: str, body: dict[str, Any]) -> Any:
    if name in _SETTERS:
        _SETTERS[name](desks, body)
        return None
    try:
        return steering.steer(cares, name, body)
    except Invalid as problem:
        raise _bad(str(problem)) from None


def _shown_care(care: Care) -> dict[str, Any]:
    rows = care.store.rows("SELECT kind, count(*) AS n FROM cases GROUP BY kind")
    return {"cases": {row["kind"]: row["n"] for row in rows}, "tests_mode": care.store.setting("tests", "")}


# journal


def _entry(row: Any) -> dict[str, Any]:
    return {**dict(row), "headers": json.loads(row["headers"])}


def _entries(desk: House, call: Call) -> Answer:
    clauses, values = ["1"], []
    for name in ("kind", "external_id", "order_id", "method"):
        if call.one(name):
            clauses.append(f"{name} = ?")
            values.append(call.one(name))
    where = " AND ".join(clauses)
    total = desk.store.one(f"SELECT count(*) AS n FROM journal WHERE {where}", values)  # noqa: S608
    after, limit = call.one("after") or "0", call.one("limit") or "1000"
    if not after.isdecimal() or not limit.isdecimal():
        raise _bad("after and limit must be whole numbers")
    sql = f"SELECT * FROM journal WHERE {where} AND id > ? ORDER BY id LIMIT ?"  # noqa: S608
    rows = desk.store.rows(sql, [*values, int(after), min(int(limit), 10_000)])
    return Answer(200, {"total": total["n"] if total else 0, "entries": [_entry(row) for row in rows]})


def _orders(desk: Desk, call: Call) -> Answer:
    key = call.one("external_id")
    found = desk.store.orders("external_id = ?", (key,)) if key else desk.store.orders()
    shown = [
        {
            "id": order.id,
            "externalId": order.external_id,
            "scenario": order.scenario,
            "state": desk.dialect.state(order.state),
            "sequence": order.sequence,
            "received_at": order.order_date,
            "history": history(order, desk.dialect),
        }
        for order in found
    ]
    return Answer(200, shown)


def _cases(care: Care, call: Call, kind: str) -> Answer:
    key = call.one("external_id")
    where, values = ("kind = ? AND external_id = ?", (kind, key)) if key else ("kind = ?", (kind,))
    shown = [
        {
            "id": case.id,
            "externalId": case.external_id,
            "service": case.service,
            "scenario": case.scenario,
            "state": care.word(case),
            "sequence": case.sequence,
            "received_at": case.created,
            "history": case.history,
            "doc": care.show(case),
        }
        for case in care.cases(where, values)
    ]
    return Answer(200, shown)


def read_journal(desks: dict[str, Desk], cares: dict[str, Care], call: Call) -> Answer:
    """`/_journal/<partner or system>` and below: orders, tickets, tests, problems."""
    name, _, rest = call.path.partition("/")
    care = cares.get(name)
    if call.method == "GET" and care and rest in CASES:
        return _cases(care, call, CASES[rest])
    if call.method == "GET" and care and not rest:
        return _entries(care.house, call)
    if call.method == "GET" and name in desks and rest == "orders":
        return _orders(desks[name], call)
    below = "orders|tickets|tests|problems"
    raise Refused(404, "NOT_FOUND", f"GET /_journal/<name>[/{below}]; names: {', '.join(cares)}")
