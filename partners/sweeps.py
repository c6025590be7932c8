"""The sweeps of this package: the same functions that the wake-up tasks call, found by rows alone (HUB 4.3)."""

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from partners.agreements import actions as agreements
from partners.conversations import delivery, inbox, polling, retention
from partners.conversations.claim import due_endpoints
from partners.coverage import loading
from partners.reach import actions as reach

SWEEP_BUDGET = 10.0  # seconds an endpoint: one slow partner must not keep the sweep from the others


@sweep("deliveries")
def deliveries() -> int:
    """Deliver everything that is due, endpoint by endpoint."""
    return sum(delivery.drain(endpoint_id, now, budget=SWEEP_BUDGET)[0] for endpoint_id in due_endpoints())


@sweep("inbox")
def read_inbox() -> int:
    """Read what was stored and not read."""
    return inbox.read_due(now)


@sweep("polling")
def ask() -> int:
    """Poll the endpoints that are due, and ask for stale cases."""
    return polling.poll_due(now) + polling.refresh_due(now)


@sweep("retention")
def forget() -> int:
    """Empty the bodies of messages whose case ended long ago."""
    return retention.forget(at=now())


@sweep("imports")
def load_files() -> int:
    """Load uploaded coverage files that wait, end loads that died, prune old versions."""
    return loading.sweep(now)


@sweep("agreements")
def end_agreements() -> int:
    """Agreements whose last day is over become ended."""
    return agreements.end_due(at=now())


@sweep("reach")
def count_reach() -> int:
    """Count new footprints, and the reach of tenants whose footprints or agreements changed."""
    return reach.sweep(clock=now)
