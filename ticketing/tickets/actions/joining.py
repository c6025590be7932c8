"""Tickets that belong together: merge, split, link."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import ServiceRecord
from ticketing.tickets.actions.ending import end_locked
from ticketing.tickets.actions.opening import open_ticket
from ticketing.tickets.guarding import TicketInvalid, guard, one_of, words
from ticketing.tickets.models import PartnerTicket, Ticket, TicketLink, TicketWait
from ticketing.tickets.settle import RUNNING, lock, log, settle, tell


def merge(*, ticket: Ticket, into: Ticket, actor: User | None, at: datetime, why: str = "") -> Ticket:
    """`ticket` is the same fault as `into`, which goes on alone: a partner's ticket moves over with its messages.

    Where both lie at the same partner, the one of `ticket` is cancelled there. Notes stay where they were written.
    Returns `into`. Twice is once; raises TicketInvalid for tickets that cannot be one.
    """
    guard(actor, ticket, "ticket.write")
    guard(actor, into, "ticket.write")
    if ticket.pk == into.pk:
        raise TicketInvalid({"into": "A ticket cannot be merged into itself."})
    if ticket.organisation_id != into.organisation_id or ticket.customer_id != into.customer_id:
        raise TicketInvalid({"into": "Tickets of two customers stay apart: link them, or put both under an outage."})
    with transaction.atomic():
        rows = {pk: lock(pk) for pk in sorted((ticket.pk, into.pk))}
        gone, stays = rows[ticket.pk], rows[into.pk]
        if gone.merged_into_id == stays.pk:
            return stays
        if gone.state not in RUNNING or stays.state not in RUNNING:
            raise IllegalTransition("Only tickets that are open and not yet resolved can be merged.")
        _move_legs(gone, stays)
        TicketLink.objects.get_or_create(ticket=gone, other=stays, kind="duplicate", defaults={"at": at})
        text = f"Merged into {stays.reference}"
        end_locked(gone, "cancelled", actor=actor, at=at, why=text, merged_into=stays)
        log(stays, f"took in {gone.reference}", actor, at, why=words(why, "why", 300, needed=False))
        tell(gone, "merged", at, into=stays.pk)
        return settle(stays, at=at, actor=actor)


def _move_legs(gone: Ticket, stays: Ticket) -> None:
    """Partner tickets that the other has not got move over with their waits."""
    taken = set(stays.partner_tickets.filter(state__in=PartnerTicket.OPEN).values_list("operator_id", flat=True))
    moving = gone.partner_tickets.filter(state__in=PartnerTicket.OPEN).exclude(operator__in=taken)
    for row in moving:
        PartnerTicket.objects.filter(pk=row.pk).update(ticket=stays)
        TicketWait.objects.filter(source_key__startswith=f"partner:{row.pk}:").update(ticket=stays)


def split(
    *,
    ticket: Ticket,
    actor: User | None,
    at: datetime,
    title: str,
    description: str = "",
    service: ServiceRecord | None = None,
    fault_class: str = "",
) -> Ticket:
    """Two faults were told in one: a ticket of its own for the second, of the same customer and contact."""
    guard(actor, ticket, "ticket.write")
    with transaction.atomic():
        row = lock(ticket.pk)
        made = open_ticket(
            actor=actor,
            at=at,
            organisation=row.organisation,
            title=title,
            description=description,
            customer=row.customer,
            service=service or row.service,
            place={"country": row.country, "postcode": row.postcode, "text": row.place_text},
            fault_class=fault_class or row.fault_class,
            channel=row.channel,
            severity=row.severity,
            impact=row.impact,
            contact={"name": row.contact_name, "phone": row.contact_phone, "email": row.contact_email},
            reported_by=row.reported_by,
            simulated=row.simulated,
        )
        TicketLink.objects.create(ticket=made, other=row, kind="split", at=at)
        log(row, f"split off {made.reference}", actor, at)
        tell(row, "split", at, into=made.pk)
        return made


def link(*, ticket: Ticket, other: Ticket, actor: User | None, at: datetime, kind: str = "related") -> TicketLink:
    """Two tickets are shown with each other. Twice is once."""
    guard(actor, ticket, "ticket.write")
    guard(actor, other, "ticket.write")
    kind = one_of(kind, TicketLink.Kind, "kind")
    if ticket.organisation_id != other.organisation_id:
        raise PermissionDenied("This ticket belongs to another service provider.")
    if ticket.pk == other.pk:
        raise TicketInvalid({"other": "A ticket cannot be linked to itself."})
    with transaction.atomic():
        row, fresh = TicketLink.objects.get_or_create(ticket=ticket, other=other, kind=kind, defaults={"at": at})
        if fresh:
            log(ticket, f"linked {other.reference}", actor, at, kind=kind)
    return row
