"""Thin tasks: an id in, one call. Losing one delays work by one sweep."""

from celery import shared_task

from ofx.core.clock import now
from ofx.search.bulk import running

HOUR = 3600  # the lease, not this limit, tells a dead worker


@shared_task(soft_time_limit=HOUR, time_limit=HOUR + 60, name="ofx.search.bulk.tasks.run")
def run(run_id: int) -> None:
    """Work one file of places."""
    running.run(run_id, now)
