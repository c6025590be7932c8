"""The database launcher, against real servers."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from ofx.embedded import paths, postgres, process


@pytest.fixture
def server(tmp_path):
    running = postgres.Postgres(tmp_path / "home", careless=True)
    yield running
    running.stop()


def rows(server) -> list[int]:
    with server.connect() as connection:
        return [row[0] for row in connection.execute("SELECT i FROM kept ORDER BY i")]


def keep(server, *numbers: int) -> None:
    with server.connect() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (i integer)")
        for number in numbers:
            connection.execute("INSERT INTO kept VALUES (%s)", [number])


def test_a_server_killed_with_sigkill_starts_again_with_every_row(server):
    server.start()
    keep(server, 1, 2, 3)
    server.process.kill()
    server.process.wait()
    server.start()
    assert rows(server) == [1, 2, 3]


def test_a_second_start_finds_the_data_of_the_first(server):
    server.start()
    keep(server, 7)
    server.stop()
    again = postgres.Postgres(server.home, careless=True)
    again.start()
    try:
        assert rows(again) == [7]
    finally:
        again.stop()


def test_only_we_may_enter_the_folder_of_the_socket_and_there_is_no_tcp(server):
    server.start()
    assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
    with server.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_lock_file_that_names_a_foreign_process_does_not_stop_the_start(server):
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    (server.socket_dir / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    server.start()
    assert server.ready()


def test_a_start_that_died_half_way_through_initdb_is_begun_anew(server):
    draft = server.home / "postgres.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    server.start()
    assert server.ready()


def test_data_of_another_major_version_is_refused_with_the_way_out_and_left_alone(server):
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(postgres.PostgresError, match=r"made by PostgreSQL 9.*OFX_POSTGRES_BIN"):
        server.start()
    assert (server.data / "PG_VERSION").read_text() == "9\n"


def test_two_servers_never_share_one_data_folder(server, monkeypatch):
    server.start()
    second = postgres.Postgres(server.home, careless=True)
    with pytest.raises(postgres.PostgresError, match="Another PostgreSQL serves"):
        second._clear_stale_locks(seconds=0.2)
    assert server.ready()


def test_the_systems_postgresql_serves_as_well(server, monkeypatch):
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("this machine has no PostgreSQL of its own")
    monkeypatch.setenv("OFX_POSTGRES_BIN", str(found[-1].parent))
    server.start()
    with server.connect() as connection:
        assert connection.execute("SELECT lower('ÄÉ')").fetchone() == ("äé",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up root")
def test_where_user_namespaces_are_forbidden_root_drops_to_another_account(monkeypatch):
    home = Path(tempfile.mkdtemp(prefix="ofx-drop-", dir="/tmp"))
    home.chmod(0o711)
    monkeypatch.setattr(process, "user_namespaces_work", lambda: False)
    dropped = postgres.Postgres(home, careless=True)
    try:
        dropped.start()
        assert dropped.data.stat().st_uid != 0
        keep(dropped, 1)
        assert rows(dropped) == [1]
    finally:
        dropped.stop()
        shutil.rmtree(home)


def test_a_home_with_a_long_name_gets_a_short_private_socket_folder(tmp_path):
    home = tmp_path / ("long" * 30)
    folder = paths.socket_dir(home)
    try:
        assert len(str(folder / ".s.PGSQL.5432")) < 100
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder == paths.socket_dir(home)
    finally:
        folder.rmdir()


def test_the_secret_is_made_once_and_only_we_may_read_it(tmp_path):
    first = paths.secret_key(tmp_path)
    assert len(first) >= 50
    assert paths.secret_key(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret_key"]
