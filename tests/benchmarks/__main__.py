"""`python -m tests.benchmarks [search import orders hub bulk]`: run the benches that exist and print markdown tables.

A bench is a module `<name>_bench` with TITLE, SIZES = {"small": […], "full": […]} and `run(sizes) -> rows`.
"""

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.report import say, sizes, table

BENCHES = ("search", "import", "orders", "hub", "bulk", "tmf", "tickets", "known_errors")
DEFAULT_SIZES = {"small": [10_000, 100_000], "full": [10_000, 1_000_000, 10_000_000]}


def main(wanted: list[str]) -> int:
    """Run the wanted benches, all by default; 1 where a limit was missed."""
    missed = False
    for name in wanted or BENCHES:
        if find_spec(f"tests.benchmarks.{name}_bench") is None:
            continue
        bench = import_module(f"tests.benchmarks.{name}_bench")
        say(f"{name}: running")
        rows = bench.run(sizes(getattr(bench, "SIZES", DEFAULT_SIZES)))
        print(table(getattr(bench, "TITLE", name.title()), rows), flush=True)
        verdicts = getattr(bench, "verdicts", lambda rows: [])(rows)
        for text, held in verdicts:
            print(f"\n{'held' if held else 'MISSED'}: {text}", flush=True)
            missed = missed or not held
    return int(missed)


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[2])
    os.environ.setdefault("OFX_LOG_LEVEL", "WARNING")  # a line a request would bury the progress
    sys.exit(main(sys.argv[1:]))
