"""The customer moves their own visit: among the partner's free slots only, and where its system can be asked."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied

from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.orders.actions.appointing import (
    SlotRefused,
    books_online,
    confirm_appointment,
    find_slots,
    rebook_appointment,
)
from ofx.orders.models import Appointment, Order, PartnerOrder
from ofx.orders.vocabulary import BOOKABLE
from partners.connectors.tmf646.client import Slot

AGAIN = ("missed", "failed", "expired")  # nothing came of it, and another is wanted
SEARCHED = timedelta(days=21)


class SlotGone(SlotRefused):
    """The partner does not offer that slot any more; the visit stands as it was."""


def its_customer(actor: User | None, order: Order) -> None:
    """Raise PermissionDenied unless the actor is of the customer that the order is for."""
    permit(actor, "visit.move")
    if actor is None or actor.acting is None or actor.acting.organisation_id != order.customer_id:
        raise PermissionDenied("This visit belongs to somebody else.")


def part_to_move(*, visit: Appointment) -> PartnerOrder:
    """The partner order of a visit that its customer may move now. Raises IllegalTransition."""
    part = visit.partner_order
    if part is None or part.state not in BOOKABLE or not (visit.open or visit.state in AGAIN):
        raise IllegalTransition("this visit is over or belongs to no open order")
    newer = Appointment.objects.filter(partner_order=part, pk__gt=visit.pk).exclude(state="refused")
    if newer.exists() or visit.by_hand or books_online(partner_order=part) is None:
        raise IllegalTransition("another visit has taken its place, or it is agreed by telephone")
    return part


def slots_to_move_to(*, actor: User, at: datetime, visit: Appointment, since: datetime) -> list[Slot]:
    """Free slots of three weeks. Raises IllegalTransition, SlotRefused where the partner cannot be asked now."""
    part = part_to_move(visit=visit)
    return find_slots(actor=actor, at=at, partner_order=part, since=since, until=since + SEARCHED, guard=its_customer)


def move_visit(*, actor: User, at: datetime, visit: Appointment, start: datetime, end: datetime) -> Appointment:
    """Move the visit to a slot that the partner offers at this moment. Asking for the one that it has changes nothing.

    Raises SlotGone, SlotRefused, OutcomeUnknown, IllegalTransition, ValueError.
    """
    part = part_to_move(visit=visit)
    if visit.open and (visit.slot_start, visit.slot_end) == (start, end):
        its_customer(actor, part.order)
        return visit
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    span = {"since": max(at, day - timedelta(days=1)), "until": max(at, day) + timedelta(days=2)}
    offered = find_slots(actor=actor, at=at, partner_order=part, guard=its_customer, **span)
    if (start, end) not in {(slot.start, slot.end) for slot in offered}:
        raise SlotGone("that time is not offered any more")
    return rebook_appointment(actor=actor, at=at, appointment=visit, start=start, end=end, guard=its_customer)


def confirm_visit(*, actor: User, at: datetime, visit: Appointment) -> Appointment:
    """Fix the slot that is held. Twice is once. Raises IllegalTransition, SlotRefused, OutcomeUnknown."""
    part_to_move(visit=visit)
    return confirm_appointment(actor=actor, at=at, appointment=visit, guard=its_customer)
