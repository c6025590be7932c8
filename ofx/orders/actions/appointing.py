"""Visits: search, reserve, confirm, re-book, cancel, and what came of them.

A person waits for most of these. What we are about to ask is written down first, the partner is asked outside any
transaction, and its answer is written after: whatever dies in between, the row says what is not known, and a sweep
looks it up at the partner by our key.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.orders import visits
from ofx.orders.actions.placing import own
from ofx.orders.models import Appointment, Order, PartnerOrder
from ofx.orders.outbound import leg_of, send
from ofx.orders.refold import lock, refold_locked
from ofx.orders.settle import append, settle
from ofx.orders.vocabulary import BOOKABLE, REASON_CLOCK, ClockOwner
from partners.connectors.asking import NotDone, Refused, Unclear
from partners.connectors.tmf646 import client as tmf646
from partners.connectors.tmf646.client import About, Slot, Visit
from partners.conversations import actions as conversations
from partners.models import Endpoint

Guard = Callable[[User | None, Order], None]  # who may: staff of the tenant, or its customer by moving.py
OUTCOMES = ("completed", "missed", "failed")
ABOUT_A_VISIT = ("REAPPOINT", "PARTNER_MISSED_APPOINTMENT", *sorted(visits.FAILED))
LONGEST_SLOT = timedelta(hours=24)
BY_HAND_NOTE = "agree the slot by telephone or e-mail, then record it"


class SlotRefused(ValueError):
    """The partner did not do what was asked, or was not reached; nothing has changed."""


class OutcomeUnknown(ValueError):
    """The partner may have done it; it is being looked up by our key."""


def books_online(*, partner_order: PartnerOrder) -> Endpoint | None:
    """The partner's appointment system, where it has one that can be asked now."""
    leg = leg_of(partner_order)
    endpoint = (
        leg.endpoint
        if leg
        else conversations.endpoint_for(operator=partner_order.operator, organisation=partner_order.organisation)
    )
    return endpoint if tmf646.serves(endpoint) else None


def find_slots(
    *,
    actor: User | None,
    at: datetime,
    partner_order: PartnerOrder,
    since: datetime,
    until: datetime,
    guard: Guard = own,
) -> list[Slot]:
    """Free slots of the partner between two moments; none where it has no appointment system.

    Raises ValueError for a period that is none, SlotRefused where the partner cannot be asked now.
    """
    guard(actor, partner_order.order)
    if until <= since or until <= at:
        raise ValueError("until: choose a period that ends later than it begins, and not in the past.")
    endpoint = books_online(partner_order=partner_order)
    if endpoint is None:
        return []
    try:
        return tmf646.search(endpoint, _about(partner_order), max(since, at), until)
    except (Refused, NotDone) as error:
        raise SlotRefused(f"{partner_order.operator} gives no slots now: {error}") from error


def reserve_slot(
    *,
    actor: User | None,
    at: datetime,
    partner_order: PartnerOrder,
    start: datetime,
    end: datetime,
    guard: Guard = own,
) -> Appointment:
    """Reserve a slot. At a partner without an appointment system it is proposed in words, and stands as agreed by hand.

    Raises ValueError for a bad slot, IllegalTransition where there is a visit already, SlotRefused, OutcomeUnknown.
    """
    _period(start, end, at)
    endpoint = books_online(partner_order=partner_order)
    with transaction.atomic():
        order, row = _locked(actor, partner_order, guard)
        _bookable(order, row)
        last = Appointment.objects.filter(partner_order=row).exclude(state="refused").order_by("-pk").first()
        made = visits.new_row(row, start, end, at=at, actor=actor, replaces=last)
        if endpoint is None:
            return _by_hand(order, row, made, at, actor)
        _ask(made, {"verb": "reserve"}, at)
        visits.tell(made, "requested", at=at, actor=actor, verb="visit asked for")
    return _answered(made, at, actor, lambda: tmf646.reserve(endpoint, _about(partner_order, made), start, end))


