"""What an end or a return of our ticket means for the partners that have it."""

from datetime import datetime

from ofx.core.models import User
from partners.conversations import actions as conversations
from ticketing.tickets.models import PartnerTicket, Ticket
from ticketing.tickets.outbound import leg_of, send
from ticketing.tickets.partner_settle import append, newest, settle_partner


def _open(ticket: Ticket, *states: str) -> list[PartnerTicket]:
    rows = ticket.partner_tickets.select_for_update(no_key=True, of=("self",)).filter(state__in=states)
    return list(rows.select_related("operator", "ticket", "test").order_by("pk"))


def close_legs(ticket: Ticket, *, at: datetime, actor: User | None, why: str) -> None:
    """The partner's resolution is taken; what it still worked on is not wanted any more."""
    for row in _open(ticket, "resolved"):
        send(row, "close", at=at, actor=actor, text=why, note_key=f"close:{row.pk}")
        append(row, "CLOSED", key="closed", at=at, issued_at=newest(row, at), actor=actor, text=why)
        settle_partner(ticket, row, at=at)
    cancel_legs(ticket, at=at, actor=actor, why=why or "It works again")


def cancel_legs(ticket: Ticket, *, at: datetime, actor: User | None, why: str) -> None:
    """Nothing more is asked of the partners that still have it."""
    for row in _open(
        ticket, "submitted", "failed_to_send", "acknowledged", "in_progress", "pending", "held", "resolved"
    ):
        cancel_leg(ticket, row, at=at, actor=actor, why=why)


def cancel_leg(ticket: Ticket, row: PartnerTicket, *, at: datetime, actor: User | None, why: str) -> None:
    """Take the fault back from one partner: what never left is withdrawn, what did is cancelled there."""
    leg = leg_of(f"partner_ticket:{row.pk}")
    if leg is not None and not conversations.withdraw(leg=leg, at=at, actor=actor, reason=why):
        send(row, "cancel", at=at, actor=actor, text=why, note_key=f"cancel:{row.pk}")
    append(row, "STATE", key="cancelled", at=at, issued_at=newest(row, at), actor=actor, state="cancelled", text=why)
    settle_partner(ticket, row, at=at)


def reopen_legs(ticket: Ticket, *, at: datetime, actor: User | None, why: str) -> None:
    """The partner that said it was mended hears that it is not."""
    for row in _open(ticket, "resolved"):
        send(row, "reopen", at=at, actor=actor, text=why, note_key=f"reopen:{row.pk}:{ticket.reopened}")
        append(
            row, "REOPENED", key=f"reopened:{ticket.reopened}", at=at, issued_at=newest(row, at), actor=actor, text=why
        )
        settle_partner(ticket, row, at=at)
