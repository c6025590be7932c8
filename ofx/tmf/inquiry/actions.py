"""Every write about the questions of buyers' systems."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.tmf.inquiry.models import Inquiry

KEPT = timedelta(days=180)
Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What we say to a question: the state, the attributes of the resource, until when it holds."""

    state: str
    document: Json = field(default_factory=dict)
    expires_at: datetime | None = None


def ask(*, actor: User, kind: str, given: Json, answer: Answer, at: datetime, external_id: str = "") -> Inquiry:
    """Keep a question with its answer. Raises PermissionDenied for a role that may not."""
    permit(actor, "order.write")
    with transaction.atomic():
        row = Inquiry.objects.create(
            organisation=actor.acting.organisation,  # type: ignore[union-attr]
            kind=kind,
            state=answer.state,
            external_id=external_id,
            given=given,
            answer=answer.document,
            created_by=actor,
            created_at=at,
            answered_at=at,
            expires_at=answer.expires_at,
        )
        _tell(actor, row, "inquiry.asked", "asked", at, to=row.state)
    return row


def change(*, actor: User, inquiry: Inquiry, given: Json, answer: Answer, at: datetime) -> Inquiry:
    """Another question under the same id, with its answer; or another state of the same.

    Raises IllegalTransition where it was changed or deleted since `inquiry` was read.
    """
    permit(actor, "order.write")
    with transaction.atomic():
        row: Inquiry | None = Inquiry.objects.select_for_update().filter(pk=inquiry.pk).first()
        if row is None or (row.state, row.answered_at) != (inquiry.state, inquiry.answered_at):
            raise IllegalTransition("it was changed by someone else meanwhile; look again")
        was = row.state
        row.given, row.answer, row.state, row.expires_at = given, answer.document, answer.state, answer.expires_at
        row.answered_at = at
        row.save(update_fields=["given", "answer", "state", "expires_at", "answered_at"])
        _tell(actor, row, "inquiry.changed", "changed", at, **{"from": was, "to": row.state})
    return row


def delete(*, actor: User, inquiry: Inquiry, last: Json, at: datetime) -> None:
    """Forget a question. `last`: the resource as it was, for those who are told of it."""
    permit(actor, "order.write")
    with transaction.atomic():
        _tell(actor, inquiry, "inquiry.deleted", "deleted", at, last=last)
        inquiry.delete()


def forget(*, at: datetime, most: int = 1000) -> int:
    """Delete what was asked long ago and holds no more. Returns how many."""
    old = Inquiry.objects.filter(created_at__lt=at - KEPT).exclude(expires_at__gt=at).order_by("created_at")
    gone, _ = Inquiry.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:most])).delete()
    return gone


def _tell(actor: User, row: Inquiry, name: str, verb: str, at: datetime, **more: Any) -> None:
    subject, organisation = f"inquiry:{row.pk}", row.organisation_id
    record(actor=actor, subject=subject, verb=f"{verb} ({row.kind})", at=at, organisation_id=organisation)
    publish(name, subject, at=at, organisation_id=organisation, inquiry_id=row.pk, kind=row.kind, **more)
