"""The order board: what is blocked, on whom, since when, and what commits or slips today.

Bounded whatever the number of orders: each column looks at its oldest and its most valuable blocked orders, by
partial indexes, and ranks those by risk × value. Narrowed to an operator or a product it reads BoardEntry, which has
the same columns, instead of Order.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import F, QuerySet

from ofx.orders.entries import narrowing
from ofx.orders.models import BoardEntry, DateChange, Order, PartnerOrder
from ofx.orders.risk import Case, points, score
from ofx.orders.vocabulary import REASON_LABELS, ClockOwner

LOOKED_AT = 40  # a column's oldest, and as many of its most valuable
SHOWN = 15
COUNT_LIMIT = 1000
TODAY_SHOWN = 12
Rows = QuerySet[Any]
# What a card shows and is ranked by: hundreds are ranked, and an order has three times as many columns.
CARD = (
    "reference", "state", "holder", "blocked_since", "blocked_reason", "next_action", "target_date", "in_jeopardy",
    "silent_from", "last_news_at", "value_monthly", "currency", "postcode", "simulated", "closed_at",
    "customer__name",
)  # fmt: skip


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
    rows = _rows(user, operator, kind)
    dated = rows.exclude(state="completed") if rows.model is Order else rows
    due, late = dated.filter(target_date=today), dated.filter(target_date__lt=today)
    silent = rows.filter(silent_from__lte=at)
    found = Board(_columns(rows.filter(blocked_since__isnull=False), at))
    found.commits, found.commits_count = _some(due.order_by("-value_monthly"))
    found.late, found.late_count = _some(late.order_by("target_date"))
    found.silent, found.silent_count = _some(silent.order_by("silent_from"))
    found.slips = _slips(user, today, operator, kind)
    return found


def _rows(user: Any, operator: int | None, kind: str) -> Rows:
    """What the board sorts: the open orders themselves, or their entries under a narrowing. `of`: the order's id."""
    if operator or kind:
        entries = BoardEntry.objects.visible_to(user).filter(narrowing=narrowing(operator, kind))
        return entries.annotate(of=F("order_id"))
    return Order.objects.visible_to(user).open().annotate(of=F("pk"))


def _some(rows: Rows) -> tuple[list[Order], int]:
    """The first few orders in the order of `rows`, and how many there are up to the limit."""
    first = [row["of"] for row in rows.values("of")[:TODAY_SHOWN]]
    orders = Order.objects.select_related("customer").only(*CARD).in_bulk(first)
    return [orders[pk] for pk in first], _count(rows)


def _count(rows: Rows) -> int:
    """Up to the limit, from the index alone: only columns that it holds are asked for."""
    return rows.order_by().values("organisation")[: COUNT_LIMIT + 1].count()


def _columns(blocked: Rows, at: datetime) -> list[Column]:
    held = {owner: blocked.filter(holder=owner) for owner in ClockOwner.values}
    slices = [rows.order_by(key)[:LOOKED_AT] for rows in held.values() for key in ("blocked_since", "-value_monthly")]
    first, *rest = [rows.values("of") for rows in slices]
    candidates = {row["of"] for row in first.union(*rest, all=True)}
    by_owner: dict[str, list[Card]] = defaultdict(list)
    for order in Order.objects.filter(pk__in=candidates).select_related("customer").only(*CARD):
        by_owner[order.holder].append(card(order, at))
    return [
        Column(
            owner,
            str(label),
            sorted(by_owner[owner], key=lambda one: (-one.score, one.order.pk))[:SHOWN],
            _count(held[owner]),
        )
        for owner, label in ClockOwner.choices
    ]


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
