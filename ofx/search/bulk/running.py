"""Work a file of places: claim it, answer chunk by chunk, stop where it was paused, go on where a worker died.

A chunk's results and the count of finished rows commit together, under the fence of the attempt: a killed worker has
written whole chunks or nothing of one, and the next begins exactly after the last of them.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from ofx.core.celery_wake import wake
from ofx.core.transitions import IllegalTransition, transition
from ofx.search.bulk.answering import Answerer, At, Outcome, escaped
from ofx.search.bulk.models import BulkRun
from ofx.search.bulk.rows import Given, Reader, chunks, rows_of
from ofx.search.bulk.statements import ADDRESSES, ADVANCE, CLAIM, COPY, NO_ADDRESSES, RESOLVE
from partners.coverage.reading import ReadError, open_table

log = logging.getLogger(__name__)
CHUNK = 5_000
LEASE_SECONDS = 60
MOST_ROWS = 100_000
MOST_ATTEMPTS = 50  # a file that kills its worker again and again is given up
KEPT = timedelta(days=90)
Clock = Callable[[], datetime]
NOWHERE = "\t".join(["f", "f", "{}", "{}", "0", *["\\N"] * 2, "", *["\\N"] * 6, "", "\\N", "\\N", ""])


class Stopped(Exception):
    """The run is no longer ours: paused, cancelled, or another worker's."""


def run(run_id: int, clock: Clock) -> bool:
    """Work one waiting file until it is done. False where it does not wait or was stopped."""
    attempt = _claim(run_id, clock())
    if attempt is None:
        return False
    row = BulkRun.objects.select_related("organisation").get(pk=run_id)
    try:
        _work(row, attempt, clock)
        _end(row, attempt, "done", clock())
        return True
    except Stopped:
        return False
    except (ReadError, FileNotFoundError) as error:
        _end(row, attempt, "failed", clock(), str(error)[:2000] or "The file is gone; upload it again.")
    except Exception as error:
        log.exception("bulk qualification failed", extra={"bulk_run": run_id})
        _end(row, attempt, "failed", clock(), f"It stopped by itself ({type(error).__name__}). Resume tries again.")
    return False


def _claim(run_id: int, at: datetime) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"run": run_id, "at": at, "lease": LEASE_SECONDS})
        found = cursor.fetchone()
    return int(found[0]) if found else None


def _work(row: BulkRun, attempt: int, clock: Clock) -> None:
    path = Path(row.file.path)
    if not row.rows_total:
        count_rows(row, path)
    answerer = Answerer(row.organisation, clock())
    with open_table(path) as table:
        reader = Reader(table.header, row.mapping, row.country)
        for chunk in chunks(rows_of(table), reader, row.rows_done, CHUNK):
            write(row, attempt, chunk, answerer)


def count_rows(row: BulkRun, path: Path) -> None:
    """Count what is to be done. Raises ReadError where it is too much or nothing."""
    with open_table(path) as table:
        total = sum(1 for _ in rows_of(table))
    if not total:
        raise ReadError("The file has a heading but no rows.")
    if total > MOST_ROWS:
        raise ReadError(f"The file has {total:,} rows; at most {MOST_ROWS:,} are answered at once. Split it.")
    BulkRun.objects.filter(pk=row.pk).update(rows_total=total)
    row.rows_total = total


def write(row: BulkRun, attempt: int, chunk: list[Given], answerer: Answerer) -> None:
    """Answer one chunk and commit it whole, or raise Stopped and leave nothing of it."""
    with transaction.atomic():
        places = _resolve([given for given in chunk if not given.error])
        known = [place for place in places.values() if place.place is not None]
        outcomes = dict(zip((place.line for place in known), answerer.answer(known), strict=True))
        lines, bad = [], 0
        for given in chunk:
            lines.append(_line(row.pk, given, places.get(given.line), outcomes.get(given.line)))
            bad += bool(given.error)
        served = sum(one.served for one in outcomes.values())
        orderable = sum(one.orderable for one in outcomes.values())
        with connection.cursor() as cursor:
            with cursor.copy(COPY) as copy:
                copy.write("\n".join([*lines, ""]))
            values = {"run": row.pk, "attempt": attempt, "rows": len(chunk), "bad": bad, "lease": LEASE_SECONDS}
            counts = {"done": row.rows_done, "served": served, "orderable": orderable}
            cursor.execute(ADVANCE, {**values, **counts})
            if cursor.rowcount != 1:
                raise Stopped
    row.rows_done += len(chunk)


def _resolve(rows: list[Given]) -> dict[int, At]:
    """Line → its place; what is well formed but not held gets its reason as the row's error."""
    if not rows:
        return {}
    named = any(row.uprn or row.text for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(
            RESOLVE.replace("<addresses>", ADDRESSES if named else NO_ADDRESSES),
            {
                "lines": [row.line for row in rows],
                "countries": [row.country for row in rows],
                "codes": [row.code for row in rows],
                "uprns": [row.uprn for row in rows],
                "texts": [row.text for row in rows],
            },
        )
        found = {line[0]: At(*line) for line in cursor.fetchall()}
    for row in rows:
        if found[row.line].place is None:
            what = f"the UPRN {row.uprn}" if row.uprn and not row.code else f"the postcode {row.code}"
            row.error = f"We do not know {what} ({row.country})."
    return found


def _line(run_id: int, given: Given, place: At | None, outcome: Outcome | None) -> str:
    """One row of COPY."""
    note = ""
    if place is not None and place.place is not None and place.address is None and (given.text or given.uprn):
        note = "Address not known: answered for the whole postcode"
    head: list[Any] = [run_id, given.line, escaped(given.given), *map(escaped, given.kept), escaped(given.error), note]
    head += [place.place if place else None, place.address if place else None, (place and place.code) or given.code]
    return "\t".join("\\N" if one is None else str(one) for one in head) + "\t" + (outcome.tail if outcome else NOWHERE)


def _end(row: BulkRun, attempt: int, state: str, at: datetime, error: str = "") -> None:
    """Done or failed, told and logged; nothing where the run is no longer ours."""
    with transaction.atomic():
        current = BulkRun.objects.select_for_update().get(pk=row.pk)
        if current.attempt != attempt or current.state != "running":
            return
        with suppress(IllegalTransition):
            transition(current, state, at=at, actor=None, error=error, lease_until=None, ended_at=at)


def sweep(clock: Clock) -> int:
    """Ring for files that wait or whose worker died; work one here where no broker hears. Delete old ones."""
    done = 0
    dead = Q(state="running", lease_until__lt=Now())
    for pk, attempt in (
        BulkRun.objects.filter(Q(state="queued") | dead).order_by("pk").values_list("pk", "attempt")[:20]
    ):
        if attempt >= MOST_ATTEMPTS:
            _end(BulkRun(pk=pk), attempt, "failed", clock(), "Its worker died again and again. Split the file.")
        elif not wake("ofx.search.bulk.tasks.run", pk):
            done += run(pk, clock)
    return done + forget(clock())


def forget(at: datetime) -> int:
    """Results and files that are older than 90 days go."""
    old = BulkRun.objects.filter(created_at__lt=at - KEPT).exclude(state__in=["queued", "running"])[:5]
    for row in old:
        row.file.delete(save=False)
        row.places.all()._raw_delete("default")
        row.delete()
    return len(old)
