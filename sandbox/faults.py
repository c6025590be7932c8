"""Which request fails how: chances by seed, set for a whole partner."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sandbox.config import Habits

ORDER_FAULTS = ("timeout_after_commit", "reset_after_commit", "html_200")
_CHANCES = ("error_5xx", *ORDER_FAULTS, "repeat", "reorder")


@dataclass(frozen=True)
class Faults:
    """Chances (0 to 1) per request or per update; `hold_seconds` is how late a late answer is."""

    timeout_after_commit: float = 0.0
    reset_after_commit: float = 0.0
    error_5xx: float = 0.0
    html_200: float = 0.0
    repeat: float = 0.0
    reorder: float = 0.0
    hold_seconds: float = 40.0

    def to_dict(self) -> dict[str, float]:
        """Plain values."""
        return asdict(self)


def settled(habits: Habits, wanted: Mapping[str, Any]) -> Faults:
    """The partner's habits with what the control call sets; ValueError names what is wrong in it."""
    base = {"repeat": habits.repeat, "reorder": habits.reorder, "hold_seconds": habits.hold_seconds}
    known = {f.name for f in fields(Faults)}
    for name, value in wanted.items():
        if name not in known:
            raise ValueError(f"unknown fault {name!r}; known are {', '.join(sorted(known))}")
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ValueError(f"{name} must be a number from 0 up, not {value!r}")
        if name in _CHANCES and value > 1:
            raise ValueError(f"{name} is a chance: at most 1, not {value!r}")
    return Faults(**{**base, **wanted})


def of_request(faults: Faults, rng: random.Random, *, writes: bool) -> str:
    """What befalls this request: a fault's name, or nothing."""
    for name in ("error_5xx", *ORDER_FAULTS):
        hit = rng.random() < getattr(faults, name)
        if hit and (writes or name != "timeout_after_commit"):
            return name
    return ""
