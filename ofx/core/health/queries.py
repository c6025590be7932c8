"""What is alive, asked of the parts themselves."""

import socket
from typing import Any

import psycopg
from django.conf import settings
from kombu import Connection

from ofx.core.health import probe
from ofx.core.health.actions import TABLE

Part = dict[str, Any]
BROKER_SECONDS = 0.5
SANDBOX_SECONDS = 0.2
AGES = f"SELECT part, extract(epoch FROM clock_timestamp() - at)::float8 FROM {TABLE}"  # noqa: S608


def parts() -> dict[str, Part]:
    """One entry a part, each with `ok`; an entry that is not `required` never makes the answer a 503."""
    database, ages = _database()
    answer = {
        "web": {"ok": True},
        "database": database,
        "broker": _broker(),
        "worker": _heartbeat(ages, "worker"),
        "scheduler": _heartbeat(ages, "scheduler"),
    }
    if settings.OFX_ENV == "local":
        answer["sandbox"] = {"ok": _listens(settings.SANDBOX_PORT), "required": False}
    return answer


def _database() -> tuple[Part, dict[str, float] | None]:
    """Whether the database answers, and the age of each heartbeat in seconds (None: nobody knows)."""
    try:
        with probe.connect() as connection:
            return {"ok": True}, {str(part): float(age) for part, age in connection.execute(AGES)}
    except psycopg.Error:
        return {"ok": False, "error": "the database does not answer"}, None


def _heartbeat(ages: dict[str, float] | None, part: str) -> Part:
    """Alive if its last heartbeat is fresh. Without the database nothing is known, and nothing could work."""
    if ages is None:
        return {"ok": False, "error": "unknown: the database does not answer"}
    if part not in ages:
        return {"ok": False, "error": "no heartbeat yet"}
    age = round(ages[part], 1)
    if age > settings.HEARTBEAT_LIMIT:
        return {"ok": False, "seconds_ago": age, "error": f"no heartbeat for {age:.0f} s"}
    return {"ok": True, "seconds_ago": age}


def _broker() -> Part:
    """Whether the broker takes a connection within half a second, whatever its kind."""
    options = {"socket_connect_timeout": BROKER_SECONDS, "socket_timeout": BROKER_SECONDS, "max_retries": 0}
    if settings.BROKER_URL.startswith(("amqp", "pyamqp")):
        options = {}
    try:
        with Connection(settings.BROKER_URL, connect_timeout=BROKER_SECONDS, transport_options=options) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
            _ping(connection)
    except Exception:
        return {"ok": False, "error": "the broker does not answer"}
    return {"ok": True}


def _ping(connection: Connection) -> None:
    """A Redis that still loads its file takes connections; only PING tells."""
    channel = connection.default_channel
    if hasattr(channel, "conn_or_acquire"):
        with channel.conn_or_acquire() as client:
            client.ping()


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=SANDBOX_SECONDS):
            return True
    except OSError:
        return False
