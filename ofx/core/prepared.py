"""Run SQL that is hot enough to be written by hand: parameters bound and plans kept by the server."""

from collections.abc import Sequence
from time import monotonic
from typing import Any

import psycopg
from django.db import connection

THRESHOLD = 2  # a statement is prepared on a connection when it comes for the third time


def fetch(statement: str, values: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    """Rows of a statement, kept prepared on Django's own pooled connection, and in its transaction if one is open.

    Django binds parameters in the client and never prepares; psycopg does both when asked. The statement is counted
    like any other where queries are counted. Raises Django's database errors.
    """
    connection.ensure_connection()
    raw = connection.connection
    started = monotonic()
    with connection.wrap_database_errors:
        before, raw.prepare_threshold = raw.prepare_threshold, THRESHOLD
        try:
            rows = psycopg.Cursor(raw).execute(statement, values).fetchall()
        finally:
            raw.prepare_threshold = before
    if connection.queries_logged:
        connection.queries_log.append({"sql": statement, "time": f"{monotonic() - started:.3f}"})
    return rows
