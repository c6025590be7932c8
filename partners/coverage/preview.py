"""The first rows of an uploaded file, and what would become of each under a mapping."""

from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

from partners.coverage.columns import Mapping, problems
from partners.coverage.reading import OpenTable, open_table
from partners.coverage.rows import Rejected, RowReader

ROWS = 20
LEVELS = {"premises": "one premises", "postcode": "a postcode", "sector": "a sector", "outcode": "an area"}


@dataclass
class PreviewRow:
    """One line of the file, (column, cell) pairs; `reason` is empty where it would be taken."""

    line: int
    cells: list[tuple[str, str]]
    becomes: str
    reason: str


@dataclass
class Preview:
    """The head of a file. `judged` is false while the mapping cannot be tried."""

    header: list[str]
    rows: list[PreviewRow]
    judged: bool

    @property
    def refused(self) -> int:
        """How many of the rows would be rejected."""
        return sum(1 for row in self.rows if row.reason)


def preview(path: Path, mapping: Mapping, country: str) -> Preview:
    """Read the first rows and try the mapping on them. Raises ReadError."""
    with open_table(path) as table:
        judged = not problems(mapping, table.header)
        reader = RowReader(
            header=table.header,
            mapping=mapping if judged else {},
            country=country,
            footprint_of=lambda provider: 0,
            offering_of=lambda provider, offer: 0,
        )
        rows = [_judge(reader if judged else None, table, cells) for cells in islice(table.rows, ROWS) if any(cells)]
    return Preview(table.header, rows, judged)


def _judge(reader: RowReader | None, table: OpenTable, cells: list[str]) -> PreviewRow:
    shown = [(name, cell[:60]) for name, cell in zip_longest(table.header, cells[: len(table.header)], fillvalue="")]
    line = table.line()
    if reader is None:
        return PreviewRow(line, shown, "", "")
    try:
        parts = reader.line(cells).split("\t")
    except Rejected as error:
        return PreviewRow(line, shown, "", str(error))
    return PreviewRow(line, shown, f"{parts[4] or 'an offer'} at {LEVELS[parts[2]]}, {parts[5]}", "")
