"""Saying that a part is alive."""

import logging

import psycopg

from ofx.core.health import probe
from ofx.core.health.models import Heartbeat

log = logging.getLogger(__name__)
TABLE = Heartbeat._meta.db_table
# The server's clock both writes and judges a heartbeat: no skew between machines counts.
BEAT = f"""
    INSERT INTO {TABLE} (part, at) VALUES (%s, clock_timestamp())
    ON CONFLICT (part) DO UPDATE SET at = EXCLUDED.at
"""  # noqa: S608


def beat(*, part: str) -> bool:
    """Write one heartbeat; False where the database does not answer (the next beat tries again)."""
    try:
        with probe.connect() as connection:
            connection.execute(BEAT, [part])
    except psycopg.Error as error:
        log.warning("heartbeat of %s not written: %s", part, str(error).strip())
        return False
    return True
