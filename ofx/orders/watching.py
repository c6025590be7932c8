"""Orders and services can be watched; who owns or watches one is told of what matters."""

from datetime import date
from typing import Any

from ofx.core.alerts.actions import tell
from ofx.core.alerts.queries import belongs, watchers
from ofx.core.alerts.subjects import Seen, watchable
from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ofx.core.models import Organisation
from ofx.orders.models import Order, ServiceRecord
from ofx.orders.vocabulary import REASON_LABELS
from partners.models import Operator

# Event → how it reads after "OFX-000123: Northfibre …"
SENTENCES = {
    "order.committed": "committed to {committed}",
    "order.target_moved": "moved the target date {old} → {new}{why}",
    "order.commitment_moved": "the committed date moved {old} → {new}{why}",
    "order.held": "put it on hold{why}",
    "order.pending": "waits for our answer{why}",
    "order.delayed": "reports a delay{why}",
    "order.charge_raised": "asks us to pay extra{why}",
    "order.amend_refused": "refused our change",
    "order.unsolicited": "ceases a service of ours by itself",
    "charge.lapsed": "got no answer to its charge in time",
    "appointment.lapsing": "lets the reserved visit lapse soon: confirm or re-book it",
    "appointment.expired": "has let the reserved visit lapse",
    "appointment.missed": "missed the visit",
    "order.silent": "has been silent for longer than usual",
    "order.rejected": "refused it{why}",
    "order.failed": "could not deliver it{why}",
    "order.failed_to_send": "could not be reached: it was not sent",
    "order.cancelled": "cancelled it",
    "order.completed": "completed it",
}


@watchable("order")
def orders_seen(user: Any, numbers: list[int]) -> list[Seen]:
    """The orders that the user may see."""
    rows = Order.objects.visible_to(user).filter(pk__in=numbers)
    return [Seen(f"order:{row.pk}", row.reference, row.get_absolute_url()) for row in rows]


@watchable("service")
def services_seen(user: Any, numbers: list[int]) -> list[Seen]:
    """The services that the user may see."""
    rows = ServiceRecord.objects.visible_to(user).filter(pk__in=numbers)
    return [Seen(f"service:{row.pk}", row.reference, f"/services/{row.reference}/") for row in rows]


@watchable("customer")
def customers_seen(user: Any, numbers: list[int]) -> list[Seen]:
    """The customers that the user may see: watching one tells of all its orders."""
    rows = Organisation.objects.visible_to(user).filter(kind="customer", pk__in=numbers)
    return [Seen(f"customer:{row.pk}", row.name, f"/customers/{row.slug}/") for row in rows]


@on(*SENTENCES)
def tell_who_watches(event: Event) -> None:
    """The owner of the order, and everybody who watches it or its customer, hear of it."""
    order = Order.objects.filter(pk=event.payload.get("order_id")).first()
    if order is None:
        return
    people = watchers(order.organisation_id, f"order:{order.pk}", f"customer:{order.customer_id}")
    if order.owner_id is not None and belongs(order.organisation_id, order.owner_id):
        people.add(order.owner_id)
    if people:
        operator = Operator.objects.filter(pk=event.payload.get("operator_id")).first()
        tell(
            people=people,
            organisation_id=order.organisation_id,
            subject=f"order:{order.pk}",
            text=f"{order.reference}: {sentence(event, operator)}",
            url=order.get_absolute_url(),
            key=f"event:{event.pk}",
            at=event.at,
        )


@on("order.asked")
def tell_of_a_question(event: Event) -> None:
    """A customer asked something: the owner and the watchers hear of it."""
    order = Order.objects.select_related("customer").filter(pk=event.payload.get("order_id")).first()
    if order is None:
        return
    people = watchers(order.organisation_id, f"order:{order.pk}", f"customer:{order.customer_id}")
    if order.owner_id is not None and belongs(order.organisation_id, order.owner_id):
        people.add(order.owner_id)
    tell(
        people=people,
        organisation_id=order.organisation_id,
        subject=f"order:{order.pk}",
        text=f"{order.reference}: {order.customer} asks a question.",
        url=order.get_absolute_url(),
        key=f"event:{event.pk}",
        at=event.at,
    )


def sentence(event: Event, operator: Operator | None) -> str:
    """What happened at the operator, in words for staff."""
    told = event.payload
    reason = REASON_LABELS.get(told.get("reason") or "", "") or (told.get("text") or "")
    words = SENTENCES[event.name].format(
        committed=_day(told.get("committed_date")),
        old=_day(told.get("old")),
        new=_day(told.get("new")),
        why=f": {reason}" if reason else "",
    )
    return f"{operator or 'the partner'} {words}"


def _day(value: Any) -> str:
    try:
        return f"{date.fromisoformat(str(value)[:10]):%-d %b}"
    except ValueError:
        return "no date"
