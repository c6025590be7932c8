"""Due work of orders, found in rows."""

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ofx.orders import actions
from ofx.orders.history import recompute_due


@sweep("orders")
def silence() -> int:
    """Tell of orders that fell silent and ask their partners."""
    return actions.mark_silent(at=now())


@sweep("promises")
def expectations() -> int:
    """How long stages last, and how long operators really take, from our own history."""
    return recompute_due(at=now())
