"""TMF622 list and create through the real web server, beside a bare DRF ModelViewSet that does the same rows."""

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ofx.embedded import paths, process
from ofx.embedded.postgres import Postgres
from ofx.embedded.stack import port_is_free, web_command
from tests.benchmarks import load
from tests.benchmarks.ground import CHECKOUT, home
from tests.benchmarks.report import Row, say

TITLE = "TMF622: requests a second and times (ms), 8 clients, 2 web workers × 4 threads, 50 orders a page"
SIZES = {"small": [1_000], "full": [1_000, 100_000]}
ROUNDS = 4  # the first only warms up
TMF = "/tmf-api/productOrderingManagement"
LISTS = {
    "list, bare DRF": "/bench/drf/?limit=50&x={}",
    "list, v4": TMF + "/v4/productOrder?limit=50",
    "list, v5": TMF + "/v5/productOrder?limit=50",
    "list, v4, fields=state": TMF + "/v4/productOrder?limit=50&fields=state",
    "list, v4, state=held": TMF + "/v4/productOrder?limit=50&state=held",
}


def run(sizes: list[int]) -> list[Row]:
    """Every size, every kind of request."""
    server = Postgres(home("tmf"))
    server.start()
    try:
        _python(["manage.py", "migrate", "--verbosity=0", "--no-input"])
        return [row for size in sorted(sizes) for row in _size(size)]
    finally:
        server.stop()


def _size(size: int) -> list[Row]:
    say(f"tmf: filling {size:,} orders")
    known = json.loads(_python(["-m", "tests.benchmarks.tmf_data", str(size)]).splitlines()[-1])
    headers = f"Authorization: Bearer {known['token']}\r\n"
    seconds = float(os.environ.get("BENCH_SECONDS", "20")) / ROUNDS / 2
    found: dict[str, list[load.Measured]] = {}
    with web() as port:
        for turn in range(ROUNDS):
            say(f"tmf: {size:,} orders, turn {turn + 1} of {ROUNDS}")
            for what, target in LISTS.items():
                found.setdefault(what, []).append(load.http(port, target, headers, ["1"], seconds))
        for _ in range(ROUNDS):
            for what, (target, body) in _creates(known).items():
                made = load.run(poster(port, target, headers, body), ["1"], seconds)
                found.setdefault(what, []).append(made)
    return _rows(size, {what: load.together(turns[1:]) for what, turns in found.items()})


def _rows(size: int, measured: dict[str, load.Measured]) -> list[Row]:
    rows = []
    for what, one in measured.items():
        bare = measured[f"{what.partition(',')[0]}, bare DRF"]
        row = {"orders": size, "what": what, "requests/s": round(one.rate), "p50 ms": one.p50, "p95 ms": one.p95}
        rows.append({**row, "× bare DRF": one.rate / bare.rate})
    return rows


def _creates(known: Row) -> dict[str, tuple[str, str]]:
    place = {"role": "installationAddress", "postcode": "SW1A 1AA"}
    item = {"id": "1", "action": "add", "productOffering": {"id": "fttp-0"}, "product": {"place": [place]}}
    parties = [
        {"id": str(known["customer"]), "role": "customer", "@referredType": "Organization"},
        {"id": "x", "name": "Paula Placeholder", "role": "siteContact", "@referredType": "Individual"},
    ]
    order = {"externalId": "{}", "productOrderItem": [item], "relatedParty": parties}
    bare = {
        "external_id": "{}", "offering": known["offering"], "customer": known["customer"], "postcode": "SW1A1AA",
        "place_text": "SW1A 1AA", "state": "submitted",
    }  # fmt: skip
    return {
        "create, bare DRF": ("/bench/drf/", json.dumps(bare)),
        "create, v4": (f"{TMF}/v4/productOrder", json.dumps(order)),
    }


def poster(port: int, target: str, headers: str, body: str) -> Callable[[], Callable[[str], None]]:
    """A client that posts the body with a new id for "{}" each time, and one of its words for {word}."""

    def make() -> Callable[[str], None]:
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def ask(word: str) -> None:
            text = body.replace('"{}"', f'"{uuid.uuid4().hex}"').replace("{word}", word).encode()
            head = f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}Content-Type: application/json\r\n"
            connection.sendall(f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text)
            load.read(connection, b"HTTP/1.1 201")

        return ask

    return make


@contextmanager
def web(folder: Path | None = None, environment: dict[str, str] | None = None) -> Iterator[int]:
    """The real web server with the flags of production, on a free port. `folder`, `environment`: another bench's."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = (folder or home("tmf")) / "log" / "web.log"
    child = process.spawn(web_command(port), log=log, env=_env(port) | (environment or {}), cwd=CHECKOUT)
    try:
        until = time.monotonic() + 60
        while port_is_free(port):
            if child.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"The web server did not start: {process.tail(log, 20)}")
            time.sleep(0.1)
        time.sleep(1.5)
        yield port
    finally:
        process.stop(child, seconds=10)


def _env(port: int = 8471) -> dict[str, str]:
    ours = {"OFX_HOME": str(home("tmf")), "DATABASE_URL": paths.database_url(home("tmf")), "OFX_PORT": str(port)}
    quiet = {"OFX_ENV": "local", "OFX_DEBUG": "0", "DJANGO_SETTINGS_MODULE": "tests.benchmarks.tmf_settings"}
    return {**os.environ, **ours, **quiet}


def _python(arguments: list[str]) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=_env(), cwd=CHECKOUT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout
