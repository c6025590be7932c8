"""Thin tasks: an id in, one call. Losing one delays work by one sweep."""

from celery import shared_task

from ofx.core.clock import now
from ofx.portal.bulk import placing

HOUR = 3600  # the lease, not this limit, tells a dead worker


@shared_task(soft_time_limit=HOUR, time_limit=HOUR + 60)
def place(batch_id: int) -> None:
    """Place the orders of one batch."""
    placing.place(batch_id, now)
