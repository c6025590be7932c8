"""What is said about a ticket, asked, answered and attached."""

import hashlib
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.orders.actions.papers import TYPES, checked_type, safe_name
from ticketing.tickets.guarding import TicketInvalid, guard, is_customer, one_of, words
from ticketing.tickets.models import Attachment, Ticket, TicketNote, TicketWait
from ticketing.tickets.outbound import tell_customer_system, tell_partners
from ticketing.tickets.questions import answer_partner_questions, close_question
from ticketing.tickets.settle import lock, log, settle, tell

TO_CUSTOMER = ("customer", "all")
TO_PARTNER = ("partner", "all")


def add_note(
    *,
    ticket: Ticket,
    actor: User | None,
    at: datetime,
    text: str,
    audience: str = "internal",
    author: str = "staff",
    is_question: bool = False,
    channel: str = "",
    dedupe_key: str = "",
) -> TicketNote:
    """A note; a question makes the ticket wait for its audience. The same dedupe_key is the same note.

    A customer's note is read by all, whatever is asked. What a partner or the customer's own system may read is sent
    there. On a merged ticket it is written on the one that goes on.
    """
    guard(actor, ticket, "ticket.note", "ticket.report")
    audience = one_of(audience, TicketNote.Audience, "audience")
    author = one_of(author, TicketNote.Author, "author")
    text = words(text, "text", 8000)
    if is_customer(actor):
        audience, author, is_question = "all", "customer", False
    if is_question and audience == "internal":
        raise TicketInvalid({"audience": "A question needs somebody to answer it: the customer or the partner."})
    with transaction.atomic():
        row = lock(ticket.merged_into_id or ticket.pk)
        if dedupe_key:
            known = row.notes.filter(dedupe_key=dedupe_key[:160]).first()
            if known is not None:
                return known
        note = TicketNote.objects.create(
            ticket=row,
            audience=audience,
            author=author,
            user=actor,
            text=text,
            is_question=is_question,
            channel=channel[:10],
            dedupe_key=dedupe_key[:160],
            at=at,
        )
        _after(row, note, actor, at)
        return note


def _after(row: Ticket, note: TicketNote, actor: User | None, at: datetime) -> None:
    """Log, tell and pass on; a question opens a wait, and a customer's words are an answer to what was asked."""
    Ticket.objects.filter(pk=row.pk).update(last_news_at=at)
    log(row, f"wrote a note ({note.get_audience_display().lower()})", actor, at, note_id=note.pk)
    told = {"note_id": note.pk, "audience": note.audience, "author": note.author, "is_question": note.is_question}
    tell(row, "noted", at, **told)
    if note.is_question:
        _ask(row, note, at)
    if note.author != "partner" and note.audience in TO_PARTNER and not row.ended:
        tell_partners(row, "note", at=at, actor=actor, text=note.text, note_key=f"note:{note.pk}")
    if note.audience in TO_CUSTOMER and not note.dedupe_key.startswith("customer:"):
        tell_customer_system(row, "note", at=at, text=note.text, note_key=f"note:{note.pk}")
    settle(row, at=at, actor=actor)


def _ask(row: Ticket, note: TicketNote, at: datetime) -> None:
    owner = "end_customer" if note.audience in TO_CUSTOMER else "partner"
    if row.state in ("resolved", "closed", "cancelled", "rejected"):
        raise IllegalTransition(f"{row.reference} is {row.get_state_display().lower()}: reopen it before asking.")
    TicketWait.objects.create(
        ticket=row,
        owner=owner,
        reason="INFORMATION",
        text=note.text[:500],
        source_key=f"note:{note.pk}",
        opened_at=at,
    )
    tell(row, "asked", at, note_id=note.pk, owner=owner)


def answer_question(
    *,
    ticket: Ticket,
    actor: User | None,
    at: datetime,
    text: str,
    author: str = "",
    channel: str = "",
    dedupe_key: str = "",
) -> TicketNote:
    """Answer what was asked: by the customer, or by the desk for them. Partners that wait for it are told.

    Without an open question it is a note like any other.
    """
    guard(actor, ticket, "ticket.write", "ticket.report")
    text = words(text, "text", 8000)
    with transaction.atomic():
        row = lock(ticket.merged_into_id or ticket.pk)
        known = row.notes.filter(dedupe_key=dedupe_key[:160]).first() if dedupe_key else None
        if known is not None:
            return known
        note = TicketNote.objects.create(
            ticket=row,
            audience="all",
            author=author or ("customer" if is_customer(actor) else "staff"),
            user=actor,
            text=text,
            channel=channel[:10],
            dedupe_key=dedupe_key[:160],
            at=at,
        )
        questions = list(row.notes.filter(is_question=True, answered_at=None).exclude(audience="partner"))
        for question in questions:
            close_question(row, question, at)
        sent = answer_partner_questions(row, note, at=at, actor=actor)
        Ticket.objects.filter(pk=row.pk).update(last_news_at=at)
        log(row, "answered", actor, at, note_id=note.pk)
        tell(row, "answered", at, note_id=note.pk, author=note.author, questions=[one.pk for one in questions])
        if not sent and not row.ended:
            tell_partners(row, "note", at=at, actor=actor, text=note.text, note_key=f"note:{note.pk}")
        if not note.dedupe_key.startswith("customer:"):
            tell_customer_system(row, "note", at=at, text=note.text, note_key=f"note:{note.pk}")
        settle(row, at=at, actor=actor)
        return note


def attach(
    *,
    ticket: Ticket,
    actor: User | None,
    at: datetime,
    upload: UploadedFile,
    audience: str = "internal",
    author: str = "staff",
) -> Attachment:
    """Store a file whose name and content agree and are allowed; the same file twice is once. Raises BadFile."""
    guard(actor, ticket, "ticket.note", "ticket.report")
    audience = one_of(audience, TicketNote.Audience, "audience")
    if is_customer(actor):
        audience, author = "all", "customer"
    name = safe_name(upload.name or "")
    kind = checked_type(name, upload)
    upload.seek(0)
    content = upload.read()
    with transaction.atomic():
        row = lock(ticket.merged_into_id or ticket.pk)
        digest = hashlib.sha256(content).hexdigest()
        known = row.attachments.filter(digest=digest, audience=audience).first()
        if known is not None:
            return known
        kept = Attachment.objects.create(
            ticket=row,
            name=name,
            content_type=TYPES[kind],
            size=len(content),
            content=content,
            digest=digest,
            audience=audience,
            author=author,
            user=actor,
            at=at,
        )
        log(row, "attached a file", actor, at, name=name)
        tell(row, "attached", at, attachment_id=kept.pk, audience=audience, author=author)
        if audience in TO_PARTNER and author != "partner" and not row.ended:
            tell_partners(row, "attach", at=at, actor=actor, file=kept)
        if audience in TO_CUSTOMER and author != "customer":
            tell_customer_system(row, "attach", at=at, file=kept)
        return kept
