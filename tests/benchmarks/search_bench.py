"""Search through the real web server, beside bare views and the bare SQL, while the footprint table grows.

Home: OFX_BENCH_HOME (default .ofx/bench), kept between runs: one database with the places, one for each size.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from ofx.embedded import paths, process
from ofx.embedded.postgres import Postgres
from ofx.embedded.stack import port_is_free, web_command
from tests.benchmarks import load
from tests.benchmarks.ground import CHECKOUT, home
from tests.benchmarks.report import Row, say

TITLE = "Search: requests a second and times (ms), 8 clients, 5,000 places, 2 web workers × 4 threads"
SIZES = {"small": [10_000, 100_000], "full": [10_000, 1_000_000, 10_000_000]}
ALL_PLACES = 3_000_000
FEW_PLACES = 150_000
ROUNDS = 5  # the first only warms up
SCHEMA = 4  # raise it when search_data changes: older bench databases are then made anew
TARGETS = {
    "constant view": "/bench/constant?postcode={}",
    "one-query view": "/bench/one-query?postcode={}",
    "JSON": "/api/v1/qualifications?country=GB&postcode={}",
    "page": "/search/?q={}",
}


def run(sizes: list[int]) -> list[Row]:
    """Measure every size: cold one after the other, then warm in turns, each by a web server of its own."""
    server = Postgres(home())
    server.start()
    seconds = float(os.environ.get("BENCH_SECONDS", "20"))
    try:
        places = ALL_PLACES if max(sizes) >= 1_000_000 else FEW_PLACES
        bases = [(size, *_prepare(server, size, places)) for size in sorted(sizes)]
        rows = [_cold(server, size, database, known, seconds / ROUNDS) for size, database, known in bases]
        with ExitStack() as stack:
            ports = {size: stack.enter_context(web(database)) for size, database, _ in bases}
            rows += _warm([(size, ports[size], known) for size, _, known in bases], seconds)
        for size, database, known in bases:
            rows.append(_row("bare SQL (psycopg)", size, "warm", bare_sql(server, database, known, seconds / ROUNDS)))
        return sorted(_with_ratios(rows), key=lambda row: row["rows"])
    finally:
        server.stop()


def verdicts(rows: list[Row]) -> list[tuple[str, bool]]:
    """The two limits of the product definition, in words and whether they held."""
    found = []
    for row in rows:
        if row["what"] == "JSON" and row["state"] == "warm":
            ratio = row["× one query"]
            found.append((f"{row['rows']:,} rows: JSON rate {ratio:.2f} × one query (at least 0.40)", ratio >= 0.4))
    times = [row["p95 ms"] for row in rows if row["what"] == "JSON" and row["state"] == "warm"]
    if len(times) > 1:
        text = f"p95 at the largest size {times[-1] / times[0]:.2f} × that at the smallest (at most 1.50)"
        found.append((text, times[-1] <= 1.5 * times[0]))
    return found


def _headers(known: Row) -> dict[str, str]:
    token, cookie = f"Authorization: Bearer {known['token']}\r\n", f"Cookie: sessionid={known['session']}\r\n"
    return {"constant view": token, "one-query view": token, "JSON": token, "page": cookie}


def _cold(server: Postgres, size: int, database: str, known: Row, seconds: float) -> Row:
    """The JSON right after the start, with nothing in any cache."""
    make_cold(server)
    say(f"search: {size:,} rows, cold")
    with web(database) as port:
        found = load.http(port, TARGETS["JSON"], _headers(known)["JSON"], known["codes"], seconds)
    return _row("JSON", size, "cold", found)


def _warm(bases: list[tuple[int, int, Row]], seconds: float) -> list[Row]:
    """All kinds of all sizes in turns, so that whatever else the machine does meets all of them alike."""
    found: dict[tuple[int, str], list[load.Measured]] = {}
    for turn in range(ROUNDS):
        say(f"search: warm, turn {turn + 1} of {ROUNDS}")
        for what, target in TARGETS.items():
            for size, port, known in bases:
                one = load.http(port, target, _headers(known)[what], known["codes"], seconds / ROUNDS)
                found.setdefault((size, what), []).append(one)
    return [_row(what, size, "warm", load.together(turns[1:])) for (size, what), turns in found.items()]


def _row(what: str, size: int, state: str, measured: load.Measured) -> Row:
    return {
        "rows": size,
        "what": what,
        "state": state,
        "requests/s": round(measured.rate),
        "p50 ms": measured.p50,
        "p95 ms": measured.p95,
    }


def _with_ratios(rows: list[Row]) -> list[Row]:
    base = {(row["rows"], row["what"]): row["requests/s"] for row in rows if row["state"] == "warm"}
    for row in rows:
        row["× one query"] = row["requests/s"] / base[row["rows"], "one-query view"]
        row["× constant"] = row["requests/s"] / base[row["rows"], "constant view"]
    return rows


def bare_sql(server: Postgres, database: str, known: Row, seconds: float) -> load.Measured:
    """The statement of a search by psycopg alone: what PostgreSQL itself allows."""
    from ofx.search.statements import HITS

    def make() -> Callable[[str], None]:
        connection = psycopg.connect(_conninfo(server, database), autocommit=True, prepare_threshold=0)

        def ask(code: str) -> None:
            connection.execute(HITS, _values(code, known["organisation"])).fetchall()

        return ask

    return load.run(make, known["codes"], seconds)


def _values(code: str, organisation: int) -> dict[str, Any]:
    outcode = code[:-3]
    return {
        "country": "GB",
        "premises": None,
        "code": code,
        "sector": code[:-2],
        "outcode": outcode,
        "area_code": None,
        "area": outcode[:2].rstrip("0123456789"),
        "organisation": organisation,
    }


@contextmanager
def web(database: str) -> Iterator[int]:
    """The real web server with the flags of production, on a free port."""
    with socket.socket() as probe:  # any port that the system says is free: others measure here too
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = process.spawn(web_command(port), log=home() / "log" / "web.log", env=_env(database, port), cwd=CHECKOUT)
    try:
        until = time.monotonic() + 60
        while port_is_free(port):
            if child.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"The web server did not start: {process.tail(home() / 'log' / 'web.log', 20)}")
            time.sleep(0.1)
        time.sleep(1.5)
        yield port
    finally:
        process.stop(child, seconds=10)


def make_cold(server: Postgres) -> None:
    """Restart PostgreSQL with empty buffers, and ask the kernel to forget its files."""
    server.stop()
    for file in server.data.glob("base/*/*"):
        with file.open("rb") as stream:
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    server.start()


def _prepare(server: Postgres, size: int, places: int) -> tuple[str, Row]:
    """The database of a size, made from the one with the places where it is missing."""
    base = f"bench_places_{places}_v{SCHEMA}"
    database = f"{base}_rows_{size}"
    file = home() / f"{database}.json"
    if not _exists(server, base):
        _make(server, base, None, ["places", str(places)])
    if not (_exists(server, database) and file.exists()):
        _make(server, database, base, ["rows", str(size), str(file)])
        with server.connect(database) as connection:
            connection.execute("VACUUM ANALYZE")
    return database, json.loads(file.read_text())


def _make(server: Postgres, database: str, template: str | None, arguments: list[str]) -> None:
    """Create, migrate or copy, and fill a database; a half-made one is dropped."""
    say(f"search: making {database}")
    with server.connect("postgres") as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {database}")
        connection.execute(f"CREATE DATABASE {database}" + (f" TEMPLATE {template}" if template else ""))
    try:
        if template is None:
            _python(["manage.py", "migrate", "--verbosity=0"], database)
        _python(["-m", "tests.benchmarks.search_data", *arguments], database)
    except BaseException:
        with server.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        raise


def _exists(server: Postgres, database: str) -> bool:
    with server.connect("postgres") as connection:
        return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone())


def _python(arguments: list[str], database: str) -> None:
    subprocess.run([sys.executable, *arguments], env=_env(database), cwd=CHECKOUT, check=True)


def _env(database: str, port: int = 8471) -> dict[str, str]:
    url = paths.database_url(home()).replace("/ofx?", f"/{database}?")
    ours = {"OFX_HOME": str(home()), "DATABASE_URL": url, "OFX_PORT": str(port), "OFX_ENV": "local", "OFX_DEBUG": "0"}
    return {**os.environ, **ours, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}


def _conninfo(server: Postgres, database: str) -> str:
    return make_conninfo(host=str(server.socket_dir), user=paths.DATABASE_USER, dbname=database)


if __name__ == "__main__":
    raise SystemExit("Run it as `python -m tests.benchmarks search`.")
