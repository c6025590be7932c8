"""Mail from customers: answers come back into their ticket's thread, what fits nowhere waits for a person."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import Membership, Organisation, User
from ofx.core.scoping import permit, still_visible
from ticketing.tickets.actions.notes import add_note, answer_question
from ticketing.tickets.actions.opening import open_ticket
from ticketing.tickets.guarding import CONTROLS, TicketInvalid
from ticketing.tickets.mail_letter import Letter, read
from ticketing.tickets.mail_thread import address, named_in, ticket_of
from ticketing.tickets.models import Ticket, TicketMail, TicketNote

A_SENDER = 20  # mails of one sender in an hour that become notes; more is a loop, and waits for a person


def take_mail(*, raw: bytes, at: datetime, only: Organisation | None = None) -> TicketMail | None:
    """A mail came in. Answers are written on their ticket; what fits none, or is not surely theirs, waits for a person.

    `only`: whose gateway brought it: what is addressed to no desk is for them, and another's is not taken. None where
    it is for none of our providers. The same mail twice is once.
    """
    letter = read(raw)
    organisation = _provider(letter) or only
    if only is not None and organisation != only:
        return None
    thread = f"{letter.references} {letter.in_reply_to}"
    ticket = ticket_of(thread, letter.subject, organisation.pk if organisation else None)
    organisation = organisation or (ticket.organisation if ticket else None)
    if organisation is None:
        return None
    with transaction.atomic():
        known = TicketMail.objects.filter(organisation=organisation, message_id=letter.message_id).first()
        if known is not None:
            return known
        why = _why_not(letter, ticket, organisation, at)
        row = _keep(letter, organisation, ticket, why, at)
        if letter.automatic or row.ticket_id is None:
            _tell(row, at)
        elif ticket is not None:
            write_on(ticket=ticket, mail=row, actor=None, at=at)
    return row


def _provider(letter: Letter) -> Organisation | None:
    """The provider that the mail was sent to."""
    end = f"@{settings.DESK_MAIL_DOMAIN.lower()}"
    slugs = [one.removesuffix(end).partition("+")[0] for one in letter.recipients if one.endswith(end)]
    return Organisation.objects.filter(kind="service_provider", slug__in=slugs, active=True).first() if slugs else None


def _why_not(letter: Letter, ticket: Ticket | None, organisation: Organisation, at: datetime) -> str:
    """Why a person must look at it; empty where it goes on its ticket by itself."""
    if ticket is None:
        return "It answers no mail of ours."
    if letter.sender.endswith(f"@{settings.DESK_MAIL_DOMAIN.lower()}"):
        return "It comes from our own address: a loop."
    if not _known_sender(letter.sender, ticket):
        return f"The sender is not known for {ticket.reference}."
    if ticket.ended and ticket.merged_into_id is None:
        return f"{ticket.reference} is {ticket.get_state_display().lower()}."
    recent = TicketMail.objects.filter(
        organisation=organisation, direction="in", sender=letter.sender, at__gte=at - timedelta(hours=1)
    )
    return "Too many mails of this sender within an hour." if recent.count() >= A_SENDER else ""


def _known_sender(sender: str, ticket: Ticket) -> bool:
    """The contact, a party, or a person of the customer."""
    if sender and sender == ticket.contact_email.lower():
        return True
    if ticket.parties.filter(email__iexact=sender).exists():
        return True
    people = Membership.objects.filter(organisation=ticket.customer_id, user__email__iexact=sender)
    return ticket.customer_id is not None and people.exists()


def _keep(letter: Letter, organisation: Organisation, ticket: Ticket | None, why: str, at: datetime) -> TicketMail:
    sure = ticket is not None and not why
    hint = ticket or Ticket.objects.filter(organisation=organisation, reference=named_in(letter.subject)).first()
    return TicketMail.objects.create(
        organisation=organisation,
        ticket=ticket if sure else None,
        suggested=None if sure else hint,
        direction="in",
        message_id=letter.message_id,
        in_reply_to=letter.in_reply_to,
        sender=letter.sender,
        recipient=address(organisation.slug),
        subject=letter.subject,
        text=letter.text,
        why="" if letter.automatic else why,
        automatic=letter.automatic,
        settled_at=at if letter.automatic else None,  # kept, and quiet: nobody answers a machine
        at=at,
    )


def _tell(row: TicketMail, at: datetime) -> None:
    if not row.automatic:
        payload = {"mail_id": row.pk, "sender": row.sender}
        publish("ticket_mail.unmatched", f"ticket_mail:{row.pk}", at=at, organisation_id=row.organisation_id, **payload)


def write_on(*, ticket: Ticket, mail: TicketMail, actor: User | None, at: datetime) -> TicketNote:
    """A mail's words become a note of the customer on the ticket, or the answer to what it was asked."""
    text = mail.text.translate(CONTROLS).strip() or "(a mail without words)"
    key = f"mail:{mail.message_id}"[:160]
    asked = ticket.notes.filter(is_question=True, answered_at=None).exclude(audience="partner").exists()
    if asked:
        return answer_question(
            ticket=ticket, actor=None, at=at, text=text, author="customer", channel="email", dedupe_key=key
        )
    return add_note(
        ticket=ticket, actor=None, at=at, text=text, audience="all", author="customer", channel="email", dedupe_key=key
    )


def settle_mail(
    *, mail: TicketMail, actor: User, at: datetime, ticket: Ticket | None = None, title: str = "", drop: bool = False
) -> Ticket | None:
    """A person puts an unmatched mail on a ticket, opens a new one with it, or sets it aside. Twice is once."""
    permit(actor, "ticket.write")
    with transaction.atomic():
        row = (
            TicketMail.objects.select_for_update(of=("self",)).select_related("organisation", "ticket").get(pk=mail.pk)
        )
        still_visible(row, actor)
        if row.ticket_id or row.settled_at:
            return row.ticket
        if drop:
            into, verb = None, "set a mail aside"
        elif ticket is not None:
            into, verb = ticket, "put a mail on its ticket"
        else:
            into, verb = _opened(row, title, actor, at), "opened a ticket from a mail"
        row.ticket, row.settled_at = into, at
        row.save(update_fields=["ticket", "settled_at"])
        if into is not None and ticket is not None:
            if into.ended:
                raise TicketInvalid({"ticket": f"{into.reference} has ended: open a new ticket from this mail."})
            write_on(ticket=into, mail=row, actor=actor, at=at)
        subject = f"ticket:{into.pk}" if into else f"ticket_mail:{row.pk}"
        data = {"mail_id": row.pk, "sender": row.sender}
        record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=row.organisation_id, **data)
        publish(
            "ticket_mail.settled", f"ticket_mail:{row.pk}", at=at, organisation_id=row.organisation_id, mail_id=row.pk,
            ticket_id=into.pk if into else None,
        )  # fmt: skip
    return into


def _opened(row: TicketMail, title: str, actor: User, at: datetime) -> Ticket:
    """A new ticket with the mail's words; its customer by the sender."""
    membership = (
        Membership.objects.filter(organisation__provider_id=row.organisation_id, user__email__iexact=row.sender)
        .select_related("organisation", "user")
        .first()
    )
    return open_ticket(
        actor=actor,
        at=at,
        organisation=row.organisation,
        customer=membership.organisation if membership else None,
        reported_by=membership.user if membership else None,
        title=(title or row.subject or "A mail without a subject")[:200],
        description=row.text,
        channel="email",
        contact={"name": membership.user.name if membership else "", "phone": "", "email": row.sender},
        idempotency_key=f"mail:{row.pk}",
    )
