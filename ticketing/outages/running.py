"""Jobs over all children of an outage: claim, work chunk by chunk, go on where a worker died.

A chunk's effects and the cursor commit together, under the fence of the attempt: a killed worker has done whole chunks
or nothing of one. Jobs of one outage run one after the other, so that an update never overtakes the finding.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from ofx.core.celery_wake import wake
from ticketing.outages import clearing, parties
from ticketing.outages.finding import attach_chunk, attach_places
from ticketing.outages.models import Outage, OutageJob, OutageUpdate
from ticketing.outages.statements import ADVANCE, CHUNK, CLAIM, REOPEN
from ticketing.outages.telling import inform

log = logging.getLogger(__name__)
TASK = "ticketing.outages.tasks.work"
CHUNK_ROWS, FIRST_ROWS, LEAST_ROWS = 1_000, 250, 25
SLOW_SECONDS = 5.0  # tickets among the children cost more than silent services: a chunk must end well in its lease
LEASE_SECONDS = 60
Clock = Callable[[], datetime]


class Stopped(Exception):
    """The job is no longer ours: another worker's."""


def queue(*, outage: Outage, kind: str, at: datetime, update: OutageUpdate | None = None) -> OutageJob:
    """A job in the caller's transaction; a worker is woken after the commit."""
    job = OutageJob.objects.create(outage=outage, kind=kind, update=update, created_at=at)
    transaction.on_commit(partial(wake, TASK, job.pk), robust=True)
    return job


def run(job_id: int, clock: Clock) -> bool:
    """Work one job until it is done. False where it is not its turn, is another's, or failed."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"job": job_id, "at": clock(), "lease": LEASE_SECONDS})
        found = cursor.fetchone()
    if found is None:
        return False
    job = OutageJob.objects.select_related("outage__organisation", "outage__operator", "update").get(pk=job_id)
    try:
        _chunks(job, clock)
        _finish(job, clock())
    except Stopped:
        return False
    except Exception as error:
        log.exception("outage job failed", extra={"outage_job": job_id})
        _rest(job, error)
        return False
    _next(job)
    return True


def _chunks(job: OutageJob, clock: Clock) -> None:
    """All that are left: smaller ones where they take long, or where workers have died over the job."""
    least = min(LEAST_ROWS, CHUNK_ROWS)
    limit = max(least, min(FIRST_ROWS, CHUNK_ROWS) >> min(job.attempt - 1, 6))
    begun = time.monotonic()
    while _chunk(job, clock(), limit):
        ended = time.monotonic()
        limit = max(least, limit // 2) if ended - begun > SLOW_SECONDS else min(CHUNK_ROWS, limit * 2)
        begun = ended


def _chunk(job: OutageJob, at: datetime, limit: int) -> bool:
    """One chunk and the cursor behind it, or nothing. False at the end."""
    with transaction.atomic():
        cursor_at, rows = STEPS[job.kind](job, at, limit)
        if not rows:
            return False
        _advance(job, cursor_at, rows)
    job.cursor = cursor_at
    return True


def _advance(job: OutageJob, cursor_at: int, rows: int) -> None:
    values = {"job": job.pk, "attempt": job.attempt, "cursor": cursor_at, "rows": rows, "lease": LEASE_SECONDS}
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE, values)
        if cursor.rowcount != 1:
            raise Stopped


def _children(job: OutageJob, limit: int) -> tuple[list[int], int]:
    """The next children's ids, and how far that is."""
    with connection.cursor() as cursor:
        cursor.execute(CHUNK, [job.outage_id, job.cursor, limit])
        ids = [row[0] for row in cursor.fetchall()]
    return ids, (ids[-1] if ids else job.cursor)


def _attach(job: OutageJob, at: datetime, limit: int) -> tuple[int, int]:
    return attach_chunk(job.outage, cursor=job.cursor, limit=limit, at=at)


def _places(job: OutageJob, at: datetime, limit: int) -> tuple[int, int]:
    return attach_places(job.outage, cursor=job.cursor, limit=limit, at=at)


def _update(job: OutageJob, at: datetime, limit: int) -> tuple[int, int]:
    ids, last = _children(job, limit)
    assert job.update is not None
    job.update.outage = job.outage
    inform(update=job.update, ids=ids, at=at)
    return last, len(ids)


def _clear(job: OutageJob, at: datetime, limit: int) -> tuple[int, int]:
    """Nothing more where the outage was opened again meanwhile."""
    if not Outage.objects.filter(pk=job.outage_id, state="clearing").exists():
        return job.cursor, 0
    ids, last = _children(job, limit)
    clearing.clear_chunk(job.outage, ids, at=at)
    return last, len(ids)


def _reopen(job: OutageJob, at: datetime, limit: int) -> tuple[int, int]:
    ids, last = _children(job, limit)
    with connection.cursor() as cursor:
        cursor.execute(REOPEN, {"ids": ids})
    return last, len(ids)


STEPS = {"attach": _attach, "places": _places, "update": _update, "clear": _clear, "reopen": _reopen}


def _finish(job: OutageJob, at: datetime) -> None:
    """What follows the last chunk, and the end of the job, in one transaction under the fence."""
    with transaction.atomic():
        ours = OutageJob.objects.select_for_update().filter(pk=job.pk, attempt=job.attempt, state="running").first()
        if ours is None:
            raise Stopped
        if job.kind in ("attach", "places"):
            _tell_the_new(job, at)
        elif job.update is not None:
            parties.tell(outage=job.outage, update=job.update, at=at)
        OutageJob.objects.filter(pk=job.pk).update(state="done", ended_at=at, lease_until=None)
        clearing.settle(outage_id=job.outage_id, at=at)


def _tell_the_new(job: OutageJob, at: datetime) -> None:
    """Children found after an update was told are told of the latest: its job goes round once more."""
    latest = OutageUpdate.objects.filter(outage=job.outage_id).order_by("-number").first()
    if latest is not None and not job.outage.jobs.filter(update=latest, pk__gt=job.pk).exists():
        queue(outage=job.outage, kind="update", update=latest, at=at)


def _next(job: OutageJob) -> None:
    following = OutageJob.objects.filter(outage=job.outage_id, pk__gt=job.pk).exclude(state="done").first()
    if following is not None:
        wake(TASK, following.pk)


def _rest(job: OutageJob, error: Exception) -> None:
    """After a failure it waits, longer each time, and goes on after its last chunk."""
    pause = timedelta(seconds=min(600, 5 * 2 ** min(job.attempt, 7)))
    OutageJob.objects.filter(pk=job.pk, attempt=job.attempt, state="running").update(
        state="queued", lease_until=None, resting_until=Now() + pause, error=repr(error)[:300]
    )


def work_due(clock: Clock, limit: int = 20) -> int:
    """The sweep: ring for jobs that wait or whose worker died; work one here where no broker hears."""
    waiting = Q(state="queued") & (Q(resting_until=None) | Q(resting_until__lte=Now()))
    dead = Q(state="running", lease_until__lt=Now())
    due = OutageJob.objects.filter(waiting | dead).order_by("pk").values_list("pk", flat=True)[:limit]
    return sum(run(pk, clock) for pk in list(due) if not wake(TASK, pk))
