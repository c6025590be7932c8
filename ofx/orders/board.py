"""The order board: what is blocked, on whom, since when, and what commits or slips today.

Bounded whatever the number of orders: each column looks at its oldest and its most valuable blocked orders, by
partial indexes, and ranks those by risk × value.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from ofx.orders.models import DateChange, Order, PartnerOrder
from ofx.orders.risk import Case, points, score
from ofx.orders.vocabulary import REASON_LABELS, ClockOwner

LOOKED_AT = 60  # a column's oldest, and as many of its most valuable
SHOWN = 25
COUNT_LIMIT = 1000
TODAY_SHOWN = 12


@dataclass(frozen=True)
class Card:
    """One order on the board."""

    order: Order
    score: float
    why: list[str]
    reason: str
    silent: bool


@dataclass
class Column:
    """What one party holds."""

    owner: str
    label: str
    cards: list[Card]
    count: int

    @property
    def count_words(self) -> str:
        """The exact number up to 1,000, then `1,000+`."""
        return f"{COUNT_LIMIT:,}+" if self.count > COUNT_LIMIT else str(self.count)


@dataclass
class Board:
    """Everything on the page."""

    columns: list[Column]
    commits: list[Order] = field(default_factory=list)
    commits_count: int = 0
    late: list[Order] = field(default_factory=list)
    late_count: int = 0
    slips: list[DateChange] = field(default_factory=list)
    silent: list[Order] = field(default_factory=list)
    silent_count: int = 0

    @property
    def words(self) -> dict[str, str]:
        """The counts as they are written: exact up to 1,000, then `1,000+`."""
        counts = {"commits": self.commits_count, "late": self.late_count, "silent": self.silent_count}
        return {name: f"{COUNT_LIMIT:,}+" if count > COUNT_LIMIT else str(count) for name, count in counts.items()}


def board(user: Any, at: datetime, today: date, *, operator: int | None = None, kind: str = "") -> Board:
    """The board of the user's organisation. A constant number of queries."""
    base = _narrow(Order.objects.visible_to(user).open(), operator, kind)
    blocked = base.filter(blocked_since__isnull=False)
    due = base.filter(target_date=today).exclude(state="completed")
    late = base.filter(target_date__lt=today).exclude(state="completed")
    silent = base.filter(silent_from__lte=at)
    found = Board(_columns(blocked, at))
    found.commits, found.commits_count = _some(due.order_by("-value_monthly"))
    found.late, found.late_count = _some(late.order_by("target_date"))
    found.silent, found.silent_count = _some(silent.order_by("silent_from"))
    found.slips = _slips(user, today, operator, kind)
    return found


def _narrow(rows: QuerySet[Order], operator: int | None, kind: str) -> QuerySet[Order]:
    parts = _parts(operator, kind)
    if parts is None:
        return rows
    return rows.filter(Exists(parts.filter(order=OuterRef("pk"))))


def _parts(operator: int | None, kind: str) -> QuerySet[PartnerOrder] | None:
    if not operator and not kind:
        return None
    parts = PartnerOrder.objects.filter(ended_at=None)
    parts = parts.filter(operator=operator) if operator else parts
    return parts.filter(item__offering__kind=kind) if kind else parts


def _some(rows: QuerySet[Order]) -> tuple[list[Order], int]:
    return list(rows.select_related("customer")[:TODAY_SHOWN]), rows.order_by()[: COUNT_LIMIT + 1].count()


def _columns(blocked: QuerySet[Order], at: datetime) -> list[Column]:
    slices = []
    for owner in ClockOwner.values:
        held = blocked.filter(holder=owner)
        slices += [held.order_by("blocked_since")[:LOOKED_AT], held.order_by("-value_monthly")[:LOOKED_AT]]
    first, *rest = [rows.values("pk") for rows in slices]
    candidates = {row["pk"] for row in first.union(*rest, all=True)}
    by_owner: dict[str, list[Card]] = defaultdict(list)
    for order in Order.objects.filter(pk__in=candidates).select_related("customer"):
        by_owner[order.holder].append(card(order, at))
    counts = _counts(blocked)
    return [
        Column(
            owner,
            str(label),
            sorted(by_owner[owner], key=lambda one: (-one.score, one.order.pk))[:SHOWN],
            counts.get(owner, 0),
        )
        for owner, label in ClockOwner.choices
    ]


def _counts(blocked: QuerySet[Order]) -> dict[str, int]:
    """Blocked orders by holder, each counted up to the limit: one statement."""
    slices = [
        blocked.filter(holder=owner).order_by().values("holder")[: COUNT_LIMIT + 1] for owner in ClockOwner.values
    ]
    counts: dict[str, int] = defaultdict(int)
    for row in slices[0].union(*slices[1:], all=True):
        counts[row["holder"]] += 1
    return counts


def card(order: Order, at: datetime) -> Card:
    """One order with its risk."""
    silent = bool(order.silent_from and order.silent_from <= at)
    case = Case(
        state=order.state,
        blocked_since=order.blocked_since,
        target_date=order.target_date,
        in_jeopardy=order.in_jeopardy,
        silent=silent,
        value_monthly=order.value_monthly,
    )
    why = [text for text, _ in points(case, at)]
    return Card(order, score(case, at), why, REASON_LABELS.get(order.blocked_reason, ""), silent)


def _slips(user: Any, today: date, operator: int | None, kind: str) -> list[DateChange]:
    """Target dates that partners moved to a later day, today."""
    rows = DateChange.objects.filter(field="target_date", at__date__gte=today, new__gt=F("old"))
    rows = rows.filter(partner_order__in=PartnerOrder.objects.visible_to(user).filter(ended_at=None))
    if operator:
        rows = rows.filter(partner_order__operator=operator)
    if kind:
        rows = rows.filter(partner_order__item__offering__kind=kind)
    wanted = ("partner_order__order__customer", "partner_order__operator")
    return list(rows.select_related(*wanted).order_by("-at")[:TODAY_SHOWN])
