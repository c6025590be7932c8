"""Thin task: work one request."""

from celery import shared_task

from ofx.core.clock import now
from ofx.core.personal import actions


@shared_task
def work(request_id: int) -> None:
    """Do an export or erasure that was just asked for."""
    actions.work(request_id=request_id, at=now())
