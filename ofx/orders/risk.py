"""How much an order needs a person now: risk × value. Pure; docs/orders.md prints the sum."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import log10


@dataclass(frozen=True, kw_only=True)
class Case:
    """What counts."""

    state: str
    blocked_since: datetime | None
    target_date: date | None
    in_jeopardy: bool
    silent: bool
    value_monthly: Decimal


def points(case: Case, at: datetime) -> list[tuple[str, int]]:
    """Why this is a risk, in words, and how many points each reason gives (100 at most in all)."""
    found: list[tuple[str, int]] = []
    late = (at.date() - case.target_date).days if case.target_date else 0
    if case.state == "failed_to_send":
        found.append(("never reached the partner", 40))
    if late > 0 and case.state != "completed":
        found.append((f"{late} d past its target", min(40, 25 + late)))
    if case.in_jeopardy:
        found.append(("committed date in jeopardy", 25))
    if case.silent:
        found.append(("partner silent", 20))
    if case.blocked_since:
        days = max(0, (at - case.blocked_since).days)
        found.append((f"blocked for {days} d", min(20, 5 + days)))
    return found


def score(case: Case, at: datetime) -> float:
    """Risk points times a value factor: 1 for nothing a month, 2 for 10, 3 for 100, 4 for 1,000."""
    return sum(weight for _, weight in points(case, at)) * (1 + log10(1 + float(case.value_monthly)))
