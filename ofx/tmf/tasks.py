"""Thin tasks: losing one delays work by a sweep."""

from celery import shared_task

from ofx.core.clock import now
from ofx.tmf.hub import delivery


@shared_task
def notify() -> None:
    """Send the notifications that are due."""
    delivery.drain(now)
