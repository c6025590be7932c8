"""Which of our events a buyer's system is told of, as which events of TMF622."""

from collections.abc import Callable, Iterator
from typing import Any

from ofx.core.events.models import Event
from ofx.orders.models import Order, PartnerOrder
from ofx.orders.vocabulary import State
from ofx.tmf.hub.telling import News, one_at_a_time, subscriptions, tell
from ofx.tmf.product_order.api import prepared
from ofx.tmf.product_order.faces import API, CANCEL, PRODUCT_ORDER
from ofx.tmf.product_order.models import CancelTask
from ofx.tmf.product_order.states import BUYERS_DRAFT, TASK, tmf622

Json = dict[str, Any]
# our event → (event of TMF622, title, the attribute that changed)
TOLD: dict[str, list[tuple[str, str, str]]] = {
    "order.target_moved": [
        ("ProductOrderAttributeValueChangeEvent", "The expected date moved", "expectedCompletionDate")
    ],
    "order.commitment_moved": [
        ("ProductOrderAttributeValueChangeEvent", "The committed date moved", "expectedCompletionDate")
    ],
    "order.acknowledged": [("ProductOrderMilestoneEvent", "The operator has acknowledged", "")],
    "order.committed": [
        ("ProductOrderMilestoneEvent", "The operator has committed to a date", ""),
        ("ProductOrderAttributeValueChangeEvent", "A date is committed", "expectedCompletionDate"),
    ],
    "order.completed": [("ProductOrderMilestoneEvent", "The operator has completed", "")],
    "order.pending": [("ProductOrderInformationRequiredEvent", "The operator waits for an answer", "note")],
    "order.charge_raised": [
        ("ProductOrderInformationRequiredEvent", "A charge waits for an answer", "orderTotalPrice")
    ],
    "order.jeopardy_opened": [("ProductOrderJeopardyAlertEvent", "The date is in danger", "")],
    "order.failed_to_send": [("ProductOrderErrorMessageEvent", "The operator was not reached", "")],
    "order.rejected": [("ProductOrderErrorMessageEvent", "The operator has refused", "")],
    "order.failed": [("ProductOrderErrorMessageEvent", "The order has failed", "")],
    "buyer_order.changed": [("ProductOrderAttributeValueChangeEvent", "The buyer changed it", "")],
    "order.fell_out": [
        ("ProductOrderErrorMessageEvent", "A person completes this order", ""),
        ("ProductOrderAttributeValueChangeEvent", "A person completes this order", "note"),
    ],
}
STATES = tuple(f"product_order.{state}" for state in State.values)
CANCELS = ("cancel_task.asked", "cancel_task.moved")
NAMES = (*TOLD, *STATES, "product_order.deleted", *CANCELS)


def fan_out(event: Event, subscriber: str) -> None:
    """Write the notifications of an event, and before them those of earlier events of the same order that were not
    handled yet: each order is told in the order in which things happened."""
    to = subscriptions(event.organisation_id, API, event.recorded_at)
    if not to:
        return
    order_id = int(event.payload["order_id"])
    one_at_a_time(order_id)
    for one in (*_earlier(event, order_id, subscriber), event):
        for news in news_of(one):
            tell(news, event_id=one.pk, at=one.at, to=[row for row in to if row.created_at <= one.recorded_at])


def _earlier(event: Event, order_id: int, subscriber: str) -> list[Event]:
    parts = PartnerOrder.objects.filter(order_id=order_id).values_list("pk", flat=True)
    subjects = [f"order:{order_id}", *(f"partner_order:{pk}" for pk in parts)]
    rows = Event.objects.filter(settled=False, pk__lt=event.pk, subject__in=subjects, name__in=NAMES)
    return list(rows.exclude(handled__subscriber=subscriber).order_by("pk"))


def news_of(event: Event) -> Iterator[News]:
    """What TMF622 says of one event of ours."""
    payload = event.payload
    if event.name in CANCELS:
        yield from _of_cancel(event)
    elif event.name == "product_order.deleted":
        yield _news(event, "ProductOrderDeleteEvent", "The order was deleted", document=_deleted(payload))
    elif event.name == "product_order.draft" and "from" not in payload:
        yield _news(event, "ProductOrderCreateEvent", "The order was taken")
    elif event.name in STATES and payload.get("from"):
        yield _news(
            event, "ProductOrderStateChangeEvent", f"The order is {tmf622(payload['to'])}", document=_moved(payload)
        )
    for event_type, title, path in TOLD.get(event.name, ()):
        yield _news(event, event_type, title, field_path=path or ",".join(event.payload.get("fields", ())))


def _news(
    event: Event,
    event_type: str,
    title: str,
    *,
    field_path: str = "",
    document: Callable[[str], Json | None] | None = None,
) -> News:
    order_id = int(event.payload["order_id"])
    return News(
        api=API,
        resource=f"order:{order_id}",
        event_type=event_type,
        member="productOrder",
        document=document or (lambda version: _order(order_id, version)),
        title=title,
        description=str(event.payload.get("text") or event.payload.get("reason") or ""),
        correlation=str(event.payload.get("reference") or f"order:{order_id}"),
        field_path=field_path,
    )


def _order(order_id: int, version: str) -> Json | None:
    """The order as it is now; None once it was deleted."""
    row = prepared(Order.objects.filter(pk=order_id), None, version).first()
    return PRODUCT_ORDER[version].document(row) if row else None


def _moved(payload: Json) -> Callable[[str], Json | None]:
    """The order with the state of the event, where that is a change in the version's words."""
    was, to = tmf622(payload["from"]), tmf622(payload["to"])

    def document(version: str) -> Json | None:
        if was == to and not (version == "v5" and payload["from"] in BUYERS_DRAFT and _was_draft(payload["order_id"])):
            return None
        found = _order(int(payload["order_id"]), version)
        return {**found, "state": to} if found else None

    return document


def _was_draft(order_id: int) -> bool:
    """Whether v5 has shown it as a draft: one made on a page, or sent as a draft."""
    row = Order.objects.select_related("buyer_order").filter(pk=order_id).first()
    buyer = getattr(row, "buyer_order", None)
    return buyer is None or bool(buyer.wish.get("draft"))


def _deleted(payload: Json) -> Callable[[str], Json]:
    """The order as it was last; one that was deleted elsewhere has left its id and an item."""

    def document(version: str) -> Json:
        found: Json = payload.get("last", {}).get(version, {})
        left = {"id": payload["reference"], "href": PRODUCT_ORDER[version].href(payload["reference"])}
        item = {"id": "1", "action": "noChange", "@type": "ProductOrderItem"}
        return found or {**left, "productOrderItem": [item], "@type": "ProductOrder"}

    return document


def _of_cancel(event: Event) -> Iterator[News]:
    payload = event.payload
    asked = event.name == "cancel_task.asked"

    def document(version: str) -> Json | None:
        row = CancelTask.objects.select_related("order").filter(pk=payload["task_id"]).first()
        if row is None:
            return None
        return {**CANCEL[version].document(row), "state": TASK["acknowledged" if asked else payload["to"]]}

    yield News(
        api=API,
        resource=f"order:{payload['order_id']}",
        event_type="CancelProductOrderCreateEvent" if asked else "CancelProductOrderStateChangeEvent",
        member="cancelProductOrder",
        document=document,
        title="A cancel was asked for" if asked else f"The cancel is {TASK[payload['to']]}",
        correlation=f"C{payload['task_id']}",
    )
