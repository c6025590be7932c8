"""Thin tasks. Losing one delays work by one sweep."""

from celery import shared_task

from ofx.core.clock import now
from ticketing.tickets.running import run_due


@shared_task(name="ticketing.tickets.tasks.run_tests")
def run_tests() -> None:
    """Run the service tests that are due."""
    run_due(now)