def _by_hand(order: Order, row: PartnerOrder, made: Appointment, at: datetime, actor: User | None) -> Appointment:
    made.by_hand = True
    made.save(update_fields=["by_hand"])
    visits.move(made, "reserved", at=at, actor=actor)
    slot = visits.words(made.slot_start, made.slot_end)
    send(row, "answer", at=at, actor=actor, changes={"information": f"Visit proposed: {slot}. Please confirm."})
    _visit_settled(order, row, made, at, actor)
    return made


def confirm_appointment(
    *, actor: User | None, at: datetime, appointment: Appointment, guard: Guard = own
) -> Appointment:
    """Fix a reserved slot. A second click is a no-op. Raises IllegalTransition, SlotRefused, OutcomeUnknown."""
    endpoint = _endpoint(appointment)
    with transaction.atomic():
        order, row = _open(actor, appointment, guard)
        if row.state == "confirmed":
            return row
        if row.state != "reserved":
            raise IllegalTransition(f"the visit is {row.get_state_display().lower()}: nothing to confirm")
        if endpoint is None or row.by_hand:
            visits.move(row, "confirmed", at=at, actor=actor, reserved_until=None)
            _refold(order, row)
            return row
        _ask(row, {"verb": "confirm"}, at)
    return _answered(
        row, at, actor, lambda: tmf646.change(endpoint, row.partner_ref, row.slot_start, row.slot_end, "confirmed")
    )


def rebook_appointment(
    *,
    actor: User | None,
    at: datetime,
    appointment: Appointment,
    start: datetime,
    end: datetime,
    guard: Guard = own,
) -> Appointment:
    """Another slot: an open visit is moved, an ended one gets a successor. Returns the visit that now counts.

    Raises ValueError for a bad slot, IllegalTransition, SlotRefused (the old slot stands), OutcomeUnknown.
    """
    _period(start, end, at)
    if not appointment.open:
        if appointment.partner_order is None:
            raise IllegalTransition("the visit has ended and belongs to no order")
        part = appointment.partner_order
        return reserve_slot(actor=actor, at=at, partner_order=part, start=start, end=end, guard=guard)
    endpoint = _endpoint(appointment)
    with transaction.atomic():
        order, row = _open(actor, appointment, guard)
        if row.state == "requested":
            raise IllegalTransition("whether the visit was reserved is not known yet; look again in a moment")
        if (row.slot_start, row.slot_end) == (start, end):
            return row
        if endpoint is None or row.by_hand:
            visits.shift(row, start, end, at=at, actor=actor)
            _proposed(row, at, actor)
            _visit_settled(order, row.partner_order, row, at, actor)
            return row
        _ask(row, {"verb": "rebook", "start": start.isoformat(), "end": end.isoformat()}, at)
    return _answered(row, at, actor, lambda: tmf646.change(endpoint, row.partner_ref, start, end))


def _proposed(row: Appointment, at: datetime, actor: User | None) -> None:
    if row.partner_order is not None:
        text = f"Another visit proposed: {visits.words(row.slot_start, row.slot_end)}. Please confirm."
        send(row.partner_order, "answer", at=at, actor=actor, changes={"information": text})


def cancel_appointment(*, actor: User | None, at: datetime, appointment: Appointment, reason: str = "") -> Appointment:
    """Give a slot back. A second click is a no-op. Raises IllegalTransition, SlotRefused, OutcomeUnknown."""
    endpoint = _endpoint(appointment)
    with transaction.atomic():
        order, row = _open(actor, appointment)
        if row.state == "cancelled":
            return row
        if not row.open:
            raise IllegalTransition(f"the visit is {row.get_state_display().lower()}: nothing to cancel")
        if endpoint is None or row.by_hand or not row.partner_ref:
            visits.move(row, "cancelled", at=at, actor=actor, outcome_text=reason[:500])
            _refold(order, row)
            return row
        _ask(row, {"verb": "cancel", "reason": reason[:500]}, at)
    return _answered(
        row, at, actor, lambda: tmf646.change(endpoint, row.partner_ref, row.slot_start, row.slot_end, "cancelled")
    )


