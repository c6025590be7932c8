"""Reading the changes of a TMF partner by its lists: overlap, key-set steps, a cursor that is never in the future.

The list is ordered by lastUpdate, a field that moves while we read: a page by offset would skip what moved. So the next
page starts at the second of the last row seen; an offset is used only within one second that is larger than a page.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from partners.connectors.base import EndpointLike, NotReached, Page, Polled
from partners.connectors.tmf622.calls import read
from partners.connectors.tmf622.parse import version_key

OVERLAP = timedelta(seconds=20)
PAGE_SIZE = 100
MAX_PAGES = 200
PASSES = 4
Key = Callable[[dict[str, Any]], str]


def changed(endpoint: EndpointLike, at: datetime, path: str = "productOrder", key: Key = version_key) -> Iterator[Page]:
    """Pages of records changed since the cursor (less the overlap); `key` names a version. Raises NotReached."""
    start = _start(endpoint.poll_cursor)
    seen: set[str] = set()
    newest = start
    offset, passes, here = 0, 1, 0
    for _ in range(MAX_PAGES):
        rows, total = _page(endpoint, path, start, offset)
        fresh = [row for row in rows if key(row) not in seen]
        seen.update(key(row) for row in fresh)
        here += len(fresh)
        newest = max([newest, *(_stamp(row) for row in rows)])
        yield Page([_polled(row, key) for row in fresh], min(newest, at).isoformat())
        if offset == 0 and total <= len(rows):
            return
        last = max((_stamp(row) for row in rows), default=start).replace(microsecond=0)
        if rows and last > start:
            start, offset, passes, here = last, 0, 1, 0
        elif offset + len(rows) < total and rows:
            offset += len(rows)
        elif here < total and passes < PASSES:
            offset, passes = 0, passes + 1  # an unstable order may have hidden rows of this one second
        else:
            return


def _start(cursor: str) -> datetime:
    try:
        return (datetime.fromisoformat(cursor) - OVERLAP).replace(microsecond=0)
    except ValueError:
        return datetime(2000, 1, 1, tzinfo=UTC)


def _page(endpoint: EndpointLike, path: str, start: datetime, offset: int) -> tuple[list[dict[str, Any]], int]:
    moment = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    query = {"lastUpdate.gte": moment, "limit": PAGE_SIZE, "offset": offset}
    found, reply = read(endpoint, path, "?" + urlencode(query))
    if not isinstance(found, list):
        raise NotReached(f"the list of {path} is not a list")
    rows = [row for row in found if isinstance(row, dict) and row.get("id")]
    total = reply.headers.get("x-total-count", "")
    return rows, int(total) if total.isdigit() and len(total) < 10 else offset + len(rows)


def _stamp(row: dict[str, Any]) -> datetime:
    try:
        found = datetime.fromisoformat(str(row.get("lastUpdate")))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        return datetime(2000, 1, 1, tzinfo=UTC)


def _polled(row: dict[str, Any], key: Key) -> Polled:
    return Polled(key(row), json.dumps(row).encode())
