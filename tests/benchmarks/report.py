"""Sizes from the environment, and tables for people."""

import dataclasses
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]


def sizes(choices: Mapping[str, Sequence[int]]) -> list[int]:
    """The sizes to run: BENCH_SIZES is `small`, `full` (the default) or numbers such as `10000,1000000`."""
    text = os.environ.get("BENCH_SIZES", "").strip().lower() or "full"
    if text in choices:
        return list(choices[text])
    try:
        return [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        raise SystemExit(f"BENCH_SIZES must be small, full or numbers, not {text!r}") from None


def say(text: str) -> None:
    """Progress, on the error stream, so that the tables can be kept."""
    print(text, file=sys.stderr, flush=True)


def as_dict(row: Any) -> Row:
    """A row of any bench: a dict, a dataclass or a named tuple."""
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return dataclasses.asdict(row)
    return row._asdict() if hasattr(row, "_asdict") else dict(row)


def table(title: str, rows: Iterable[Any]) -> str:
    """A markdown table; its columns are the keys of all rows in order of appearance."""
    dicts = [as_dict(row) for row in rows]
    columns = list(dict.fromkeys(key for row in dicts for key in row))
    lines = [f"\n## {title}\n", _line(columns), _line(["---"] * len(columns))]
    return "\n".join([*lines, *(_line([_shown(row.get(column)) for column in columns]) for row in dicts)])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
