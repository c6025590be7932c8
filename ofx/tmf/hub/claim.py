"""Which notifications may be sent now: leased in one statement, oldest of each resource first, few a callback."""

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

LEASE_SECONDS = 60
EACH = 4  # notifications of one callback under way at once
DRAIN = 0x622A7  # advisory lock of the one who drains

# gate: callbacks that may be posted to; one whose last tries failed gets a single probe. ranked: the oldest unfinished
# of each resource. The lease is asked again in `due`, since the row may have been taken meanwhile.
CLAIM = """
WITH gate AS MATERIALIZED (
    SELECT s.id, CASE WHEN s.failures >= %(breaker)s THEN 1 ELSE %(each)s END AS most
    FROM tmf_subscription s
    WHERE s.state = 'active' AND (s.open_until IS NULL OR s.open_until <= statement_timestamp())
), ranked AS MATERIALIZED (
    SELECT n.id, gate.most, row_number() OVER (PARTITION BY n.subscription_id ORDER BY n.id) AS place
    FROM tmf_notification n JOIN gate ON gate.id = n.subscription_id
    WHERE n.state = 'queued' AND n.next_attempt_at <= statement_timestamp()
      AND (n.lease_until IS NULL OR n.lease_until < statement_timestamp())
      AND NOT EXISTS (
          SELECT 1 FROM tmf_notification o
          WHERE o.subscription_id = n.subscription_id AND o.resource = n.resource
            AND o.state = 'queued' AND o.id < n.id)
), due AS MATERIALIZED (
    SELECT n.id FROM tmf_notification n JOIN ranked ON ranked.id = n.id
    WHERE ranked.place <= ranked.most AND n.state = 'queued'
      AND (n.lease_until IS NULL OR n.lease_until < statement_timestamp())
    ORDER BY n.id LIMIT %(limit)s
    FOR UPDATE OF n SKIP LOCKED
)
UPDATE tmf_notification n
SET lease_until = statement_timestamp() + %(lease)s * interval '1 second', worker = %(worker)s, attempt = n.attempt + 1
FROM due WHERE n.id = due.id
RETURNING n.id, n.attempt
"""


@dataclass(frozen=True)
class Claim:
    """One notification that is ours until its lease ends."""

    id: int
    attempt: int
    worker: str

    @property
    def fence(self) -> dict[str, object]:
        """The condition of the write-back: no row means that the lease was lost."""
        return {"pk": self.id, "attempt": self.attempt, "worker": self.worker, "state": "queued"}


def worker_name() -> str:
    """A name that no other claim has ever had."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def claim(limit: int, worker: str) -> list[Claim]:
    """Up to `limit` due notifications, oldest first."""
    values: dict[str, int | str] = {
        "breaker": settings.HUB_BREAKER_FAILURES,
        "each": EACH,
        "limit": limit,
        "lease": LEASE_SECONDS,
        "worker": worker,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return sorted((Claim(row[0], row[1], worker) for row in cursor.fetchall()), key=lambda one: one.id)


@contextmanager
def alone() -> Iterator[bool]:
    """Whether we are the only one who sends; whoever comes second leaves at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [DRAIN])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [DRAIN])
