"""What a customer is owed, case by case, in a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from ofx.core.models import Organisation
from ofx.orders.models import Appointment, DateChange, Order, PartnerOrder
from sla.compensation.engine import NOTHING, Owed, Rate, delayed_repair, delayed_start, missed_visit
from sla.compensation.facts import (
    LONDON,
    calendars,
    last_free_day,
    local_day,
    order_exclusions,
    promised_day,
    ticket_exclusions,
)
from sla.compensation.models import CompensationCover, CompensationRate
from ticketing.models import Ticket

BACK = timedelta(days=400)
MOST = 50  # of each kind
PAID_WITHIN = timedelta(days=30)  # calendar days after it is over (DOMAIN 6)
LOST = Q(impact="down") | Q(fault_class__in=["no_connection", "ethernet_down"])
COUNTRY = "GB"
Rates = dict[str, list[Rate]]


@dataclass(frozen=True)
class Case:
    """One thing that may be owed. `over`: nothing more is added to it."""

    kind: str  # repair, start, visit
    title: str
    about: str
    url: str
    owed: Owed
    over: bool
    pay_by: date | None = None


def covered(customer: Organisation | None) -> bool:
    """Whether the customer's provider has put it into the scheme: by name, else as all its customers."""
    if customer is None or customer.provider_id is None:
        return False
    rows = CompensationCover.objects.filter(organisation=customer.provider_id)
    said: dict[int | None, bool] = dict(
        rows.filter(Q(customer=customer) | Q(customer=None)).values_list("customer_id", "covered")
    )
    return bool(said.get(customer.pk, said.get(None, False)))


def rates() -> Rates:
    """Event → all its rates."""
    found: Rates = {}
    for row in CompensationRate.objects.filter(scheme="GB-AUTOMATIC"):
        found.setdefault(row.event, []).append(Rate(row.effective_from, row.amount, row.source))
    return found


def cases(user: Any, at: datetime) -> list[Case]:
    """Of all faults, orders and visits that the person may see; those that are owed something, the newest first."""
    known, today, days = rates(), local_day(at), calendars()
    found = [
        *(of_ticket(row, known, today, days) for row in _tickets(user, at)),
        *(of_part(row, known, today) for row in _parts(user, at)),
        *(of_visit(row, known) for row in _visits(user, at)),
    ]
    return [case for case in found if case is not None and (case.owed.total or not case.over)]


def total(found: Iterable[Case]) -> Decimal:
    """All of it."""
    return sum((case.owed.total for case in found), NOTHING)


def _tickets(user: Any, at: datetime) -> QuerySet[Ticket]:
    rows = Ticket.objects.visible_to(user).filter(LOST, country=COUNTRY, created_at__gte=at - BACK, merged_into=None)
    rows = rows.exclude(fault_class__in=["order", "billing"]).exclude(state__in=["rejected", "cancelled"])
    return rows.prefetch_related("waits").order_by("-created_at", "-pk")[:MOST]


def _parts(user: Any, at: datetime) -> QuerySet[PartnerOrder]:
    orders = Order.objects.visible_to(user).filter(country=COUNTRY, created_at__gte=at - BACK)
    rows = PartnerOrder.objects.filter(order__in=orders, item__action="add", icdd__isnull=False)
    return with_facts(rows).order_by("-pk")[:MOST]


def with_facts(rows: QuerySet[PartnerOrder]) -> QuerySet[PartnerOrder]:
    """What a delayed start is computed from."""
    rows = rows.exclude(item__offering__kind="device").select_related("order")
    moves = Prefetch("date_changes", DateChange.objects.filter(field="committed_date"))
    return rows.prefetch_related("flags", "appointments", moves)


def _visits(user: Any, at: datetime) -> QuerySet[Appointment]:
    ours = Q(state="missed") | Q(state="cancelled", outcome_owner__in=["partner", "us"])
    rows = Appointment.objects.visible_to(user).filter(ours, country=COUNTRY, slot_start__gte=at - BACK)
    return rows.select_related("partner_order__order").order_by("-slot_start", "-pk")[:MOST]


def of_ticket(row: Ticket, known: Rates, today: date, days: dict[str, int]) -> Case | None:
    """A fault that took the service away. None where its working calendar is missing."""
    raised = local_day(row.created_at)
    over = row.resolved_at is not None
    due = last_free_day(raised, row.postcode, days)
    if due is None:
        return None
    end = local_day(row.resolved_at) if row.resolved_at else today
    if row.verdict == "customer":
        owed = Owed(NOTHING, lines=[_("The cause was found on your side of the line: nothing is due for it.")])
    else:
        owed = delayed_repair(
            raised=raised, due=due, end=end, over=over, rates=known.get("repair_day", []),
            exclusions=ticket_exclusions(row, today),
        )  # fmt: skip
    url, pay_by = f"/my/faults/{row.reference}/", end + PAID_WITHIN if over else None
    title = _("Repair took too long") if owed.total else _("Repair")
    return Case("repair", title, f"{row.title} · {row.reference}", url, owed, over, pay_by)


def of_part(row: PartnerOrder, known: Rates, today: date) -> Case | None:
    """A service that was promised for a day. None without a promise."""
    promised = promised_day(row)
    if promised is None:
        return None
    done = row.completed_at or row.ended_at
    end = local_day(done) if done else today
    owed = delayed_start(
        promised=promised, end=end, over=done is not None, rates=known.get("late_start_day", []),
        exclusions=order_exclusions(row, today),
    )  # fmt: skip
    if done is None and promised >= today:
        return None
    order, pay_by = row.order, end + PAID_WITHIN if done else None
    about = f"{order.place_text} · {order.reference}"
    return Case("start", _("Service started late"), about, order.get_absolute_url(), owed, done is not None, pay_by)


def of_visit(row: Appointment, known: Rates) -> Case:
    """A visit that did not happen."""
    start = row.slot_start.astimezone(LONDON)
    off = row.changed_at.astimezone(LONDON) if row.state == "cancelled" else None
    owed = missed_visit(visit=start, called_off=off, rates=known.get("missed_visit", []))
    order = row.partner_order.order if row.partner_order else None
    about = f"{row.place_text}{f' · {order.reference}' if order else ''}"
    url = order.get_absolute_url() if order else ""
    return Case("visit", _("Engineer did not come"), about, url, owed, True, start.date() + PAID_WITHIN)
