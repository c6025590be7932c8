"""What a simulated trouble ticket lives through: steps, each so many working days after the last."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from sandbox.scenarios import MARKER

Step = tuple[float, str]

_CLEAN: tuple[Step, ...] = ((0.3, "start"), (1.0, "resolve"))
_HELD: tuple[Step, ...] = ((0.3, "start"), (0.5, "hold"), (1.5, "resume"), (0.7, "resolve"))

STEPS: dict[str, tuple[Step, ...]] = {
    "clean": _CLEAN,
    "question": ((0.3, "start"), (0.5, "ask"), (0.7, "resolve")),
    "held": _HELD,
    "right_when_tested": ((0.3, "start"), (0.7, "right")),
    "reopened": ((0.3, "start"), (1.0, "resolve_badly"), (0.7, "resolve")),
    "silence": (),
    "known_incident": ((0.2, "start"), (0.2, "incident"), (3.0, "incident_over")),
    "rejected": ((0.2, "reject"),),
    "report": ((0.3, "start"), (1.0, "report")),
    "unknown_code": _HELD,
    "error_5xx": _CLEAN,
    "timeout_after_commit": _CLEAN,
    "reset_after_commit": _CLEAN,
    "html_200": _CLEAN,
}
WEIGHTS: dict[str, float] = {
    "clean": 45,
    "question": 15,
    "held": 14,
    "right_when_tested": 8,
    "reopened": 5,
    "silence": 3,
    "known_incident": 3,
    "rejected": 2,
    "report": 2,
    "unknown_code": 1,
    "error_5xx": 1,
    "timeout_after_commit": 1,
    "reset_after_commit": 0.5,
    "html_200": 0.5,
}
TEXTS: dict[str, str] = {
    "clean": "work, resolved, the line is repaired",
    "question": "a question back; after the answer resolved",
    "held": "a delay with a reason and a forecast, then resolved",
    "right_when_tested": "resolved as right when tested, chargeable",
    "reopened": "resolved but not repaired; re-opened it is",
    "silence": "acknowledged, then nothing",
    "known_incident": "held under a service problem until that is over",
    "rejected": "rejected with a reason",
    "report": "resolved with a file attached",
    "unknown_code": "a delay with a reason nobody knows",
    "error_5xx": "the first requests get 503",
    "timeout_after_commit": "created, the answer comes too late",
    "reset_after_commit": "created, the connection is reset",
    "html_200": "created, the answer is a web page",
}
HELD_REASONS = {
    "PARTNER_WORKLOAD": "No engineer is free in this area today",
    "CAPACITY": "A spare port is being provided",
    "POLE_ISSUE": "The pole must be made safe before it is climbed",
    "WAYLEAVE": "The landowner must let us reach the joint",
    "CABLE_CUT": "A cable was cut by other people's works; it is being spliced",
    "POWER": "The cabinet is without mains power",
}
QUESTIONS = (
    "Which lights show on the fibre box, and in which colour?",
    "When may an engineer come, and whom shall they ask for at the door?",
    "Is any other equipment plugged in between the fibre box and the router?",
)
FIXES = (
    ("network", "Patch lead at the splitter found loose", "Patch lead re-seated and cleaned; light level is normal"),
    ("network", "Damaged drop fibre between pole and house", "Drop fibre replaced and spliced"),
    ("equipment", "Optical terminal defective", "Optical terminal replaced and provisioned"),
    ("network", "Port on the line card had failed", "Customer moved to a spare port"),
)


def wanted(body: Mapping[str, Any]) -> str:
    """The scenario that a ticket asks for: description, notes; empty if none."""
    notes = [str(note.get("text", "")) for note in body.get("note") or []]
    for text in (str(body.get("description") or ""), str(body.get("name") or ""), *notes):
        found = MARKER.search(text)
        if found and found.group(1).lower() in STEPS:
            return found.group(1).lower()
    return ""


def drawn(rng: random.Random, weights: Mapping[str, float]) -> str:
    """A scenario at random; empty weights mean the documented ones."""
    table = {name: weight for name, weight in (weights or WEIGHTS).items() if name in STEPS and weight > 0}
    return rng.choices(list(table), list(table.values()))[0] if table else "clean"
