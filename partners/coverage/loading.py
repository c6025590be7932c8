"""Work the uploaded files that wait: claim one, load it, say how far it is; end what died halfway.

Two drivers, one function: the worker's task, and the sweep, which needs no broker.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F

from ofx.core.celery_wake import wake
from ofx.core.transitions import IllegalTransition, transition
from partners.coverage.actions import LEASE, fail_footprint, forget_import, prune, start_import
from partners.coverage.importer import ImportFailed, Loader, Progress, Result, Source
from partners.coverage.models import Footprint, Import

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 3
ABANDONED = timedelta(days=7)
Clock = Callable[[], datetime]


def load(import_id: int, clock: Clock) -> bool:
    """Load one waiting file; False where it does not wait (any more) or was not taken."""
    row = Import.objects.select_related("operator").filter(pk=import_id, state="queued").first()
    if row is None or not claim(row, clock()):
        return False
    try:
        result = Loader(
            source_of(row),
            lambda provider: row.operator,
            clock=clock,
            actor=row.created_by,
            report=lambda progress: report(row, progress, clock()),
            opened=lambda footprint: attach(row, footprint),
        ).run()
    except (ImportFailed, FileNotFoundError) as error:
        transition(row, "failed", at=clock(), actor=None, error=str(error)[:2000], lease_until=None)
        return False
    finish(row, result, clock())
    return True


def claim(row: Import, at: datetime) -> bool:
    """Queued → running under a lease; False where another worker was first."""
    try:
        attempts = row.attempts + 1
        transition(row, "running", at=at, actor=None, lease_until=at + LEASE, attempts=attempts)
    except IllegalTransition:
        return False
    return True


def source_of(row: Import) -> Source:
    """What the loader is told of an upload. An upload is real data; what we invent never comes this way."""
    return Source(
        path=Path(row.file.path),
        name=row.file_name,
        mapping=row.mapping,
        country=row.country,
        synthetic=row.operator.provenance != "real",
    )


def attach(row: Import, footprint: Footprint) -> None:
    """Tie the version to the upload, so that its page can show the rejected rows."""
    Import.objects.filter(pk=row.pk).update(footprint=footprint)
    row.footprint = footprint


def report(row: Import, progress: Progress, at: datetime) -> None:
    """Show how far it is, and extend the lease."""
    Import.objects.filter(pk=row.pk, state="running").update(
        bytes_done=progress.bytes_done,
        bytes_total=progress.bytes_total,
        rows_done=progress.rows + progress.rejected,
        lease_until=at + LEASE,
    )


def finish(row: Import, result: Result, at: datetime) -> None:
    """Done: the rows are in the database, so the file goes."""
    with transaction.atomic():
        done = result.rows + result.rejected
        transition(row, "done", at=at, actor=None, lease_until=None, rows_done=done, bytes_done=F("bytes_total"))
    forget_import(upload=row, reason="", at=at)


def sweep(clock: Clock) -> int:
    """End what died, start what waits, prune what is old. Returns how much was done."""
    return end_dead_imports(clock) + end_dead_footprints(clock) + start_waiting(clock) + tidy(clock)


def end_dead_imports(clock: Clock) -> int:
    """A running import whose lease is over: once more from the start, at most three times."""
    dead = Import.objects.filter(state="running", lease_until__lt=clock())
    for row in dead.select_related("operator", "footprint"):
        if row.footprint is not None:
            fail_footprint(footprint=row.footprint, reason="the worker died", actor=None, at=clock())
        with transaction.atomic():
            why = "The worker that loaded this file stopped halfway. Nothing of it was published."
            transition(row, "failed", at=clock(), actor=None, error=why, lease_until=None)
            if row.attempts < MOST_ATTEMPTS:
                start_import(upload=row, mapping=row.mapping, actor=None, at=clock())
    return len(dead)


def end_dead_footprints(clock: Clock) -> int:
    """A version still loading although nothing was heard of it for the lease: a command that was killed."""
    dead = list(Footprint.objects.filter(state="loading", lease_until__lt=clock()))
    for footprint in dead:
        fail_footprint(footprint=footprint, reason="the load stopped halfway", actor=None, at=clock())
    return len(dead)


def start_waiting(clock: Clock) -> int:
    """Ring for every waiting file; load one here where no broker hears the bell."""
    for pk in Import.objects.filter(state="queued").order_by("pk").values_list("pk", flat=True)[:20]:
        if not wake("partners.coverage.tasks.load_import", pk):
            return int(load(pk, clock))
    return 0


def tidy(clock: Clock) -> int:
    """Rows of versions that nobody can restore any more, and uploads that nobody went on with."""
    old = Import.objects.filter(state__in=["uploaded", "failed"], created_at__lt=clock() - ABANDONED).exclude(file="")
    for row in old[:100]:
        forget_import(upload=row, reason="Nobody chose its columns for a week.", at=clock())
    return prune(at=clock())
