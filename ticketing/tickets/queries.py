"""Reads of tickets that are too big for a queryset method."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet

from ticketing.tickets.models import Ticket
from ticketing.tickets.vocabulary import Tier

SOLVED = ("resolved", "closed")


@dataclass(frozen=True)
class Solved:
    """What one tier solved in a period. `hours`: mean from opening to resolution; `reopened`: how many came back."""

    tier: str
    label: str
    number: int
    share: float
    hours: float
    reopened: int
    confirmed: int


def solved_by_tier(user: Any, since: datetime, until: datetime) -> list[Solved]:
    """By whom faults were solved in a half-open period, simulated and merged ones left out; every tier, in order."""
    rows = Ticket.objects.visible_to(user).filter(resolved_at__gte=since, resolved_at__lt=until, state__in=SOLVED)
    found: dict[str, Any] = {
        row["resolved_tier"]: row
        for row in rows.filter(simulated=False)
        .order_by()
        .values("resolved_tier")
        .annotate(
            number=Count("pk"),
            taken=Avg(F("resolved_at") - F("created_at")),
            came_back=Count("pk", filter=Q(reopened__gt=0)),
            agreed=Count("pk", filter=Q(confirmed_by_customer=True)),
        )
    }
    total = sum(row["number"] for row in found.values())
    return [_solved(tier, label, found.get(tier), total) for tier, label in Tier.choices]


def _solved(tier: str, label: str, row: dict[str, Any] | None, total: int) -> Solved:
    if row is None:
        return Solved(tier, str(label), 0, 0.0, 0.0, 0, 0)
    hours = row["taken"].total_seconds() / 3600 if row["taken"] else 0.0
    share = row["number"] / total if total else 0.0
    return Solved(tier, str(label), row["number"], share, hours, row["came_back"], row["agreed"])


def tsc_queue(user: Any) -> QuerySet[Ticket]:
    """What waits for the TSC, the most urgent and oldest first."""
    rows = Ticket.objects.visible_to(user).open().filter(tier="tsc").exclude(state="resolved")
    return rows.select_related("customer", "service", "operator", "assigned_to").order_by("priority", "created_at")


def open_tickets(user: Any) -> QuerySet[Ticket]:
    """What has not ended, the most urgent and oldest first."""
    rows = Ticket.objects.visible_to(user).open()
    return rows.select_related("customer", "service", "operator").order_by("priority", "created_at")
