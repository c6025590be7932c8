"""What we do with an order that is under way: answer, change, cancel, try again, accept, judge."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from ofx.core.audit.actions import record
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.orders.actions.placing import own
from ofx.orders.models import CancelRequest, Flag, Order, PartnerOrder
from ofx.orders.outbound import leg_of, open_leg, outbound, send, told_by
from ofx.orders.refold import lock
from ofx.orders.settle import append, settle
from ofx.orders.validation import OrderInvalid, Problem
from ofx.orders.vocabulary import AT_PARTNER, ENDED, ClockOwner
from partners.conversations import actions as conversations
from partners.conversations.routing import way_to

CANCELLABLE = AT_PARTNER
# What people may record for an operator without a connection.
BY_HAND = {
    "ACKNOWLEDGED": "It took the order",
    "COMMITTED": "It commits to a date",
    "DELAY": "It is delayed",
    "RESUMED": "The delay is over",
    "COMPLETED": "It is done",
    "TERMINATED": "It refuses the order",
    "CANCELLED": "It took our cancel",
    "CANCEL_REFUSED": "It refuses our cancel",
    "AMENDED": "It took our change",
    "AMEND_REFUSED": "It refuses our change",
}


def _locked(actor: User | None, partner_order: PartnerOrder) -> tuple[Order, PartnerOrder]:
    """The order's row locked, and the partner order as it is now, for an actor who may write it."""
    order = lock(partner_order.order_id)
    own(actor, order)
    wanted = ("item__offering", "operator", "order__customer", "order__address", "order__organisation")
    return order, PartnerOrder.objects.select_related(*wanted).get(pk=partner_order.pk)


def _log(actor: User | None, row: PartnerOrder, verb: str, at: datetime, **data: Any) -> None:
    subject = f"partner_order:{row.pk}"
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=row.organisation_id, **data)


def _open_flags(row: PartnerOrder, *kinds: str) -> list[Flag]:
    return list(row.flags.select_related("fact").filter(kind__in=kinds, closed_at=None))


def answer_information(*, actor: User | None, partner_order: PartnerOrder, text: str, at: datetime) -> None:
    """Send what the partner asked for. Raises ValueError for an empty answer, IllegalTransition if nothing is asked."""
    text = text.replace("\x00", "").strip()
    if not text or len(text) > 2000:
        raise ValueError("Write the answer, at most 2,000 characters.")
    with transaction.atomic():
        order, row = _locked(actor, partner_order)
        flags = _open_flags(row, "pending")
        if not flags:
            raise IllegalTransition(f"{row.operator} is not waiting for an answer; look again")
        keys = [flag.fact.dedupe_key for flag in flags]
        fact = append(row, "ANSWERED", key=f"answer:{flags[-1].pk}", at=at, actor=actor, text=text, answers=keys)
        if fact is not None:
            send(row, "answer", at=at, actor=actor, changes={"information": text})
            _log(actor, row, "answered the partner", at, text=text)
            settle(order, {row.pk}, {fact}, at)


def request_cancel(*, actor: User | None, order: Order, reason: str, at: datetime) -> list[CancelRequest]:
    """Cancel what can be: items not sent are withdrawn at once, the others asked for at their partners.

    A second click asks nothing more. Raises ValueError without a reason, IllegalTransition when all has ended.
    """
    reason = reason.replace("\x00", "").strip()[:300]
    if not reason:
        raise ValueError("Say why: the partner will ask.")
    with transaction.atomic():
        order = lock(order.pk)
        own(actor, order)
        wanted = ("item__offering", "operator", "order__customer", "order__address", "order__organisation")
        rows = list(order.partner_orders.select_related(*wanted).order_by("pk"))
        if not rows or all(row.state in (*ENDED, "completed") for row in rows):
            raise IllegalTransition(f"order is {order.state}: there is nothing left to cancel")
        asked, touched, fresh = [], set(), set()
        for row in rows:
            request, fact = _cancel_one(actor, order, row, reason, at)
            asked += [request] if request else []
            if fact is not None:
                touched.add(row.pk)
                fresh.add(fact)
        if touched:
            subject = f"order:{order.pk}"
            record(
                actor=actor, subject=subject, verb="cancelled", at=at, organisation_id=order.organisation_id, why=reason
            )
            settle(order, touched, fresh, at)
    return asked


def _cancel_one(
    actor: User | None, order: Order, row: PartnerOrder, reason: str, at: datetime
) -> tuple[CancelRequest | None, int | None]:
    unsent = row.state in ("draft", "validated", "failed_to_send")
    on_net = row.operator.on_net_of_id == order.organisation_id
    if unsent or (row.state in CANCELLABLE and on_net) or _never_left(actor, row, reason, at):
        return None, append(row, "WITHDRAWN", key="withdrawn", at=at, actor=actor, text=reason)
    if row.state not in CANCELLABLE or row.cancel_requests.filter(state__in=["requested", "assessing"]).exists():
        return None, None
    request = CancelRequest.objects.create(partner_order=row, reason=reason, requested_by=actor, requested_at=at)
    fact = append(row, "CANCEL_REQUESTED", key=f"cancel:{request.pk}", at=at, actor=actor, text=reason)
    send(row, "cancel", at=at, actor=actor, reason=reason)
    return request, fact


