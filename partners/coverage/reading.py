"""Open a table somebody sent: CSV in any usual encoding and delimiter, or XLSX; streamed, never whole in memory."""

import codecs
import csv
import gzip
import lzma
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import IO, Any, cast

from partners.coverage.normalise import BadPlace, normalise

SNIFF = 65_536  # bytes
DELIMITERS = ",;\t|"
MOST_COLUMNS = 500
XLSX_MOST_BYTES = 1_500_000_000  # unpacked: a small file may hold an enormous sheet
CHUNK = 1 << 20


class ReadError(ValueError):
    """The file is no table that we can read; `str(error)` says why and what would do."""


class Unreadable(list[str]):
    """Stands in for a line that the reader could not take apart; `why` says so."""

    why = "This line cannot be read: a field is longer than 131,072 characters or a quote is never closed."


@dataclass
class OpenTable:
    """A table being read. `position` counts the bytes taken from the file, `line` the lines (from 1)."""

    header: list[str]
    rows: Iterator[list[str]]
    line: Callable[[], int]
    position: Callable[[], int]
    size: int


@contextmanager
def open_table(path: Path) -> Iterator[OpenTable]:
    """The table in a file, its first line taken as header. Raises ReadError."""
    with path.open("rb") as probe:
        start = probe.read(8)
    if start.startswith(b"PK\x03\x04"):
        with _xlsx(path) as table:
            yield table
        return
    if start.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise ReadError("This is an old Excel or a PDF file. Save it as CSV (UTF-8) or as .xlsx and upload that.")
    with _csv(path, start) as table:
        yield table


@contextmanager
def _csv(path: Path, start: bytes) -> Iterator[OpenTable]:
    opener: Any = gzip.open if start.startswith(b"\x1f\x8b") else lzma.open if start.startswith(b"\xfd7zXZ") else open
    with opener(path, "rb") as probe:
        encoding = _encoding(probe)
    with path.open("rb") as raw:
        inner = raw if opener is open else cast(IO[bytes], opener(raw, "rb"))
        stream = TextIOWrapper(cast(BufferedReader, inner), encoding, errors="replace", newline="")
        delimiter = _delimiter(stream.readline(SNIFF))
        stream.seek(0)
        reader = csv.reader(stream, delimiter=delimiter)
        rows = _forgiving(reader)
        header = _header(next(rows, []))
        yield OpenTable(header, rows, lambda: reader.line_num, raw.tell, path.stat().st_size)


def _forgiving(reader: Any) -> Iterator[list[str]]:
    """The reader's rows; a line that it stumbles over becomes an Unreadable and reading goes on."""
    while True:
        try:
            yield from reader
            return
        except csv.Error:
            yield Unreadable()


def _encoding(stream: IO[bytes]) -> str:
    """utf-8-sig, utf-16 by their marks, else UTF-8 where the whole file is, else Windows-1252."""
    chunk = stream.read(CHUNK)
    if not chunk.strip():
        raise ReadError("The file is empty.")
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in chunk[:SNIFF]:
        raise ReadError("This is not a text file. Upload a CSV (UTF-8) or an .xlsx workbook.")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk:
            decoder.decode(chunk)
            chunk = stream.read(CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _delimiter(line: str) -> str:
    """The delimiter that occurs most in the header line, outside quotes."""
    bare = "".join(part for i, part in enumerate(line.split('"')) if i % 2 == 0)
    best = max(DELIMITERS, key=bare.count)
    return best if bare.count(best) else ","


def _header(cells: list[str]) -> list[str]:
    """The names of the columns, made unique. Raises ReadError where the first line looks like data."""
    names = [cell.strip().lstrip("\ufeff")[:80] for cell in cells]
    if isinstance(cells, Unreadable) or not any(names):
        raise ReadError("The first line must hold the names of the columns.")
    if len(names) > MOST_COLUMNS:
        raise ReadError(f"The table has {len(names)} columns; more than {MOST_COLUMNS} are not read.")
    if any(_is_postcode(name) for name in names):
        raise ReadError("The first line holds a postcode: put a line with the names of the columns above it.")
    seen: dict[str, int] = {}
    unique = []
    for position, name in enumerate(names, start=1):
        name = name or f"column {position}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique


def _is_postcode(text: str) -> bool:
    try:
        return len(text) > 4 and normalise("GB", text, "postcode").kind == "postcode"
    except BadPlace:
        return False


@contextmanager
def _xlsx(path: Path) -> Iterator[OpenTable]:
    """The first sheet of a workbook. Formulas come as their text (`=A1`), which no column accepts."""
    import openpyxl  # half a second with numpy: only those that read a workbook pay it

    _guard_unpacked_size(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises whatever the broken part made it raise
        raise ReadError("This workbook cannot be opened. Save it again as .xlsx, or as CSV (UTF-8).") from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise ReadError("The workbook has no sheet.")
        count = [0]
        rows = _sheet_rows(sheet, count)
        header = _header(next(rows, []))
        size = path.stat().st_size
        total = max(sheet.max_row or 1, 1)
        yield OpenTable(header, rows, lambda: count[0], lambda: min(size, size * count[0] // total), size)
    finally:
        book.close()


def _guard_unpacked_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise ReadError("This file is a damaged ZIP. Save the workbook again as .xlsx, or as CSV (UTF-8).") from error
    if "xl/workbook.xml" not in names:
        raise ReadError("This ZIP is no Excel workbook. Unpack it and upload the CSV file inside.")
    if unpacked > XLSX_MOST_BYTES:
        raise ReadError("This workbook unpacks to more than 1.5 GB. Save the sheet as CSV (UTF-8) and upload that.")


def _sheet_rows(sheet: Any, count: list[int]) -> Iterator[list[str]]:
    for values in sheet.iter_rows(values_only=True):
        count[0] += 1
        yield [_text(value) for value in values]


def _text(value: Any) -> str:
    """A cell as CSV would hold it: whole numbers without `.0`, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
