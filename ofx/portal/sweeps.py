"""Due work of the portal, found in rows."""

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ofx.portal.digest.actions import send_due


@sweep("digest")
def digests() -> int:
    """Send the day's digest to each person whose day has begun."""
    return send_due(at=now())
