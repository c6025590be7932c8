"""What each kind of user needs to see first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from ofx.core.models import Event, Failing, LogEntry
from ofx.orders.board import board
from ofx.orders.models import Order
from ofx.orders.vocabulary import ClockOwner
from ofx.orders.watching import SENTENCES, sentence
from ofx.portal.home.models import DayFigures
from ofx.search.models import Promise
from partners.models import Endpoint, Message, Operator

TREND_DAYS = 30
NEWS = 10
AGES = ("under 2 d", "2 to 5 d", "5 to 10 d", "over 10 d")
AGE_TONES = ("grey", "blue", "amber", "red")
# What stood and what flowed, as "since yesterday" says it: figure, words, whether more of it is bad
CHANGES = (
    ("blocked", "blocked", True),
    ("late", "past their target", True),
    ("silent", "silent", True),
    ("jeopardy", "in jeopardy", True),
)


@dataclass(frozen=True)
class Change:
    """One number against yesterday's. `then` None: nobody counted yesterday."""

    words: str
    now: int
    then: int | None
    bad: bool

    @property
    def step(self) -> int:
        """How much more than yesterday."""
        return self.now - self.then if self.then is not None else 0


@dataclass(frozen=True)
class News:
    """One thing that happened, as the page shows it."""

    at: datetime
    reference: str
    url: str
    words: str


def figures(user: Any, today: date) -> dict[str, Any]:
    """The background's figures as charts and changes; empty where none were counted yet. One query."""
    since = today - timedelta(days=TREND_DAYS)
    rows = list(DayFigures.objects.visible_to(user).filter(day__gt=since, day__lte=today).order_by("day"))
    if not rows or user.acting.organisation.kind != "service_provider":
        return {"figures": None}
    latest = rows[-1]
    before = next((row for row in reversed(rows[:-1]) if row.day == latest.day - timedelta(days=1)), None)
    return {
        "figures": latest,
        "changes": [
            Change(words, latest.standing.get(name, 0), before.standing.get(name) if before else None, bad)
            for name, words, bad in CHANGES
        ],
        "yesterday": before,
        "held_chart": _held(latest),
        "trend_chart": _trend(rows, (("ordered", "Ordered", "blue"), ("completed", "Completed", "green"))),
        "dates_chart": _trend(rows, (("committed", "Commitments", "blue"), ("slipped", "Dates moved later", "amber"))),
        "open_chart": _trend(rows, (("open_orders", "Open orders", "blue"),), kind="line"),
    }


def _held(row: DayFigures) -> dict[str, Any]:
    owners = [owner for owner in ClockOwner if owner.value in row.ages]
    return {
        "type": "bar",
        "unit": "orders",
        "x": [str(owner.label) for owner in owners],
        "series": [
            {"label": label, "values": [row.ages[owner.value][index] for owner in owners], "tone": AGE_TONES[index]}
            for index, label in enumerate(AGES)
        ],
    }


def _trend(rows: list[DayFigures], wanted: tuple[tuple[str, str, str], ...], kind: str = "bar") -> dict[str, Any]:
    return {
        "type": kind,
        "time": True,
        "unit": "a day",
        "x": [row.day.isoformat() for row in rows],
        "series": [
            {"label": label, "values": [getattr(row, name) for row in rows], "tone": tone}
            for name, label, tone in wanted
        ],
    }


def latest_news(user: Any, at: datetime) -> list[News]:
    """What happened to the tenant's orders in the last 24 hours, newest first: two queries."""
    rows = Event.objects.visible_to(user).filter(at__gte=at - timedelta(days=1), at__lte=at, name__in=SENTENCES)
    events = list(rows.order_by("-at")[:NEWS])
    names = Operator.objects.in_bulk({event.payload.get("operator_id") for event in events} - {None})
    found = []
    for event in events:
        reference = event.payload.get("reference")
        if not reference:  # told before events carried it
            continue
        operator = names.get(event.payload.get("operator_id"))
        found.append(News(event.at, reference, f"/orders/{reference}/", sentence(event, operator)))
    return found


def performance(user: Any) -> QuerySet[Promise]:
    """How each operator delivered for this tenant, whatever the technology and area, most cases first."""
    rows = Promise.objects.filter(organisation=user.acting.organisation_id, technology="", area="")
    return rows.select_related("operator").order_by("-sample")[:12]


def provider_board(user: Any, at: datetime, today: date) -> dict[str, Any]:
    """The board's numbers, its riskiest cards whoever holds them, and the latest orders. Bounded like the board."""
    found = board(user, at, today)
    cards = sorted((card for column in found.columns for card in column.cards), key=lambda card: -card.score)
    return {
        "board": found,
        "holders": [column for column in found.columns if column.count],
        "risky": cards[:8],
        "latest": Order.objects.visible_to(user).select_related("customer").order_by("-created_at", "-pk")[:8],
    }


def exchange_state(user: Any, now: datetime) -> dict[str, Any]:
    """How the exchange itself is doing."""
    day = now - timedelta(days=1)
    return {
        "operators": Operator.objects.visible_to(user).count(),
        "endpoints": Endpoint.objects.visible_to(user).select_related("operator")[:50],
        "waiting": Message.objects.visible_to(user).filter(state__in=["queued", "stored"]).count(),
        "failed": Message.objects.visible_to(user)
        .filter(state__in=["failed", "rule_failed"], created_at__gte=day)
        .count(),
        "failing": Failing.objects.order_by("next_attempt_at")[:20],
        "log": LogEntry.objects.visible_to(user).order_by("-at")[:10],
    }
