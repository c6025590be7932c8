"""Known-error search at growing numbers of records, the query embedded, through the product's own search.

Each size runs in a process of its own, against an embedded PostgreSQL in OFX_BENCH_HOME/known_errors. Two thousand
texts are embedded; the other records are perturbed copies: words taken out, the vector moved a little.
"""

import json
import os
import subprocess
import sys

from tests.benchmarks.ground import CHECKOUT, migrated
from tests.benchmarks.report import Row, say

TITLE = "Known errors: milliseconds a search, query embedded, one client"
SIZES = {"small": [2_000, 20_000], "full": [2_000, 100_000]}
LIMIT_MS, LIMIT_AT = 150.0, 100_000


def run(sizes: list[int]) -> list[Row]:
    """Every size."""
    if not os.environ.get("OFX_DATA", "").strip():
        say("known_errors: left out, OFX_DATA is not set")
        return []
    with migrated("known_errors") as environment:
        return [row for size in sorted(sizes) for row in _size(size, environment)]


def _size(size: int, environment: dict[str, str]) -> list[Row]:
    say(f"known_errors: {size:,}")
    command = [sys.executable, "-m", "tests.benchmarks.known_errors_load", str(size)]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def verdicts(rows: list[Row]) -> list[tuple[str, bool]]:
    """The promise at 100,000 records, on two cores, the query embedded."""
    held = [row for row in rows if row["records"] >= LIMIT_AT and row["search"] == "with embedding"]
    return [
        (f"{row['records']:,} records: p95 {row['p95 ms']:.0f} ms (at most {LIMIT_MS:.0f})", row["p95 ms"] <= LIMIT_MS)
        for row in held
    ]
