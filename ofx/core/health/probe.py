"""A database connection outside the pool: health must be told even when the pool is used up."""

from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

CONNECT_SECONDS = 2  # the least that libpq takes seriously
NOT_FOR_PSYCOPG = {"pool", "assume_role", "isolation_level", "server_side_binding", "service", "passfile"}


def connect() -> "psycopg.Connection[tuple[Any, ...]]":
    """A new autocommit connection to the default database, or psycopg.OperationalError in two seconds."""
    found = connection.settings_dict
    options = {key: value for key, value in found["OPTIONS"].items() if key not in NOT_FOR_PSYCOPG}
    named = {
        "dbname": found["NAME"],
        "user": found["USER"],
        "password": found["PASSWORD"],
        "host": found["HOST"],
        "port": found["PORT"],
    }
    given = {key: str(value) for key, value in named.items() if value}
    return psycopg.connect(make_conninfo("", **given, **options), autocommit=True, connect_timeout=CONNECT_SECONDS)
