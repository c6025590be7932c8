"""What happens to live services and to orders that change their mind: cease, modify, charges for a cancel. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox import lifecycle
from sandbox.lifecycle import Order, World, change, promise, stamp

ONCE = "cease_refused_once"


def actions_of(request: Mapping[str, Any]) -> set[str]:
    """The actions of an order's items."""
    return {str(item.get("action")) for item in request.get("productOrderItem") or []}


def products_of(request: Mapping[str, Any]) -> list[str]:
    """The ids of the live products that the items are about."""
    items = request.get("productOrderItem") or []
    return [str((item.get("product") or {}).get("id") or "") for item in items]


def usual(request: Mapping[str, Any]) -> str:
    """The scenario of an order that is no installation; empty for one that is."""
    actions = actions_of(request)
    return "cease" if actions == {"delete"} else "modify" if actions == {"modify"} else ""


def unasked(order: Order) -> dict[str, Any]:
    """The request of a cease that the partner makes by itself: an order of its own, which nobody sent."""
    item = {"id": "1", "action": "delete", "product": {"id": order.id}}
    return {"description": "Unsolicited cease [scenario:cease]", "productOrderItem": [item]}


def cease(order: Order, world: World) -> None:
    """The service is off."""
    order.completed_on = stamp(world.at)
    change(order, world, "completed", state="completed", milestone="COMPLETED", text="Service ceased")


def alter(order: Order, world: World) -> None:
    """The service is another one now."""
    order.completed_on = stamp(world.at)
    change(order, world, "completed", state="completed", milestone="COMPLETED", text="Service changed")


def agree(order: Order, world: World) -> None:
    """KCI2 of a change without a visit: three working days, or the day asked for if that is later."""
    wanted = str(order.request.get("requestedCompletionDate") or "")
    order.committed = promise(world.at.date(), 3)
    if wanted and lifecycle.day_of(wanted) > lifecycle.day_of(order.committed):
        order.committed = lifecycle.end_of(lifecycle.day_of(wanted))
    order.expected = order.committed
    change(order, world, "committed", milestone="COMMITTED", text=f"Committed for {order.committed[:10]}")


def refuse_cease(order: Order, world: World) -> None:
    """The partner does not take the cease as it stands."""
    text = "The service was transferred to a new billing account this week; send the cease again"
    change(order, world, "terminated", state="rejected", reason="ORDER_DATA_ERROR", text=text)


def charge_for_cancel(order: Order, world: World) -> bool:
    """A cancel of this order costs money: raised once, it waits for consent. True while it waits."""
    if order.scenario != "cancel_charge":
        return False
    asked = next((row for row in order.charges if row["type"] == "cancellation"), None)
    if asked is None:
        asked = {
            "id": str(len(order.charges) + 1),
            "type": "cancellation",
            "status": "awaitingResponse",
            "blocking": True,
            "price": {"value": 85.0, "unit": "GBP"},
            "raisedOn": stamp(world.at),
            "respondBy": promise(world.at.date(), 5),
            "text": "The crew is planned: cancelling now costs this charge",
        }
        order.charges.append(asked)
        change(order, world, "update", text="A cancellation charge of GBP 85.00 awaits your consent")
    return asked["status"] == "awaitingResponse"


def answer_cancel_charge(order: Order, world: World, accepted: bool) -> None:
    """Consent lets the cancel go on; a refusal takes it back."""
    asked = lifecycle.open_charge(order)
    if asked is not None:
        asked["status"] = "completed" if accepted else "declined"
    if accepted:
        change(order, world, "update", text="Cancellation charge agreed")
    else:
        text = "CHARGE_DECLINED: the cancellation charge was declined; the order goes on"
        change(order, world, "cancel_refused", state=order.before_cancel, text=text)


EFFECTS: dict[str, Callable[[Order, World], None]] = {
    **lifecycle.EFFECTS,
    **{effect.__name__: effect for effect in (cease, alter, agree, refuse_cease)},
}
