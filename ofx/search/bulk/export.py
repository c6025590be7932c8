"""The result as a file, streamed: CSV straight from PostgreSQL, XLSX row by row into a ZIP. Memory stays flat."""

import zipfile
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from django.db import connection
from django.db.models import QuerySet

from ofx.search.bulk.models import BulkPlace

# A text that a spreadsheet would take for a formula gets an apostrophe, as in ofx.core.ui.export.
SAFE = "CASE WHEN {0} ~ '^[=+@\\t\\r-]' AND {0} !~ '^[+-]?[0-9.]+$' THEN '''' || {0} ELSE {0} END"
# Heading → expression over p (the row), b (best offer), o (its operator), c (cheapest offer).
EXPRESSIONS = (
    ("row", "p.line", ""),
    ("place", "p.given", "text"),
    ("your reference", "p.reference", "text"),
    ("customer", "p.customer", "text"),
    ("postcode", "p.postcode", "text"),
    ("outcome", "CASE WHEN p.error <> '' THEN 'Could not be read' WHEN p.orderable THEN 'Can be ordered' "
                "WHEN p.served THEN 'Served' ELSE 'Not served' END", ""),
    ("problem or note", "concat_ws('; ', nullif(p.error, ''), nullif(p.note, ''), nullif(p.missing, ''))", "text"),
    ("operators", "cardinality(p.operators)", "number"),
    ("technologies", "array_to_string(p.technologies, ' ')", "text"),
    ("best operator", "coalesce(o.name, '')", "text"),
    ("best offer", "coalesce(b.name, '')", "text"),
    ("technology", "p.technology", "text"),
    ("down Mbit/s", "p.down_mbps", "number"),
    ("up Mbit/s", "p.up_mbps", "number"),
    ("lead time, working days", "p.lead_days", "number"),
    ("a month", "p.monthly", "number"),
    ("once", "p.one_off", "number"),
    ("currency", "p.currency", "text"),
    ("cheapest offer", "coalesce(c.name, '')", "text"),
    ("cheapest a month", "p.cheapest_monthly", "number"),
)  # fmt: skip
JOINS = """FROM chosen JOIN search_bulkplace p ON p.id = chosen.id
LEFT JOIN partners_offering b ON b.id = p.best_id LEFT JOIN partners_operator o ON o.id = p.best_operator_id
LEFT JOIN partners_offering c ON c.id = p.cheapest_id ORDER BY p.line"""


def _select(rows: QuerySet[BulkPlace]) -> tuple[str, tuple[Any, ...]]:
    """A statement over the chosen rows with readable headings, and its parameters."""
    ids, values = rows.order_by().values("pk").query.sql_with_params()
    columns = ", ".join(
        f'{SAFE.format(expression) if kind == "text" else expression} AS "{name}"'
        for name, expression, kind in EXPRESSIONS
    ).replace("%", "%%")
    return f"WITH chosen(id) AS ({ids}) SELECT {columns} {JOINS}", values


def csv_bytes(rows: QuerySet[BulkPlace]) -> Iterator[bytes]:
    """CSV with a heading and a byte order mark (without it Excel reads UTF-8 as Windows-1252)."""
    statement, values = _select(rows)
    yield b"\xef\xbb\xbf"
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv, HEADER)", values) as copy,
    ):
        yield from (bytes(part) for part in copy)


class _Sink:
    """What the ZIP writer has written since it was last emptied; it cannot be wound back."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep."""
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do."""

    def take(self) -> bytes:
        """All of it, once."""
        found, self.parts = b"".join(self.parts), []
        return found


TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"""  # noqa: E501
RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{0}" Target="{1}"/></Relationships>"""  # noqa: E501
BOOK = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Places" sheetId="1" r:id="rId1"/></sheets></workbook>"""  # noqa: E501
SHEET = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"""
PARTS = {
    "[Content_Types].xml": TYPES,
    "_rels/.rels": RELATIONS.format("officeDocument", "xl/workbook.xml"),
    "xl/workbook.xml": BOOK,
    "xl/_rels/workbook.xml.rels": RELATIONS.format("worksheet", "worksheets/sheet1.xml"),
}
FEW = 500


def xlsx_bytes(rows: QuerySet[BulkPlace]) -> Iterator[bytes]:
    """An Excel workbook while it is being made. No library writes one without keeping it on disk or in memory."""
    sink: Any = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        for name, text in PARTS.items():
            book.writestr(name, text)
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(SHEET.encode())
            sheet.write(_row([name for name, _, _ in EXPRESSIONS]))
            for part in _parts(rows):
                sheet.write(part)
                yield sink.take()
            sheet.write(b"</sheetData></worksheet>")
    yield sink.take()


def _parts(rows: QuerySet[BulkPlace]) -> Iterator[bytes]:
    """Rows of the sheet, some hundred at once, from a cursor that stays on the server."""
    statement, values = _select(rows)
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY ({statement}) TO STDOUT", values) as copy:
        lines: list[bytes] = []
        for cells in copy.rows():
            lines.append(_row(cells))
            if len(lines) >= FEW:
                yield b"".join(lines)
                lines.clear()
        yield b"".join(lines)


NUMBERS = {at for at, (_, _, kind) in enumerate(EXPRESSIONS) if kind == "number"} | {0}


def _row(cells: Any) -> bytes:
    made = []
    for at, cell in enumerate(cells):
        if cell in (None, ""):
            made.append("<c/>")
        elif at in NUMBERS and cell[0].isdigit():
            made.append(f"<c><v>{cell}</v></c>")
        else:
            made.append(f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>')
    return f"<row>{''.join(made)}</row>".encode()
