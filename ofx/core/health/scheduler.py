"""Celery beat's scheduler, which says that it is alive while it ticks."""

import time
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from ofx.core.health.actions import beat

EVERY_SECONDS = 3.0


class Scheduler(DatabaseScheduler):
    """The database scheduler with a heartbeat from its own loop."""

    _beat_at = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One turn of the loop, and a heartbeat every three seconds. Returns seconds until the next turn."""
        if time.monotonic() - self._beat_at >= EVERY_SECONDS:
            self._beat_at = time.monotonic()
            beat(part="scheduler")
        return min(super().tick(*args, **kwargs), EVERY_SECONDS)
