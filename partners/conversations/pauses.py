"""How long to wait before the next try (HUB item 20): exponential, full jitter, spanning days."""

import random
from datetime import timedelta

from django.conf import settings
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now

_chance = random.SystemRandom()
RETRY_AFTER_CAP = 3600.0
BREAKER_CAP = 900.0


def retry_pause(attempt: int, retry_after: float | None = None) -> timedelta:
    """The pause after the attempt of this number. What the partner asks for is a floor, clamped to an hour."""
    ceiling = min(settings.HUB_RETRY_CAP_SECONDS, settings.HUB_RETRY_SECONDS * 2 ** min(attempt - 1, 30))
    jitter = _chance.uniform(0, ceiling)
    floor = min(retry_after or 0.0, RETRY_AFTER_CAP)
    return timedelta(seconds=floor + jitter if floor else max(jitter, 0.05))


def slow_pause(retry_after: float | None) -> timedelta:
    """How long an endpoint that asked us to slow down is left alone."""
    asked = retry_after if retry_after is not None else float(settings.HUB_RETRY_SECONDS)
    return timedelta(seconds=min(max(asked, 0.5), RETRY_AFTER_CAP))


def breaker_pause(failures: int) -> timedelta:
    """How long an endpoint stays open after so many failures in a row."""
    over = max(0, failures - settings.HUB_BREAKER_FAILURES)
    return timedelta(seconds=min(BREAKER_CAP, settings.HUB_BREAKER_SECONDS * 2 ** min(over, 10)))


def from_now(pause: timedelta) -> ExpressionWrapper:
    """The database's time so far ahead: every pause is measured by its clock."""
    return ExpressionWrapper(Now() + pause, output_field=DateTimeField())
