"""Due work of orders, found in rows."""

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ofx.orders import actions
from ofx.orders.history import recompute_due


@sweep("orders")
def silence() -> int:
    """Tell of orders that fell silent and ask their partners; end charges that nobody answered in time."""
    at = now()
    return actions.mark_silent(at=at) + actions.lapse_charges(at=at)


@sweep("appointments")
def visits() -> int:
    """Look up what got no answer, warn of reservations that lapse, and end those that did."""
    at = now()
    return actions.look_up_unknown(at=at) + actions.expire_reservations(at=at) + actions.warn_of_lapsing(at=at)


@sweep("promises")
def expectations() -> int:
    """How long stages last, and how long operators really take, from our own history."""
    return recompute_due(at=now())
