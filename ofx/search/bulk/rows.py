"""A line of the file → a place that may be looked up, or why it cannot be. Pure but for the file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ofx.search.places import split_address
from partners.coverage.columns import Mapping
from partners.coverage.normalise import BadPlace, country_code, normalise
from partners.coverage.reading import OpenTable, Unreadable

# Our column → the longest text that is kept.
KEPT = {"reference": 80, "customer": 120, "contact_name": 120, "contact_phone": 40, "contact_email": 254}
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(slots=True)
class Given:
    """One row of the file. `error`: why it names no place."""

    line: int
    given: str
    kept: tuple[str, ...]
    country: str
    code: str = ""
    uprn: str = ""
    text: str = ""
    error: str = ""


class Reader:
    """Reads rows under a mapping. The same texts come again and again in a file, so codes are remembered."""

    def __init__(self, header: list[str], mapping: Mapping, country: str) -> None:
        self.country = country
        self.at = {key: header.index(theirs) for key, theirs in mapping.items() if theirs in header}
        self.kept = [(self.at.get(name, -1), most) for name, most in KEPT.items()]

    def read(self, line: int, cells: list[str]) -> Given:
        """One row, never refused: what is wrong is in `error`."""
        width = len(cells)
        kept = tuple(CONTROL.sub(" ", cells[at]).strip()[:most] if 0 <= at < width else "" for at, most in self.kept)
        row = Given(line, "", kept, self.country)
        if isinstance(cells, Unreadable):
            row.error = cells.why
            return row
        postcode, uprn, address = (self._cell(cells, name) for name in ("postcode", "uprn", "address"))
        row.given = ", ".join(text for text in (address, postcode, uprn and f"UPRN {uprn}") if text)[:300]
        try:
            row.country = country_code(self._cell(cells, "country") or self.country)
            self._place(row, postcode, uprn, address)
        except BadPlace as error:
            row.error = str(error)[:300]
        return row

    def _cell(self, cells: list[str], name: str) -> str:
        at = self.at.get(name, -1)
        return CONTROL.sub(" ", cells[at]).strip() if 0 <= at < len(cells) else ""

    def _place(self, row: Given, postcode: str, uprn: str, address: str) -> None:
        row.uprn = re.sub(r"[\s-]", "", uprn)[:40] if uprn else ""
        row.text = address[:250]
        if not postcode and address:
            named = split_address(row.country, address)[1]
            postcode = named.code if named else ""
        if postcode:
            row.code = normalise(row.country, postcode, kind="postcode" if row.country == "GB" else "").code
        elif not row.uprn:
            raise BadPlace("The row names no place: a postcode or a premises id is needed.")


def blank(cells: list[str]) -> bool:
    """Whether a line holds nothing: no row."""
    return not any(cells) and not isinstance(cells, Unreadable)


def rows_of(table: OpenTable) -> Iterator[list[str]]:
    """The rows of a table without blank lines."""
    return (cells for cells in table.rows if not blank(cells))


def chunks(rows: Iterator[list[str]], reader: Reader, start: int, size: int) -> Iterator[list[Given]]:
    """The rows after the first `start`, read, in lists of at most `size`. Row numbers count from 1."""
    line = start
    rest = islice(rows, start, None)
    while part := list(islice(rest, size)):
        yield [reader.read(line + number, cells) for number, cells in enumerate(part, start=1)]
        line += len(part)
