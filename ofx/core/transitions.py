"""A row moves from state to state by one function: conditional UPDATE, audit, event (ARCHITECTURE 6.3)."""

from datetime import datetime
from typing import Any

from django.db import models, transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish


class IllegalTransition(Exception):
    """The row is not in a state from which this move is allowed; `args[0]` says which move and why."""


def transition(
    row: models.Model, to: str, *, at: datetime, actor: Any, field: str = "state", why: str = "", **changes: Any
) -> None:
    """Move `row` to state `to` by the model's TRANSITIONS table, or raise IllegalTransition.

    `changes` are further columns written in the same UPDATE. The UPDATE is conditional on the state that was read,
    so of two racing callers one wins and the other is refused. Publishes `<subject>.<to>` and writes the audit entry.
    """
    model: Any = type(row)
    now = getattr(row, field)
    if to not in model.TRANSITIONS.get(now, ()):
        raise IllegalTransition(f"{model._meta.verbose_name} is {now}: it cannot become {to}")
    with transaction.atomic():
        moved = model._base_manager.filter(pk=row.pk, **{field: now}).update(**{field: to}, **changes)
        if not moved:
            raise IllegalTransition(f"{model._meta.verbose_name} was changed by someone else meanwhile; look again")
        for name, value in {field: to, **changes}.items():
            setattr(row, name, value)
        subject = f"{model.SUBJECT}:{row.pk}"
        organisation = getattr(row, "organisation_id", None)
        data = {"from": now, "to": to, "why": why}
        record(actor=actor, subject=subject, verb=f"moved to {to}", at=at, organisation_id=organisation, **data)
        publish(f"{model.SUBJECT}.{to}", subject, at=at, organisation_id=organisation, **data)
