"""Who of us looks after an order."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from ofx.core.alerts.actions import tell
from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import Membership, User
from ofx.core.scoping import CAPABILITIES, permit, still_visible
from ofx.orders.models import Order


def possible_owners(*, order: Order) -> QuerySet[User]:
    """Active colleagues of the order's provider who may write orders."""
    roles = CAPABILITIES["order.write"]["service_provider"]
    rows = Membership.objects.filter(organisation_id=order.organisation_id, role__in=roles)
    return User.objects.filter(pk__in=rows.values("user_id"), is_active=True).order_by("name", "email")


def hand_over(*, actor: User | None, order: Order, to: User, note: str = "", at: datetime) -> Order:
    """Give the order to a colleague, who is told; to its owner again changes nothing.

    Raises ValueError where the person may not write this provider's orders.
    """
    permit(actor, "order.write")
    with transaction.atomic():
        row = Order.objects.select_for_update().get(pk=order.pk)
        still_visible(row, actor)
        if not possible_owners(order=row).filter(pk=to.pk).exists():
            raise ValueError(f"{to} does not work on orders here. Choose a colleague of the order desk.")
        if row.owner_id == to.pk:
            return row
        before, row.owner = row.owner_id, to
        row.save(update_fields=["owner"])
        subject = f"order:{row.pk}"
        verb = f"handed the order over to {to}" + (f": {note}" if note else "")
        organisation = row.organisation_id
        record(actor=actor, subject=subject, verb=verb[:120], at=at, organisation_id=organisation, to=to.pk, note=note)
        event = publish(
            "order.handed_over", subject, at=at, organisation_id=organisation, order_id=row.pk, old=before, new=to.pk
        )
        if actor is None or actor.pk != to.pk:
            tell(
                people=[to.pk],
                organisation_id=organisation,
                subject=subject,
                text=f"{row.reference} is yours now, from {actor or 'OFX'}" + (f": {note}" if note else "."),
                url=row.get_absolute_url(),
                key=f"event:{event.pk}",
                at=at,
            )
    return row
