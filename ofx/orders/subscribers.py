"""What orders learn from below and from themselves."""

from ofx.core.clock import now
from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ofx.orders import actions, unsolicited
from ofx.orders.judging import judge_partner_order

PREFIX = "partner_order:"


def _partner_order(event: Event) -> int | None:
    """The partner order that an event's leg carries; None where the leg carries something else."""
    subject = str(event.payload.get("leg_subject", ""))
    number = subject.removeprefix(PREFIX)
    return int(number) if subject.startswith(PREFIX) and number.isdigit() else None


@on("message.received")
def news_arrived(event: Event) -> None:
    """A partner's news becomes facts."""
    partner_order = _partner_order(event)
    if partner_order is not None:
        actions.apply_news(
            partner_order_id=partner_order,
            news=event.payload.get("news", ()),
            message_id=event.payload.get("message_id"),
            at=event.at,
        )


@on("message.failed")
def delivery_ended(event: Event) -> None:
    """A message of ours will never arrive."""
    partner_order = _partner_order(event)
    if partner_order is not None:
        actions.delivery_failed(
            partner_order_id=partner_order,
            message_id=event.payload["message_id"],
            verb=event.payload.get("verb", ""),
            reason=event.payload.get("reason", ""),
            at=event.at,
            tries=int(event.payload.get("round") or 0),
        )


@on("message.delivered")
def cancel_arrived(event: Event) -> None:
    """A partner weighs our cancel from the moment that it has it; a change without a date is then applied."""
    partner_order = _partner_order(event)
    if partner_order is None:
        return
    if event.payload.get("verb") == "cancel":
        actions.cancel_delivered(partner_order_id=partner_order)
    if event.payload.get("verb") == "amend" and not event.payload.get("differences"):
        actions.amend_delivered(partner_order_id=partner_order, at=event.at, message_id=event.payload["message_id"])


@on("message.unrouted")
def perhaps_a_cease(event: Event) -> None:
    """A partner may have ended a service of ours by itself."""
    unsolicited.look(message_id=event.payload["message_id"], at=event.at)


@on("order.completed", "order.accepted")
def items_may_follow(event: Event) -> None:
    """What waited for this item is sent now."""
    actions.send_waiting(order_id=event.payload["order_id"], at=now())


@on("order.completed", "order.rejected", "order.failed")
def availability_proved(event: Event) -> None:
    """What was said of the place was true, or was not."""
    number, done = event.payload["partner_order_id"], event.name == "order.completed"
    judge_partner_order(partner_order_id=number, confirmed=done, at=event.at)
