"""cancelProductOrder: a wish to cancel, folded from what became of it at each operator."""

from datetime import datetime

from django.db import transaction

from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.orders import actions
from ofx.orders.models import CancelRequest, Order
from ofx.orders.vocabulary import ENDED
from ofx.tmf.product_order.models import CancelTask

OPEN = (CancelTask.State.ACKNOWLEDGED, CancelTask.State.IN_PROGRESS)


def ask(*, actor: User, order: Order, reason: str, requested_for: datetime | None, at: datetime) -> CancelTask:
    """Cancel an order; while a wish is open, asking again gives that same one.

    Raises IllegalTransition where nothing is left to cancel, PermissionDenied for a role that may not.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        known = CancelTask.objects.filter(order=order, state__in=OPEN).first()
        actions.request_cancel(actor=actor, order=order, reason=reason, at=at)
        if known:
            return known
        task = CancelTask.objects.create(
            organisation_id=order.organisation_id,
            order=order,
            reason=reason[:300],
            requested_for=requested_for,
            created_at=at,
        )
        subject = f"order:{order.pk}"
        told = {"order_id": order.pk, "task_id": task.pk}
        publish("cancel_task.asked", subject, at=at, organisation_id=order.organisation_id, **told)
        refold(order_id=order.pk, at=at)
        task.refresh_from_db()
    return task


def refold(*, order_id: int, at: datetime) -> None:
    """Fold the open wish of an order again, and tell when its state has changed."""
    with transaction.atomic():
        task = CancelTask.objects.select_for_update(of=("self",)).filter(order_id=order_id, state__in=OPEN).first()
        if task is None:
            return
        state = _state(task)
        if state == task.state:
            return
        task.state = state
        task.effective_at = at if state == CancelTask.State.DONE else None
        task.save(update_fields=["state", "effective_at"])
        told = {"order_id": order_id, "task_id": task.pk, "to": str(state)}
        publish("cancel_task.moved", f"order:{order_id}", at=at, organisation_id=task.organisation_id, **told)


def _state(task: CancelTask) -> CancelTask.State:
    """Done once all parts are cancelled; refused once nobody weighs it any more and something goes on."""
    parts = list(task.order.partner_orders.values_list("pk", "state"))
    asked = CancelRequest.objects.filter(partner_order__order=task.order, requested_at__gte=task.created_at)
    states = list(asked.values_list("state", flat=True))
    over = all(state in ENDED for _, state in parts)
    if not over and any(state in ("requested", "assessing") for state in states):
        return CancelTask.State.IN_PROGRESS if "assessing" in states else CancelTask.State.ACKNOWLEDGED
    if all(state == "cancelled" for _, state in parts) or (states and "refused" not in states):
        return CancelTask.State.DONE
    return CancelTask.State.FAILED if states else CancelTask.State.DONE


def refold_open(*, at: datetime, most: int = 500) -> int:
    """Fold every open wish again, the oldest first. Returns how many there are."""
    orders = list(CancelTask.objects.filter(state__in=OPEN).order_by("pk").values_list("order_id", flat=True)[:most])
    for order_id in orders:
        refold(order_id=order_id, at=at)
    return len(orders)
