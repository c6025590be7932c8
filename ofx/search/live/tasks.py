"""Thin tasks: an id in, one call. Losing one delays an answer by one sweep."""

from celery import shared_task

from ofx.core.clock import now
from ofx.search.live import asking


@shared_task
def ask(endpoint_id: int) -> None:
    """Ask what is due at one endpoint."""
    asking.drain(endpoint_id, now)
