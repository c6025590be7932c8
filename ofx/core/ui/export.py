"""Tables as CSV: streamed, safe to open in a spreadsheet, times absolute with their zone (DESIGN, principle 2)."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from ofx.core.ui.columns import Column
from ofx.core.ui.display import local

# A spreadsheet takes a cell that starts so for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as Windows-1252


class _Echo:
    def write(self, text: str) -> str:
        """What the CSV writer would have written to a file."""
        return text


def cell(value: Any, zone: tzinfo | None = None) -> Any:
    """One value as it may stand in a CSV: numbers stay numbers, text that looks like a formula gets a leading '."""
    if value is None or isinstance(value, (int, float)):
        return "" if value is None else value
    if isinstance(value, datetime):
        return local(value, zone).isoformat(timespec="seconds")
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _number(text) else text


def _number(text: str) -> bool:
    body = text[1:]
    return body.replace(".", "", 1).isascii() and body.replace(".", "", 1).isdigit()


def lines(columns: Iterable[Column], rows: Iterable[Any], zone: tzinfo) -> Iterator[str]:
    """The CSV line by line, the heading first, times in `zone`."""
    chosen = list(columns)
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow([cell(column.label) for column in chosen])
    for row in rows:
        yield writer.writerow([cell(column.plain(row), zone) for column in chosen])


def csv_response(name: str, columns: Iterable[Column], rows: Iterable[Any]) -> StreamingHttpResponse:
    """A streamed download `name.csv`."""
    # The zone is read now: the lines are made after the request, when no zone is active any more.
    body = lines(columns, rows, timezone.get_current_timezone())
    response = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
