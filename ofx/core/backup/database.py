"""Dump and load the database with PostgreSQL's own programs, and prove that both hold the same rows."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from ofx.core.backup.archive import BackupError
from ofx.core.health import probe
from ofx.embedded.postgres import Postgres, find_binaries

Connection = psycopg.Connection[tuple[Any, ...]]
Rows = dict[str, list[Any]]
CLOSING_SECONDS = 2.0
BESIDE = "before_restore"  # where the old tables wait until the new ones are proved
# A row's text must not depend on who asks; the sum does not depend on the order of rows.
STEADY = "SET TIME ZONE 'UTC'; SET datestyle = 'ISO'; SET extra_float_digits = 3; SET bytea_output = 'hex'"
PROOF = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM public.{} t"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
# Rows in these are made by `migrate` or by running: they make no installation.
BARE = ("django_", "auth_", "core_cache", "core_heartbeat")


@contextmanager
def running() -> Iterator[None]:
    """A server that answers: the one that is there, else the embedded one for as long as we need it."""
    connection.close()
    if "pool" in connection.settings_dict["OPTIONS"]:
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has it
    server = None
    try:
        probe.connect().close()
    except psycopg.OperationalError as error:
        if os.environ.get("DATABASE_URL", "").strip():
            raise BackupError(f"The database does not answer: {str(error).strip()}") from None
        server = Postgres(settings.OFX_HOME)
        server.start()
    try:
        yield
    finally:
        if server is not None:
            server.stop()


def proof(asked: Connection) -> Rows:
    """For each table its number of rows, and a checksum of them that no order changes."""
    asked.execute(STEADY)
    names = [name for (name,) in asked.execute(TABLES)]
    return {name: list(asked.execute(sql.SQL(PROOF).format(sql.Identifier(name))).fetchone() or ()) for name in names}


def dump(target: Path) -> Rows:
    """Dump one moment of the database to a file; the proof of the same moment."""
    with probe.connect() as held:
        held.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = held.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        _run(held, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}",
             f"--file={target}")  # fmt: skip
        return proof(held)


def is_empty() -> bool:
    """Whether nobody has put anything into the database yet. A restore that was killed is undone first."""
    with probe.connect() as asked:
        if asked.execute("SELECT FROM pg_namespace WHERE nspname = %s", [BESIDE]).rowcount:
            _step_back(asked)
        names = [name for (name,) in asked.execute(TABLES) if not name.startswith(BARE)]
        some = [sql.SQL("EXISTS (SELECT FROM public.{})").format(sql.Identifier(name)) for name in names]
        row = asked.execute(sql.SQL("SELECT ") + sql.SQL(" OR ").join([sql.SQL("false"), *some])).fetchone()
        return not (row and row[0])


def _others(held: Connection) -> int:
    """Sessions of somebody else. One that is just closing is waited for: the server drops it a moment later."""
    patience = time.monotonic() + CLOSING_SECONDS
    while True:
        found = int((held.execute(OTHERS).fetchone() or (0,))[0])
        if not found or time.monotonic() > patience:
            return found
        time.sleep(0.1)


@contextmanager
def replaced(source: Path, expected: Rows) -> Iterator[None]:
    """Load a dump in the place of what is there; the old tables come back where anything fails before the end.

    Raises BackupError where somebody else is connected, or where the rows are not those of the proof.
    """
    with probe.connect() as held:
        others = _others(held)
        if others:
            raise BackupError(f"{others} sessions use the database. Stop the product first. Nothing was done.")
        _step_aside(held)
        try:
            _run(held, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", source)
            found = proof(held)
            if wrong := sorted(name for name in expected | found if expected.get(name) != found.get(name)):
                raise BackupError(f"Restored rows differ from the backup in {', '.join(wrong[:5])}. All was undone.")
            yield
        except BaseException:
            _step_back(held)
            raise
        held.execute(f"DROP SCHEMA {BESIDE} CASCADE")
        held.execute("ANALYZE")


def _step_aside(held: Connection) -> None:
    """Rename the schema; extensions stay where the dump expects them."""
    with held.transaction():
        held.execute(f"ALTER SCHEMA public RENAME TO {BESIDE}")
        held.execute("CREATE SCHEMA public")
        _move_extensions(held, BESIDE, "public")


def _step_back(held: Connection) -> None:
    with held.transaction():
        _move_extensions(held, "public", BESIDE)
        held.execute("DROP SCHEMA public CASCADE")
        held.execute(f"ALTER SCHEMA {BESIDE} RENAME TO public")


def _move_extensions(held: Connection, old: str, new: str) -> None:
    listed = held.execute("SELECT extname FROM pg_extension WHERE extnamespace = %s::regnamespace", [old])
    for (name,) in listed.fetchall():
        held.execute(sql.SQL("ALTER EXTENSION {} SET SCHEMA {}").format(sql.Identifier(name), sql.Identifier(new)))


def _run(held: Connection, program: str, *arguments: object) -> None:
    """One of PostgreSQL's programs against our database. Raises BackupError with what it said."""
    info = held.info
    given = {"PGHOST": info.host, "PGPORT": str(info.port), "PGUSER": info.user, "PGPASSWORD": info.password}
    ssl = {"PGSSLMODE": str(mode)} if (mode := info.get_parameters().get("sslmode")) else {}
    command = [_program(program, info.server_version // 10_000), *map(str, arguments)]
    if program == "pg_restore":
        command.insert(1, f"--dbname={info.dbname}")
    done = subprocess.run(  # noqa: S603
        command,
        env={**os.environ, **given, **ssl, "PGDATABASE": info.dbname},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-1500:]}")


def _program(name: str, server: int) -> str:
    """A program at least as new as the server: the embedded one, the system's, or the one on the path."""
    folders = [str(found.folder) for found in find_binaries()]
    for path in filter(None, (shutil.which(name, path=folder) for folder in [*folders, os.environ.get("PATH", "")])):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        if (found := re.search(r"(\d+)(\.\d+)*", said)) and int(found.group(1)) >= server:
            return path
    raise BackupError(f"No {name} of PostgreSQL {server} or newer here: set OFX_POSTGRES_BIN to the folder of one.")
