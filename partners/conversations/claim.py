"""The claim: which worker may work which row, in one statement each (HUB 3.2, items 11 to 14).

Leases, pauses and the pace are measured by the database's clock, never by a worker's. A row is one worker's own until
its lease ends; every write-back is fenced on (id, attempt, worker), so a slow worker cannot undo the next one.
"""

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

CONCURRENCY = 8  # live leases an endpoint at once, over all workers
INBOX_LEASE_SECONDS = 60
DRAIN_LOCK = 0x0F4  # first half of the advisory lock of an endpoint's drainer

# gate: the endpoint may deliver now, and how much of its pace and concurrency is free. An open breaker lets one
# message through once its pause is over (half-open). due: no older unfinished row of the same leg; a dead one blocks
# if it says so. A burst of three seconds' worth of the cap lets a sweep every two seconds use all of it, so that no
# worker need wait for the pace.
OUTGOING = """
WITH gate AS MATERIALIZED (
    SELECT e.id, greatest(e.rate_per_minute, 1) / 60.0 AS per_second, statement_timestamp() AS now,
           greatest(e.paced_at, statement_timestamp()) AS paced,
           greatest(%(lease)s, e.timeout_seconds * 3) * interval '1 second' AS lease,
           e.failures >= %(breaker)s AS half_open
    FROM partners_endpoint e
    WHERE e.id = %(endpoint)s AND e.state = 'active'
      AND (e.open_until IS NULL OR e.open_until <= statement_timestamp())
      AND (e.slow_until IS NULL OR e.slow_until <= statement_timestamp())
    FOR NO KEY UPDATE OF e
), room AS MATERIALIZED (
    SELECT least(
        %(limit)s,
        CASE WHEN gate.half_open THEN 1 ELSE %(concurrency)s - (
            SELECT count(*) FROM partners_message l
            WHERE l.endpoint_id = gate.id AND l.state = 'queued' AND l.lease_until > gate.now) END,
        floor(1e-9 + gate.per_second
            * (greatest(3.0, 1.0 / gate.per_second) - extract(epoch FROM gate.paced - gate.now)))
    )::int AS free FROM gate
), due AS MATERIALIZED (
    SELECT m.id, m.last_outcome FROM partners_message m
    WHERE m.endpoint_id = %(endpoint)s AND m.direction = 'out' AND m.state = 'queued'
      AND m.next_attempt_at <= statement_timestamp()
      AND (m.lease_until IS NULL OR m.lease_until < statement_timestamp())
      AND NOT EXISTS (
          SELECT 1 FROM partners_message o
          WHERE o.leg_id = m.leg_id AND o.id < m.id AND o.direction = 'out'
            AND (o.state = 'queued' OR (o.state = 'failed' AND o.blocks)))
    ORDER BY m.id
    LIMIT greatest(0, coalesce((SELECT free FROM room), 0))
    FOR UPDATE OF m SKIP LOCKED
), taken AS MATERIALIZED (
    SELECT count(*) AS n FROM due
), spent AS (
    UPDATE partners_endpoint e
    SET paced_at = gate.paced + taken.n / gate.per_second * interval '1 second',
        open_until = CASE WHEN gate.half_open THEN gate.now + gate.lease ELSE e.open_until END
    FROM gate, taken
    WHERE e.id = gate.id AND taken.n > 0
)
UPDATE partners_message m
SET lease_until = gate.now + gate.lease, worker = %(worker)s, attempt = m.attempt + 1, last_outcome = 'unknown'
FROM due, gate WHERE m.id = due.id
RETURNING m.id, m.leg_id, m.attempt, due.last_outcome, extract(epoch FROM gate.lease)::float
"""

INCOMING = """
WITH due AS MATERIALIZED (
    SELECT m.id FROM partners_message m
    WHERE m.direction = 'in' AND m.state = 'stored' AND m.next_attempt_at <= statement_timestamp()
      AND (m.lease_until IS NULL OR m.lease_until < statement_timestamp())
    ORDER BY m.id
    LIMIT %(limit)s
    FOR UPDATE OF m SKIP LOCKED
)
UPDATE partners_message m
SET lease_until = statement_timestamp() + %(lease)s * interval '1 second', worker = %(worker)s, attempt = m.attempt + 1
FROM due WHERE m.id = due.id
RETURNING m.id, m.leg_id, m.attempt, '', %(lease)s::float
"""

