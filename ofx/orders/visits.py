"""How an appointment moves, and what a partner's news makes of it (DOMAIN R01, R23).

Lock order: Order, PartnerOrder, Appointment. The order's own waits stay a fold over facts: what a visit blocks is told
to it as a fact, and answered by one.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import Appointment, Fact, Order, PartnerOrder
from ofx.orders.models.appointment import slot_words as words

# What ended a visit that never took place → whose clock it was (R23): the partner's, or ours and our customer's.
MISSED = "PARTNER_MISSED_APPOINTMENT"
FAILED = {"NO_ACCESS", "CUSTOMER_NOT_READY", "CUSTOMER_UNCONTACTABLE", "BUILDING_NOT_READY"}
DONE = ("FIT_TEST_DONE", "COMPLETED")
ENDING = ("CANCELLED", "TERMINATED", "WITHDRAWN")
WARN_BEFORE = timedelta(hours=4)


def lock(appointment: Appointment) -> Appointment:
    """The row as it is now, locked until the transaction ends."""
    return Appointment.objects.select_for_update(of=("self",), no_key=True).get(pk=appointment.pk)


def move(row: Appointment, to: str, *, at: datetime, actor: Any, why: str = "", **changes: Any) -> None:
    """Move a row to a state by its table, or raise IllegalTransition; audit and event included."""
    was = row.state
    if to not in Appointment.TRANSITIONS[was]:
        raise IllegalTransition(f"the visit is {row.get_state_display().lower()}: it cannot become {to}")
    changes = {"state": to, "changed_at": at, "asked": {}, "asked_at": None, **changes}
    with transaction.atomic():
        if not Appointment.objects.filter(pk=row.pk, state=was).update(**changes):
            raise IllegalTransition("the visit was changed by someone else meanwhile; look again")
        _set(row, changes)
        tell(row, to, at=at, actor=actor, verb=f"visit {row.get_state_display().lower()}", was=was, why=why)


def shift(row: Appointment, start: datetime, end: datetime, *, at: datetime, actor: Any, **changes: Any) -> None:
    """Move an open visit to another slot."""
    old = words(row.slot_start, row.slot_end)
    changes = {
        "slot_start": start, "slot_end": end, "changed_at": at, "asked": {}, "asked_at": None, "warned_at": None,
        "outcome_text": "", **changes,
    }  # fmt: skip
    with transaction.atomic():
        Appointment.objects.filter(pk=row.pk).update(**changes)
        _set(row, changes)
        tell(row, "rebooked", at=at, actor=actor, verb="visit moved", old=old)


def _set(row: Appointment, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)


def tell(row: Appointment, name: str, *, at: datetime, actor: Any, verb: str, **more: Any) -> None:
    """Audit and event of one change of a visit."""
    part = row.partner_order
    about = f"partner_order:{part.pk}" if part else f"appointment:{row.pk}"
    slot = words(row.slot_start, row.slot_end)
    record(actor=actor, subject=about, verb=verb, at=at, organisation_id=row.organisation_id, slot=slot, **more)
    publish(
        f"appointment.{name}",
        f"appointment:{row.pk}",
        at=at,
        organisation_id=row.organisation_id,
        appointment_id=row.pk,
        order_id=part.order_id if part else None,
        partner_order_id=part.pk if part else None,
        operator_id=row.operator_id,
        state=row.state,
        start=row.slot_start.isoformat(),
        end=row.slot_end.isoformat(),
        reserved_until=row.reserved_until.isoformat() if row.reserved_until else None,
        reason=row.outcome_reason,
        clock_owner=row.outcome_owner,
        **more,
    )


def follow(order: Order, fact_ids: Iterable[int]) -> None:
    """What fresh facts of a locked order say about its visits; runs in their transaction, before they are folded."""
    facts = Fact.objects.filter(Q(source="partner") | Q(update_type="WITHDRAWN"), pk__in=list(fact_ids))
    for fact in facts.select_related("partner_order").order_by("issued_at", "sequence", "pk"):
        fact.partner_order.order = order
        slot = (fact.data.get("extra") or {}).get("slot")
        if isinstance(slot, dict):
            _given(fact.partner_order, fact, slot)
        else:
            _hinted(fact.partner_order, fact)


def current(partner_order: PartnerOrder) -> Appointment | None:
    """The visit that may still take place, its row locked."""
    rows = Appointment.objects.select_for_update(of=("self",), no_key=True).filter(partner_order=partner_order)
    return rows.filter(state__in=Appointment.OPEN).order_by("-pk").first()


def _given(partner_order: PartnerOrder, fact: Fact, slot: dict[str, Any]) -> None:
    """The partner named a slot: confirmed, moved, or a visit that it made by itself."""
    try:
        start, end = (datetime.fromisoformat(str(slot[name])) for name in ("start", "end"))
    except (KeyError, ValueError):
        return
    row = current(partner_order)
    if row is None:
        _made(partner_order, fact, str(slot.get("id") or "")[:120], start, end)
    elif row.changed_at > fact.issued_at and row.state == "confirmed":
        return  # older than what we agreed since
    elif (row.slot_start, row.slot_end) != (start, end):
        shift(row, start, end, at=fact.issued_at, actor=None, state="confirmed", reserved_until=None)
    elif row.state != "confirmed":
        move(row, "confirmed", at=fact.issued_at, actor=None, reserved_until=None)


def _made(partner_order: PartnerOrder, fact: Fact, ref: str, start: datetime, end: datetime) -> None:
    same = Appointment.objects.filter(partner_order=partner_order).filter(
        Q(slot_start=start) | Q(changed_at__gt=fact.issued_at)
    )
    if partner_order.ended or same.exists():
        return
    row = new_row(partner_order, start, end, at=fact.issued_at, actor=None, state="confirmed", partner_ref=ref)
    tell(row, "confirmed", at=fact.issued_at, actor=None, verb="visit given by the partner")


def new_row(
    partner_order: PartnerOrder, start: datetime, end: datetime, *, at: datetime, actor: Any, **fields: Any
) -> Appointment:
    """Insert a visit of a partner order. Our key names the order and counts its visits."""
    order = partner_order.order
    number = Appointment.objects.filter(partner_order=partner_order).count() + 1
    return Appointment.objects.create(
        organisation_id=partner_order.organisation_id,
        customer_id=order.customer_id,
        partner_order=partner_order,
        operator_id=partner_order.operator_id,
        our_key=f"{partner_order.our_key}-V{number}",
        place_text=order.place_text,
        postcode=order.postcode,
        country=order.country,
        slot_start=start,
        slot_end=end,
        simulated=partner_order.simulated,
        requested_by=actor,
        created_at=at,
        changed_at=at,
        **fields,
    )


def _hinted(partner_order: PartnerOrder, fact: Fact) -> None:
    """News that says what became of the visit without naming its slot."""
    verdict = _verdict(fact)
    row = current(partner_order) if verdict else None
    if row is None or verdict not in Appointment.TRANSITIONS[row.state] or row.created_at > fact.issued_at:
        return
    changes: dict[str, Any] = {"reserved_until": None} if verdict == "confirmed" else {}
    if verdict in ("missed", "failed"):
        owner = "partner" if verdict == "missed" else fact.data.get("clock_owner") or "end_customer"
        text = str(fact.data.get("text") or "")[:500]
        changes = {"outcome_reason": fact.data["reason"], "outcome_text": text, "outcome_owner": owner}
    move(row, verdict, at=max(fact.issued_at, row.created_at), actor=None, **changes)


def _verdict(fact: Fact) -> str:
    reason = fact.data.get("reason", "")
    if fact.update_type == "COMPLETED" or fact.data.get("milestone") in DONE:
        return "completed"
    if fact.update_type in ENDING:
        return "cancelled"
    if fact.update_type in ("DELAY", "REAPPOINT") and reason == MISSED:
        return "missed"
    if fact.update_type in ("DELAY", "INFORMATION_REQUIRED", "REAPPOINT") and reason in FAILED:
        return "failed"
    return "confirmed" if fact.update_type == "COMMITTED" else ""
