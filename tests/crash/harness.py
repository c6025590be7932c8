"""The real parts as processes that may be killed at any moment, and the count from the partners' own journals."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
from django.db import connection

from ofx.embedded import paths
from ofx.embedded.broker import Broker
from sandbox.process import Running, free_port

ROOT = paths.CHECKOUT
# Everything that takes minutes in life takes seconds here.
QUICK = {
    "OFX_LEASE_SECONDS": "4",
    "OFX_RETRY_SECONDS": "1",
    "OFX_RETRY_CAP_SECONDS": "3",
    "OFX_MAX_ATTEMPTS": "500",
    "OFX_BREAKER_SECONDS": "1",
    "OFX_BREAKER_FAILURES": "8",
    "OFX_REFRESH_SECONDS": "5",
    "OFX_LOG_LEVEL": "WARNING",
}
KCIS = ("ACKNOWLEDGED", "COMMITTED", "COMPLETED")  # the only milestones that Mailtel has words for
FAULTS = {
    "timeout_after_commit": 0.08,
    "reset_after_commit": 0.08,
    "error_5xx": 0.08,
    "html_200": 0.05,
    "repeat": 0.25,
    "reorder": 0.25,
    "hold_seconds": 2.5,
}


class Part:
    """One process of the product. `kill` is SIGKILL for it and all its children."""

    def __init__(self, name: str, command: Sequence[str], env: dict[str, str], log: Path) -> None:
        self.name, self.command, self.env, self.log = name, list(command), env, log
        self.process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self) -> None:
        """Start it in a session of its own."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """kill -9 the whole group."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None
            self.kills += 1


