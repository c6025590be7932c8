"""Append facts and settle what follows from them: fold, events, inventory, acceptance, items that waited."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.orders.differences import differences
from ofx.orders.models import AmendRequest, CancelRequest, Fact, Order, PartnerOrder
from ofx.orders.outbound import leg_of
from ofx.orders.refold import Refolded, alter_services, lock, record_services, refold_locked
from ofx.orders.visits import follow
from partners.conversations import actions as conversations

FINAL_CANCEL = ("accepted", "refused")
ORDER_FIELDS = ("contact_name", "contact_phone", "contact_email", "access_notes")


def append(partner_order: PartnerOrder, update_type: str, *, key: str, at: datetime, **values: Any) -> int | None:
    """Insert a fact unless its key is known. Returns its id, None where it was known.

    Values: source (us), issued_at (at), sequence, message_id, actor; all others go into `data`.
    """
    columns: dict[str, Any] = {name: values.pop(name) for name in ("sequence", "message_id", "actor") if name in values}
    row, fresh = Fact.objects.get_or_create(
        partner_order=partner_order,
        dedupe_key=key[:160],
        defaults={
            "update_type": update_type,
            "source": values.pop("source", "us"),
            "issued_at": values.pop("issued_at", at),
            "received_at": at,
            "data": {name: value for name, value in values.items() if value not in (None, "", [], {})},
            **columns,
        },
    )
    return row.pk if fresh else None


def tell(partner_order: PartnerOrder, update_type: str, *, key: str, at: datetime, **values: Any) -> bool:
    """Append one fact of ours and settle, under the order's lock. False where the fact was known already."""
    with transaction.atomic():
        order = lock(partner_order.order_id)
        fact = append(partner_order, update_type, key=key, at=at, **values)
        if fact is None:
            return False
        settle(order, {partner_order.pk}, {fact}, at)
        partner_order.refresh_from_db()
        return True


def settle(order: Order, partner_order_ids: Iterable[int], new_fact_ids: Iterable[int], at: datetime) -> None:
    """Fold these partner orders of a locked order, tell what changed, and do what follows. Runs in a transaction."""
    was = order.state
    fresh = frozenset(new_fact_ids)
    if fresh:
        follow(order, fresh)
    results = refold_locked(sorted(partner_order_ids), fresh)
    order.refresh_from_db()
    for result in results:
        _publish(order, result, at)
        _answer_cancel(result, at)
        answer_amends(order, result)
    if order.state != was:
        _publish_order(order, was, at)
    _close_legs(results, at)
    done = [result for result in results if result.after.completed_at and not result.before.completed_at]
    if done:
        _tell_services(alter_services(_about_services(done)), at)
        record_services(result.partner_order for result in done)
    _accept_alone(order, done, at)


def _about_services(done: list[Refolded]) -> list[PartnerOrder]:
    return [result.partner_order for result in done if result.partner_order.item.changes_service_id]


def _tell_services(altered: list[tuple[str, PartnerOrder]], at: datetime) -> None:
    for name, row in altered:
        service = row.item.changes_service_id
        publish(
            f"service.{name}",
            f"service:{service}",
            at=at,
            organisation_id=row.organisation_id,
            service_id=service,
            order_id=row.order_id,
            partner_order_id=row.pk,
            operator_id=row.operator_id,
            offering_id=row.item.offering_id,
        )


def _publish(order: Order, result: Refolded, at: datetime) -> None:
    row = result.partner_order
    common = {
        "order_id": order.pk,
        "reference": order.reference,
        "partner_order_id": row.pk,
        "operator_id": row.operator_id,
        "state": row.state,
        "holder": row.holder,
        "committed_date": row.committed_date.isoformat() if row.committed_date else None,
        "target_date": row.target_date.isoformat() if row.target_date else None,
    }
    for name, payload in differences(result.before, result.after):
        subject = f"partner_order:{row.pk}"
        publish(f"order.{name}", subject, at=at, organisation_id=order.organisation_id, **{**common, **payload})


