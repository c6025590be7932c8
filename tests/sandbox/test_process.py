import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.config import config_path
from sandbox.process import ROOT, Running
from tests.sandbox.conftest import place


def test_sigterm_ends_it_soon_and_cleanly(tmp_path: Path) -> None:
    with Running(tmp_path) as running:
        place(running, "northfibre", "before-the-end")
        process = running.process
        assert process is not None
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        running.start()
        assert len(running.orders("northfibre", external_id="before-the-end")) == 1


def test_the_management_command_is_the_same_program(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "sandbox", "--home", str(tmp_path), "--init"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ}, capture_output=True, timeout=60, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(config_path(tmp_path))


@pytest.mark.parametrize("taken", ["OFX_SANDBOX_PORT", "OFX_SANDBOX_SMTP_PORT"])
def test_a_port_that_is_taken_is_said_plainly(tmp_path: Path, taken: str) -> None:
    with Running(tmp_path / "one") as first:
        env = {**os.environ, **Running(tmp_path / "two").environ, taken: first.environ[taken]}
        command = [sys.executable, "-m", "sandbox", "--home", str(tmp_path / "two")]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, timeout=30, text=True)
        assert done.returncode != 0
        assert first.environ[taken] in done.stderr
        assert "Traceback" not in done.stderr
        assert first.http.get(first.url + "/healthz", timeout=5).ok


def test_nonsense_in_the_environment_is_said_plainly(tmp_path: Path) -> None:
    env = {**os.environ, "OFX_SANDBOX_PORT": "eighty"}
    command = [sys.executable, "-m", "sandbox", "--home", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, timeout=30, text=True)
    assert done.returncode != 0
    assert "OFX_SANDBOX_PORT must be a number" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_process_that_does_not_start_is_reported_with_its_log(tmp_path: Path) -> None:
    with Running(tmp_path / "one") as first, pytest.raises(RuntimeError, match="does not start"):
        Running(tmp_path / "two", smtp_port=first.smtp_port).start()


def test_a_second_sandbox_on_the_same_home_is_refused(tmp_path: Path) -> None:
    with Running(tmp_path), pytest.raises(RuntimeError, match="Another sandbox serves"):
        Running(tmp_path).start()
