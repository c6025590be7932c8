"""Footprint import: rows a second of our importer beside a bare COPY of the same file, and the memory it takes.

Each load runs in a process of its own, against an embedded PostgreSQL in OFX_BENCH_HOME/import, into empty tables.
The bare COPY is measured twice: into a table without any index, and into one with the same two indexes as ours.
"""

import json
import random
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path

from tests.benchmarks.ground import CHECKOUT, home, migrated
from tests.benchmarks.report import Row, say

TITLE = "Import: rows a second, postcode level, CSV in random order"
SIZES = {"small": [20_000, 200_000], "full": [100_000, 1_000_000, 10_000_000]}
SPEEDS = (160, 330, 550, 900)
WAYS = {"importer": "our importer", "copy": "bare COPY, no index", "indexed": "bare COPY, same indexes"}


def run(sizes: list[int]) -> list[Row]:
    """Every size, every way."""
    with migrated("import") as environment:
        return [row for size in sorted(sizes) for row in _size(size, environment)]


def _size(size: int, environment: dict[str, str]) -> list[Row]:
    file = home("import") / f"coverage-{size}.csv"
    write(file, size)
    rows: list[Row] = []
    for way, what in WAYS.items():
        say(f"import: {size:,} rows, {what}")
        command = [sys.executable, "-m", "tests.benchmarks.import_load", way, str(file)]
        done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        rate = size / found["seconds"]
        rows.append({"rows": size, "what": what, "seconds": found["seconds"], "rows/s": rate})
        if way == "importer":
            rows[-1]["peak MB"] = found["peak_mb"]
    for row in rows[1:]:
        row["our importer ×"] = rows[0]["rows/s"] / row["rows/s"]
    file.unlink()
    return rows


def write(file: Path, size: int) -> None:
    """A file of valid postcodes in random order; beyond all possible places the technology changes."""
    dice = random.Random(size)
    units = [a + b for a in "ABDEFGHJLN" for b in "ABDEFGHJLN"]
    codes = [f"{area}{n} {digit}{unit}" for area in ("M", "LS", "G", "EH", "BS", "CF", "NE", "CB", "SW", "BN", "PL")
             for n in range(1, 90) for digit in range(10) for unit in units]  # fmt: skip
    dice.shuffle(codes)
    with file.open("w", encoding="utf-8") as out:
        out.write("postcode,technology,status,down,up,lead_days\n")
        for technology in islice(cycle(("FTTP", "FTTC", "EAD")), (size - 1) // len(codes) + 1):
            part = codes[:size]
            out.writelines(f"{code},{technology},live,{dice.choice(SPEEDS)},100,10\n" for code in part)
            size -= len(part)


def verdicts(rows: list[Row]) -> list[tuple[str, bool]]:
    """Memory does not grow with the file."""
    peaks = [row["peak MB"] for row in rows if row.get("peak MB")]
    grown = peaks[-1] - peaks[0]
    return [(f"memory at the largest size {grown:+.0f} MB against the smallest (at most 60)", grown <= 60)]
