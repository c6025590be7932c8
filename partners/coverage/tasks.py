"""Thin tasks: an id in, one call. Losing one delays work by one sweep."""

from celery import shared_task

from ofx.core.clock import now
from partners.coverage import loading

HOUR = 3600  # a file of ten million rows takes minutes; the lease, not this limit, tells a dead worker


@shared_task(soft_time_limit=HOUR, time_limit=HOUR + 60)
def load_import(import_id: int) -> None:
    """Load one uploaded file."""
    loading.load(import_id, now)
