"""Reads of orders that are too big for a QuerySet method."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from ofx.core.audit.models import LogEntry
from ofx.core.models import Organisation
from ofx.core.ui.display import money
from ofx.orders.fold import Folded
from ofx.orders.models import (
    AmendRequest,
    Appointment,
    Attachment,
    CancelRequest,
    Charge,
    DateChange,
    Fact,
    Flag,
    MilestoneReached,
    Note,
    Order,
    OrderItem,
    PartnerOrder,
)
from ofx.orders.refold import folded_of
from ofx.orders.vocabulary import AT_PARTNER, BOOKABLE, REASON_LABELS
from partners.models import Leg, Message


@dataclass
class Part:
    """An item of the order with all that is known of it."""

    item: OrderItem
    row: PartnerOrder
    folded: Folded
    facts: list[Fact]
    flags: list[Flag]
    milestones: list[MilestoneReached]
    moves: list[DateChange]
    cancels: list[CancelRequest]
    leg: Leg | None = None
    charges: list[Charge] = field(default_factory=list)
    amends: list[AmendRequest] = field(default_factory=list)
    visits: list[Appointment] = field(default_factory=list)

    @property
    def visit(self) -> Appointment | None:
        """The visit that counts: the open one, else the newest that was ever agreed."""
        agreed = [row for row in self.visits if row.state != "refused"]
        return next((row for row in agreed if row.open), agreed[-1] if agreed else None)

    @property
    def open_charges(self) -> list[Charge]:
        """Charges that await our answer."""
        return [row for row in self.charges if row.state == "raised"]

    @property
    def bookable(self) -> bool:
        """Whether a visit can be agreed now."""
        return self.row.state in BOOKABLE and not self.folded.on_net and self.item.action == "add"

    @property
    def waits_for(self) -> list[OrderItem]:
        """Items that must be done before this one is sent."""
        return list(self.item.depends_on.all()) if self.row.state == "validated" else []

    @property
    def waits(self) -> list[Flag]:
        """Open waits and jeopardies, each with its reason as `label`."""
        found = [flag for flag in self.flags if flag.kind != "committed" and flag.closed_at is None]
        for flag in found:
            flag.label = REASON_LABELS.get(flag.reason, "") or flag.text  # type: ignore[attr-defined]
        return found

    @property
    def charge(self) -> dict[str, str]:
        """The open charge: `amount` in words."""
        key = next((span.key for span in self.folded.open("assessing_charge")), "")
        told = next((fact.data.get("charge") or {} for fact in self.facts if fact.dedupe_key == key), {})
        return {"amount": money(told["amount"], told.get("currency") or "GBP") if told.get("amount") else ""}

    @property
    def synced(self) -> datetime | None:
        """When this partner last told us anything, of this order or at all."""
        moments = [self.leg.last_inbound_at, self.leg.endpoint.last_sync_at] if self.leg else []
        return max((moment for moment in moments if moment), default=None)

    @property
    def by_hand(self) -> bool:
        """Whether people place it with the operator and record its news: it was submitted, but not by a message."""
        return bool(self.row.submitted_at and self.leg is None and not self.folded.on_net)

    @property
    def amendable(self) -> bool:
        """Whether another date can be asked for now."""
        state = self.row.state
        return state in AT_PARTNER and not state.startswith("assessing") and not self.folded.on_net

    def open_flag(self, kind: str) -> Flag | None:
        """The open flag of a kind."""
        return next((flag for flag in self.flags if flag.kind == kind and flag.closed_at is None), None)


@dataclass
class OrderPage:
    """An order with everything that its page shows."""

    order: Order
    parts: list[Part]
    notes: list[Note] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)


def order_page(order: Order, user: Any) -> OrderPage:
    """Everything about one order that the user may already see, in a constant number of queries."""
    rows = list(
        order.partner_orders.select_related("item__offering__operator", "item__changes_service", "operator")
        .prefetch_related(
            Prefetch("facts", Fact.objects.select_related("actor")),
            "flags",
            "milestones",
            Prefetch("date_changes", DateChange.objects.select_related("fact")),
            "cancel_requests",
            Prefetch("charges", Charge.objects.select_related("answered_by")),
            Prefetch("amend_requests", AmendRequest.objects.select_related("requested_by")),
            Prefetch("appointments", Appointment.objects.order_by("pk")),
            "item__depends_on__offering",
        )
        .order_by("item__position")
    )
    legs = {
        leg.our_key: leg
        for leg in Leg.objects.select_related("endpoint").filter(our_key__in=[row.our_key for row in rows])
    }
    parts = [_part(row, legs.get(row.our_key)) for row in rows]
    subjects = [f"order:{order.pk}", *(f"partner_order:{row.pk}" for row in rows)]
    return OrderPage(
        order=order,
        parts=parts,
        notes=list(order.notes.select_related("author").order_by("-at")),
        attachments=list(order.attachments.select_related("author").order_by("-at")),
        messages=_messages(legs.values()),
        log=list(LogEntry.objects.visible_to(user).about(*subjects)[:200]),
    )


def _part(row: PartnerOrder, leg: Leg | None) -> Part:
    facts = list(row.facts.all())
    return Part(
        item=row.item,
        row=row,
        folded=folded_of(row, facts),
        facts=facts,
        flags=list(row.flags.all()),
        milestones=list(row.milestones.all()),
        moves=list(row.date_changes.all()),
        cancels=list(row.cancel_requests.all()),
        leg=leg,
        charges=list(row.charges.all()),
        amends=list(row.amend_requests.all()),
        visits=list(row.appointments.all()),
    )


def _messages(legs: Iterable[Leg]) -> list[Message]:
    """The newest messages of these legs, without their bytes."""
    rows = Message.objects.filter(leg__in=[leg.pk for leg in legs]).exclude(state="duplicate")
    return list(rows.select_related("endpoint").defer("raw", "wire", "answer", "headers").order_by("-created_at")[:200])


def order_list(user: Any) -> QuerySet[Order]:
    """Orders as lists show them."""
    return Order.objects.visible_to(user).select_related("customer", "owner")


def customers_of(organisation: Organisation, text: str = "") -> QuerySet[Organisation]:
    """A tenant's customers, by name or account number."""
    rows = Organisation.objects.filter(kind="customer", provider=organisation, active=True).order_by("name")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(account_number__istartswith=text))
    return rows


def silent(order: Order, at: datetime) -> bool:
    """Whether a partner has been silent for longer than its stage usually lasts."""
    return bool(order.silent_from and order.silent_from <= at and not order.closed_at)
