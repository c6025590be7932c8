"""The rows of a partner's appointment book, and how they follow the order that they are for."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sandbox.lifecycle import Order, stamp
from sandbox.store import Store

OPEN = ("initialized", "confirmed")
WORDS = {"confirmed": "confirmed", "inProgress": "confirmed", "completed": "completed", "missed": "failed"}


def save(store: Store, visit: dict[str, Any], number: int) -> None:
    """Write a visit back; `number`: its order's, 0 without one."""
    start = stamp(datetime.fromisoformat(visit["validFor"]["startDateTime"]))
    values = (number, visit["externalId"], start, int(visit["status"] in OPEN), json.dumps(visit), int(visit["id"]))
    store.run("UPDATE visits SET number = ?, key = ?, start = ?, open = ?, doc = ? WHERE id = ?", values)


def follow(store: Store, order: Order) -> None:
    """What the order commits to is confirmed in the book, what it moves is moved, what ends it ends there too."""
    if not order.booked:
        return
    row = store.one("SELECT doc FROM visits WHERE id = ? AND open = 1", (int(order.booked["id"]),))
    if row is None:
        return
    visit = json.loads(row["doc"])
    if order.appointment:
        visit["status"] = WORDS[order.appointment["status"]]
        visit["validFor"] = {"startDateTime": order.appointment["start"], "endDateTime": order.appointment["end"]}
    elif order.ended:
        visit["status"] = "cancelled"
    else:
        return
    visit.pop("reservedUntil", None)
    save(store, visit, order.number)