POLLING = """
WITH due AS MATERIALIZED (
    SELECT e.id FROM partners_endpoint e
    WHERE e.id = %(endpoint)s AND (e.poll_seconds > 0 OR e.hub_id = '') AND e.state <> 'auth_failed'
      AND (e.next_poll_at IS NULL OR e.next_poll_at <= statement_timestamp())
      AND (e.open_until IS NULL OR e.open_until <= statement_timestamp())
      AND (e.poll_lease_until IS NULL OR e.poll_lease_until < statement_timestamp())
    FOR NO KEY UPDATE OF e SKIP LOCKED
)
UPDATE partners_endpoint e SET poll_lease_until = statement_timestamp() + %(lease)s * interval '1 second'
FROM due WHERE e.id = due.id
RETURNING e.id
"""

DUE_ENDPOINTS = """
SELECT DISTINCT m.endpoint_id FROM partners_message m JOIN partners_endpoint e ON e.id = m.endpoint_id
WHERE m.direction = 'out' AND m.state = 'queued' AND m.next_attempt_at <= statement_timestamp()
  AND (m.lease_until IS NULL OR m.lease_until < statement_timestamp())
  AND e.state = 'active'
  AND (e.open_until IS NULL OR e.open_until <= statement_timestamp())
  AND (e.slow_until IS NULL OR e.slow_until <= statement_timestamp())
ORDER BY m.endpoint_id
"""


@dataclass(frozen=True)
class Claim:
    """One row that is ours until the lease ends. `before`: how the attempt before this one ended, "" for none."""

    id: int
    leg_id: int | None
    attempt: int
    before: str
    lease: float
    worker: str

    @property
    def fence(self) -> dict[str, object]:
        """The condition of every write-back: 0 rows mean that the lease was lost."""
        return {"pk": self.id, "attempt": self.attempt, "worker": self.worker}


def worker_name() -> str:
    """A name that no other claim has ever had."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def claim_outgoing(endpoint_id: int, limit: int, worker: str) -> list[Claim]:
    """Up to `limit` due messages of an endpoint, oldest first, at most one a leg."""
    return _claims(OUTGOING, worker, endpoint=endpoint_id, limit=limit, lease=settings.HUB_LEASE_SECONDS)


def claim_incoming(limit: int, worker: str) -> list[Claim]:
    """Up to `limit` stored messages that nobody has read yet, oldest first."""
    return _claims(INCOMING, worker, limit=limit, lease=INBOX_LEASE_SECONDS)


def _claims(statement: str, worker: str, **values: int) -> list[Claim]:
    given: dict[str, int | str] = {
        "worker": worker,
        "breaker": settings.HUB_BREAKER_FAILURES,
        "concurrency": CONCURRENCY,
        **values,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows = cursor.fetchall()
    made = [Claim(id, leg, attempt, before, lease, worker) for id, leg, attempt, before, lease in rows]
    return sorted(made, key=lambda claim: claim.id)


def claim_poll(endpoint_id: int, lease: int) -> bool:
    """Whether this endpoint is due to be polled or subscribed to, and is ours now."""
    with connection.cursor() as cursor:
        cursor.execute(POLLING, {"endpoint": endpoint_id, "lease": lease})
        return cursor.fetchone() is not None


@contextmanager
def alone(endpoint_id: int) -> Iterator[bool]:
    """Whether we are the only one who drains this endpoint: one slow partner must not take every worker.

    Whoever comes second leaves at once; what it was woken for is found by the first, or by the next sweep.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [DRAIN_LOCK, endpoint_id])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [DRAIN_LOCK, endpoint_id])


def due_endpoints() -> list[int]:
    """Endpoints that have something to deliver now."""
    with connection.cursor() as cursor:
        cursor.execute(DUE_ENDPOINTS)
        return [int(row[0]) for row in cursor.fetchall()]
