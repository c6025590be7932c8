"""Orders that came by themselves and need a person, and drafts that nobody wants."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.orders.actions.placing import UNSENT, own
from ofx.orders.models import Order
from ofx.orders.refold import lock


def hand_to_desk(*, actor: User | None, order: Order, why: str, at: datetime) -> None:
    """An accepted order that our rules cannot route falls out to a person (ARCHITECTURE 9). `why` says what is missing.

    Raises IllegalTransition once anything was sent.
    """
    own(actor, order)
    with transaction.atomic():
        order = lock(order.pk)
        if order.state not in UNSENT:
            raise IllegalTransition(f"order is {order.state}: it is not waiting to be routed")
        action = f"Complete and submit: {why}"
        values = {
            "holder": "us",
            "blocked_since": at,
            "blocked_reason": "ORDER_DATA_ERROR",
            "next_action": action[:120],
        }
        Order.objects.filter(pk=order.pk).update(**values)
        subject, organisation = f"order:{order.pk}", order.organisation_id
        record(actor=None, subject=subject, verb="fell out to the desk", at=at, organisation_id=organisation, why=why)
        publish("order.fell_out", subject, at=at, organisation_id=organisation, order_id=order.pk, reason=why[:500])


def discard_draft(*, actor: User | None, order: Order, at: datetime, last: dict[str, Any] | None = None) -> None:
    """Delete an order that was never submitted. `last`: how it is told of from now on, as plain JSON values.

    Raises IllegalTransition once anything was sent.
    """
    own(actor, order)
    with transaction.atomic():
        order = lock(order.pk)
        if order.state not in UNSENT or order.submitted_at:
            raise IllegalTransition(f"order is {order.state}: it can be cancelled, not deleted")
        subject, organisation = f"order:{order.pk}", order.organisation_id
        told = {"order_id": order.pk, "reference": order.reference, "external_id": order.external_id}
        record(actor=actor, subject=subject, verb="deleted the draft", at=at, organisation_id=organisation, **told)
        publish("product_order.deleted", subject, at=at, organisation_id=organisation, last=last or {}, **told)
        order.delete()


def redate_draft(*, actor: User | None, order: Order, requested_date: date, at: datetime) -> None:
    """Another wanted date for an order that was never submitted. Raises IllegalTransition once anything was sent."""
    own(actor, order)
    with transaction.atomic():
        order = lock(order.pk)
        if order.state not in UNSENT or order.submitted_at:
            raise IllegalTransition(f"order is {order.state}: another date must be asked for")
        Order.objects.filter(pk=order.pk).update(requested_date=requested_date)
        order.partner_orders.update(crd=requested_date)
        subject, organisation = f"order:{order.pk}", order.organisation_id
        to = requested_date.isoformat()
        record(actor=actor, subject=subject, verb="changed the wanted date", at=at, organisation_id=organisation, to=to)
