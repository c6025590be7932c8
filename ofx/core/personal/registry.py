"""Who holds what on a person: every package registers its part in its own `personal.py` (as sweeps do).

`export` gives rows of plain values; `erase` does what it can and says in words what it did and what it must keep;
`holds` names what a member owns that somebody else has to take over when they leave.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ofx.core.accounts.models import Membership, User


@dataclass(frozen=True)
class Person:
    """Whose data, and where: by e-mail, with the account if there is one. `organisation_id` None is everywhere."""

    email: str
    user: User | None
    organisation_id: int | None
    alias: str


@dataclass(frozen=True)
class Holding:
    """One thing that a member owns, with its page."""

    text: str
    url: str


Export = Callable[[Person], Iterable[dict[str, Any]]]
Erase = Callable[[Person, datetime], list[str]]
Holds = Callable[[Membership], list[Holding]]
EXPORTS: dict[str, Export] = {}
ERASURES: dict[str, tuple[int, Erase]] = {}
HOLDINGS: list[Holds] = []


def exports(name: str) -> Callable[[Export], Export]:
    """Register what goes into a copy under this file name."""

    def register(function: Export) -> Export:
        EXPORTS[name] = function
        return function

    return register


def erases(name: str, position: int = 50) -> Callable[[Erase], Erase]:
    """Register one step of an erasure; low positions run first, the account itself last."""

    def register(function: Erase) -> Erase:
        ERASURES[name] = (position, function)
        return function

    return register


def holds(function: Holds) -> Holds:
    """Register what a member may own."""
    HOLDINGS.append(function)
    return function


def holdings_of(membership: Membership) -> list[Holding]:
    """Everything that somebody has to take over when this member leaves."""
    return [holding for function in HOLDINGS for holding in function(membership)]


def erasure_steps() -> list[tuple[str, Erase]]:
    """The steps in their order."""
    return [(name, step) for name, (_, step) in sorted(ERASURES.items(), key=lambda item: item[1][0])]
