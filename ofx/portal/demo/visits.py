"""Visits in each of their states on the orders that are there, and until when open charges await an answer."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from ofx.orders.models import Appointment, Charge, PartnerOrder
from ofx.portal.demo.base import Demo

LABEL = "Visits and charges"
HALVES = (time(8), time(13))
MOST = 400


def run(demo: Demo) -> str:
    """Visits of broadband and Ethernet items; charges await their answer within the week."""
    if not Appointment.objects.exists():
        Appointment.objects.bulk_create(list(_visits(demo)), batch_size=500)
    for number, charge in enumerate(Charge.objects.filter(state="raised", answer_by=None).order_by("pk")):
        Charge.objects.filter(pk=charge.pk).update(answer_by=demo.at + timedelta(days=1 + number % 5))
    return f"{Appointment.objects.count():,} visits, {Charge.objects.filter(state='raised').count()} charges waiting"


def _rows() -> QuerySet[PartnerOrder]:
    rows = PartnerOrder.objects.select_related("order").filter(item__offering__kind__in=("broadband", "ethernet"))
    return rows.exclude(operator__on_net_of__isnull=False).order_by("pk")


def _visits(demo: Demo) -> Iterable[Appointment]:
    today, soon = demo.today, demo.today + timedelta(days=60)
    rows = _rows()
    coming = rows.filter(ended_at=None, completed_at=None, committed_at__isnull=False)
    coming = coming.filter(target_date__gt=today, target_date__lte=soon)
    for row in coming[:MOST]:
        yield _visit(demo, row, row.target_date, "confirmed")
    for number, row in enumerate(rows.filter(state="acknowledged", committed_at=None)[:24]):
        day = today + timedelta(days=4 + number % 9)
        if number % 4 == 3:
            yield _visit(demo, row, day, "expired", outcome_text="The reservation was not confirmed in time")
        else:  # every third of them lapses within hours: the desk is warned
            hours = 2 if number % 3 == 0 else 20
            yield _visit(demo, row, day, "reserved", reserved_until=demo.at + timedelta(hours=hours))
    for row in rows.filter(completed_at__gte=demo.at - timedelta(days=60))[:MOST]:
        yield _visit(demo, row, row.completed_at.date() if row.completed_at else today, "completed")
    for row in rows.filter(state="cancelled", committed_at__isnull=False)[:12]:
        yield _visit(demo, row, row.target_date or today, "cancelled")
    yield from _spoilt(demo)


def _spoilt(demo: Demo) -> Iterable[Appointment]:
    """Visits that came to nothing, as the partner's news says: its own fault, or the customer's (DOMAIN R23)."""
    for reason, state, owner in (
        ("PARTNER_MISSED_APPOINTMENT", "missed", "partner"),
        ("NO_ACCESS", "failed", "end_customer"),
    ):
        for row in _rows().filter(flags__reason=reason).prefetch_related("flags").distinct()[:60]:
            flag = next(flag for flag in row.flags.all() if flag.reason == reason)
            told: dict[str, Any] = {"outcome_reason": reason, "outcome_owner": owner, "outcome_text": flag.text}
            yield _visit(demo, row, flag.opened_at.date(), state, suffix=f"-{state}", **told)


def _visit(demo: Demo, row: PartnerOrder, day: date | None, state: str, suffix: str = "", **fields: Any) -> Appointment:
    start = datetime.combine(day or demo.today, HALVES[row.pk % 2], UTC)
    made = min(row.acknowledged_at or row.created_at, demo.at)
    return Appointment(
        organisation_id=row.organisation_id,
        customer_id=row.order.customer_id,
        partner_order=row,
        operator_id=row.operator_id,
        our_key=f"{row.our_key}-V{suffix or '1'}",
        place_text=row.order.place_text,
        postcode=row.order.postcode,
        country=row.order.country,
        slot_start=start,
        slot_end=start + timedelta(hours=5),
        state=state,
        partner_ref=f"V{row.pk}",
        by_hand=not row.simulated,
        simulated=row.simulated,
        requested_by=row.order.owner,
        created_at=made,
        changed_at=made,
        **fields,
    )
