"""A child's ticket waits for the partner as long as the outage lasts; what it waits for stands on it (DOMAIN 5.2)."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from ofx.core.transitions import IllegalTransition
from ticketing.outages.models import Outage
from ticketing.tickets import actions as tickets
from ticketing.tickets.models import Ticket

REASON = "OUTAGE"


def hold(outage: Outage, numbers: Iterable[int], *, at: datetime) -> None:
    """Let these tickets wait under the outage. Twice is once; one that is over meanwhile does not wait."""
    owner = "partner" if outage.operator_id else "us"
    until = outage.expected_at if outage.expected_at and outage.expected_at > at else None
    for ticket in Ticket.objects.filter(pk__in=list(numbers)).order_by("pk"):
        with suppress(IllegalTransition):
            tickets.wait(
                ticket=ticket, actor=None, at=at, owner=owner, reason=REASON, until=until,
                text=f"{outage.reference}: {outage.title}", source_key=_key(outage.pk),
            )  # fmt: skip


def release(ticket: Ticket, outage_id: int, *, at: datetime) -> None:
    """It waits under the outage no more: it goes its own way."""
    for wait in ticket.waits.filter(source_key=_key(outage_id), closed_at=None):
        tickets.stop_waiting(ticket=ticket, actor=None, at=at, wait=wait, text="no longer part of the outage")


def _key(outage_id: int) -> str:
    return f"outage:{outage_id}"
