"""From an event of ours to notifications: one row for each subscription that wants it, in the order of the events."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from ofx.core.celery_wake import wake
from ofx.tmf.hub.catalogue import EVENTS
from ofx.tmf.hub.models import Notification, Subscription
from ofx.tmf.hub.wanted import wants
from ofx.tmf.rest.dates import stamp

NAMESPACE = uuid.UUID("6f1f2d0e-5b7c-4d7b-9d0c-0f5a7f3f6a10")
LOCK = 0x622  # first half of the advisory lock of a resource's teller


@dataclass(frozen=True, kw_only=True)
class News:
    """One event to be told. `document(version)` is the resource as that version writes it, None where it has none."""

    api: str
    resource: str  # what it is about; told in order
    event_type: str
    member: str  # the name under `event`, such as productOrder
    document: Callable[[str], dict[str, Any] | None]
    title: str
    description: str = ""
    correlation: str = ""
    field_path: str = ""


def subscriptions(organisation_id: int | None, api: str, since: datetime) -> list[Subscription]:
    """Subscriptions of a tenant at an API that were there when something happened."""
    if organisation_id is None:
        return []
    rows = Subscription.objects.filter(organisation_id=organisation_id, api=api, state="active", created_at__lte=since)
    return list(rows.order_by("pk"))


def one_at_a_time(number: int) -> None:
    """Two tellers of one resource wait for each other, so that the ids of its notifications follow its events."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, number % 2**31])


def tell(news: News, *, event_id: int, at: datetime, to: Sequence[Subscription], part: str = "") -> int:
    """Write the notifications of one event. Telling it again adds none. Returns how many are wanted.

    `part` tells several resources of one event apart.
    """
    identifier = uuid.uuid5(NAMESPACE, f"{event_id}:{news.event_type}" + (f":{part}" if part else ""))
    versions = EVENTS[news.api][news.event_type]
    bodies: dict[str, dict[str, Any] | None] = {}
    made = []
    for row in to:
        if row.version not in versions:
            continue
        if row.version not in bodies:
            bodies[row.version] = _body(news, identifier, row.version, at)
        body = bodies[row.version]
        if body is not None and wants(row.query, row.api, row.version, body):
            made.append(_row(row, news, identifier, body, at))
    if made:
        Notification.objects.bulk_create(made, ignore_conflicts=True)
        transaction.on_commit(partial(wake, "ofx.tmf.tasks.notify"), robust=True)
    return len(made)


def _row(row: Subscription, news: News, identifier: uuid.UUID, body: dict[str, Any], at: datetime) -> Notification:
    return Notification(
        organisation_id=row.organisation_id,
        subscription=row,
        resource=news.resource,
        event_id=identifier,
        event_type=news.event_type,
        body=body,
        next_attempt_at=at,
        created_at=at,
    )


def _body(news: News, identifier: uuid.UUID, version: str, at: datetime) -> dict[str, Any] | None:
    """The envelope; `timeOcurred` is spelt so in v4."""
    document = news.document(version)
    if document is None:
        return None
    made = {
        "eventId": str(identifier),
        "eventTime": stamp(at),
        "eventType": news.event_type,
        "correlationId": news.correlation,
        "domain": news.api,
        "title": news.title,
        "description": news.description,
        "timeOccurred" if version == "v5" else "timeOcurred": stamp(at),
        "@type": news.event_type,
    }
    if news.field_path and version == "v4":
        made["fieldPath"] = news.field_path
    return {name: value for name, value in made.items() if value} | {"event": {news.member: document}}
