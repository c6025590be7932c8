"""Ask the partners: lists of what changed, mailboxes, single stale cases. All of it feeds the one inbox (HUB 0.4)."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from partners.connectors.base import NotReached
from partners.connectors.registry import connector_for
from partners.conversations.claim import claim_poll
from partners.conversations.ingest import store_polled
from partners.conversations.models import Endpoint, Leg
from partners.conversations.outcome import attention, auth_failed
from partners.conversations.pauses import breaker_pause, from_now, slow_pause

log = logging.getLogger(__name__)
LEASE_SECONDS = 120
BUDGET_SECONDS = 50.0
REFRESH_BATCH = 20
PUSH_RETRY_SECONDS = 60  # until a partner that only pushes is asked again to notify us
NO_HUB = "none"  # this partner sends no notifications

STALE = """
WITH due AS MATERIALIZED (
    SELECT l.id FROM partners_leg l JOIN partners_endpoint e ON e.id = l.endpoint_id
    WHERE l.closed_at IS NULL AND l.next_refresh_at <= statement_timestamp() AND l.external_id <> ''
      AND e.kind <> 'email' AND e.state <> 'auth_failed'
      AND (e.open_until IS NULL OR e.open_until <= statement_timestamp())
      AND (e.slow_until IS NULL OR e.slow_until <= statement_timestamp())
    ORDER BY l.next_refresh_at
    LIMIT %(limit)s
    FOR UPDATE OF l SKIP LOCKED
)
UPDATE partners_leg l SET next_refresh_at = statement_timestamp() + %(every)s * interval '1 second'
FROM due WHERE l.id = due.id
RETURNING l.id
"""


def due_polls() -> list[int]:
    """Endpoints whose time to be polled has come, or to be asked for notifications where they only push."""
    due = Q(next_poll_at=None) | Q(next_poll_at__lte=Now())
    wanted = Q(poll_seconds__gt=0) | Q(hub_id="")
    rows = Endpoint.objects.filter(due, wanted).exclude(state="auth_failed")
    return list(rows.order_by("next_poll_at").values_list("pk", flat=True))


def poll_due(clock: Callable[[], datetime]) -> int:
    """Poll every endpoint whose time has come, as long as the budget lasts. Returns how many records were new."""
    started, found = time.monotonic(), 0
    for endpoint_id in due_polls():
        if time.monotonic() - started > BUDGET_SECONDS:
            break
        found += poll(endpoint_id, clock)
    return found


def poll(endpoint_id: int, clock: Callable[[], datetime]) -> int:
    """Poll one endpoint if it is due and nobody else is at it. Returns how many records were new."""
    if not claim_poll(endpoint_id, LEASE_SECONDS):
        return 0
    endpoint = Endpoint.objects.get(pk=endpoint_id)
    try:
        refused = _subscribed(endpoint)
        if refused and not endpoint.poll_seconds:
            raise refused
        found = _pages(endpoint, clock) if endpoint.poll_seconds else 0
    except NotReached as error:
        _not_reached(endpoint, error, clock())
        return 0
    except Exception:  # the next poll starts at the same cursor
        log.exception("polling failed", extra={"endpoint_id": endpoint_id})
        _done(endpoint, last_error="polling failed: see the log")
        return 0
    _done(endpoint, last_sync_at=clock(), last_error=str(refused or "")[:300])
    return found


def _subscribed(endpoint: Endpoint) -> NotReached | None:
    """Subscribe where we are not yet; why it failed, which keeps nobody from polling."""
    if not endpoint.hub_id:
        try:
            subscribe(endpoint)
        except NotReached as error:
            return error
    return None


def subscribe(endpoint: Endpoint) -> str:
    """Have the partner tell us of changes at our door; NONE is kept where it never tells. Raises NotReached."""
    callback = f"{settings.OFX_BASE_URL}/hooks/{endpoint.inbound_key}/"
    hub_id = connector_for(endpoint.kind).subscribe(endpoint, callback) or NO_HUB
    Endpoint.objects.filter(pk=endpoint.pk).update(hub_id=hub_id)
    endpoint.hub_id = hub_id
    return hub_id


def _pages(endpoint: Endpoint, clock: Callable[[], datetime]) -> int:
    """Rows and cursor of a page commit together: a crash repeats a page, it never skips one (item 6)."""
    found = 0
    for page in connector_for(endpoint.kind).poll(endpoint, clock()):
        with transaction.atomic():
            found += store_polled(endpoint, page.items, clock())
            if page.cursor:
                Endpoint.objects.filter(pk=endpoint.pk).update(poll_cursor=page.cursor)
        page.after_commit()
        _extend(endpoint)
    return found


def _extend(endpoint: Endpoint) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(poll_lease_until=from_now(timedelta(seconds=LEASE_SECONDS)))


def _done(endpoint: Endpoint, **values: object) -> None:
    pause = from_now(timedelta(seconds=endpoint.poll_seconds))
    Endpoint.objects.filter(pk=endpoint.pk).update(next_poll_at=pause, poll_lease_until=None, **values)


def _not_reached(endpoint: Endpoint, error: NotReached, at: datetime) -> None:
    """A poll that failed waits longer each time; refused credentials pause the endpoint."""
    if error.fault == "auth":
        auth_failed(endpoint.pk, str(error), at)
    usual = timedelta(seconds=endpoint.poll_seconds or PUSH_RETRY_SECONDS)
    pause = slow_pause(error.retry_after) if error.fault == "slow" else usual
    if endpoint.failures:
        pause = max(pause, breaker_pause(endpoint.failures))
    rows = Endpoint.objects.filter(pk=endpoint.pk)
    rows.update(next_poll_at=from_now(pause), poll_lease_until=None, last_error=str(error)[:300])


def refresh_due(clock: Callable[[], datetime], *, limit: int = REFRESH_BATCH) -> int:
    """Ask for cases from which nothing was heard for long. Returns how many were asked for."""
    with connection.cursor() as cursor:
        cursor.execute(STALE, {"limit": limit, "every": settings.HUB_REFRESH_SECONDS})
        ids = [row[0] for row in cursor.fetchall()]
    for leg_id in ids:
        fetch(leg_id, clock())
    return len(ids)


def fetch(leg_id: int, at: datetime) -> bool:
    """Ask the partner for one case now. Returns whether it told anything new."""
    leg = Leg.objects.select_related("endpoint", "conversation").get(pk=leg_id)
    if not leg.external_id:
        return False
    try:
        polled = connector_for(leg.endpoint.kind).fetch(leg.endpoint, leg.external_id)
    except NotReached as error:
        if error.fault == "auth":
            auth_failed(leg.endpoint_id, str(error), at)
        Endpoint.objects.filter(pk=leg.endpoint_id).update(last_error=str(error)[:300])
        return False
    if polled is None:
        if leg.endpoint.kind not in ("email", "portal"):
            attention(leg, f"{leg.endpoint.name} does not know {leg.external_id} any more", at)
        return False
    Endpoint.objects.filter(pk=leg.endpoint_id).update(last_sync_at=at)
    with transaction.atomic():
        return bool(store_polled(leg.endpoint, [polled], at))
