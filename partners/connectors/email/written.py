"""CSV on its way out. A cell that a spreadsheet would run as a formula is made text."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")
OPEN = ("our_key", "partner_ref", "requested_date")


def csv_text(columns: Sequence[str], rows: Iterable[dict[str, str]]) -> str:
    """Header and rows, every dangerous cell with an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(name, "") if name in OPEN else harmless(row.get(name, "")) for name in columns])
    return out.getvalue()


def harmless(cell: str) -> str:
    """The cell as text that no spreadsheet calculates; line ends become blanks."""
    flat = " ".join(cell.replace("\x00", "").split("\n")).replace("\r", " ").strip(" ")
    return f"'{flat}" if flat.startswith(FORMULA) else flat
