"""Thin tasks: one call. Losing one delays the count by one sweep."""

from celery import shared_task

from ofx.core.clock import now
from partners.reach import actions

HOUR = 3600  # a footprint of ten million rows takes minutes; the lock keeps a second counter away


@shared_task(soft_time_limit=HOUR, time_limit=HOUR + 60)
def count_reach() -> None:
    """Count what is new: areas, footprints, tenants."""
    actions.refresh(clock=now, budget=HOUR / 2)
