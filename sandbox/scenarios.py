"""What a simulated order lives through: steps, each so many working days after the last."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

Step = tuple[float, str]

_END: tuple[Step, ...] = ((0.3, "test"), (0.2, "complete"))
_ACCEPT: tuple[Step, ...] = ((0.3, "acknowledge"), (0.7, "start"))
_CLEAN: tuple[Step, ...] = (*_ACCEPT, (2.0, "commit"), (3.0, "visit"), *_END)
_DELAY: tuple[Step, ...] = (
    *_ACCEPT,
    (1.5, "commit"),
    (1.5, "delay"),
    (3.0, "resume"),
    (2.0, "visit"),
    *_END,
)

STEPS: dict[str, tuple[Step, ...]] = {
    "clean": _CLEAN,
    "delay": _DELAY,
    "held_customer": (
        *_ACCEPT,
        (0.7, "hold_customer"),
        (2.0, "resume"),
        (1.0, "commit"),
        (2.5, "visit"),
        *_END,
    ),
    "appointment_missed": (
        *_ACCEPT,
        (1.5, "commit"),
        (2.5, "miss"),
        (0.7, "reappoint"),
        (0.5, "resume"),
        (1.5, "visit"),
        *_END,
    ),
    "rejected": ((0.5, "reject"),),
    "excess_charge": (
        *_ACCEPT,
        (0.7, "charge"),
        (5.0, "charge_timeout"),
        (1.0, "commit"),
        (2.5, "visit"),
        *_END,
    ),
    "silence": ((0.3, "acknowledge"),),
    # what people change their mind about: long pauses, so that there is time to act; the partner refuses once
    "charge_refused_once": (
        *_ACCEPT,
        (0.7, "charge"),
        (200.0, "charge_timeout"),
        (1.0, "commit"),
        (60.0, "visit"),
        *_END,
    ),
    "rebook_refused_once": (*_ACCEPT, (200.0, "commit"), (60.0, "visit"), *_END),
    "no_slots_once": (*_ACCEPT, (200.0, "commit"), (60.0, "visit"), *_END),
    "amend_refused_once": (*_ACCEPT, (0.5, "commit"), (200.0, "visit"), *_END),
    "cancel_charge": (*_ACCEPT, (0.5, "commit"), (200.0, "visit"), *_END),
    "cease_refused_once": (*_ACCEPT, (1.0, "cease")),
    "cease_refused": ((0.5, "refuse_cease"),),
    "cease": (*_ACCEPT, (1.0, "cease")),
    "modify": (*_ACCEPT, (1.0, "agree"), (1.0, "alter")),
    "unsolicited_cease": _CLEAN,
    "unknown_code": _DELAY,
    "error_5xx": _CLEAN,
    "timeout_after_commit": _CLEAN,
    "reset_after_commit": _CLEAN,
    "html_200": _CLEAN,
}

WEIGHTS: dict[str, float] = {
    "clean": 50,
    "delay": 22,
    "held_customer": 8,
    "appointment_missed": 6,
    "rejected": 4,
    "excess_charge": 4,
    "silence": 2,
    "unknown_code": 1,
    "error_5xx": 1,
    "timeout_after_commit": 1,
    "reset_after_commit": 0.5,
    "html_200": 0.5,
}

TEXTS: dict[str, str] = {
    "clean": "accepted, committed, visited, completed",
    "delay": "a delay with a reason and a later forecast",
    "held_customer": "waits for the customer, then goes on",
    "appointment_missed": "the engineer does not come; a new appointment",
    "rejected": "refused instead of accepted",
    "excess_charge": "a construction charge waits for consent",
    "silence": "accepted, then nothing",
    "charge_refused_once": "a construction charge; the first consent is not taken",
    "rebook_refused_once": "waits long for its commitment; the first re-booking finds its slot taken",
    "no_slots_once": "waits long for its commitment; the first search finds no slot",
    "amend_refused_once": "committed, then waits; the first new date is refused",
    "cancel_charge": "committed, then waits; a cancel costs a charge",
    "cease_refused_once": "a cease: the first of a service is rejected, the next goes through",
    "cease_refused": "a cease that is rejected",
    "cease": "a cease: accepted, switched off",
    "modify": "a change of a live service: accepted, committed, changed",
    "unsolicited_cease": "completed; then the partner ceases the service by itself",
    "unknown_code": "a delay with a reason nobody knows",
    "error_5xx": "the first requests get 503",
    "timeout_after_commit": "created, the answer comes too late",
    "reset_after_commit": "created, the connection is reset",
    "html_200": "created, the answer is a web page",
}

DELAY_REASONS = (
    "DUCT_BLOCKAGE_CIVILS",
    "POLE_ISSUE",
    "CAPACITY",
    "NETWORK_INCOMPLETE",
    "WAYLEAVE",
    "PERMIT_STREETWORKS",
    "PARTNER_WORKLOAD",
)
CUSTOMER_REASONS = ("CUSTOMER_NOT_READY", "NO_ACCESS", "CUSTOMER_UNCONTACTABLE")

REASON_TEXTS: dict[str, str] = {
    "DUCT_BLOCKAGE_CIVILS": "Duct blocked between the chamber and the premises; civils crew needed",
    "POLE_ISSUE": "The pole at the premises must be replaced first",
    "CAPACITY": "No spare port at the splitter; capacity is being added",
    "NETWORK_INCOMPLETE": "The network in this street is not complete yet",
    "WAYLEAVE": "The landowner's wayleave is not signed yet",
    "PERMIT_STREETWORKS": "The council has not granted the street-works permit yet",
    "PARTNER_WORKLOAD": "No crew free in this area this week",
    "CUSTOMER_NOT_READY": "The customer's router is not at the premises",
    "NO_ACCESS": "Nobody opened at the premises",
    "CUSTOMER_UNCONTACTABLE": "The site contact does not answer",
    "PARTNER_MISSED_APPOINTMENT": "Our engineer could not attend the appointment",
    "ECC_APPROVAL": "Extra construction needs your consent to the charge",
    "ORDER_DATA_ERROR": "The address does not match our records; correct it and order again",
    "UNKNOWN": "A cause that is in no list",
}

MARKER = re.compile(r"\[scenario:\s*([a-z0-9_]+)\s*\]", re.IGNORECASE)


def marked(texts: list[str]) -> str | None:
    """The scenario that one of the texts asks for by `[scenario:NAME]`; None if none does."""
    for text in texts:
        found = MARKER.search(text)
        if found and found.group(1).lower() in STEPS:
            return found.group(1).lower()
    return None


def _characteristics(request: Mapping[str, Any]) -> list[str]:
    names = []
    for item in request.get("productOrderItem") or []:
        product = item.get("product") or {}
        for trait in product.get("productCharacteristic") or []:
            if trait.get("name") == "scenario":
                names.append(f"[scenario:{trait.get('value')}]")
    return names


def wanted(request: Mapping[str, Any]) -> str | None:
    """The scenario that a TMF622 order asks for: description, notes, characteristic `scenario`."""
    notes = [str(note.get("text", "")) for note in request.get("note") or []]
    return marked([str(request.get("description") or ""), *notes, *_characteristics(request)])


def drawn(rng: random.Random, weights: Mapping[str, float]) -> str:
    """A scenario at random; empty weights mean the documented ones."""
    table = {name: weight for name, weight in (weights or WEIGHTS).items() if name in STEPS and weight > 0}
    return rng.choices(list(table), list(table.values()))[0] if table else "clean"
