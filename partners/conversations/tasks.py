"""Thin tasks: an id in, one call. Losing any of them delays work by one sweep (HUB 4.3)."""

from celery import shared_task

from ofx.core.celery_wake import wake
from ofx.core.clock import now
from partners.conversations import delivery, inbox, polling


@shared_task
def deliver(endpoint_id: int) -> None:
    """Deliver what is due at one endpoint; rings again where the budget ended before the work."""
    _, more = delivery.drain(endpoint_id, now)
    if more:
        wake("partners.conversations.tasks.deliver", endpoint_id)


@shared_task
def read_inbox() -> None:
    """Read what was stored; rings again where a whole batch was full."""
    if inbox.read_due(now) >= 200:
        wake("partners.conversations.tasks.read_inbox")


@shared_task
def poll(endpoint_id: int) -> None:
    """Poll one endpoint if it is due."""
    polling.poll(endpoint_id, now)


@shared_task
def refresh() -> None:
    """Ask for the cases that are due to be asked for."""
    polling.refresh_due(now)
