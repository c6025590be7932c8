"""A run moves from state to state by a conditional UPDATE, with audit and event (ARCHITECTURE 6.3)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.transitions import IllegalTransition
from ticketing.guides.models import GuideRun

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "running": ("fixed", "informed", "escalated", "ended", "left"),
    "left": ("running",),
    "fixed": (),
    "informed": (),
    "escalated": (),
    "ended": (),
}


def move(run: GuideRun, to: str, *, at: datetime, actor: Any, **changes: Any) -> None:
    """Move a run to a state, or raise IllegalTransition."""
    was = run.state
    if to not in TRANSITIONS[was]:
        raise IllegalTransition(f"This guide is {run.get_state_display().lower()}: start it again to go on.")
    changes = {"state": to, "last_at": at, "ended_at": None if to == "running" else at, **changes}
    with transaction.atomic():
        if not GuideRun.objects.filter(pk=run.pk, state=was).update(**changes):
            raise IllegalTransition("The guide was changed elsewhere meanwhile; look again.")
        for name, value in changes.items():
            setattr(run, name, value)
        if not run.trial:
            tell(run, to, at=at, actor=actor)


def tell(run: GuideRun, name: str, *, at: datetime, actor: Any) -> None:
    """Audit and event of one change of a run."""
    subject = f"guide_run:{run.pk}"
    record(actor=actor, subject=subject, verb=f"guide {name}", at=at, organisation_id=run.organisation_id)
    publish(
        f"guide_run.{name}",
        subject,
        at=at,
        organisation_id=run.organisation_id,
        guide_id=run.guide_id,
        run_id=run.pk,
        service_id=run.service_id,
        ticket_id=run.ticket_id,
        customer_id=run.customer_id,
        channel=run.channel,
        outcome=run.outcome,
        simulated=run.simulated,
    )
