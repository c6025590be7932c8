"""Addresses from a file: streamed, checked row by row, merged by COPY."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction

from partners.coverage.columns import guess
from partners.coverage.importer import merge_addresses
from partners.coverage.reading import OpenTable, ReadError, open_table
from partners.coverage.rows import Premises, Rejected, RowReader

BATCH = 20_000
MOST_REASONS = 100_000
COLUMNS = ("uprn", "address", "postcode", "lat", "lon")


@dataclass
class Loaded:
    """What became of a file; `reasons` are (line, reason) of the rejected rows, as many as are kept."""

    taken: int = 0
    changed: int = 0
    rejected: int = 0
    reasons: list[tuple[int, str]] = field(default_factory=list)


def load(path: Path, country: str, progress: Callable[[int], object]) -> Loaded:
    """Merge a file's addresses in one transaction. Raises ReadError where it lacks address or postcode."""
    result = Loaded()
    with open_table(path) as table, transaction.atomic(), connection.cursor() as cursor:
        for batch in _batches(table, country, result):
            result.changed += merge_addresses(cursor, batch)
            result.taken += len(batch)
            progress(result.taken + result.rejected)
    return result


def _batches(table: OpenTable, country: str, result: Loaded) -> Iterator[list[Premises]]:
    mapping = {ours: theirs for ours, theirs in guess(table.header).items() if ours in COLUMNS}
    missing = [name for name in ("address", "postcode") if name not in mapping]
    if missing:
        raise ReadError(f"No column for {' and '.join(missing)}. The file has: {', '.join(table.header)[:200]}.")
    reader = RowReader(
        header=table.header,
        mapping={**mapping, "product": "="},  # no technology is asked of an address
        country=country,
        footprint_of=lambda provider: 0,
        offering_of=lambda provider, offer: 0,
    )
    for cells in table.rows:
        _take(reader, cells, table, result)
        if len(reader.premises) >= BATCH:
            yield list(reader.premises.values())
            reader.premises.clear()
    if reader.premises:
        yield list(reader.premises.values())


def _take(reader: RowReader, cells: list[str], table: OpenTable, result: Loaded) -> None:
    try:
        reader.line(cells)
        if not cells[reader.at["address"]].strip():
            raise Rejected("The address is empty.")
    except Rejected as error:
        if any(cells):
            result.rejected += 1
            if len(result.reasons) < MOST_REASONS:
                result.reasons.append((table.line(), str(error)))
