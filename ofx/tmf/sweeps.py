"""Due work of the Open APIs, found in rows."""

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ofx.tmf.hub import delivery
from ofx.tmf.inquiry.actions import forget
from ofx.tmf.product_order import cancelling


@sweep("notifications")
def notifications() -> int:
    """Send what is due, and end what nobody has taken for days."""
    return delivery.drain(now) + delivery.give_up(now())


@sweep("orders")
def cancel_tasks() -> int:
    """Fold the open wishes to cancel again, whatever was lost on the way."""
    return cancelling.refold_open(at=now())


@sweep("orders")
def old_inquiries() -> int:
    """Delete what buyers' systems asked long ago."""
    return forget(at=now())
