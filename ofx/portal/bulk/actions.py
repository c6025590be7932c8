"""Every write of order batches, but for the worker's own (placing.py)."""

from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import QuerySet

from ofx.core.audit.actions import record
from ofx.core.celery_wake import wake
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import transition
from ofx.portal.bulk.models import OrderBatch
from ofx.search.models import BulkPlace, BulkRun

MOST_ORDERS = 10_000
COPIED = "line, given, reference, customer, contact_name, contact_phone, contact_email, place_id, address_id"


class NothingChosen(ValueError):
    """No row of the choice can be ordered, or too many can; `str(error)` says which."""


def create_batch(*, actor: User, run: BulkRun, rows: QuerySet[BulkPlace], at: datetime, **wishes: Any) -> OrderBatch:
    """Orders for those of the rows that can be ordered; a worker places them. Raises NothingChosen.

    `wishes`: rule, operator, customer, make_customers, requested_date, contact_*, submit (see OrderBatch).
    """
    permit(actor, "order.write")
    if actor.acting is None or actor.acting.organisation_id != run.organisation_id:
        raise PermissionDenied("This file belongs to another organisation.")
    with transaction.atomic():
        batch = OrderBatch.objects.create(
            organisation_id=run.organisation_id,
            run=run,
            name=run.file_name,
            created_at=at,
            created_by=actor,
            **wishes,
        )
        count = _copy(batch, rows.filter(run=run, orderable=True))
        if not count:
            raise NothingChosen("None of the chosen rows can be ordered. Choose others, or another filter.")
        if count > MOST_ORDERS:
            raise NothingChosen(f"{count:,} rows would be ordered; at most {MOST_ORDERS:,} at once. Narrow the list.")
        _log(batch, actor, "began an order batch", at, orders=count, submit=batch.submit, rule=batch.rule)
        _ring(batch)
    return batch


def _copy(batch: OrderBatch, rows: QuerySet[BulkPlace]) -> int:
    """The chosen rows, copied in one statement: the result may be deleted, the batch keeps what it needs."""
    ids, values = rows.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO portal_batchrow (batch_id, state, problem, {COPIED}) SELECT %s, 'waiting', '', {COPIED}"  # noqa: S608
            f" FROM search_bulkplace WHERE id IN ({ids}) AND place_id IS NOT NULL",
            [batch.pk, *values],
        )
        return int(cursor.rowcount)


def stop_batch(*, actor: User | None, batch: OrderBatch, at: datetime) -> None:
    """Place no more; what is placed stays."""
    permit(actor, "order.write")
    transition(batch, "stopped", at=at, actor=actor, lease_until=None)


def resume_batch(*, actor: User | None, batch: OrderBatch, at: datetime) -> None:
    """Go on with the rows that wait."""
    permit(actor, "order.write")
    with transaction.atomic():
        transition(batch, "queued", at=at, actor=actor)
        _ring(batch)


def _ring(batch: OrderBatch) -> None:
    transaction.on_commit(partial(wake, "ofx.portal.bulk.tasks.place", batch.pk), robust=True)


def _log(batch: OrderBatch, actor: User | None, verb: str, at: datetime, **data: object) -> None:
    subject = f"order_batch:{batch.pk}"
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=batch.organisation_id, **data)
