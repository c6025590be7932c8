"""What the portal learns from below: news of orders, visits and complaints go to the customer."""

from typing import Any

from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ofx.orders.models import Appointment, Order
from ofx.portal.customer import news
from ticketing.models import Complaint


def order_of(event: Event) -> Order | None:
    """The order of an event, locked: two pieces of news of one order are told one after the other."""
    number: Any = event.payload.get("order_id")
    if number is None and event.subject.startswith("order:"):
        number = int(event.subject.partition(":")[2])
    rows = Order.objects.select_related("organisation", "customer").select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=number or 0).first()


@on("order.committed", "order.target_moved", "order.commitment_moved")
def day_told(event: Event) -> None:
    """The day when it is ready."""
    order = order_of(event)
    if order is not None:
        news.tell_date(order, event.payload, event.pk, event.at)


@on("order.pending")
def needs_something(event: Event) -> None:
    """It waits, perhaps for the customer."""
    order = order_of(event)
    if order is not None and order.holder == "end_customer":
        news.tell_need(order, str(event.payload.get("flag") or event.pk), event.at)


@on("product_order.accepted", "product_order.rejected", "product_order.failed", "product_order.cancelled",
    "product_order.partial")  # fmt: skip
def ended(event: Event) -> None:
    """Ready, or never."""
    order = order_of(event)
    if order is not None:
        news.tell_end(order, event.name.partition(".")[2], event.at)


@on("appointment.confirmed", "appointment.rebooked", "appointment.missed", "appointment.failed",
    "appointment.cancelled", "appointment.expired")  # fmt: skip
def visit_told(event: Event) -> None:
    """An engineer comes, or not."""
    rows = Appointment.objects.select_related("partner_order__order__organisation")
    visit = rows.filter(pk=event.payload.get("appointment_id") or 0).first()
    if visit is not None:
        news.tell_visit(visit, event.name.partition(".")[2], event.at)


@on("complaint.answered")
def answered(event: Event) -> None:
    """Our answer to a complaint."""
    rows = Complaint.objects.select_related("organisation", "made_by")
    row = rows.filter(pk=int(event.subject.partition(":")[2])).first()
    if row is not None:
        news.tell_answer(row, event.at)
