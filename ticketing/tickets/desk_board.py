"""The queue board: what is mine, what has nobody, what waits for whom.

Bounded whatever the number of tickets: each column's first cards and its count come from a partial index (the
ticket's BOARD_QUEUES), the cards themselves in one query.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from ticketing.tickets.filters import QUEUES, WORKED_ON, queue_of
from ticketing.tickets.models import Ticket

SHOWN = 15
COUNT_LIMIT = 1000
SOON = timedelta(hours=2)  # next actions that come due within this stand at the top
# What a card shows: a ticket has three times as many columns.
CARD = (
    "reference", "title", "priority", "state", "holder", "holder_since", "next_action", "next_action_at", "early_life",
    "repeat_fault", "simulated", "fault_class", "created_at", "postcode", "tier", "resolved_at", "auto_close_at",
    "customer__name", "operator__name", "assigned_to__name", "assigned_to__email", "country",
)  # fmt: skip
# Queue → (which chip stands at its head, what is said where it is empty).
HEADS = {
    "mine": ("us", "Nothing waits for you. Take the next from the unassigned."),
    "unassigned": ("us", "Everything has somebody."),
    "tsc": ("us", "TSC has nothing to do."),
    "partner": ("partner", "No partner keeps us waiting."),
    "customer": ("end_customer", "No customer owes us an answer."),
    "resolved": ("", "Nothing waits for a confirmation."),
}


@dataclass(frozen=True)
class Column:
    """One queue with its first cards."""

    name: str
    label: str
    owner: str
    empty: str
    cards: list[Ticket]
    count: int

    @property
    def count_words(self) -> str:
        """The exact number up to 1,000, then `1,000+`."""
        return words(self.count)


@dataclass(frozen=True)
class Figure:
    """A number at the top that leads to its rows."""

    label: str
    note: str
    count: int
    url: str
    tone: str = ""

    @property
    def count_words(self) -> str:
        """As on the columns."""
        return words(self.count)


@dataclass(frozen=True)
class Board:
    """Everything on the page."""

    columns: list[Column]
    figures: list[Figure]


def words(count: int) -> str:
    """The exact number up to 1,000, then `1,000+`."""
    return f"{COUNT_LIMIT:,}+" if count > COUNT_LIMIT else f"{count:,}"


def capped(rows: QuerySet[Any]) -> int:
    """How many, up to the limit and one more; from the index alone: only a column that it holds is asked for."""
    return rows.order_by().values("organisation")[: COUNT_LIMIT + 1].count()


def board(user: Any, at: datetime, *, operator: int | None = None, fault_class: str = "") -> Board:
    """The board of the user's organisation, the most urgent and then the oldest first. A constant number of queries."""
    rows = Ticket.objects.visible_to(user)
    if operator:
        rows = rows.filter(operator_id=operator)
    if fault_class:
        rows = rows.filter(fault_class=fault_class)
    return Board(_columns(rows, user), _figures(rows, user, at))


def _columns(rows: QuerySet[Ticket], user: Any) -> list[Column]:
    labels = dict(QUEUES)
    queues = {name: queue_of(rows, name, user) for name in HEADS}
    firsts = {
        name: list(queue.order_by("priority", "created_at").values_list("pk", flat=True)[:SHOWN])
        for name, queue in queues.items()
    }
    wanted = [pk for pks in firsts.values() for pk in pks]
    cards = Ticket.objects.select_related("customer", "operator", "assigned_to").only(*CARD).in_bulk(wanted)
    return [
        Column(name, labels[name], owner, empty, [cards[pk] for pk in firsts[name] if pk in cards], capped(queue))
        for (name, queue), (owner, empty) in zip(queues.items(), HEADS.values(), strict=True)
    ]


def _figures(rows: QuerySet[Ticket], user: Any, at: datetime) -> list[Figure]:
    going = rows.filter(state__in=WORKED_ON)
    urgent = capped(going.filter(priority=1))
    due = capped(going.filter(next_action_at__lte=at + SOON))
    early = capped(going.filter(early_life=True))
    others = capped(queue_of(rows, "colleagues", user))
    return [
        Figure("most urgent", "priority 1, going on", urgent, "?open=true&priority=1", "late" if urgent else ""),
        Figure("due within 2 hours", "by their next action", due, "?open=true&sort=next", "soon" if due else ""),
        Figure("in early life", "fault soon after completion", early, "?open=true&early=true"),
        Figure("with colleagues", "assigned to somebody else", others, "?queue=colleagues"),
    ]
