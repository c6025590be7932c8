"""Which events of orders and services a buyer's system is told of as events of its inventory."""

from collections.abc import Callable
from typing import Any

from ofx.core.events.models import Event
from ofx.orders.models import ServiceRecord
from ofx.tmf.hub.telling import News, one_at_a_time, subscriptions, tell
from ofx.tmf.inventory.api import prepared
from ofx.tmf.inventory.faces import PRODUCT

TOLD = {
    "order.completed": ("ProductCreateEvent", "A product is live"),
    "service.ceased": ("ProductStateChangeEvent", "A product was ceased"),
    "service.changed": ("ProductAttributeValueChangeEvent", "A product was changed"),
}
NAMES = tuple(TOLD)


def fan_out(event: Event) -> None:
    """Write the notifications of an event."""
    to = subscriptions(event.organisation_id, PRODUCT.api, event.recorded_at)
    row = _service(event) if to else None
    if row is None:
        return
    one_at_a_time(row.item.order_id)
    event_type, title = TOLD[event.name]
    news = News(
        api=PRODUCT.api,
        resource=f"service:{row.pk}",
        event_type=event_type,
        member=PRODUCT.name,
        document=_document(row.pk),
        title=title,
        correlation=row.reference,
    )
    tell(news, event_id=event.pk, at=event.at, to=to)


def _service(event: Event) -> ServiceRecord | None:
    rows = ServiceRecord.objects.select_related("item")
    if "service_id" in event.payload:
        return rows.filter(pk=event.payload["service_id"]).first()
    return rows.filter(item__partner_order=event.payload["partner_order_id"]).first()


def _document(service_id: int) -> Callable[[str], dict[str, Any] | None]:
    def document(version: str) -> dict[str, Any] | None:
        row = prepared(ServiceRecord.objects.filter(pk=service_id), None).first()
        return PRODUCT.document(row) if row else None

    return document
