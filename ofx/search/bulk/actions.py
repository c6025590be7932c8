"""Every write of bulk qualification, but for the worker's own (running.py)."""

from datetime import datetime
from functools import partial

from django.conf import settings
from django.core.files import File
from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.celery_wake import wake
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import transition
from ofx.search.bulk.models import BulkRun
from partners.coverage.columns import Mapping


class TooLarge(ValueError):
    """The file was not kept; `str(error)` says why."""


def upload_places(*, actor: User, file: File, name: str, country: str, at: datetime) -> BulkRun:
    """Keep a file of places until its columns are mapped. Raises TooLarge."""
    permit(actor, "search.bulk")
    if file.size > settings.UPLOAD_MAX_BYTES:
        raise TooLarge(f"The file is larger than {settings.UPLOAD_MAX_BYTES / 1024**2:,.0f} MB and was not kept.")
    assert actor.acting is not None
    with transaction.atomic():
        row = BulkRun.objects.create(
            organisation=actor.acting.organisation,
            file=file,
            file_name=name[:200],
            country=country,
            created_at=at,
            created_by=actor,
        )
        _log(row, actor, "uploaded places", at, file=row.file_name)
    return row


def start_run(*, actor: User | None, run: BulkRun, mapping: Mapping, at: datetime) -> BulkRun:
    """Hand a file with its columns mapped to a worker; the sweep finds it where the broker is down."""
    permit(actor, "search.bulk")
    with transaction.atomic():
        transition(run, "queued", at=at, actor=actor, mapping=mapping, error="")
        _ring(run)
    return run


def pause_run(*, actor: User | None, run: BulkRun, at: datetime) -> None:
    """Stop after the chunk under way is thrown away; what is done stays done."""
    permit(actor, "search.bulk")
    transition(run, "paused", at=at, actor=actor, lease_until=None)


def resume_run(*, actor: User | None, run: BulkRun, at: datetime) -> None:
    """Go on after the last finished row."""
    permit(actor, "search.bulk")
    with transaction.atomic():
        transition(run, "queued", at=at, actor=actor, error="", ended_at=None)
        _ring(run)


def cancel_run(*, actor: User | None, run: BulkRun, at: datetime) -> None:
    """End it for good; the rows that are answered stay readable."""
    permit(actor, "search.bulk")
    with transaction.atomic():
        transition(run, "cancelled", at=at, actor=actor, lease_until=None, ended_at=at)


def delete_run(*, actor: User | None, run: BulkRun, at: datetime) -> None:
    """Throw away file and result of a run that is not under way."""
    permit(actor, "search.bulk")
    if run.state in ("queued", "running"):
        cancel_run(actor=actor, run=run, at=at)
    with transaction.atomic():
        _log(run, actor, "deleted a bulk qualification", at, file=run.file_name, rows=run.rows_done)
        run.places.all()._raw_delete("default")
        run.file.delete(save=False)
        run.delete()


def _ring(run: BulkRun) -> None:
    transaction.on_commit(partial(wake, "ofx.search.bulk.tasks.run", run.pk), robust=True)


def _log(run: BulkRun, actor: User | None, verb: str, at: datetime, **data: object) -> None:
    subject = f"bulk_run:{run.pk}"
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=run.organisation_id, **data)