def record_outcome(
    *,
    actor: User | None,
    at: datetime,
    appointment: Appointment,
    outcome: str,
    reason: str = "",
    text: str = "",
    clock_owner: str = "",
) -> Appointment:
    """What came of a visit: completed, missed (the partner's) or failed (ours, our customer's) (R23).

    A missed or failed visit holds the order up until there is a new one. Raises ValueError, IllegalTransition.
    """
    if outcome not in OUTCOMES:
        raise ValueError("outcome: choose completed, missed or failed.")
    owner = _owner(outcome, reason, clock_owner)
    with transaction.atomic():
        order, row = _open(actor, appointment)
        if row.state == outcome:
            return row
        reason = visits.MISSED if outcome == "missed" else reason
        told = {"outcome_reason": reason, "outcome_text": text.strip()[:500], "outcome_owner": owner}
        visits.move(row, outcome, at=at, actor=actor, why=text, **(told if outcome != "completed" else {}))
        part = row.partner_order
        if order is not None and part is not None and outcome != "completed" and not part.ended:
            kind = "DELAY" if owner == "partner" else "REAPPOINT"
            fact = append(
                part,
                kind,
                key=f"visit:{row.pk}:{outcome}",
                at=at,
                actor=actor,
                reason=reason,
                text=text,
                clock_owner=owner,
            )
            settle(order, {part.pk}, {fact} if fact else set(), at)
        else:
            _refold(order, row)
    return row


def _owner(outcome: str, reason: str, owner: str) -> str:
    if outcome == "completed":
        return ""
    if outcome == "missed":
        return ClockOwner.PARTNER.value
    if reason not in visits.FAILED:
        raise ValueError(f"reason: a failed visit has one of {', '.join(sorted(visits.FAILED))}.")
    owner = owner or REASON_CLOCK[reason]
    if owner not in (ClockOwner.US, ClockOwner.END_CUSTOMER):
        raise ValueError("clock_owner: a failed visit is ours or our customer's; otherwise it was missed.")
    return owner


# -- what the partner answered
def _answered(row: Appointment, at: datetime, actor: User | None, call: Callable[[], Visit]) -> Appointment:
    """Ask the partner and write its answer. The row already says what was asked."""
    operator = row.operator
    try:
        found = call()
    except Unclear as error:
        Appointment.objects.filter(pk=row.pk).update(outcome_text=f"{operator} has not answered: {error}"[:500])
        text = f"{operator} has not answered in time. Whether it was done is looked up; this page will say so."
        raise OutcomeUnknown(text) from error
    except (Refused, NotDone) as error:
        refuse(row, str(error), at=at, actor=actor)
        raise SlotRefused(f"{operator}: {error}") from error
    return adopt(row, found, at=at, actor=actor)


def refuse(row: Appointment, why: str, *, at: datetime, actor: User | None) -> None:
    """Nothing came of what we asked: a new visit ends, an open one stands as it was."""
    with transaction.atomic():
        order, row = _open(None, row)
        if row.state == "requested":
            visits.move(row, "refused", at=at, actor=actor, outcome_text=why[:500])
        else:
            asked = row.asked.get("verb", "")
            Appointment.objects.filter(pk=row.pk).update(asked={}, asked_at=None, outcome_text=why[:500])
            row.asked, row.asked_at, row.outcome_text = {}, None, why[:500]
            visits.tell(row, "change_refused", at=at, actor=actor, verb=f"visit: partner refused to {asked}", why=why)
        _refold(order, row)


def adopt(row: Appointment, found: Visit, *, at: datetime, actor: User | None) -> Appointment:
    """Take what lies at the partner as what is: state, slot, its id, and until when it is reserved."""
    with transaction.atomic():
        order, row = _open(None, row)
        if found.ref and not row.partner_ref:
            row.partner_ref = found.ref
            row.save(update_fields=["partner_ref"])
        start, end = found.start or row.slot_start, found.end or row.slot_end
        if (start, end) != (row.slot_start, row.slot_end):
            visits.shift(row, start, end, at=at, actor=actor)
        if found.state and found.state != row.state and found.state in Appointment.TRANSITIONS[row.state]:
            until = found.reserved_until if found.state == "reserved" else None
            visits.move(row, found.state, at=at, actor=actor, reserved_until=until, outcome_text="")
        else:
            until = found.reserved_until if row.state == "reserved" else row.reserved_until
            values: dict[str, Any] = {"asked": {}, "asked_at": None, "reserved_until": until, "warned_at": None}
            Appointment.objects.filter(pk=row.pk).update(**values)
        row.refresh_from_db()
        _visit_settled(order, row.partner_order, row, at, actor)
    return row


