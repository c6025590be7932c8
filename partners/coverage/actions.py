"""Every write to publications: open, publish, fail, restore, prune; and the way of an uploaded file."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import connection, transaction
from django.db.models import Max

from ofx.core.audit.actions import record
from ofx.core.celery_wake import wake
from ofx.core.events.actions import publish
from ofx.core.scoping import may, permit
from ofx.core.transitions import transition
from partners.coverage.models import Footprint, Import, Operator

LEASE = timedelta(minutes=5)  # a load that was not heard of for so long is dead
KEPT_VERSIONS = 2  # the one in force and the one before it


class NotPossible(Exception):
    """The publication is not in a state that allows this; `args[0]` says why, for people."""


def open_footprint(
    *, operator: Operator, source: str, synthetic: bool, actor: Any, at: datetime, note: str = ""
) -> Footprint:
    """A new version in state loading, invisible to readers until it is published."""
    with transaction.atomic():
        Operator.objects.select_for_update().get(pk=operator.pk)
        last = Footprint.objects.filter(operator=operator).aggregate(last=Max("number"))["last"] or 0
        return Footprint.objects.create(
            operator=operator,
            number=last + 1,
            source=source[:200],
            synthetic=synthetic,
            created_at=at,
            created_by=actor,
            lease_until=at + LEASE,
            note=note[:200],
        )


def extend_lease(*, footprint: Footprint, at: datetime) -> None:
    """Say that the load is alive. Raises NotPossible where the sweep has ended it meanwhile."""
    alive = Footprint.objects.filter(pk=footprint.pk, state="loading").update(lease_until=at + LEASE)
    if not alive:
        raise NotPossible("This load was ended by the sweep because nothing was heard of it for too long.")


def publish_footprint(
    *, footprint: Footprint, summary: list[dict[str, Any]], rows_rejected: int, actor: Any, at: datetime
) -> Footprint:
    """Put a loaded version in force: in one transaction the old one steps back and this one takes its place.

    `summary`: `{technology, level, status, rows}` each.
    """
    with transaction.atomic():
        Operator.objects.select_for_update().get(pk=footprint.operator_id)
        Footprint.objects.filter(operator_id=footprint.operator_id, state="active").update(state="replaced")
        moved = Footprint.objects.filter(pk=footprint.pk, state="loading").update(
            state="active",
            rows_total=sum(part["rows"] for part in summary),
            rows_rejected=rows_rejected,
            summary=summary,
            published_at=at,
            lease_until=None,
        )
        if not moved:
            raise NotPossible("Only a version that is loading can be put in force.")
        footprint.refresh_from_db()
        _tell(footprint, "footprint.published", "published a footprint", actor, at)
    return footprint


def fail_footprint(*, footprint: Footprint, reason: str, actor: Any, at: datetime) -> None:
    """End a load that cannot be finished; its rows go, the version in force is untouched."""
    with transaction.atomic():
        moved = Footprint.objects.filter(pk=footprint.pk, state="loading").update(
            state="failed", note=reason[:200], lease_until=None, pruned_at=at
        )
        if moved:
            _delete_rows(footprint.pk)
            _tell(footprint, "footprint.failed", "gave up a footprint", actor, at, reason=reason[:200])


def restore_footprint(*, footprint: Footprint, actor: Any, at: datetime) -> Footprint:
    """Put an earlier version in force again. Raises NotPossible where its rows are gone or it is no earlier one."""
    permit_for(actor=actor, operator=footprint.operator)
    with transaction.atomic():
        Operator.objects.select_for_update().get(pk=footprint.operator_id)
        current = Footprint.objects.get(pk=footprint.pk)
        if current.state != "replaced" or current.pruned_at:
            raise NotPossible("Only the version before the one in force, whose rows are still kept, can be restored.")
        Footprint.objects.filter(operator_id=footprint.operator_id, state="active").update(state="replaced")
        Footprint.objects.filter(pk=footprint.pk).update(state="active", published_at=at)
        footprint.refresh_from_db()
        _tell(footprint, "footprint.rolled_back", "restored a footprint", actor, at)
    return footprint


def prune(*, at: datetime) -> int:
    """Delete the rows of versions older than the kept ones; returns how many versions lost theirs."""
    done = 0
    for old in _prunable():
        with transaction.atomic():
            if Footprint.objects.filter(pk=old.pk, state="replaced", pruned_at=None).update(pruned_at=at):
                _delete_rows(old.pk)
                done += 1
    return done


def _prunable() -> list[Footprint]:
    """Replaced versions beyond the newest of each operator."""
    seen: dict[int, int] = {}
    old = []
    for row in Footprint.objects.filter(state="replaced", pruned_at=None).order_by(
        "operator_id", "-published_at", "-number"
    ):
        seen[row.operator_id] = seen.get(row.operator_id, 0) + 1
        if seen[row.operator_id] >= KEPT_VERSIONS:
            old.append(row)
    return old


def may_publish_for(*, actor: Any, operator: Operator) -> bool:
    """An operator's administrator for itself, a provider's for its own network, the exchange's for anybody."""
    if not may(actor, "coverage.write"):
        return False
    acting = actor.acting
    if acting.organisation.kind == "exchange":
        return True
    return acting.organisation_id in {operator.organisation_id, operator.on_net_of_id}


