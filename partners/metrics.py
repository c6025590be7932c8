"""Numbers of the way to the partners, for `/metrics`."""

from collections.abc import Iterator

from django.conf import settings

from ofx.core.health.gauges import Gauge, gauges, rows

# The most overdue first, by the index that the claim uses.
QUEUE = """
WITH queue AS MATERIALIZED (
    SELECT id, leg_id, created_at FROM partners_message
    WHERE state = 'queued' ORDER BY next_attempt_at, id LIMIT %(limit)s
)
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0),
    count(*) FILTER (WHERE EXISTS (
        SELECT FROM partners_message o WHERE o.leg_id = queue.leg_id AND o.id < queue.id AND o.direction = 'out'
            AND (o.state = 'queued' OR (o.state = 'failed' AND o.blocks))))
FROM queue
"""
FAILED = """
SELECT count(*) FROM (
    SELECT FROM partners_message WHERE state IN ('queued', 'failed') AND state = 'failed' LIMIT %(limit)s) failed
"""
INBOX = "SELECT count(*) FROM (SELECT FROM partners_message WHERE state = 'stored' LIMIT %(limit)s) stored"
ENDPOINTS = """
SELECT id, name, kind, coalesce(open_until > statement_timestamp() OR failures >= %(breaker)s, false), state = 'active',
    extract(epoch FROM clock_timestamp() - last_sync_at)
FROM partners_endpoint ORDER BY id LIMIT 1000
"""
IMPORTS = "SELECT state, count(*) FROM partners_import WHERE state IN ('queued', 'running') GROUP BY state"


@gauges
def messages() -> Iterator[Gauge]:
    """Messages that wait, up to the limit; `blocked` ones wait for an older one of the same case."""
    [(queued, oldest, blocked)] = rows(QUEUE)
    [(failed,)], [(stored,)] = rows(FAILED), rows(INBOX)
    counts = {"queued": queued, "blocked": blocked, "failed": failed, "inbox": stored}
    for state, count in counts.items():
        words = "Messages by state, counted up to 20,000; blocked is a part of queued, inbox is not yet read"
        yield Gauge("ofx_messages", words, count, {"state": state})
    yield Gauge("ofx_messages_oldest_seconds", "Age of the oldest message that is not delivered", oldest)


@gauges
def endpoints() -> Iterator[Gauge]:
    """For each endpoint whether its breaker is open, whether it delivers, and when it was last heard."""
    for pk, name, kind, broken, active, silent in rows(ENDPOINTS, breaker=settings.HUB_BREAKER_FAILURES):
        labels = {"endpoint": str(pk), "name": name, "kind": kind}
        yield Gauge("ofx_endpoint_breaker_open", "1 while deliveries pause after failures in a row", broken, labels)
        yield Gauge("ofx_endpoint_active", "0 while suspended or its credentials are refused", active, labels)
        if silent is not None:
            yield Gauge("ofx_endpoint_silent_seconds", "Time since the partner last answered or told", silent, labels)


@gauges
def imports() -> Iterator[Gauge]:
    """Coverage files that wait or are being loaded."""
    found = dict(rows(IMPORTS))
    for state in ("queued", "running"):
        yield Gauge("ofx_imports", "Coverage files by state", found.get(state, 0), {"state": state})
