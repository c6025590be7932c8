"""Due work of the portal, found in rows."""

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ofx.portal.bulk import placing
from ofx.portal.digest.actions import send_due
from ofx.portal.home.actions import refresh_figures


@sweep("digest")
def digests() -> int:
    """Send the day's digest to each person whose day has begun."""
    return send_due(at=now())


@sweep("figures")
def figures() -> int:
    """Count what the home page shows for each tenant that something happened to."""
    return refresh_figures(at=now())


@sweep("bulk")
def order_batches() -> int:
    """Batches of orders that wait, or whose worker died."""
    return placing.sweep(now)
