import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sandbox.config import config_path, load
from sandbox.process import ROOT


def test_the_first_one_writes_the_file_and_the_next_reads_the_same_credentials(tmp_path: Path) -> None:
    first, second = load(tmp_path, {}), load(tmp_path, {})
    assert first == second
    tokens = {p.token for p in first.partners if p.kind == "tmf622"}
    assert len(tokens) == 3
    assert all(len(token) > 30 for token in tokens)
    assert stat.S_IMODE(os.stat(config_path(tmp_path)).st_mode) == 0o600


def test_two_homes_share_no_credential(tmp_path: Path) -> None:
    one, two = load(tmp_path / "a", {}), load(tmp_path / "b", {})
    assert one.admin_token != two.admin_token
    assert one.partner("northfibre").webhook_secret != two.partner("northfibre").webhook_secret


def test_many_at_once_all_get_the_same_file(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(load(tmp_path, {}).admin_token)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(found)) == 1
    assert [p.name for p in config_path(tmp_path).parent.iterdir()] == ["config.json"]


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    wanted = {"OFX_SANDBOX_PORT": "9001", "OFX_SANDBOX_SMTP_PORT": "9002", "OFX_SANDBOX_DAY_SECONDS": "0.5"}
    config = load(tmp_path, wanted)
    assert (config.port, config.smtp_port, config.day_seconds) == (9001, 9002, 0.5)
    assert load(tmp_path, {}).port == 8100


@pytest.mark.parametrize("text", ["soon", "0", "-1"])
def test_nonsense_in_a_variable_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="OFX_SANDBOX_DAY_SECONDS"):
        load(tmp_path, {"OFX_SANDBOX_DAY_SECONDS": text})


def test_an_unknown_habit_in_the_file_is_named(tmp_path: Path) -> None:
    load(tmp_path, {})
    raw = json.loads(config_path(tmp_path).read_text())
    raw["partners"][0]["habits"]["politeness"] = 1
    config_path(tmp_path).write_text(json.dumps(raw))
    with pytest.raises(ValueError, match="politeness"):
        load(tmp_path, {})


def test_init_only_writes_the_file_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--home", str(tmp_path), "--init"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == str(config_path(tmp_path))
    assert {p["id"] for p in json.loads(config_path(tmp_path).read_text())["partners"]} == {
        "northfibre",
        "southlink",
        "eastwave",
        "mailtel",
    }
