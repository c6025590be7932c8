"""Every write about watching and alerts."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ofx.core.accounts.models import User
from ofx.core.alerts.models import Alert, Watch
from ofx.core.alerts.subjects import Seen
from ofx.core.audit.actions import record


def watch(*, actor: User, thing: Seen, at: datetime) -> Watch:
    """Tell the person from now on what happens to the thing; a second call changes nothing."""
    with transaction.atomic():
        row, fresh = Watch.objects.get_or_create(
            user=actor, organisation_id=_acting(actor), subject=thing.subject, defaults={"created_at": at}
        )
        if fresh:
            _record(actor, thing.subject, "watches it", at)
    return row


def unwatch(*, actor: User, subject: str, at: datetime) -> None:
    """Tell the person no more; a second call changes nothing."""
    with transaction.atomic():
        gone, _ = Watch.objects.filter(user=actor, organisation_id=_acting(actor), subject=subject).delete()
        if gone:
            _record(actor, subject, "watches it no more", at)


def tell(
    *, people: Iterable[int], organisation_id: int, subject: str, text: str, url: str, key: str, at: datetime
) -> int:
    """Put an alert before each of the people (user ids), once per `key` however often it is told. Returns how many."""
    rows = [
        Alert(
            organisation_id=organisation_id,
            user_id=person,
            subject=subject,
            text=text[:300],
            url=url,
            key=key[:120],
            at=at,
        )
        for person in sorted(set(people))
    ]
    Alert.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def read(*, actor: User, at: datetime, alert: Alert | None = None) -> int:
    """Mark one alert, or all of the person's in this organisation, as read. Returns how many were unread."""
    rows = Alert.objects.visible_to(actor).filter(read_at=None)
    if alert is not None:
        rows = rows.filter(pk=alert.pk)
    return rows.update(read_at=at)


def _acting(actor: User) -> int:
    if actor.acting is None:
        raise PermissionDenied("You belong to no organisation, so there is nothing to watch.")
    return actor.acting.organisation_id


def _record(actor: User, subject: str, verb: str, at: datetime) -> None:
    record(actor=actor, subject=f"user:{actor.pk}", verb=verb, at=at, organisation_id=_acting(actor), about=subject)
