"""A whole running product and a real browser for the story tests.

`product` starts `manage.py up` in a home of its own: embedded PostgreSQL and broker, granian, worker, scheduler and the
partner sandbox, all real processes, with the small demo world. The stories then click.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ofx.embedded import browser as chromium
from sandbox import config as sandbox

ROOT = Path(__file__).resolve().parents[2]
SHOTS = Path(__file__).resolve().parent / "screenshots"
PASSWORD = "open-fibre-demo"
expect.set_options(timeout=10_000)  # a page that comes late on a busy machine is no fault of the page
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-GB",
]


# Runs what it is sent, a line of JSON each, in the product's environment: a start of Python each would cost seconds.
CONSOLE = """
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    said, wrong = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {"__name__": "console"})
    except BaseException:
        wrong = traceback.format_exc()
    print(json.dumps({"said": said.getvalue(), "wrong": wrong}), flush=True)
"""


@dataclass(frozen=True)
class Product:
    """Where it runs and where it keeps its data."""

    url: str
    home: Path
    env: dict[str, str]
    consoles: list[subprocess.Popen[str]] = field(default_factory=list)

    def ask(self, code: str) -> Any:
        """Run Python among the product's rows; what its last printed line says, as JSON."""
        if not self.consoles:
            command = [sys.executable, str(ROOT / "manage.py"), "shell", "-v0", "-c", CONSOLE]
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self.consoles.append(subprocess.Popen(command, env=self.env, cwd=ROOT, **pipes))
        console = self.consoles[0]
        assert console.stdin is not None
        assert console.stdout is not None
        console.stdin.write(json.dumps(code) + "\n")
        console.stdin.flush()
        answer = json.loads(console.stdout.readline())
        assert not answer["wrong"], answer["wrong"]
        lines = answer["said"].strip().splitlines()
        return json.loads(lines[-1]) if lines else None

    def close(self) -> None:
        """End the console."""
        for console in self.consoles:
            console.kill()
            console.wait(10)

    def manage(self, *arguments: str) -> str:
        """Run a management command against it and return what it printed."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "BROKER_URL", "OFX_SECRET_KEY", "OFX_ENV"}}
    return {
        **kept,
        "OFX_HOME": str(home),
        "OFX_PORT": str(free_port()),
        "OFX_SANDBOX_PORT": str(free_port()),
        "OFX_SANDBOX_SMTP_PORT": str(free_port()),
        "OFX_SANDBOX_DAY_SECONDS": "0.4",
        "OFX_DEMO_SCALE": "small",
        "OFX_DEMO_PASSWORD": PASSWORD,
    }


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 480  # patience for a busy machine
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the product did not become healthy:\n" + log.read_text()[-3000:])


def _all_goes_well(product: Product) -> None:
    """What asks for no scenario is delivered as promised, so that no story meets a refusal that it did not order."""
    plan = sandbox.load(product.home, product.env)
    body = {"partner": "*", "weights": {"clean": 1}}
    headers = {"Authorization": f"Bearer {plan.admin_token}"}
    requests.post(f"{plan.url}/_control/weights", json=body, headers=headers, timeout=30).raise_for_status()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The running product with the small demo world; stopped as Ctrl-C would."""
    home = tmp_path_factory.mktemp("story")
    env = _environment(home)
    log = home / "up.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up"],
            env=env,
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{env['OFX_PORT']}"
    made = Product(url, home, env)
    try:
        _wait_until_healthy(url, process, log)
        _all_goes_well(made)
        yield made
    finally:
        made.close()
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="module")  # its event loop must be gone before other files ask the database
def chrome() -> Iterator[Browser]:
    """Headless Chromium; fails with the one command that helps where there is none."""
    with sync_playwright() as driver:
        instance = driver.chromium.launch(executable_path=str(chromium.find()), args=FLAGS)
        yield instance
        instance.close()


@pytest.fixture
def sign_in(product: Product, chrome: Browser) -> Iterator[Callable[..., Page]]:
    """`sign_in("alice")` is a page of a fresh browser session with that person signed in."""
    contexts = []

    def open_as(name: str, width: int = 1440, height: int = 900, dark: bool = False, checked: bool = False) -> Page:
        """`checked`: the accessibility checker is put into the pages, which their content policy would refuse."""
        context = chrome.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", base_url=product.url,
            bypass_csp=checked,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/accounts/login/")
        page.get_by_label("E-mail").fill(f"{name}@example.com")
        page.locator("input[type=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    yield open_as
    for context in contexts:
        context.close()


def shot(page: Page, name: str) -> None:
    """Keep a picture of the whole page under tests/browser/screenshots (git-ignored) to be looked at."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=True)
