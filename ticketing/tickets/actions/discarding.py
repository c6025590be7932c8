"""A ticket that was made by mistake; a test that nobody waits for any more."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition, transition
from ticketing.tickets.guarding import guard
from ticketing.tickets.models import ServiceTest, Ticket
from ticketing.tickets.settle import lock, log, tell

UNTOUCHED = ("acknowledged", "cancelled", "rejected")


def discard(*, ticket: Ticket, actor: User | None, at: datetime, last: dict[str, Any]) -> None:
    """Delete a ticket that nobody has worked on and no partner has; administrators only.

    `last`: the ticket as it was, for those who are told. Raises IllegalTransition for any other ticket: cancel it.
    """
    permit(actor, "desk.configure")
    guard(actor, ticket, "ticket.write")
    with transaction.atomic():
        row = lock(ticket.pk)
        if row.state not in UNTOUCHED or row.assigned_to_id or row.partner_tickets.exists() or row.tests.exists():
            raise IllegalTransition(f"{row.reference} was worked on and stays as evidence: cancel it instead.")
        log(row, "deleted the ticket", actor, at, title=row.title)
        tell(row, "deleted", at, last=last)
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError as error:
            raise IllegalTransition(f"{row.reference} is needed elsewhere: cancel it instead.") from error


def cancel_test(*, test: ServiceTest, actor: User | None, at: datetime) -> ServiceTest:
    """Nobody waits for its result any more. Twice is once. Raises IllegalTransition once it has ended."""
    permit(actor, "test.run")
    with transaction.atomic():
        row = ServiceTest.objects.select_for_update(of=("self",)).get(pk=test.pk)
        if row.state == "cancelled":
            return row
        transition(row, "cancelled", at=at, actor=actor, done_at=at, next_look_at=None)
        return row
