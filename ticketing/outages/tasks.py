"""Thin tasks: ids in, one call. Losing one delays work by one sweep."""

from celery import shared_task

from ofx.core.clock import now
from ticketing.outages import running

HOUR = 3600  # the lease, not this limit, tells a dead worker


@shared_task(soft_time_limit=HOUR, time_limit=HOUR + 60, name="ticketing.outages.tasks.work")
def work(job_id: int) -> None:
    """Work one job of an outage."""
    running.run(job_id, now)