def _visit_settled(
    order: Order | None, part: PartnerOrder | None, row: Appointment, at: datetime, actor: User | None
) -> None:
    """There is a slot again: what waited for one goes on."""
    if order is None or part is None:
        return
    flags = part.flags.select_related("fact").filter(closed_at=None, kind__in=("pending", "held"))
    keys = [
        flag.fact.dedupe_key for flag in flags if flag.fact.update_type == "REAPPOINT" or flag.reason in ABOUT_A_VISIT
    ]
    if keys and row.state in ("reserved", "confirmed"):
        slot = visits.words(row.slot_start, row.slot_end)
        key = f"visit:{row.pk}:{row.slot_start.isoformat()}"
        fact = append(part, "ANSWERED", key=key, at=at, actor=actor, answers=keys, text=f"New visit: {slot}")
        settle(order, {part.pk}, {fact} if fact else set(), at)
    else:
        refold_locked([part.pk])


# -- small things
def _locked(actor: User | None, partner_order: PartnerOrder, guard: Guard = own) -> tuple[Order, PartnerOrder]:
    order = lock(partner_order.order_id)
    guard(actor, order)
    wanted = ("item__offering", "operator", "order__customer", "order__address", "order__organisation")
    return order, PartnerOrder.objects.select_related(*wanted).get(pk=partner_order.pk)


def _open(actor: User | None, appointment: Appointment, guard: Guard = own) -> tuple[Order | None, Appointment]:
    """The order locked, then the visit as it is now."""
    part = appointment.partner_order
    if part is None:
        return None, visits.lock(appointment)
    order, row = _locked(actor, part, guard)
    fresh = visits.lock(appointment)
    fresh.partner_order = row
    return order, fresh


def _bookable(order: Order, row: PartnerOrder) -> None:
    if row.state not in BOOKABLE or row.operator.on_net_of_id == order.organisation_id:
        raise IllegalTransition(f"the order at {row.operator} is {row.get_state_display().lower()}: no visit now")
    if Appointment.objects.filter(partner_order=row).open().exists():
        raise IllegalTransition("there is a visit already: re-book it, or cancel it first")


def _ask(row: Appointment, asked: dict[str, Any], at: datetime) -> None:
    if row.asked_at is not None:
        raise IllegalTransition("the partner has not answered the last question about this visit; look again soon")
    row.asked, row.asked_at = asked, at
    row.save(update_fields=["asked", "asked_at"])


def _refold(order: Order | None, row: Appointment) -> None:
    """The order's next action may name the visit."""
    if order is not None and row.partner_order_id is not None:
        refold_locked([row.partner_order_id])


def _endpoint(appointment: Appointment) -> Endpoint | None:
    part = appointment.partner_order
    return books_online(partner_order=part) if part is not None and not appointment.by_hand else None


def _about(partner_order: PartnerOrder, made: Appointment | None = None) -> About:
    order = partner_order.order
    contact = ", ".join(part for part in (order.contact_name, order.contact_phone) if part)
    leg = leg_of(partner_order)
    return About(
        key=made.our_key if made else partner_order.our_key,
        order_id=(leg.external_id if leg else "") or partner_order.partner_ref or partner_order.our_key,
        postcode=order.postcode,
        address=order.place_text,
        contact=contact,
    )


def _period(start: datetime, end: datetime, at: datetime) -> None:
    if not start < end <= start + LONGEST_SLOT:
        raise ValueError("end: the slot ends later than it begins, and within a day.")
    if end <= at:
        raise ValueError("start: the slot is past. Choose a later one.")
