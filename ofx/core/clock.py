"""The one place that reads the clock. Domain code takes `at=`; views, tasks and commands call now()."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """Aware UTC time, moved by OFX_CLOCK_OFFSET seconds (tests and demonstrations only)."""
    return timezone.now() + timedelta(seconds=settings.CLOCK_OFFSET)
