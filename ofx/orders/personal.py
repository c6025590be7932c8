"""What orders hold on a person: the site contact. Open orders need it; closed ones give it up on erasure.

Also here, because it follows from a person leaving: their open orders go to the colleague who was named.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from ofx.core.audit.actions import record
from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ofx.core.models import Membership, User
from ofx.core.personal.registry import Holding, Person, erases, exports, holds
from ofx.orders.actions import hand_over
from ofx.orders.models import Order

SHOWN = 20


def _naming(person: Person) -> QuerySet[Order]:
    """Orders whose contact they are, within the organisation that asked: as provider or as customer."""
    rows = Order.objects.filter(contact_email__iexact=person.email).order_by("pk")
    if person.organisation_id is None:
        return rows
    return rows.filter(Q(organisation_id=person.organisation_id) | Q(customer_id=person.organisation_id))


@exports("orders")
def contact_in_orders(person: Person) -> Iterator[dict[str, Any]]:
    """Where they are the contact: their own details and the place, nothing of the trade."""
    for order in _naming(person).iterator(chunk_size=500):
        yield {
            "order": order.reference,
            "created": order.created_at,
            "place": order.place_text,
            "contact_name": order.contact_name,
            "contact_phone": order.contact_phone,
            "contact_email": order.contact_email,
            "access_notes": order.access_notes,
        }


@erases("orders", position=20)
def forget_contact(person: Person, at: datetime) -> list[str]:
    """Closed orders lose the contact; open ones keep it, because the engineer has to find somebody."""
    report, rows = [], _naming(person)
    for order in rows.exclude(closed_at=None):
        Order.objects.filter(pk=order.pk).update(
            contact_name="Erased person", contact_phone="", contact_email=person.alias, access_notes=""
        )
        record(
            actor=None,
            subject=f"order:{order.pk}",
            verb="erased the contact",
            at=at,
            organisation_id=order.organisation_id,
        )
        report.append(f"{order.reference}: the contact was erased.")
    kept = list(rows.filter(closed_at=None).values_list("reference", flat=True))
    if kept:
        names = ", ".join(kept[:SHOWN]) + (f" and {len(kept) - SHOWN} more" if len(kept) > SHOWN else "")
        report.append(f"Kept, because the order is open and its engineer needs a contact: {names}. Ask again later.")
    if report:
        report.append("Messages that were sent to operators stay as evidence until their retention ends.")
    return report


@holds
def orders_owned(membership: Membership) -> list[Holding]:
    """Open orders that they look after."""
    rows = _owned(membership.user_id, membership.organisation_id)
    return [Holding(order.reference, order.get_absolute_url()) for order in rows.order_by("pk")[:SHOWN]]


def _owned(user_id: int, organisation_id: int) -> QuerySet[Order]:
    return Order.objects.filter(owner_id=user_id, organisation_id=organisation_id, closed_at=None)


@on("member.removed")
def take_over(event: Event) -> None:
    """A leaver's open orders go to the successor where one was named who may have them, else to nobody yet."""
    successor = User.objects.filter(pk=event.payload.get("successor_id") or 0).first()
    for order in _owned(event.payload["user_id"], event.organisation_id or 0):
        try:
            if successor:
                hand_over(actor=None, order=order, to=successor, note="their owner left", at=event.at)
                continue
        except ValueError:
            pass  # the successor does not work on orders: as if nobody had been named
        Order.objects.filter(pk=order.pk).update(owner=None)
        record(
            actor=None,
            subject=f"order:{order.pk}",
            verb="has no owner: its owner left",
            at=event.at,
            organisation_id=event.organisation_id,
        )
