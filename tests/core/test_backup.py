"""Back up, wreck, restore: the same rows and files, and a product that works; or nothing was touched."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.conf import settings as live
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from ofx.core.backup import database
from ofx.core.health import probe
from ofx.core.models import Event, Organisation
from ofx.embedded import paths
from partners.models import Endpoint
from tests.conftest import PASSWORD, signed_in
from tests.partners.conversations.conftest import make_endpoint

pytestmark = pytest.mark.django_db(transaction=True)
# Run by a process of the restored installation: sign in, see the home page, read a partner's secret.
WORKS = f"""
import django; django.setup()
from django.test import Client
from partners.models import Endpoint
client = Client()
assert client.login(username="alice@example.com", password={PASSWORD!r})
assert client.get("/orders/").status_code == 200
print(Endpoint.objects.get().token)
"""


@pytest.fixture
def home(world: Any, settings: Any, tmp_path: Path) -> SimpleNamespace:
    """An installation with people, a partner's secret and two files of theirs."""
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "orders").mkdir(parents=True)
    (settings.MEDIA_ROOT / "orders" / "plan ä.pdf").write_bytes(b"%PDF " + bytes(range(256)) * 5000)
    (settings.MEDIA_ROOT / "empty.txt").write_bytes(b"")
    make_endpoint(world.northfibre, "http://127.0.0.1:9")
    return SimpleNamespace(world=world, media=settings.MEDIA_ROOT, file=tmp_path / "ofx.tar")


def say(*arguments: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def rows() -> Any:
    with probe.connect() as asked:
        return database.proof(asked)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The name of an empty database on the same server."""
    name = f"restored_{os.getpid()}"
    with probe.connect() as server:
        server.execute(f"CREATE DATABASE {name}")
        yield name
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(database_name: str, media: Path, *command: str) -> subprocess.CompletedProcess[str]:
    url = live.DATABASE_URL.replace(f"/{paths.DATABASE_NAME}?", f"/{database_name}?")
    env = {**os.environ, "DATABASE_URL": url, "OFX_MEDIA": str(media), "DJANGO_SETTINGS_MODULE": "ofx.settings"}
    return subprocess.run(
        [sys.executable, *command],
        env=env,
        cwd=paths.CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_backup_becomes_the_same_product_on_an_empty_machine(home: Any, elsewhere: str, tmp_path: Path) -> None:
    printed = say("backup", str(home.file))
    assert "2 files" in printed
    assert "OFX_SECRET_KEY" in printed
    assert home.file.stat().st_mode & 0o077 == 0
    assert b"partner-token" not in home.file.read_bytes()
    before, kept = rows(), files(home.media)
    there = tmp_path / "there" / "media"
    done = manage(elsewhere, there, "manage.py", "restore", str(home.file))
    assert done.returncode == 0, done.stderr
    assert "Restored and verified" in done.stdout
    assert files(there) == kept
    with psycopg.connect(**_params(elsewhere)) as asked:
        assert database.proof(asked) == before
    works = manage(elsewhere, there, "-c", WORKS)
    assert works.returncode == 0, works.stderr
    assert works.stdout.strip() == "partner-token"
    again = manage(elsewhere, there, "manage.py", "restore", str(home.file))
    assert again.returncode == 1
    assert "--replace" in again.stderr


def _params(name: str) -> dict[str, Any]:
    found = connection.settings_dict
    return {"host": found["HOST"], "user": found["USER"], "dbname": name}


def test_what_was_wrecked_comes_back_whole_and_works_at_once(home: Any) -> None:
    say("backup", str(home.file))
    before, kept = rows(), files(home.media)
    Endpoint.objects.all().delete()
    Event.objects.all().delete()
    Organisation.objects.filter(kind="customer").update(name="Wrecked")
    for path in home.media.rglob("*.pdf"):
        path.write_bytes(b"wrecked")
    (home.media / "later.txt").write_text("made after the backup")
    assert rows() != before
    with pytest.raises(CommandError, match="--replace"):
        say("restore", str(home.file))
    assert "Restored and verified" in say("restore", str(home.file), replace=True)
    assert rows() == before
    assert files(home.media) == kept
    assert signed_in(home.world.alice).get("/orders/").status_code == 200
    second, before = home.file.with_name("second.tar"), rows()  # a restored installation is one like any other
    say("backup", str(second))
    say("restore", str(second), replace=True)
    assert rows() == before


def test_a_restore_that_was_killed_half_way_is_undone_by_the_next(home: Any) -> None:
    say("backup", str(home.file))
    before = rows()
    with probe.connect() as asked:
        database._step_aside(asked)  # and then the power went
        assert database.proof(asked) == {}
    with pytest.raises(CommandError, match="--replace"):
        say("restore", str(home.file))
    assert rows() == before


@pytest.mark.parametrize("harm", ["a byte", "cut short", "a file too many", "no archive"])
def test_a_damaged_backup_is_refused_and_nothing_is_touched(home: Any, harm: str) -> None:
    say("backup", str(home.file))
    damage(home.file, harm)
    before, kept = rows(), files(home.media)
    with pytest.raises(CommandError, match=r"damaged|cannot be read|no manifest|no place"):
        say("restore", str(home.file), replace=True)
    assert rows() == before
    assert files(home.media) == kept


def damage(file: Path, harm: str) -> None:
    data = bytearray(file.read_bytes())
    if harm == "a byte":
        data[3000] ^= 1
    elif harm == "cut short":
        del data[len(data) // 2 :]
    elif harm == "no archive":
        data[:] = b"hello"
    file.write_bytes(data)
    if harm == "a file too many":
        with tarfile.open(file, "a") as tar:
            tar.addfile(tarfile.TarInfo("../outside.txt"))


def test_a_restore_that_fails_in_the_middle_leaves_everything_as_it_was(home: Any, monkeypatch: Any) -> None:
    say("backup", str(home.file))
    Organisation.objects.filter(kind="customer").update(name="Newer than the backup")
    before, kept = rows(), files(home.media)

    def full(*arguments: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("ofx.core.backup.actions._swap", full)
    with pytest.raises(OSError, match="no space"):
        say("restore", str(home.file), replace=True)
    assert rows() == before
    assert files(home.media) == kept
    assert Client().get("/accounts/login/").status_code == 200


def test_without_the_keys_a_restore_is_refused_before_it_begins(home: Any, settings: Any) -> None:
    say("backup", str(home.file))
    before = rows()
    settings.FIELD_KEYS = ["another installation's"]
    with pytest.raises(CommandError, match="keys here"):
        say("restore", str(home.file), replace=True)
    assert rows() == before
    say("restore", str(home.file), replace=True, other_key=True)
    assert rows() == before


def test_a_restore_waits_for_nobody_it_asks_to_stop_the_product(home: Any) -> None:
    say("backup", str(home.file))
    with probe.connect(), pytest.raises(CommandError, match="Stop the product"):
        say("restore", str(home.file), replace=True)


def test_a_folder_that_is_not_there_is_named(home: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no folder"):
        say("backup", str(tmp_path / "nowhere" / "ofx.tar"))
