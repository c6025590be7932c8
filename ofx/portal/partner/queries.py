"""What an operator has open with us, and what of it needs an answer, oldest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, DateTimeField, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce

from ofx.orders.answers import OPEN_TO_ANSWERS, VERBS, possible
from ofx.orders.models import Fact, Flag, PartnerOrder

# What is asked → (words, the answers that the row offers, the first one open for typing).
ASKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "take": ("New order: take it", ("acknowledge",)),
    "date": ("Name the date", ("commit", "delay")),
    "due": ("The date has passed: done?", ("complete", "delay")),
    "held": ("On hold: when does it go on?", ("resume", "delay")),
    "cancel": ("Cancel asked for", ("accept_cancel", "refuse_cancel")),
    "change": ("Change asked for", ("accept_change", "refuse_change")),
}
WORKING = ("acknowledged", "in_progress")
ON_THEM = ("partner", "third_party", "force_majeure")
WANTED = ("item__offering", "order__organisation", "operator")


def with_asks(rows: QuerySet[PartnerOrder], today: date) -> QuerySet[PartnerOrder]:
    """Partner orders with `ask` (a key of ASKS, empty where nothing is asked) and `since`."""
    stale = Q(target_date=None) | Q(target_date__lt=today)
    ask = Case(
        When(state__in=["submitted", "failed_to_send"], then=Value("take")),
        When(state="assessing_cancel", then=Value("cancel")),
        When(state="assessing_amend", then=Value("change")),
        When(stale, state="held", holder__in=ON_THEM, then=Value("held")),
        When(state__in=WORKING, committed_at=None, then=Value("date")),
        When(state__in=WORKING, target_date__lt=today, then=Value("due")),
        default=Value(""),
        output_field=CharField(),
    )
    since = Case(
        When(ask="date", then=Coalesce("acknowledged_at", "submitted_at")),
        When(ask="due", then=Cast("target_date", DateTimeField())),
        When(ask="take", then="submitted_at"),
        default=Coalesce("blocked_since", "submitted_at"),
        output_field=DateTimeField(),
    )
    return rows.annotate(ask=ask).annotate(since=since)


def mine(user: Any) -> QuerySet[PartnerOrder]:
    """Every order placed with the user's operator."""
    return PartnerOrder.objects.visible_to(user).select_related(*WANTED)


def waiting(user: Any, today: date) -> QuerySet[PartnerOrder]:
    """Those that need an answer, the longest waiting first."""
    rows: Any = with_asks(mine(user).filter(state__in=OPEN_TO_ANSWERS), today)
    return rows.exclude(ask="").order_by("since", "pk")


def with_flags(rows: QuerySet[PartnerOrder]) -> QuerySet[PartnerOrder]:
    """With the open flags, by which is judged what may be answered."""
    return rows.prefetch_related(
        Prefetch("flags", Flag.objects.filter(closed_at=None).select_related("fact"), to_attr="open_flags")
    )


def open_kinds(row: PartnerOrder) -> list[str]:
    """Kinds of the open flags of a row that `with_flags` has loaded, or of any other by a query."""
    loaded: Iterable[Flag] | None = getattr(row, "open_flags", None)
    found = row.flags.filter(closed_at=None) if loaded is None else loaded
    return [flag.kind for flag in found]


# The states as an operator reads them, where the provider's words would turn them round.
STATE_LOOK: dict[str, tuple[str, str]] = PartnerOrder.STATE_LOOK | {
    "submitted": ("New", "blue"),
    "failed_to_send": ("New", "blue"),
    "acknowledged": ("Taken", "blue"),
    "pending": ("Waits for the provider", "grey"),
    "held": ("On hold", "amber"),
    "assessing_charge": ("Charge with the provider", "grey"),
    "assessing_amend": ("Change asked for", "amber"),
    "assessing_cancel": ("Cancel asked for", "amber"),
    "completed": ("Done", "green"),
}
ACTIONS = {"modify": "Change of a live service", "delete": "Cease"}


@dataclass(frozen=True)
class Line:
    """A partner order as the operator's people see it in a list."""

    row: PartnerOrder
    ask: str
    since: datetime | None
    asked: str  # what the provider asks for, in words
    answers: list[tuple[str, str]]  # (verb, label)

    @property
    def look(self) -> tuple[str, str]:
        """Label and colour of its state."""
        return STATE_LOOK.get(self.row.state, (self.row.get_state_display(), "grey"))

    @property
    def action(self) -> str:
        """What is to be done, where it is not a new service."""
        return ACTIONS.get(self.row.item.action, "")

    @property
    def words(self) -> str:
        """What is asked."""
        return ASKS[self.ask][0] if self.ask else ""

    @property
    def first(self) -> str:
        """The answer whose fields stand in the row."""
        return self.answers[0][0] if self.answers else ""


def lines(rows: Iterable[PartnerOrder]) -> list[Line]:
    """Rows of `with_asks` and `with_flags` ready to be shown."""
    return [line_of(row) for row in rows]


def line_of(row: Any) -> Line:
    """One of them."""
    offered = ASKS[row.ask][1] if row.ask else ()
    able = possible(row, open_kinds(row))
    wanted = [verb for verb in offered if verb in able]
    return Line(row, row.ask, row.since, asked_of(row), [(verb, VERBS[verb].label) for verb in wanted])


def asked_of(row: Any) -> str:
    """The provider's words about the cancel or change that it asks for."""
    kinds = {"cancel": "assessing_cancel", "change": "assessing_amend"}
    flag = next((one for one in getattr(row, "open_flags", ()) if one.kind == kinds.get(row.ask)), None)
    if flag is None:
        return ""
    return "; ".join(part for part in (*_changes(flag.fact.data), flag.text) if part)


def _changes(data: dict[str, Any]) -> list[str]:
    """What is to be otherwise, in words: `wanted by 15 Jan 2027`."""
    wanted = dict(data.get("changes") or {})
    day = str(data.get("crd") or wanted.pop("requested_date", "") or "")
    said = [f"wanted by {date.fromisoformat(day[:10]):%-d %b %Y}"] if day else []
    wanted.pop("requested_date", None)
    return said + [f"{name.replace('_', ' ')}: {value or 'none'}" for name, value in wanted.items()]


def one(user: Any, our_key: str, today: date) -> PartnerOrder | None:
    """The order by our key with everything a row or a page needs; None where it is not theirs."""
    return with_flags(with_asks(mine(user), today)).filter(our_key=our_key).first()


def said(user: Any) -> QuerySet[Fact]:
    """Everything that the operator ever told us, by whichever door."""
    rows = Fact.objects.filter(source="partner", partner_order__in=PartnerOrder.objects.visible_to(user))
    return rows.select_related("partner_order__item__offering", "partner_order__order", "actor")
