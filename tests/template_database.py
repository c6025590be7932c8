"""Every test process starts from one migrated database: the first that comes makes it, the others copy it.

It is kept on the test server under a name that holds a digest of all migrations, so a later session copies it as well.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

PREFIX = "ofx_migrated_"
LOCK = 7_061_985  # of the whole server: one process at a time makes or copies


def fingerprint() -> str:
    """A digest of the migrations of every installed app."""
    found = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda one: one.label):
        for file in sorted(Path(config.path, "migrations").glob("*.py")):
            found.update(f"{config.label}/{file.name}".encode() + file.read_bytes())
    return found.hexdigest()[:16]


def copy(cursor: Any, source: str, target: str) -> None:
    """Make `target` a copy of `source`, which nobody may be connected to."""
    cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def leave() -> None:
    """Close every connection of this process."""
    connection.close()
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection.close_pool()


def migrated(cursor: Any) -> Any:
    """The test database of this process, by copy where the migrated one is there already."""
    name, template = connection.creation._get_test_db_name(), PREFIX + fingerprint()
    cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX + "%"])
    known = {row[0] for row in cursor.fetchall()}
    if template in known:
        copy(cursor, template, name)
        return setup_databases(verbosity=0, interactive=False, keepdb=True)
    done = setup_databases(verbosity=0, interactive=False)
    leave()
    for old in known:
        cursor.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
    copy(cursor, name, template)
    return done


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """In place of pytest-django's own, which migrates anew in each process."""
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        done = migrated(cursor)
    yield
    with django_db_blocker.unblock():
        teardown_databases(done, verbosity=0)
