"""Decomposition rules are data that administrators edit."""

from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.orders.models import DecompositionRule


def save_rule(*, actor: User | None, rule: DecompositionRule, at: datetime) -> DecompositionRule:
    """Write a new or changed rule of the actor's organisation; those of the exchange are for the exchange."""
    permit(actor, "rule.write")
    with transaction.atomic():
        rule.save()
        data: dict[str, Any] = {"name": rule.name, "adds": str(rule.add_offering), "optional": rule.optional}
        subject = f"decomposition_rule:{rule.pk}"
        record(actor=actor, subject=subject, verb="saved a rule", at=at, organisation_id=rule.organisation_id, **data)
    return rule


def delete_rule(*, actor: User | None, rule: DecompositionRule, at: datetime) -> None:
    """Remove a rule; items that it added keep standing."""
    permit(actor, "rule.write")
    with transaction.atomic():
        subject = f"decomposition_rule:{rule.pk}"
        organisation = rule.organisation_id
        record(actor=actor, subject=subject, verb="deleted a rule", at=at, organisation_id=organisation, name=rule.name)
        rule.delete()
