"""Bodies are kept so many days after their case has ended; ids, times, states and reasons for good (HUB item 18)."""

from datetime import datetime

from django.conf import settings
from django.db import connection

BATCH = 500
MOST = 20  # batches a run
FORGET = """
WITH old AS MATERIALIZED (
    SELECT m.id FROM partners_message m LEFT JOIN partners_leg l ON l.id = m.leg_id
    WHERE m.ended_at < statement_timestamp() - %(days)s * interval '1 day'
      AND m.state NOT IN ('queued', 'stored', 'unrouted', 'unrecognised', 'rule_failed', 'failed')
      AND (l.id IS NULL OR l.closed_at < statement_timestamp() - %(days)s * interval '1 day')
      AND m.forgotten_at IS NULL
    ORDER BY m.ended_at
    LIMIT %(limit)s
    FOR UPDATE OF m SKIP LOCKED
)
UPDATE partners_message m
SET raw = ''::bytea, wire = '', answer = '', canonical = '{}'::jsonb, forgotten_at = %(at)s
FROM old WHERE m.id = old.id
"""


def forget(*, at: datetime, limit: int = BATCH) -> int:
    """Empty the bodies of old messages, batch by batch. What waits for a person keeps its body. Returns how many."""
    done = 0
    for _ in range(MOST):
        with connection.cursor() as cursor:
            cursor.execute(FORGET, {"days": settings.HUB_RAW_DAYS, "limit": limit, "at": at})
            done += cursor.rowcount
            if cursor.rowcount < limit:
                break
    return done
