"""Publish events and run their subscribers, exactly once each, whatever dies meanwhile."""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from ofx.core.celery_wake import wake
from ofx.core.events.models import Event, Failing, Handled
from ofx.core.events.registry import subscribers

log = logging.getLogger(__name__)


def publish(name: str, subject: str, *, at: datetime, organisation_id: int | None = None, **payload: Any) -> Event:
    """Insert the event in the caller's transaction; its subscribers are woken after the commit.

    `payload` holds ids and plain JSON values only.
    """
    listeners = list(subscribers(name))
    event = Event.objects.create(
        name=name,
        subject=subject,
        at=at,
        organisation_id=organisation_id,
        payload=payload,
        settled=not listeners,
    )
    for subscriber in listeners:
        transaction.on_commit(partial(wake, "ofx.core.tasks.handle_event", event.pk, subscriber), robust=True)
    return event


def handle(event_id: int, subscriber: str) -> bool:
    """Run one subscriber on one event unless it already ran. Returns whether it ran now.

    The Handled row is inserted first: a second worker waits on it and then finds that nothing is left to do.
    A failure is kept with its next time and never reaches the caller, so one bad subscriber holds up nobody.
    """
    event = Event.objects.get(pk=event_id)
    handler = subscribers(event.name).get(subscriber)
    if handler is None:
        return False
    try:
        with transaction.atomic():
            if not _claim(event_id, subscriber):
                return False
            handler(event)
            Failing.objects.filter(event=event, subscriber=subscriber).delete()
    except Exception as error:
        log.exception("subscriber failed", extra={"event_id": event_id, "subscriber": subscriber})
        _keep_failure(event_id, subscriber, error)
        return False
    _settle(event)
    return True


def handle_due(*, limit: int = 500, older_than: timedelta = timedelta(seconds=3)) -> int:
    """The sweep: run what was not dispatched, or failed and is due again. Returns how many handlers ran."""
    ran = 0
    horizon = timezone.now() - older_than
    resting = Failing.objects.filter(next_attempt_at__gt=timezone.now()).values("event_id")
    due = Event.objects.filter(settled=False, recorded_at__lt=horizon).exclude(pk__in=resting).order_by("pk")
    for event in due.prefetch_related("handled")[:limit]:
        done = {row.subscriber for row in event.handled.all()}
        ran += sum(handle(event.pk, key) for key in subscribers(event.name) if key not in done)
        _settle(event)
    return ran


def _claim(event_id: int, subscriber: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_handled (event_id, subscriber, at) VALUES (%s, %s, now())"
            " ON CONFLICT DO NOTHING RETURNING id",
            [event_id, subscriber],
        )
        return cursor.fetchone() is not None


def _keep_failure(event_id: int, subscriber: str, error: Exception) -> None:
    row, fresh = Failing.objects.get_or_create(
        event_id=event_id,
        subscriber=subscriber,
        defaults={"attempts": 1, "next_attempt_at": timezone.now() + timedelta(seconds=5), "error": repr(error)[:2000]},
    )
    if not fresh:
        pause = timedelta(seconds=min(3600, 5 * 2 ** min(row.attempts, 10)))
        Failing.objects.filter(pk=row.pk).update(
            attempts=F("attempts") + 1, next_attempt_at=timezone.now() + pause, error=repr(error)[:2000]
        )


def _settle(event: Event) -> None:
    done = set(Handled.objects.filter(event=event).values_list("subscriber", flat=True))
    if done.issuperset(subscribers(event.name)):
        Event.objects.filter(pk=event.pk, settled=False).update(settled=True)
