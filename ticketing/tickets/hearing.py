"""A partner's words and files, put where our people, and the customer where it concerns them, read them."""

import base64
import binascii
import hashlib
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from ofx.orders.actions.papers import TYPES, BadFile, checked_type, safe_name
from partners.mapping.canonical_faults import TicketNews
from ticketing.tickets.demands import rules_for
from ticketing.tickets.models import Attachment, PartnerTicket, Ticket, TicketFact, TicketNote
from ticketing.tickets.outbound import tell_customer_system
from ticketing.tickets.settle import tell

# Reasons that only the customer can do something about (DOMAIN 5.6).
CUSTOMERS = ("CUSTOMER_NOT_READY", "NO_ACCESS", "BUILDING_NOT_READY", "CUSTOMER_CHANGED_MIND")
SELF_SERVED = ("portal", "widget", "api")


def heard(ticket: Ticket, row: PartnerTicket, fact: TicketFact, one: TicketNews, at: datetime) -> None:
    """Keep what a new fact says in words, or brings as a file."""
    if one.update_type in ("NOTE", "QUESTION") and one.text and not _our_own(ticket, one):
        _note(ticket, row, fact, one, at)
    if one.attachment:
        _file(ticket, row, fact, one, at)


def _our_own(ticket: Ticket, one: TicketNews) -> bool:
    """An echo of a note that we sent."""
    key = str(one.extra.get("note_key") or "")
    number = key.removeprefix("note:")
    return key.startswith("note:") and number.isdigit() and ticket.notes.filter(pk=int(number)).exists()


def for_customer(ticket: Ticket, one: TicketNews) -> bool:
    """Whether a partner's question is the customer's to answer: by its owner or reason, or because it came by
    self-service and nobody of the desk has it in hand."""
    if one.clock_owner == "end_customer" or one.reason in CUSTOMERS:
        return True
    return ticket.channel in SELF_SERVED and ticket.assigned_to_id is None and ticket.tier != "tsc"


def _note(ticket: Ticket, row: PartnerTicket, fact: TicketFact, one: TicketNews, at: datetime) -> None:
    question = one.update_type == "QUESTION"
    rules = rules_for(operator=row.operator, organisation=ticket.organisation)
    public = for_customer(ticket, one) if question else rules.notes_to_customer
    key = f"partner:{row.pk}:{fact.dedupe_key}"[:160]
    note, fresh = TicketNote.objects.get_or_create(
        ticket=ticket,
        dedupe_key=key,
        defaults={
            "audience": "all" if public else "partner",
            "author": "partner",
            "text": one.text[:8000],
            "is_question": question,
            "channel": "partner",
            "at": at,
        },
    )
    if not fresh:
        return
    if question and public and one.clock_owner != "end_customer":
        fact.data["clock_owner"] = "end_customer"
        fact.save(update_fields=["data"])
    told = {"note_id": note.pk, "audience": note.audience, "author": "partner", "is_question": question}
    tell(ticket, "noted", at, **told)
    if question:
        tell(ticket, "asked", at, note_id=note.pk, owner="end_customer" if public else "us")
    if public:
        tell_customer_system(ticket, "note", at=at, text=note.text, note_key=f"note:{note.pk}")


def _file(ticket: Ticket, row: PartnerTicket, fact: TicketFact, one: TicketNews, at: datetime) -> None:
    key = f"file:{row.pk}:{fact.pk}"
    keep_file(ticket, one.attachment, sender=row.operator.name, author="partner", audience="partner", key=key, at=at)


def keep_file(
    ticket: Ticket, given: dict[str, str], *, sender: str, author: str, audience: str, key: str, at: datetime
) -> Attachment | None:
    """A file of another system is checked as everybody's; one that is not taken leaves a note that says so. One that
    is there already is not kept twice, so that our own that comes back is none."""
    name, encoded = safe_name(given.get("name") or ""), given.get("base64") or ""
    try:
        if len(encoded) > settings.ATTACHMENT_MAX_BYTES * 4 // 3 + 4:
            raise BadFile("it is too large")
        content = base64.b64decode(encoded, validate=True)
        kind = checked_type(name, SimpleUploadedFile(name or "file", content))
    except (BadFile, binascii.Error, ValueError) as error:
        text = f"{sender} sent a file that is not taken: {error}"[:2000]
        note = {"audience": "internal", "author": "system", "text": text, "at": at}
        TicketNote.objects.get_or_create(ticket=ticket, dedupe_key=key[:160], defaults=note)
        return None
    digest = hashlib.sha256(content).hexdigest()
    if ticket.attachments.filter(digest=digest).exists():
        return None
    kept = Attachment.objects.create(
        ticket=ticket,
        name=name,
        content_type=TYPES[kind],
        size=len(content),
        content=content,
        digest=digest,
        audience=audience,
        author=author,
        at=at,
    )
    tell(ticket, "attached", at, attachment_id=kept.pk, audience=audience, author=author)
    return kept
