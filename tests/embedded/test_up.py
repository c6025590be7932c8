"""`manage.py up` as a person runs it: real processes, real signals, real HTTP."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from ofx.embedded import paths, process

SILENCE = 8  # seconds without a heartbeat that count as down here


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Installation:
    """One `manage.py up` with a home and a port of its own."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        foreign = {"DATABASE_URL", "BROKER_URL", "OFX_SECRET_KEY", "OFX_BASE_URL"}
        self.env = {key: value for key, value in os.environ.items() if key not in foreign} | {
            "OFX_HOME": str(home),
            "OFX_PORT": str(self.port),
            "OFX_ENV": "local",
            "OFX_HEARTBEAT_LIMIT": str(SILENCE),
        }
        self.output = home.parent / "up.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(self.command(), env=self.env, stdout=output, stderr=subprocess.STDOUT)
        self.wait(lambda: "OFX runs at" in self.said(), 420)  # patience for a busy machine

    def command(self) -> list[str]:
        return [sys.executable, str(paths.CHECKOUT / "manage.py"), "up", "--no-demo", "--no-sandbox"]

    def said(self) -> str:
        return self.output.read_text()

    def wait(self, truth, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not truth():
            assert self.process.poll() is None, f"up ended: {self.said()}"
            assert time.monotonic() < end, f"waited in vain: {self.said()}"
            time.sleep(0.1)

    def health(self) -> tuple[int, list[str]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return answer.status, json.load(answer)["down"]
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["down"]
        except OSError:
            return 0, ["web"]

    def children(self) -> dict[str, int]:
        words = {
            "postgres -D": "database",
            "valkey-server": "broker",
            "granian": "web",
            " worker ": "worker",
            " beat ": "scheduler",
        }
        listing = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,  # no child at all is an answer too
        )
        lines = [line.split(maxsplit=1) for line in listing.stdout.splitlines()]
        return {name: int(pid) for pid, args in lines for word, name in words.items() if word in args}

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    installation = Installation(tmp_path_factory.mktemp("up") / "home")
    try:
        installation.start()
        yield installation
    finally:
        if installation.process.poll() is None:
            installation.stop()


def healthy(running: Installation) -> bool:
    return running.health() == (200, [])


def test_health_has_an_entry_for_every_part(running):
    running.wait(lambda: healthy(running))
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/healthz", timeout=10) as answer:
        parts = json.load(answer)
    assert {"web", "database", "broker", "worker", "scheduler"} <= parts.keys()
    assert all(parts[name]["ok"] for name in ("web", "database", "broker", "worker", "scheduler"))


@pytest.mark.parametrize("part", ["scheduler", "worker"])
def test_health_names_the_silent_part_and_no_other(running, part):
    running.wait(lambda: healthy(running))
    frozen = running.children()[part]
    os.kill(frozen, signal.SIGSTOP)  # killed, it would be back before anybody missed it
    try:
        running.wait(lambda: running.health() == (503, [part]))
    finally:
        os.kill(frozen, signal.SIGCONT)


def test_every_part_that_is_killed_comes_back_by_itself(running):
    running.wait(lambda: healthy(running))
    before = running.children()
    assert set(before) == {"database", "broker", "web", "worker", "scheduler"}, running.said()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    running.wait(lambda: set(running.children()) == set(before) and healthy(running))
    assert not set(before.values()) & set(running.children().values())


def test_a_second_up_says_where_the_first_one_runs(running):
    second = subprocess.run(running.command(), env=running.env, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"already runs at http://127.0.0.1:{running.port}" in second.stderr


def test_a_port_in_use_is_named_with_the_variable_that_changes_it(running, tmp_path):
    env = {**running.env, "OFX_HOME": str(tmp_path / "other")}
    second = subprocess.run(running.command(), env=env, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"OFX_PORT={running.port + 1}" in second.stderr


def test_ctrl_c_stops_every_process_and_keeps_the_data(running):
    children = running.children()
    assert running.stop() == 0
    assert not any(process.alive(pid) for pid in children.values())
    assert (running.home / "postgres" / "PG_VERSION").exists()
    assert not (running.home / "postgres" / "postmaster.pid").exists()
