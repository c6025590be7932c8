"""Thin tasks: ids in, one call."""

from celery import shared_task

from ofx.core import sweeps
from ofx.core.events.actions import handle


@shared_task
def handle_event(event_id: int, subscriber: str) -> None:
    """Run one subscriber on one event."""
    handle(event_id, subscriber)


@shared_task
def run_sweep(name: str) -> None:
    """Run one sweep; a second driver at the same moment is a no-op."""
    sweeps.run(name)
