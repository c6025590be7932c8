"""Figures of the desk: the queue for a hand-over, and the minutes that faults cost."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Avg, Count, FloatField, Sum

from ticketing.tickets.desk_board import capped
from ticketing.tickets.desk_page import waits_ending
from ticketing.tickets.filters import QUEUES, queue_of
from ticketing.tickets.models import Ticket
from ticketing.tickets.vocabulary import FaultClass, Tier

SHIFT = timedelta(hours=8)
MOST = 12


class Median(Aggregate):
    """percentile_cont(0.5)."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def queue_figures(user: Any) -> dict[str, int]:
    """How many tickets stand in each queue, and the urgent ones: plain values that can be kept."""
    rows = Ticket.objects.visible_to(user).open()
    found = {
        name: capped(queue_of(rows, name, user)) for name, _ in QUEUES if name not in ("mine", "colleagues", "tsc")
    }
    going = rows.exclude(state="resolved")
    # Whoever looks: one's own tickets are a column of one's own on the board.
    ours = going.filter(holder="us")
    found["tsc"] = capped(ours.filter(tier="tsc"))
    found["with_people"] = capped(ours.filter(assigned_to__isnull=False).exclude(tier="tsc"))
    found["urgent"] = capped(going.filter(priority=1))
    return found


FIGURE_WORDS = {
    "unassigned": "unassigned", "with_people": "with somebody of us", "tsc": "with TSC",
    "partner": "waiting for a partner", "customer": "waiting for a customer", "resolved": "awaiting confirmation",
    "urgent": "of priority 1",
}  # fmt: skip


def in_words(figures: dict[str, Any]) -> list[tuple[str, Any]]:
    """Kept figures as they are written, in one order."""
    return [(words, figures[name]) for name, words in FIGURE_WORDS.items() if name in figures]


def shift_lists(user: Any, at: datetime) -> dict[str, list[Ticket]]:
    """The urgent tickets, what comes due within a shift, and what TSC has."""
    rows = Ticket.objects.visible_to(user).open().select_related("customer", "operator", "assigned_to")
    going = rows.exclude(state="resolved")
    return {
        "urgent": list(going.filter(priority=1).order_by("created_at")[:MOST]),
        "ending": list(waits_ending(rows, at + SHIFT)[:MOST]),
        "tsc": list(going.filter(tier="tsc").order_by("priority", "created_at")[:MOST]),
    }


def minutes(user: Any, since: datetime) -> list[dict[str, Any]]:
    """Active minutes of the desk a ticket, by class and by who solved it, of tickets resolved since then.

    Simulated tickets are left out. `median` and `mean` are minutes a ticket, `total` hours, `n` tickets.
    """
    rows = Ticket.objects.visible_to(user).filter(resolved_at__gte=since, simulated=False)
    grouped = (
        rows.order_by()
        .values("fault_class", "resolved_tier")
        .annotate(
            n=Count("pk"), mean=Avg("desk_seconds"), median=Median("desk_seconds"), total=Sum("desk_seconds"),
        )
        .order_by("fault_class", "resolved_tier")
    )  # fmt: skip
    classes, tiers = dict(FaultClass.choices), dict(Tier.choices)
    return [
        {
            "fault_class": classes.get(row["fault_class"], row["fault_class"]),
            "tier": tiers.get(row["resolved_tier"], "Not said"),
            "code": row["fault_class"],
            "n": row["n"],
            "median": (row["median"] or 0) / 60,
            "mean": (row["mean"] or 0) / 60,
            "total": (row["total"] or 0) / 3600,
        }
        for row in grouped
    ]