def _never_left(actor: User | None, row: PartnerOrder, reason: str, at: datetime) -> bool:
    """Whether the partner has heard of nothing: then what is queued is taken back."""
    leg = leg_of(row) if row.state == "submitted" else None
    return leg is not None and conversations.withdraw(leg=leg, at=at, actor=actor, reason=reason)


def retry_send(*, actor: User | None, partner_order: PartnerOrder, at: datetime) -> None:
    """Send an order that failed to send once more, under the same key: found there, it is adopted and not repeated."""
    with transaction.atomic():
        order, row = _locked(actor, partner_order)
        if row.state != "failed_to_send":
            raise IllegalTransition(
                f"the order at {row.operator} is {row.get_state_display().lower()}: nothing to retry"
            )
        endpoint = way_to(operator=row.operator, organisation=order.organisation, at=at)
        if endpoint is None:
            raise OrderInvalid([Problem("items", f"There is no way to send to {row.operator}.", row.item.position)])
        number = row.facts.filter(update_type="SUBMITTED").count() + 1
        fact = append(row, "SUBMITTED", key=f"submitted:{number}", at=at, actor=actor)
        leg = open_leg(order, row, endpoint, at)
        told = outbound(row, recipients=told_by(endpoint))
        conversations.send(leg=leg, verb="create", order=told, at=at, actor=actor)
        _log(actor, row, "sent again", at)
        settle(order, {row.pk}, {fact} if fact else set(), at)


def complete_by_hand(*, actor: User | None, partner_order: PartnerOrder, at: datetime) -> None:
    """An item on our own network is done: staff say so."""
    with transaction.atomic():
        order, row = _locked(actor, partner_order)
        if row.operator.on_net_of_id != order.organisation_id or row.state not in AT_PARTNER:
            raise IllegalTransition("only an open item on our own network is completed by hand")
        fact = append(row, "COMPLETED", key="completed", at=at, actor=actor)
        if fact is not None:
            _log(actor, row, "completed by hand", at)
            settle(order, {row.pk}, {fact}, at)


def record_news(
    *,
    actor: User | None,
    partner_order: PartnerOrder,
    update_type: str,
    at: datetime,
    day: date | None = None,
    reason: str = "",
    partner_ref: str = "",
    text: str = "",
) -> None:
    """What an operator without a connection told us by telephone, letter or its own portal (R12).

    Raises ValueError for a kind that is not recorded so or lacks its date, IllegalTransition where a system tells us.
    """
    if update_type not in BY_HAND:
        raise ValueError("Choose what the operator said.")
    if update_type == "COMMITTED" and day is None:
        raise ValueError("A commitment needs its date.")
    with transaction.atomic():
        order, row = _locked(actor, partner_order)
        if row.state not in AT_PARTNER or leg_of(row) is not None or row.operator.on_net_of_id == order.organisation_id:
            raise IllegalTransition(
                "news is recorded by hand only for an open item at an operator without a connection"
            )
        told = {"text": text, "reason": reason, "partner_ref": partner_ref}
        told |= {"outcome": "rejected"} if update_type == "TERMINATED" else {}
        name = "committed_date" if update_type in ("COMMITTED", "AMENDED") else "target_date"
        told |= {name: day.isoformat()} if day else {}
        number = row.facts.count() + 1
        fact = append(row, update_type, key=f"hand:{number}", at=at, actor=actor, source="partner", **told)
        if fact is not None:
            _log(actor, row, "recorded the operator's news", at, news=update_type, text=text)
            settle(order, {row.pk}, {fact}, at)


def accept(*, actor: User | None, partner_order: PartnerOrder, at: datetime) -> None:
    """Our test is green: completed → accepted. A second click is a no-op."""
    with transaction.atomic():
        order, row = _locked(actor, partner_order)
        if row.state == "accepted":
            return
        if row.state != "completed":
            raise IllegalTransition(
                f"the order at {row.operator} is {row.get_state_display().lower()}: nothing to accept"
            )
        fact = append(row, "ACCEPTED", key="accepted", at=at, actor=actor)
        if fact is not None:
            _log(actor, row, "accepted", at)
            settle(order, {row.pk}, {fact}, at)


def judge_flag(*, actor: User | None, flag: Flag, verdict: str, owner: str, note: str, at: datetime) -> None:
    """Our verdict on a partner's claimed reason, beside the claim (R24). Raises ValueError on an unknown word."""
    permit(actor, "order.write")
    if verdict not in Flag.Verdict.values or (owner and owner not in ClockOwner.values):
        raise ValueError("Choose accepted or disputed, and who held it in our view.")
    if verdict == Flag.Verdict.DISPUTED and not (owner and note.strip()):
        raise ValueError("A dispute names who held it in our view, and why.")
    with transaction.atomic():
        row = flag.partner_order
        own(actor, lock(row.order_id))
        values = {"verdict": verdict, "verdict_owner": owner, "verdict_note": note.strip()[:500]}
        Flag.objects.filter(pk=flag.pk).update(**values)
        PartnerOrder.objects.filter(pk=row.pk).update(revision=F("revision") + 1)
        _log(actor, row, "judged a claim", at, reason=flag.reason, **values)
