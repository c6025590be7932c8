"""What tickets hold on a person: the contact, what they wrote, and the checks they did.

Open tickets need their contact; ended ones give it up on erasure. Also here, because it follows from a person leaving:
their open tickets go to the colleague who was named, or back to the queue.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ofx.core.models import Membership, User
from ofx.core.personal.registry import Holding, Person, erases, exports, holds
from ticketing.tickets.actions import TicketInvalid, assign
from ticketing.tickets.models import Complaint, Ticket, TicketMail, TicketParty
from ticketing.tickets.settle import log
from ticketing.tickets.vocabulary import ENDED

SHOWN = 20
ERASED = "Erased person"


def _naming(person: Person) -> QuerySet[Ticket]:
    """Tickets whose contact or reporter they are, within the organisation that asked."""
    theirs = Q(contact_email__iexact=person.email) | Q(reported_by__email__iexact=person.email)
    rows = Ticket.objects.filter(theirs).order_by("pk")
    if person.organisation_id is None:
        return rows
    return rows.filter(Q(organisation_id=person.organisation_id) | Q(customer_id=person.organisation_id))


@exports("tickets")
def in_tickets(person: Person) -> Iterator[dict[str, Any]]:
    """Where they are the contact or reporter: their own details and words."""
    for ticket in _naming(person).iterator(chunk_size=500):
        mine = ticket.notes.filter(user__email__iexact=person.email)
        yield {
            "ticket": ticket.reference,
            "created": ticket.created_at,
            "title": ticket.title,
            "description": ticket.description,
            "contact_name": ticket.contact_name,
            "contact_phone": ticket.contact_phone,
            "contact_email": ticket.contact_email,
            "answers": ticket.answers,
            "notes": list(mine.values_list("text", flat=True)),
        }


@exports("complaints")
def in_complaints(person: Person) -> Iterator[dict[str, Any]]:
    """Complaints that they made."""
    for row in _complaints(person):
        yield {
            "complaint": row.reference,
            "made": row.made_at,
            "text": row.text,
            "wish": row.wish,
            "answer": row.answer,
        }


def _complaints(person: Person) -> QuerySet[Complaint]:
    rows = Complaint.objects.filter(made_by__email__iexact=person.email).order_by("pk")
    if person.organisation_id is None:
        return rows
    return rows.filter(Q(organisation_id=person.organisation_id) | Q(customer_id=person.organisation_id))


@erases("tickets", position=25)
def forget_contact(person: Person, at: datetime) -> list[str]:
    """Ended tickets lose the contact and the mails of the person; open ones keep it, because somebody must be told."""
    report, rows = [], _naming(person)
    for ticket in rows.filter(state__in=ENDED):
        if ticket.contact_email.lower() == person.email.lower():
            gone = {"contact_name": ERASED, "contact_phone": "", "contact_email": person.alias}
            Ticket.objects.filter(pk=ticket.pk).update(**gone)
        TicketParty.objects.filter(ticket=ticket, email__iexact=person.email).update(name=ERASED, email=person.alias)
        mails = TicketMail.objects.filter(ticket=ticket)
        mails.filter(sender__icontains=person.email).update(sender=person.alias)
        mails.filter(recipient__icontains=person.email).update(recipient=person.alias)
        log(ticket, "erased the contact", None, at)
        report.append(f"{ticket.reference}: the contact was erased.")
    kept = list(rows.exclude(state__in=ENDED).values_list("reference", flat=True))
    if kept:
        names = ", ".join(kept[:SHOWN]) + (f" and {len(kept) - SHOWN} more" if len(kept) > SHOWN else "")
        report.append(f"Kept, because the fault is open and somebody must be told: {names}. Ask again later.")
    return report


@holds
def tickets_in_hand(membership: Membership) -> list[Holding]:
    """Open tickets that they work on."""
    rows = _in_hand(membership.user_id, membership.organisation_id)
    return [Holding(ticket.reference, ticket.get_absolute_url()) for ticket in rows.order_by("pk")[:SHOWN]]


def _in_hand(user_id: int, organisation_id: int) -> QuerySet[Ticket]:
    rows = Ticket.objects.filter(assigned_to_id=user_id, organisation_id=organisation_id)
    return rows.exclude(state__in=ENDED)


@on("member.removed")
def take_over(event: Event) -> None:
    """A leaver's open tickets go to the successor where one was named who works on faults, else back to the queue."""
    successor = User.objects.filter(pk=event.payload.get("successor_id") or 0).first()
    for ticket in _in_hand(event.payload["user_id"], event.organisation_id or 0):
        try:
            assign(ticket=ticket, actor=None, at=event.at, to=successor)
        except TicketInvalid:
            assign(ticket=ticket, actor=None, at=event.at)
