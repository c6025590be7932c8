"""Questions that wait for an answer: ours to the customer, and a partner's to us."""

from datetime import datetime

from ofx.core.models import User
from ticketing.tickets.models import PartnerTicket, Ticket, TicketNote, TicketWait
from ticketing.tickets.outbound import send
from ticketing.tickets.partner_settle import append, newest, settle_partner


def close_question(ticket: Ticket, question: TicketNote, at: datetime) -> None:
    """A question has its answer: nobody waits for it any more."""
    TicketNote.objects.filter(pk=question.pk, answered_at=None).update(answered_at=at)
    TicketWait.objects.filter(ticket=ticket, source_key=f"note:{question.pk}", closed_at=None).update(closed_at=at)


def answer_partner_questions(
    ticket: Ticket, note: TicketNote, *, at: datetime, actor: User | None, only: PartnerTicket | None = None
) -> int:
    """Send a note as the answer to each partner that asked and waits. Returns how many were told."""
    rows = ticket.partner_tickets.exclude(question="").exclude(state__in=("closed", "rejected", "cancelled"))
    if only is not None:
        rows = rows.filter(pk=only.pk)
    asked = list(rows.select_related("operator", "ticket"))
    for row in asked:
        message = send(row, "answer", at=at, actor=actor, text=note.text, note_key=f"note:{note.pk}")
        append(
            row,
            "ANSWERED",
            key=f"answered:{note.pk}",
            at=at,
            issued_at=newest(row, at),
            actor=actor,
            text=note.text,
            message_id=message.pk if message else None,
        )
        for question in ticket.notes.filter(is_question=True, author="partner", answered_at=None):
            close_question(ticket, question, at)
        settle_partner(ticket, row, at=at)
    return len(asked)
