"""Who is affected: services from inventory by the outage's keys, and tickets about places that fall under them."""

from datetime import datetime, timedelta

from django.db import connection

from ticketing.outages import holding
from ticketing.outages.keys import Scope, scope_of
from ticketing.outages.models import Outage, OutageChild
from ticketing.outages.statements import ATTACH, CALLED, COUNT, PLACES, SOME

CALLED_BEFORE = timedelta(hours=24)  # an open fault that is older than this before the outage is another one


def attach_chunk(outage: Outage, *, cursor: int, limit: int, at: datetime) -> tuple[int, int]:
    """Attach the next services. Returns the last service's id and how many were looked at; call in a transaction."""
    values = {**scope_of(outage).as_sql(), "cursor": cursor, "limit": limit, "started": start_of(outage), "at": at}
    with connection.cursor() as db:
        db.execute(ATTACH, values)
        last, seen, _ = db.fetchone()
        if seen:
            since = start_of(outage) - CALLED_BEFORE
            db.execute(CALLED, {"outage": outage.pk, "after": cursor, "upto": last, "since": since})
            called = [row[0] for row in db.fetchall()]
            holding.hold(outage, called, at=at)
    return (last or cursor), seen


def attach_places(outage: Outage, *, cursor: int, limit: int, at: datetime) -> tuple[int, int]:
    """Attach the next tickets about a place without a service. Returns the last ticket's id and how many they are."""
    scope, start = scope_of(outage), start_of(outage)
    with connection.cursor() as db:
        db.execute(PLACES, {**scope.as_sql(), "cursor": cursor, "limit": limit, "since": start - CALLED_BEFORE})
        found = db.fetchall()
    OutageChild.objects.bulk_create(
        (
            OutageChild(
                outage=outage, ticket_id=pk, customer_id=customer, attached_at=at, started_at=min(created, start)
            )
            for pk, customer, created in found
        ),
        ignore_conflicts=True,
    )
    holding.hold(outage, [row[0] for row in found], at=at)
    return (found[-1][0] if found else cursor), len(found)


def start_of(outage: Outage) -> datetime:
    """Since when its customers are without: planned work begins with its window."""
    return (outage.window_start if outage.planned else None) or outage.started_at


def affected(scope: Scope) -> tuple[int, int]:
    """How many live services, of how many customers."""
    with connection.cursor() as db:
        db.execute(COUNT, scope.as_sql())
        services, customers = db.fetchone()
    return services, customers


def some_affected(scope: Scope, limit: int = 1_000) -> list[int]:
    """Ids of the first affected services."""
    with connection.cursor() as db:
        db.execute(SOME, {**scope.as_sql(), "limit": limit})
        return [row[0] for row in db.fetchall()]