def _publish_order(order: Order, was: str, at: datetime) -> None:
    payload = {"order_id": order.pk, "reference": order.reference, "from": was, "to": order.state}
    subject = f"order:{order.pk}"
    publish(f"product_order.{order.state}", subject, at=at, organisation_id=order.organisation_id, **payload)


def _close_legs(results: list[Refolded], at: datetime) -> None:
    """Nothing more is asked about what has ended; late news still finds it."""
    for result in results:
        if result.after.ended_at and not result.before.ended_at:
            leg = leg_of(result.partner_order)
            if leg is not None:
                conversations.close_leg(leg=leg, at=at)


def _answer_cancel(result: Refolded, at: datetime) -> None:
    """The fold decides what became of our wish to cancel."""
    for span in result.after.flags:
        if span.kind != "assessing_cancel" or span.closed_at is None:
            continue
        number = span.key.removeprefix("cancel:")
        state = "accepted" if result.after.state == "cancelled" else "refused"
        CancelRequest.objects.filter(pk=int(number), partner_order=result.partner_order).exclude(
            state__in=FINAL_CANCEL
        ).update(state=state, answered_at=at, answer=result.after.blocked_text[:300])


def answer_amends(order: Order, result: Refolded) -> None:
    """What became of our wishes to change; what the partner took is true of the order from now on."""
    row = result.partner_order
    if not any(span.kind == "assessing_amend" for span in result.after.flags):
        return
    for asked in AmendRequest.objects.filter(partner_order=row, state="requested"):
        kind, when, text = result.after.replies.get(f"amend:{asked.number}", ("", None, ""))
        if not kind and not result.after.ended_at:
            continue
        state = {"AMENDED": "accepted", "AMEND_REFUSED": "refused"}.get(kind, "overtaken")
        AmendRequest.objects.filter(pk=asked.pk).update(state=state, answered_at=when, answer=text)
        if state == "accepted":
            values = {name: value for name, value in asked.changes.items() if name in ORDER_FIELDS}
            if "requested_date" in asked.changes:
                values["requested_date"] = asked.changes["requested_date"]
            Order.objects.filter(pk=order.pk).update(**values)
        _tell_amend(order, row, asked, state, text, when or result.after.ended_at)


def _tell_amend(order: Order, row: PartnerOrder, asked: AmendRequest, state: str, text: str, at: Any) -> None:
    name = {"accepted": "amended", "refused": "amend_refused"}.get(state)
    if name:
        publish(
            f"order.{name}",
            f"partner_order:{row.pk}",
            at=at,
            organisation_id=order.organisation_id,
            order_id=order.pk,
            reference=order.reference,
            partner_order_id=row.pk,
            operator_id=row.operator_id,
            changes=asked.changes,
            answer=text,
        )


def _accept_alone(order: Order, done: list[Refolded], at: datetime) -> None:
    """Items without a test of ours are accepted by the system as soon as the partner has completed them."""
    fresh, rows = set(), set()
    for result in done:
        row = result.partner_order
        if result.after.state != "completed" or needs_test(row):
            continue
        fact = append(
            row, "ACCEPTED", key="accepted", at=at, source="system", text="Accepted by rule: no test is asked"
        )
        if fact is not None:
            fresh.add(fact)
            rows.add(row.pk)
            subject = f"partner_order:{row.pk}"
            record(actor=None, subject=subject, verb="accepted by rule", at=at, organisation_id=order.organisation_id)
    if rows:
        settle(order, rows, fresh, at)


def needs_test(row: PartnerOrder) -> bool:
    """Whether a person must test before acceptance: a rule of the operator, or of the item."""
    asked = str(row.item.characteristics.get("acceptance_test", "")).lower()
    return bool(row.operator.order_rules.get("acceptance_test")) or asked in ("yes", "required", "true")
