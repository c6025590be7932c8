"""What known errors learn: real outcomes of tickets and guide runs."""

from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ticketing.known_errors import actions
from ticketing.known_errors.vocabulary import Outcome
from ticketing.tickets.models import Ticket


def _ticket(event: Event) -> int:
    kind, _, number = event.subject.partition(":")
    return int(number) if kind == "ticket" and number.isdigit() else 0


@on("ticket.resolved")
def it_is_known(event: Event) -> None:
    """A fix of the TSC whose known error was linked before: nothing is left to write down."""
    ticket = Ticket.objects.filter(pk=_ticket(event)).first()
    if ticket is not None:
        actions.write_down(ticket_id=ticket.pk, at=event.at)


@on("ticket.closed")
def it_held(event: Event) -> None:
    """Closed, and the customer did not say otherwise: what was applied has worked."""
    ticket = Ticket.objects.filter(pk=_ticket(event), resolved_at__isnull=False).first()
    if ticket is not None and ticket.confirmed_by_customer is not False:
        actions.judge(ticket_id=ticket.pk, outcome=Outcome.WORKED, at=event.at, only_open=True)


@on("ticket.in_progress")
def it_came_back(event: Event) -> None:
    """Reopened: what was applied has failed."""
    if event.payload.get("from") == "resolved":
        actions.judge(ticket_id=_ticket(event), outcome=Outcome.FAILED, at=event.at)


@on("guide_run.fixed")
def guide_fixed(event: Event) -> None:
    """The guide's advice helped."""
    actions.judge(run=event.subject, outcome=Outcome.WORKED, at=event.at)


@on("guide_run.escalated")
def guide_failed(event: Event) -> None:
    """It did not: a ticket was needed."""
    actions.judge(run=event.subject, outcome=Outcome.FAILED, at=event.at)
