"""Tickets: pages at growing numbers of tickets, and opening one over the API beside a bare DRF insert of one row.

Pages are timed in a process of their own, through the whole view stack; creating goes through the real web server.
"""

import json
import os
import subprocess
import sys

from tests.benchmarks import load, tmf_bench
from tests.benchmarks.ground import CHECKOUT, home, migrated
from tests.benchmarks.report import Row, say

TITLE = "Tickets: milliseconds a page (warm, one client), and tickets opened a second (8 clients)"
SIZES = {"small": [1_000, 20_000], "full": [1_000, 1_000_000]}
# Flat: at the largest size a page takes at most so many times its time at the smallest, or stays under the floor.
FLAT, FLOOR_MS = 3.0, 250.0
DAILY, DAILY_FLAT = ("queue board", "list"), 2.0
# One row in a bare insert; a ticket is that row with its checklist, flags, audit, event and answer.
CREATE_SHARE = 0.25
ROUNDS = 3  # the first only warms up


def run(sizes: list[int]) -> list[Row]:
    """Every size, every page; then creating at the last one."""
    with migrated("tickets", "tests.benchmarks.tickets_settings") as environment:
        rows: list[Row] = []
        for size in sorted(sizes):
            pages, known = _size(size, environment)
            rows += pages + _creating(size, known, environment)
        return rows


def _size(size: int, environment: dict[str, str]) -> tuple[list[Row], Row]:
    say(f"tickets: {size:,}")
    command = [sys.executable, "-m", "tests.benchmarks.tickets_load", str(size)]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    pages = [{"tickets": size, "what": row["page"], "p50 ms": row["p50"], "p95 ms": row["p95"]} for row in found[:-1]]
    return pages, found[-1]


def _creating(size: int, known: Row, environment: dict[str, str]) -> list[Row]:
    headers = f"Authorization: Bearer {known['token']}\r\n"
    common = {"title": "No light", "fault_class": "no_connection", "contact_name": "Paula Placeholder"}
    ours = {**common, "service": "{word}", "external_id": "{}", "answers": {"ONT_POWER": "yes"}}
    wanted = {
        "create, bare DRF": ("/bench/drf/", json.dumps({**common, "service": "{word}"}), known["ids"]),
        "create, API": ("/api/v1/tickets/", json.dumps(ours), known["services"]),
    }
    seconds = float(os.environ.get("BENCH_SECONDS", "20")) / ROUNDS / 2
    found: dict[str, list[load.Measured]] = {}
    with tmf_bench.web(home("tickets"), environment) as port:
        for _ in range(ROUNDS):
            for what, (target, body, words) in wanted.items():
                made = load.run(tmf_bench.poster(port, target, headers, body), words, seconds)
                found.setdefault(what, []).append(made)
    measured = {what: load.together(turns[1:]) for what, turns in found.items()}
    bare = measured["create, bare DRF"].rate
    return [
        {"tickets": size, "what": what, "p50 ms": one.p50, "p95 ms": one.p95, "a second": round(one.rate),
         "× bare DRF": one.rate / bare}
        for what, one in measured.items()
    ]  # fmt: skip


def verdicts(rows: list[Row]) -> list[tuple[str, bool]]:
    """Whether each page stayed flat, and creating keeps its share of a bare insert."""
    sizes = sorted({row["tickets"] for row in rows})
    found = [
        (f"{row['what']} at {row['tickets']:,}: {row['× bare DRF']:.2f} of a bare insert (at least {CREATE_SHARE})",
         row["× bare DRF"] >= CREATE_SHARE)
        for row in rows if row["what"] == "create, API"
    ]  # fmt: skip
    times = {(row["tickets"], row["what"]): row["p95 ms"] for row in rows if not row["what"].startswith("create")}
    for page in dict.fromkeys(what for _, what in times) if len(sizes) > 1 else ():
        small, large = times[sizes[0], page], times[sizes[-1], page]
        text = f"{page}: p95 {large:.0f} ms at {sizes[-1]:,} tickets, {small:.0f} ms at {sizes[0]:,}"
        most = DAILY_FLAT * small if page in DAILY else max(FLAT * small, FLOOR_MS)
        found.append((f"{text} (at most {most:.0f})", large <= most))
    return found
