"""Order list, order board, order page and API at growing numbers of orders, through the real view stack.

Each size runs in a process of its own, against an embedded PostgreSQL in OFX_BENCH_HOME/orders.
"""

import json
import subprocess
import sys

from tests.benchmarks.ground import CHECKOUT, migrated
from tests.benchmarks.report import Row, say

TITLE = "Orders: milliseconds a page, warm, one client"
SIZES = {"small": [1_000, 20_000], "full": [1_000, 100_000, 1_000_000]}
# Flat: at the largest size a page takes at most so many times its time at the smallest, or stays under the floor.
FLAT, FLOOR_MS = 3.0, 250.0
# The pages that everybody opens all day: at most so many times, and no floor.
DAILY, DAILY_FLAT = ("home", "order board", "board: one operator", "360:"), 2.0


def run(sizes: list[int]) -> list[Row]:
    """Every size, every page."""
    with migrated("orders") as environment:
        return [row for size in sorted(sizes) for row in _size(size, environment)]


def _size(size: int, environment: dict[str, str]) -> list[Row]:
    say(f"orders: {size:,}")
    command = [sys.executable, "-m", "tests.benchmarks.orders_load", str(size)]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [{"orders": size, "page": row["page"], "p50 ms": row["p50"], "p95 ms": row["p95"]} for row in found]


def verdicts(rows: list[Row]) -> list[tuple[str, bool]]:
    """Whether each page stayed flat."""
    sizes = sorted({row["orders"] for row in rows})
    if len(sizes) < 2:
        return []
    times = {(row["orders"], row["page"]): row["p95 ms"] for row in rows}
    found = []
    for page in dict.fromkeys(row["page"] for row in rows):
        small, large = times[sizes[0], page], times[sizes[-1], page]
        text = f"{page}: p95 {large:.0f} ms at {sizes[-1]:,} orders, {small:.0f} ms at {sizes[0]:,}"
        most = DAILY_FLAT * small if page.startswith(DAILY) else max(FLAT * small, FLOOR_MS)
        found.append((f"{text} (at most {most:.0f})", large <= most))
    return found