def permit_for(*, actor: Any, operator: Operator) -> None:
    """Raise PermissionDenied (403) unless the actor may publish this operator's coverage."""
    if actor is None:
        return
    permit(actor, "coverage.write")
    if not may_publish_for(actor=actor, operator=operator):
        raise PermissionDenied(f"The coverage of {operator} is published by {operator} or by the exchange.")


def upload_import(*, operator: Operator, file: File, name: str, country: str, actor: Any, at: datetime) -> Import:
    """Keep an uploaded file until its columns are mapped. Raises NotPossible where it is too large."""
    permit_for(actor=actor, operator=operator)
    if file.size > settings.UPLOAD_MAX_BYTES:
        raise NotPossible(too_large())
    with transaction.atomic():
        row = Import.objects.create(
            organisation=actor.acting.organisation,
            operator=operator,
            file=file,
            file_name=name[:200],
            country=country,
            bytes_total=file.size,
            created_at=at,
            created_by=actor,
        )
        record(
            actor=actor,
            subject=f"import:{row.pk}",
            verb="uploaded a coverage file",
            at=at,
            organisation_id=row.organisation_id,
            operator_id=operator.pk,
            file=row.file_name,
        )
    return row


def too_large() -> str:
    """What is said to somebody whose file is above the limit."""
    limit = settings.UPLOAD_MAX_BYTES / 1024**2
    return (
        f"The file is larger than {limit:,.0f} MB and was not kept. Split it, or have it loaded on the server by "
        "manage.py import_footprint, which has no limit."
    )


def start_import(*, upload: Import, mapping: dict[str, str], actor: Any, at: datetime) -> Import:
    """Hand a file with its columns mapped to a worker; the sweep finds it where the broker is down."""
    permit_for(actor=actor, operator=upload.operator)
    with transaction.atomic():
        transition(upload, "queued", at=at, actor=actor, mapping=mapping, error="", rows_done=0, bytes_done=0)
        transaction.on_commit(lambda: wake("partners.coverage.tasks.load_import", upload.pk), robust=True)
    return upload


def forget_import(*, upload: Import, reason: str, at: datetime) -> None:
    """Throw away the file of an import that will not go on."""
    with transaction.atomic():
        if upload.state == "uploaded":
            transition(upload, "failed", at=at, actor=None, error=reason)
        upload.file.delete(save=False)
        Import.objects.filter(pk=upload.pk).update(file="")


def _delete_rows(footprint_id: int) -> None:
    """The rows of one version. The table has no foreign key to it, so that millions go at the speed of one scan."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM partners_footprintrow WHERE footprint_id = %s", [footprint_id])


def _tell(footprint: Footprint, name: str, verb: str, actor: Any, at: datetime, **more: Any) -> None:
    """Audit and event of one change, in the caller's transaction."""
    subject = f"footprint:{footprint.pk}"
    organisation = footprint.operator.on_net_of_id or footprint.operator.organisation_id
    data = {
        "operator_id": footprint.operator_id,
        "number": footprint.number,
        "rows": footprint.rows_total,
        "synthetic": footprint.synthetic,
        **more,
    }
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=organisation, **data)
    publish(name, subject, at=at, organisation_id=organisation, **data)
