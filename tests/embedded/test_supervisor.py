"""The supervisor, over real processes."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from ofx.embedded import lock, process, supervisor
from ofx.embedded.supervisor import Program, Supervisor


def until(truth, seconds: float = 8.0) -> None:
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def ticking(keeper: Supervisor, truth) -> None:
    until(lambda: keeper.tick() or truth())


@pytest.fixture
def keeper():
    said: list[str] = []
    running = Supervisor(said.append)
    running.said = said
    yield running
    running.signals = 3
    running.stop()


def shell(tmp_path: Path, name: str, script: str, **options) -> Program:
    return Program(name, ["sh", "-c", script], tmp_path / f"{name}.log", **options)


def test_a_killed_child_is_started_again_and_its_own_children_are_gone(keeper, tmp_path):
    child = keeper.start(shell(tmp_path, "family", f"sleep 300 & echo $! >> {tmp_path}/pids; wait"))
    pids = tmp_path / "pids"
    until(lambda: pids.exists() and pids.read_text().strip())
    orphan, first = int(pids.read_text()), child.process.pid
    child.process.kill()
    ticking(keeper, lambda: child.running and child.process.pid != first)
    until(lambda: not process.alive(orphan))
    assert "killed by signal 9" in keeper.said[0]


def test_a_child_that_keeps_dying_is_started_at_ever_longer_intervals():
    pauses = [supervisor.pause(deaths) for deaths in range(1, 12)]
    assert pauses[0] <= 0.2
    assert pauses == sorted(pauses)
    assert pauses[-1] == supervisor.LONGEST_PAUSE


def test_programs_stop_before_the_servers_that_they_use(keeper, tmp_path):
    order = tmp_path / "order"
    for tier, name in enumerate(["database", "broker", "web"]):
        trap = f"trap 'sleep 0.2; echo {name} >> {order}; exit 0' TERM"
        script = f"{trap}; echo up > {tmp_path}/{name}.up; while :; do sleep 0.05; done"
        keeper.start(shell(tmp_path, name, script, tier=tier))
        until((tmp_path / f"{name}.up").exists)
    keeper.stop()
    assert order.read_text().split() == ["web", "broker", "database"]


def test_a_second_signal_hurries_a_child_that_takes_its_time(keeper, tmp_path):
    child = keeper.start(shell(tmp_path, "slow", f"trap '' TERM; echo up > {tmp_path}/up; while :; do sleep 0.1; done"))
    until((tmp_path / "up").exists)
    running = child.process
    keeper.ask_to_stop()
    threading.Timer(0.3, keeper.ask_to_stop).start()
    started = time.monotonic()
    keeper.stop()
    assert 0.2 < time.monotonic() - started < 5
    assert running.returncode == -signal.SIGKILL


def test_a_child_that_cannot_start_is_told_with_the_end_of_its_log(keeper, tmp_path):
    program = shell(tmp_path, "broken", "echo no such thing; exit 3")
    program.ready = lambda: False
    with pytest.raises(supervisor.StartFailed, match="no such thing"):
        keeper.start_ready(program, seconds=5)


def test_a_log_is_cut_at_its_bound_and_the_older_part_kept_once(tmp_path):
    log = tmp_path / "web.log"
    with log.open("ab") as child:
        child.write(b"x" * 2000)
        child.flush()
        supervisor.bound_log(log, most=1000)
        child.write(b"after")
    assert log.read_bytes() == b"after"
    assert (tmp_path / "web.log.1").stat().st_size == 2000


def test_a_killed_supervisor_leaves_no_process_behind(tmp_path):
    script = textwrap.dedent(
        f"""
        import sys, time
        from pathlib import Path
        from ofx.embedded.broker import Broker
        from ofx.embedded.postgres import Postgres
        from ofx.embedded.supervisor import Program, Supervisor
        home = Path({str(tmp_path)!r})
        keeper = Supervisor(print)
        keeper.start_ready(Postgres(home, careless=True))
        keeper.start_ready(Broker(home))
        keeper.start(Program("idle", ["sleep", "300"], home / "idle.log"))
        print(*(child.process.pid for child in keeper.children), flush=True)
        keeper.run()
        """
    )
    running = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in running.stdout.readline().split()]
    assert len(pids) == 3
    assert all(process.alive(pid) for pid in pids)
    running.kill()
    running.wait()
    until(lambda: not any(process.alive(pid) for pid in pids))
    assert not (tmp_path / "postgres" / "postmaster.pid").exists(), "the database was not shut down cleanly"


def test_a_second_start_on_the_same_home_says_what_runs_already(tmp_path):
    held = lock.take(tmp_path, "http://127.0.0.1:8123")
    with pytest.raises(lock.AlreadyRunning, match=rf"http://127.0.0.1:8123 \(process {os.getpid()}"):
        lock.take(tmp_path, "http://127.0.0.1:8000")
    held.close()
    lock.take(tmp_path, "http://127.0.0.1:8000").close()


def test_a_child_that_ignores_the_stop_is_killed_when_its_patience_is_over(keeper, tmp_path):
    script = f"trap '' TERM; echo up > {tmp_path}/up; while :; do sleep 0.1; done"
    child = keeper.start(shell(tmp_path, "deaf", script, patience=0.5))
    until((tmp_path / "up").exists)
    running = child.process
    keeper.ask_to_stop()
    keeper.stop()
    assert running.returncode == -signal.SIGKILL
