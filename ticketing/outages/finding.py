"""Who is affected: services from inventory by the outage's keys, and tickets about places that fall under them."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from ticketing.outages import holding
from ticketing.outages.keys import Scope, scope_of, sector
from ticketing.outages.models import Outage, OutageChild
from ticketing.outages.statements import ATTACH, CALLED, COUNT, SOME
from ticketing.tickets.models import Ticket

CALLED_BEFORE = timedelta(hours=24)  # an open fault that is older than this before the outage is another one
NOT_FAULTS = ("order", "billing")
MOST_PLACES = 2_000


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


def attach_places(outage: Outage, *, at: datetime) -> int:
    """Tickets about a place without a service become children, too. Returns how many are new."""
    scope = scope_of(outage)
    if scope.operator is not None and not (scope.sectors or scope.postcodes):
        return 0
    since = start_of(outage) - CALLED_BEFORE
    rows = Ticket.objects.filter(organisation_id=scope.organisation, service=None, created_at__gte=since)
    rows = rows.filter(state__in=["acknowledged", "in_progress", "pending", "held"]).exclude(fault_class__in=NOT_FAULTS)
    rows = rows.filter(Q(operator=None) | Q(operator_id=scope.operator)) if scope.operator else rows
    found = [row for row in rows.exclude(postcode="").order_by("pk")[:MOST_PLACES] if _falls(row, scope)]
    made = OutageChild.objects.bulk_create(
        (
            OutageChild(
                outage=outage, ticket=row, customer_id=row.customer_id, attached_at=at,
                started_at=min(row.created_at, start_of(outage)),
            )
            for row in found
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    holding.hold(outage, [row.pk for row in found], at=at)
    return len(made)


def _falls(row: Ticket, scope: Scope) -> bool:
    return row.postcode in scope.postcodes or sector(row.country, row.postcode) in scope.sectors


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
