"""What time does to visits and charges: warnings, lapses, and questions that were never answered."""

from datetime import datetime, timedelta

from django.db import transaction

from ofx.core.transitions import IllegalTransition
from ofx.orders import visits
from ofx.orders.actions.appointing import adopt, books_online, refuse
from ofx.orders.models import Appointment, PartnerOrder
from ofx.orders.refold import lock, refold_locked
from ofx.orders.settle import append, settle
from partners.connectors.asking import NotDone, Unclear
from partners.connectors.tmf646 import client as tmf646
from partners.connectors.tmf646.client import Visit

LOOK_UP_AFTER = timedelta(seconds=20)
BATCH = 20


def warn_of_lapsing(*, at: datetime, limit: int = 200) -> int:
    """Tell once of each reservation that lapses soon while the partner has not committed (R01)."""
    due = Appointment.objects.lapsing(at + visits.WARN_BEFORE).filter(warned_at=None, partner_order__committed_at=None)
    return sum(_warn(pk, at) for pk in list(due.order_by("reserved_until").values_list("pk", flat=True)[:limit]))


def _warn(pk: int, at: datetime) -> bool:
    with transaction.atomic():
        row = Appointment.objects.select_related("partner_order").get(pk=pk)
        if row.partner_order is not None:
            lock(row.partner_order.order_id)
        if not Appointment.objects.filter(pk=pk, state="reserved", warned_at=None).update(warned_at=at):
            return False
        visits.tell(row, "lapsing", at=at, actor=None, verb="reservation will lapse")
        if row.partner_order_id is not None:
            refold_locked([row.partner_order_id])
    return True


def expire_reservations(*, at: datetime, limit: int = BATCH) -> int:
    """End reservations whose time is over, unless the partner says that it confirmed them meanwhile."""
    rows = Appointment.objects.lapsing(at).filter(asked_at=None).select_related("partner_order__order")
    return sum(_expire(row, at) for row in list(rows.order_by("reserved_until")[:limit]))


def _expire(row: Appointment, at: datetime) -> bool:
    found = _look(row)
    if found is not None and found.state == "confirmed":
        adopt(row, found, at=at, actor=None)
        return True
    part = row.partner_order
    with transaction.atomic():
        order = lock(part.order_id) if part else None
        try:
            visits.move(row, "expired", at=at, actor=None)
        except IllegalTransition:
            return False
        if part is not None and order is not None and not PartnerOrder.objects.get(pk=part.pk).ended:
            slot = visits.words(row.slot_start, row.slot_end)
            told = {"reason": "ORDERING_PROVIDER_NOT_READY", "clock_owner": "us", "raw_reason": "APPT_EXPIRED"}
            text = f"The reservation of {slot} has lapsed"
            fact = append(part, "REAPPOINT", key=f"visit:{row.pk}:expired", at=at, source="system", text=text, **told)
            settle(order, {part.pk}, {fact} if fact else set(), at)
    return True


def look_up_unknown(*, at: datetime, limit: int = BATCH) -> int:
    """Find out at the partner, by our key, what became of questions that got no answer."""
    rows = Appointment.objects.filter(asked_at__lte=at - LOOK_UP_AFTER).select_related("partner_order__order")
    return sum(_find_out(row, at) for row in list(rows.order_by("asked_at")[:limit]))


def _find_out(row: Appointment, at: datetime) -> bool:
    endpoint = books_online(partner_order=row.partner_order) if row.partner_order else None
    try:
        found = tmf646.look_up(endpoint, row.partner_ref, row.our_key) if endpoint else None
    except (NotDone, Unclear):
        endpoint = None
        found = None
    if endpoint is None:  # not reached: the others are asked first next time
        Appointment.objects.filter(pk=row.pk, asked_at=row.asked_at).update(asked_at=at)
        return False
    if found is None:
        refuse(row, f"{row.operator} knows nothing of it: it never arrived", at=at, actor=None)
    else:
        adopt(row, found, at=at, actor=None)
    return True


def _look(row: Appointment) -> Visit | None:
    known = row.partner_order and row.partner_ref and not row.by_hand
    endpoint = books_online(partner_order=row.partner_order) if known and row.partner_order else None
    try:
        return tmf646.look_up(endpoint, row.partner_ref, row.our_key) if endpoint else None
    except (NotDone, Unclear):
        return None
