"""Outgoing TMF622 creates through the real workers to the sandbox over HTTP, beside bare POSTs of the same bodies.

The sandbox takes its share of the machine in both, so the share of the bare rate is what can be compared.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import local

import requests

from ofx.embedded import paths
from ofx.embedded.broker import Broker
from ofx.embedded.postgres import Postgres
from sandbox.process import Running
from tests.benchmarks.ground import CHECKOUT, home
from tests.benchmarks.report import Row, say

TITLE = "Hub: outgoing creates, two worker processes, two partners, eight requests at once to each"
SIZES = {"small": [200], "full": [2_000]}
PARTNERS = ("northfibre", "southlink")
THREADS = 16  # eight a partner, as the worker has
SHARE = 0.1  # of the bare rate: a dozen statements of a database stand beside one request, in more processes


def run(sizes: list[int]) -> list[Row]:
    """Bare POSTs first, then the product, for each size."""
    place = home("hub")
    with _servers(place) as (environment, sandbox):
        rows = []
        for size in sizes:
            say(f"hub: {size:,} messages")
            bodies = _load(size, environment, sandbox)
            bare = _bare(sandbox, bodies)
            rate = _drained(size, environment, place)
            rows.append({"messages": size, "bare POSTs/s": bare, "messages/s": rate, "share": rate / bare})
        return rows


@contextmanager
def _servers(home: Path) -> Iterator[tuple[dict[str, str], Running]]:
    """Database, broker and sandbox of our own."""
    database, broker = Postgres(home), Broker(home)
    database.start()
    broker.start()
    try:
        with Running(home, day_seconds=100_000) as sandbox:
            sandbox.control("weights", {"partner": "*", "weights": {"clean": 1}})
            names = ("timeout_after_commit", "reset_after_commit", "error_5xx", "html_200")
            sandbox.control("faults", {"partner": "*", **dict.fromkeys(names, 0.0)})
            environment = {
                **os.environ,
                "DATABASE_URL": paths.database_url(home),
                "BROKER_URL": broker.url,
                "OFX_HOME": str(home),
                "OFX_LOG_LEVEL": "WARNING",
                "DJANGO_SETTINGS_MODULE": "ofx.settings",
            }
            command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--no-input"]
            subprocess.run(command, cwd=CHECKOUT, env=environment, check=True)
            yield environment, sandbox
    finally:
        broker.stop()
        database.stop()


def _load(size: int, environment: dict[str, str], sandbox: Running) -> list[str]:
    """Queue the messages, rung for by nobody yet; the bodies that they will be sent as."""
    given = {name: (f"{sandbox.url}{sandbox.config.partner(name).base_path}", sandbox.config.partner(name).token)
             for name in PARTNERS}  # fmt: skip
    command = [sys.executable, "-m", "tests.benchmarks.hub_load", str(size), json.dumps(given)]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()


def _bare(sandbox: Running, bodies: list[str]) -> float:
    """POSTs a second of the plain library, with as many threads, each with a kept connection."""
    kept = local()
    addresses = [f"{sandbox.url}{sandbox.config.partner(name).base_path}/productOrder" for name in PARTNERS]
    tokens = [sandbox.config.partner(name).token for name in PARTNERS]

    def post(number: int) -> None:
        if not hasattr(kept, "session"):
            kept.session = requests.Session()
            kept.session.trust_env = False
        which = number % len(PARTNERS)
        headers = {"Authorization": f"Bearer {tokens[which]}", "Content-Type": "application/json"}
        body = bodies[number].replace("bench-", "bare-").encode()
        answer = kept.session.post(addresses[which], data=body, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text

    started = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(post, range(len(bodies))))
    return len(bodies) / (time.monotonic() - started)


def _drained(size: int, environment: dict[str, str], home: Path) -> float:
    """Messages a second from the ring of the bell to the last one delivered."""
    quiet = ["--concurrency", "2", "--without-gossip", "--without-mingle"]
    with (home / "worker.log").open("wb") as log:
        command = [sys.executable, "-m", "celery", "-A", "ofx.celery", "worker", *quiet]
        worker = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
        try:
            command = [sys.executable, "-m", "tests.benchmarks.hub_load", "drain"]
            done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        finally:
            worker.terminate()
            worker.wait(60)
    return size / float(done.stdout)


def verdicts(rows: list[Row]) -> list[tuple[str, bool]]:
    """Whether the product keeps its share of the bare rate."""
    words = "{messages:,} creates at {messages/s:.0f}/s, {share:.2f} of {bare POSTs/s:.0f} bare POSTs/s"
    return [(f"{words.format(**row)} (at least {SHARE})", row["share"] >= SHARE) for row in rows]
