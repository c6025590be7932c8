"""What comes from below: a partner's news, the fate of our messages, and silence."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ofx.core.events.actions import publish
from ofx.orders.advice import chase
from ofx.orders.models import CancelRequest, Charge, Order, PartnerOrder
from ofx.orders.outbound import leg_of
from ofx.orders.refold import PARTNER_OWES, lock
from ofx.orders.settle import append, settle
from partners.conversations import actions as conversations
from partners.mapping.canonical import News
from partners.models import Message

# A partner's clock may run ahead of ours; news from further ahead than this counts as of its arrival.
AHEAD = timedelta(minutes=10)
KEPT = (
    "partner_ref", "reason", "raw_reason", "clock_owner", "text", "milestone", "committed_date", "target_date",
    "appointment", "charge", "outcome", "extra", "external_id",
)  # fmt: skip
REFUSED = {"amend": "AMEND_REFUSED", "cancel": "CANCEL_REFUSED"}


def apply_news(*, partner_order_id: int, news: Iterable[dict[str, Any]], message_id: int | None, at: datetime) -> int:
    """Append a partner's news (News.as_json) and fold. Returns how many facts were new; repeats are none."""
    with transaction.atomic():
        order_id = PartnerOrder.objects.values_list("order_id", flat=True).get(pk=partner_order_id)
        order = lock(order_id)
        row = PartnerOrder.objects.get(pk=partner_order_id)
        fresh = [fact for one in news if (fact := _append(row, News.from_json(one), message_id, at)) is not None]
        if fresh:
            settle(order, {row.pk}, fresh, at)
    return len(fresh)


def _append(row: PartnerOrder, one: News, message_id: int | None, at: datetime) -> int | None:
    plain = one.as_json()
    return append(
        row,
        one.update_type,
        key=one.dedupe_key,
        at=at,
        source="partner",
        issued_at=min(one.issued_at, at) if one.issued_at > at + AHEAD else one.issued_at,
        sequence=one.sequence,
        message_id=message_id,
        **{name: plain[name] for name in KEPT},
    )


def delivery_failed(
    *, partner_order_id: int, message_id: int, verb: str, reason: str, at: datetime, tries: int = 0
) -> None:
    """Delivery has ended for good: the order never left, or the partner will not hear of our change, cancel or answer.

    `tries`: how often a person had the message tried again, so that each failure is a fact of its own.
    """
    kind = "SEND_FAILED" if verb == "create" else REFUSED.get(verb, "INFORMATION_REQUIRED")
    told: dict[str, Any] = {"text": reason}
    charge = _charge_answered(partner_order_id, message_id) if verb == "answer" else None
    if charge is not None:  # our answer to a charge was not taken: the charge awaits one again
        kind, told = "CHARGE_REFUSED", {"text": reason, "charge": charge, "reason": "ECC_APPROVAL"}
    if kind == "INFORMATION_REQUIRED":  # an answer of ours did not arrive: the question is open again, on us
        told = {"text": f"Our answer could not be delivered: {reason}", "clock_owner": "us"}
    with transaction.atomic():
        row = PartnerOrder.objects.get(pk=partner_order_id)
        order = lock(row.order_id)
        key = f"failed:{message_id}:{tries}"
        fact = append(row, kind, key=key, at=at, source="system", message_id=message_id, **told)
        if fact is not None:
            settle(order, {row.pk}, {fact}, at)


def _charge_answered(partner_order_id: int, message_id: int) -> dict[str, Any] | None:
    """The charge that a message of ours answered, as the partner raised it; None where it answered something else."""
    canonical = Message.objects.filter(pk=message_id).values_list("canonical", flat=True).first() or {}
    changes = canonical.get("changes") or {}
    if "response" not in changes:
        return None
    rows = Charge.objects.filter(partner_order=partner_order_id, ident=str(changes.get("charge_id") or ""))
    row = rows.select_related("fact").first()
    return (row.fact.data.get("charge") or {}) if row else None


def cancel_delivered(*, partner_order_id: int) -> None:
    """The partner has our cancel and weighs it."""
    CancelRequest.objects.filter(partner_order=partner_order_id, state="requested").update(state="assessing")


def mark_silent(*, at: datetime, limit: int = 200) -> int:
    """Tell once of every partner order that is silent for longer than its stage's P90, and ask its partner (R28)."""
    due = PartnerOrder.objects.filter(silent_from__lte=at, state__in=PARTNER_OWES, silence_told_at=None).values_list(
        "pk", flat=True
    )
    return sum(_tell_silence(pk, at) for pk in list(due.order_by("silent_from")[:limit]))


def _tell_silence(partner_order_id: int, at: datetime) -> bool:
    with transaction.atomic():
        order = lock(PartnerOrder.objects.values_list("order_id", flat=True).get(pk=partner_order_id))
        row = PartnerOrder.objects.select_related("operator").get(pk=partner_order_id)
        if row.silence_told_at or row.silent_from is None or row.silent_from > at or row.state not in PARTNER_OWES:
            return False
        PartnerOrder.objects.filter(pk=row.pk).update(silence_told_at=at)
        since = row.last_news_at or row.submitted_at or row.silent_from
        Order.objects.filter(pk=order.pk).update(next_action=chase(row.operator.name, since, at))
        publish(
            "order.silent",
            f"partner_order:{row.pk}",
            at=at,
            organisation_id=order.organisation_id,
            order_id=order.pk,
            reference=order.reference,
            partner_order_id=row.pk,
            operator_id=row.operator_id,
            state=row.state,
            since=since.isoformat(),
        )
        leg = leg_of(row)
        if leg is not None and not leg.closed_at:
            conversations.refresh(leg=leg, at=at)
    return True
