"""What buyers' systems are told of."""

from ofx.core.clock import now
from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ofx.tmf.product_order import cancelling, telling


@on(*telling.NAMES)
def tell_buyers(event: Event) -> None:
    """An event of an order becomes notifications; a wish to cancel may have ended with it."""
    telling.fan_out(event, f"{__name__}.tell_buyers")
    if event.name in telling.STATES:
        cancelling.refold(order_id=int(event.payload["order_id"]), at=now())