class Stage:
    """Web, workers, scheduler or sweeper around the test's own database, a broker and a sandbox of their own."""

    def __init__(self, home: Path, sandbox: Running) -> None:
        self.home, self.sandbox, self.port = home, sandbox, free_port()
        self.broker = Broker(home)
        self.parts: list[Part] = []
        self.env = {**os.environ, **QUICK, **self._places()}

    def _places(self) -> dict[str, str]:
        db = connection.settings_dict
        query = urlencode({"host": db["HOST"], "port": db["PORT"]}) if db["HOST"].startswith("/") else ""
        host = "" if query else f"{db['HOST']}:{db['PORT'] or 5432}"
        user = f"{db['USER']}:{db['PASSWORD']}@" if db["PASSWORD"] else f"{db['USER']}@"
        url = f"postgresql://{user}{host}/{db['NAME']}" + (f"?{query}" if query else "")
        return {
            "DATABASE_URL": url,
            "BROKER_URL": self.broker.url,
            "OFX_HOME": str(self.home),
            "OFX_PORT": str(self.port),
            "OFX_BASE_URL": f"http://127.0.0.1:{self.port}",
            "OFX_EMAIL_URL": f"smtp://127.0.0.1:{self.sandbox.smtp_port}",
            "OFX_MAILBOX": str(self.sandbox.mailbox.parent),
            "OFX_DB_POOL": "4",
        }

    def add(self, name: str, *command: str) -> None:
        """A part, started at once."""
        part = Part(name, [sys.executable, *command], self.env, self.home / f"{name}.log")
        part.start()
        self.parts.append(part)

    def web(self) -> None:
        """The inbound door."""
        flags = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        self.add("web", "-m", "granian", *flags, "--blocking-threads", "2", "--no-ws", "ofx.wsgi:application")

    def workers(self, number: int = 2) -> None:
        """Celery workers and the scheduler."""
        quiet = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
        for index in range(number):
            name = ["-n", f"crash{index}@%h", "--concurrency", "2"]
            self.add(f"worker{index}", "-m", "celery", "-A", "ofx.celery", "worker", *name, *quiet)
        self.add("beat", "-m", "celery", "-A", "ofx.celery", "beat", "--loglevel", "WARNING", "--pidfile=")

    def sweeper(self) -> None:
        """The second driver: no broker needed."""
        self.add("sweep", "manage.py", "sweep", "--loop")

    def wait_for_web(self) -> None:
        """Until the door answers."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                requests.get(f"http://127.0.0.1:{self.port}/hooks/none/", timeout=2)
                return
            except requests.RequestException:
                time.sleep(0.2)
        raise AssertionError((self.home / "web.log").read_text()[-3000:])

    def murder(self, seconds: float, rng: random.Random, *, broker: bool) -> None:
        """Kill at random for so long; every victim comes back after a moment."""
        end, broker_at = time.monotonic() + seconds, time.monotonic() + seconds * 0.4
        victims = cycle(rng.sample(self.parts, len(self.parts)))
        while time.monotonic() < end:
            time.sleep(rng.uniform(0.5, 2.5))
            victim = next(victims)
            victim.kill()
            if broker and time.monotonic() > broker_at:
                broker = False
                self.kill_broker()
                time.sleep(rng.uniform(0.5, 2.0))
                self.broker.start()
            time.sleep(rng.uniform(0.0, 0.5))
            victim.start()

    def kill_broker(self) -> None:
        """SIGKILL; what it had not written is lost."""
        if self.broker.process is not None:
            self.broker.process.kill()
            self.broker.process.wait(10)
            self.broker.process = None

    def finish(self, done: Callable[[], bool], seconds: float, state: Callable[[], Any]) -> None:
        """Wait until everything is done; a part that died by itself is started again, as the supervisor would."""
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                logs = "\n".join(f"{p.name}: {p.log.read_text()[-1500:]}" for p in self.parts)
                raise AssertionError(f"not finished in {seconds:.0f} s: {state()}\n{logs}")
            for part in self.parts:
                if part.process is None or part.process.poll() is not None:
                    part.start()
            time.sleep(0.3)

    def close(self) -> None:
        """Kill everything that was started."""
        for part in self.parts:
            part.kill()
        self.kill_broker()


def audit(sandbox: Running, partner: str, keys: set[str], facts: dict[str, list[dict[str, Any]]]) -> None:
    """Against the partner's own book: every order once, every fact told, none told of another order.

    `facts`: our key → the news that reached that order, each with external_id, sequence, issued_at, update_type.
    """
    there = sandbox.orders(partner)
    counted = Counter(order["externalId"] for order in there)
    assert {key: number for key, number in counted.items() if number != 1} == {}, f"{partner}: not exactly once"
    assert set(counted) == keys, f"{partner}: {keys - set(counted)} missing, {set(counted) - keys} strange"
    for order in there:
        _audit_order(partner, order, facts.get(order["externalId"], []))


def _audit_order(partner: str, order: dict[str, Any], told: list[dict[str, Any]]) -> None:
    where = f"{partner} {order['id']} {order['externalId']} ({order['scenario']})"
    ids = {news["external_id"] for news in told} - {""}  # a line that Mailtel could not work names our key only
    assert ids == {order["id"]}, f"{where}: told of {ids}"
    moments = {(entry["sequence"], _moment(entry["issuedOn"])) for entry in order["history"]}
    for news in told:  # a piece of another order's history has a moment that is not in this one's
        if news["update_type"] in ("ACKNOWLEDGED", "COMMITTED", "COMPLETED", "MILESTONE"):
            assert (news["sequence"], _moment(news["issued_at"])) in moments, f"{where}: {news}"
    got = {(news["milestone"], news["sequence"]) for news in told if news["milestone"]}
    want = {
        (entry["milestone"], entry["sequence"])
        for entry in order["history"]
        if entry["milestone"] in KCIS or (entry["milestone"] and partner != "mailtel")
    }
    assert want <= got, f"{where}: {want - got} never arrived"
    for word, kinds in (("delay", {"DELAY"}), ("information_required", {"INFORMATION_REQUIRED", "CHARGE_RAISED"})):
        sent = {entry["sequence"] for entry in order["history"] if entry["update"] == word}
        arrived = {news["sequence"] for news in told if news["update_type"] in kinds}
        assert sent <= arrived, f"{where}: {word} {sent - arrived} never arrived"
    if partner == "mailtel":
        sequences = {entry["sequence"] for entry in order["history"]}
        arrived = {news["sequence"] for news in told} - {None}
        assert sequences == arrived, f"{where}: lines {sequences - arrived} of its mails never arrived"


def _moment(text: str) -> str:
    return text.replace("Z", "+00:00").replace("T", " ")[:26]
