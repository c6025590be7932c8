"""Prices in a file: the same readers as coverage imports, each row checked, each error with row, field and fix."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from partners.coverage.models import Offering, Price
from partners.coverage.reading import OpenTable, ReadError, Unreadable, open_table
from partners.coverage.rows import CURRENCIES, Rejected, currency_of, money

MOST_BYTES = 5 * 1024 * 1024
MOST_ERRORS = 100
MOST_ROWS = 10_000
HEADER = ("product code", "product", "monthly", "one-off", "currency", "list monthly", "list one-off")
NAMES = {
    "code": ("product code", "code", "product id", "sku", "product_code", "offering"),
    "name": ("product", "product name", "name", "description"),
    "monthly": ("monthly", "monthly price", "rental", "mrc", "price", "per month"),
    "one_off": ("one off", "one-off", "one_off", "connection", "setup", "nrc", "install"),
    "currency": ("currency", "ccy"),
}
NEEDED = {"monthly": "the monthly price (“monthly”)"}
LABELS = {"code": "product code", "name": "product", "monthly": "monthly", "one_off": "one-off", "currency": "currency"}
Lines = dict[int, tuple[Decimal, Decimal]]


@dataclass(frozen=True)
class SheetError:
    """What is wrong with a row. `row` is its number in the file, 0 for the file itself."""

    row: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"Row {self.row}, {self.field}: " if self.row else ""
        return where + self.message


@dataclass
class Sheet:
    """What a file says: offering id → (one-off, monthly), its currency, and every error."""

    lines: Lines = field(default_factory=dict)
    currency: str = ""
    errors: list[SheetError] = field(default_factory=list)
    skipped: int = 0


class _Wrong(Exception):
    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def read_prices(upload: Any, offerings: Iterable[Offering], country: str) -> Sheet:
    """An uploaded CSV or XLSX with one product a row; a row without a monthly price is left out.

    Nothing of a file with an error should be used: an agreement with half of its prices is worse than none.
    """
    if upload.size > MOST_BYTES:
        return Sheet(errors=[SheetError(0, "", "The file is larger than 5 MB. A price file has one row a product.")])
    with NamedTemporaryFile(suffix=Path(upload.name).suffix[:8]) as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
        kept.flush()
        try:
            with open_table(Path(kept.name)) as table:
                return _read(table, list(offerings), country)
        except ReadError as error:
            return Sheet(errors=[SheetError(0, "", str(error))])


def _read(table: OpenTable, offerings: list[Offering], country: str) -> Sheet:
    sheet = Sheet()
    at = _columns(table.header)
    missing = [words for name, words in NEEDED.items() if name not in at]
    if missing or not at.keys() & {"code", "name"}:
        wanted = [*missing, *([] if at.keys() & {"code", "name"} else ["the product (“product code”)"])]
        has = ", ".join(table.header)[:200]
        sheet.errors.append(SheetError(0, "", f"No column for {' and '.join(wanted)}. The file has: {has}."))
        return sheet
    reader = _Reader(at, offerings, country)
    for cells in table.rows:
        if not any(cells) and not isinstance(cells, Unreadable):
            continue
        _take(sheet, reader, cells, table.line())
        if len(sheet.errors) >= MOST_ERRORS or len(sheet.lines) + sheet.skipped > MOST_ROWS:
            sheet.errors.append(SheetError(0, "", "Reading stopped here: mend these rows first."))
            break
    if not sheet.lines and not sheet.errors:
        sheet.errors.append(SheetError(0, "", "No row has a monthly price. Fill in at least one."))
    return sheet


def _take(sheet: Sheet, reader: "_Reader", cells: list[str], line: int) -> None:
    try:
        found = reader.row(cells, sheet)
    except _Wrong as error:
        sheet.errors.append(SheetError(line, LABELS.get(error.name, error.name), str(error)))
        return
    if found is None:
        sheet.skipped += 1
        return
    pk, prices = found
    sheet.lines[pk] = prices


class _Reader:
    """One row → offering and prices."""

    def __init__(self, at: dict[str, int], offerings: list[Offering], country: str) -> None:
        self.at, self.country = at, country
        self.codes = {row.code.casefold(): row for row in offerings}
        self.names: dict[str, list[Offering]] = {}
        for row in offerings:
            self.names.setdefault(row.name.casefold(), []).append(row)
        self.known = ", ".join(row.code for row in offerings[:12]) + (" …" if len(offerings) > 12 else "")

    def row(self, cells: list[str], sheet: Sheet) -> tuple[int, tuple[Decimal, Decimal]] | None:
        """(offering id, (one-off, monthly)); None for a product that is not offered. Raises _Wrong."""
        if isinstance(cells, Unreadable):
            raise _Wrong("row", Unreadable.why)
        get = {name: cells[i].strip() if i < len(cells) else "" for name, i in self.at.items()}
        for name, text in get.items():
            if text.startswith(("=", "@")) or (text.startswith("+") and not text[1:2].isdigit()):
                raise _Wrong(name, f"holds a formula ({text[:30]}). Write the value itself.")
        offering = self._offering(get)
        if not get["monthly"]:
            return None
        self._currency(get.get("currency", ""), sheet)
        if offering.pk in sheet.lines:
            raise _Wrong("code", f"{offering.code} comes twice. Keep one of the rows.")
        return offering.pk, (self._money("one_off", get.get("one_off", "")), self._money("monthly", get["monthly"]))

    def _offering(self, get: dict[str, str]) -> Offering:
        code, name = get.get("code", ""), get.get("name", "")
        if code:
            if code.casefold() in self.codes:
                return self.codes[code.casefold()]
            raise _Wrong("code", f"“{code[:40]}” is none of your products. They are: {self.known}.")
        if not name:
            raise _Wrong("code", "is empty. Write the product's code.")
        fits = self.names.get(name.casefold(), [])
        if len(fits) != 1:
            why = "several products have this name" if fits else f"“{name[:40]}” is none of your products"
            raise _Wrong("name", f"{why}. Write the product's code: {self.known}.")
        return fits[0]

    def _money(self, name: str, text: str) -> Decimal:
        try:
            return money(text)
        except Rejected as error:
            raise _Wrong(name, str(error)) from None

    def _currency(self, text: str, sheet: Sheet) -> None:
        try:
            code = currency_of(text, self.country)
        except Rejected as error:
            raise _Wrong("currency", str(error)) from None
        if sheet.currency and text and code != sheet.currency:
            raise _Wrong("currency", f"{code} differs from {sheet.currency} above. One currency an agreement.")
        sheet.currency = sheet.currency or code


def _columns(header: list[str]) -> dict[str, int]:
    words = {re.sub(r"[^a-z0-9]+", " ", name.lower()).strip(): i for i, name in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for name, spellings in NAMES.items():
        hit = next((words[word] for word in (re.sub(r"[^a-z0-9]+", " ", s) for s in spellings) if word in words), None)
        if hit is not None:
            found[name] = hit
    return found


def template_rows(
    offerings: Iterable[Offering], listed: dict[int, Price], given: Lines, country: str
) -> Iterator[list[Any]]:
    """The rows of a file to fill in: every product, the prices that are known, list prices beside."""
    for row in offerings:
        price = listed.get(row.pk)
        one_off, monthly = given.get(row.pk) or ((price.one_off, price.monthly) if price else ("", ""))
        currency = price.currency if price else CURRENCIES.get(country, "EUR")
        beside = [price.monthly, price.one_off] if price else ["", ""]
        yield [row.code, row.name, monthly, one_off, currency, *beside]


def as_workbook(rows: Iterable[list[Any]]) -> bytes:
    """The same rows as an XLSX file."""
    from openpyxl import Workbook  # see partners/coverage/reading

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Prices")
    sheet.append(list(HEADER))
    for row in rows:
        sheet.append([_plain(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(cell: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets a leading apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
