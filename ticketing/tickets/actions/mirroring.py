"""The customer's own system has the same ticket: created there, told of everything, and heard (DOMAIN 2.1 S1)."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ofx.core.transitions import IllegalTransition
from partners.conversations import actions as conversations
from partners.mapping.canonical_faults import TicketNews
from partners.models import Endpoint, Leg, Message
from ticketing.tickets.actions.ending import cancel, confirm, reopen, resolve
from ticketing.tickets.actions.notes import add_note, answer_question
from ticketing.tickets.guarding import TicketInvalid
from ticketing.tickets.hearing import keep_file
from ticketing.tickets.models import Ticket
from ticketing.tickets.outbound import leg_of, mirrored, tell_customer_system, tell_partners
from ticketing.tickets.settle import RUNNING, lock

TOLD = "Told by the customer's own system"
MOST_TEXT = 300 - len(TOLD) - 2


def mirror(*, ticket: Ticket, at: datetime) -> Leg | None:
    """Create the ticket in its customer's own system, where one is connected. None where not. Twice is once.

    One that was raised there, and came to us with its number, is only bound to it.
    """
    if ticket.customer is None:
        return None
    endpoint = conversations.customer_endpoint(customer=ticket.customer, entity="ticket")
    if endpoint is None:
        return None
    with transaction.atomic():
        row = lock(ticket.pk)
        known = leg_of(f"customer_ticket:{row.pk}")
        if known is not None:
            return known
        theirs = row.external_id if _raised_there(row) else ""
        leg = _bound(row, endpoint, theirs, at)
        if leg is not None and not theirs:
            told = mirrored(row, leg.our_key)
            conversations.send(leg=leg, verb="create", order=told, at=at, actor=None)
        return leg


def _raised_there(row: Ticket) -> bool:
    """Whether its number is the customer's: a provider's own tool has numbers of its own."""
    return row.channel == "api" and row.created_by_id == row.reported_by_id


def _bound(row: Ticket, endpoint: Endpoint, theirs: str, at: datetime) -> Leg | None:
    try:
        with transaction.atomic():
            return conversations.open_leg(
                organisation=row.organisation,
                case=f"ticket:{row.pk}",
                subject=f"customer_ticket:{row.pk}",
                endpoint=endpoint,
                our_key=f"{row.reference}-C-{secrets.token_hex(3)}",
                at=at,
                simulated=row.simulated,
                entity="ticket",
                external_id=theirs,
            )
    except IntegrityError:  # another ticket of ours is bound to that number already
        return None


def bind(*, ticket: Ticket, endpoint: Endpoint, theirs: str, at: datetime) -> Leg | None:
    """The leg of a ticket that was theirs first. None where that number is bound to another ticket of ours."""
    known = leg_of(f"customer_ticket:{ticket.pk}")
    return known or _bound(ticket, endpoint, theirs, at)


def mirror_state(*, ticket: Ticket, state: str, why: str, at: datetime) -> Message | None:
    """Tell the customer's own system of a state, unless it told us."""
    if why.startswith(TOLD):
        return None
    solved: dict[str, Any] = {}
    if state == "resolved":
        solved = {"fix": ticket.fix, "cause": ticket.cause, "clear_code": ticket.clear_code}
    text = "" if state in ("resolved", "closed") else why
    return tell_customer_system(ticket, "status", at=at, state=state, text=text, **solved)


def apply_customer_news(*, ticket_id: int, news: Iterable[dict[str, Any]], at: datetime) -> int:
    """What the customer's own system tells: notes, files, a confirmation, a reopening. Returns how many pieces.

    What is not possible any more is kept as a note. Repeats do nothing.
    """
    done = 0
    with transaction.atomic():
        ticket = lock(ticket_id)
        for plain in news:
            one = TicketNews.from_json(plain)
            _hear(ticket, one, at)
            ticket.refresh_from_db()
            done += 1
    return done


def _hear(ticket: Ticket, one: TicketNews, at: datetime) -> None:
    key = f"customer:{one.dedupe_key}"[:160]
    if one.attachment:
        sender = str(ticket.customer or "The customer")
        kept = keep_file(ticket, one.attachment, sender=sender, author="customer", audience="all", key=key, at=at)
        if kept is not None and not ticket.ended:
            tell_partners(ticket, "attach", at=at, actor=None, file=kept)
    if one.update_type == "QUESTION" and "question:" in one.dedupe_key:
        return  # read out of their state, which follows ours: nobody there said it, and it answers nothing
    if one.update_type in ("NOTE", "QUESTION") and one.text:
        _said(ticket, one.text, key, at)
    elif one.update_type in ("STATE", "RESOLVED", "CLOSED"):
        _moved(ticket, one, key, at)


def _said(ticket: Ticket, text: str, key: str, at: datetime) -> None:
    asked = ticket.notes.filter(is_question=True, answered_at=None).exclude(audience="partner").exists()
    given: dict[str, Any] = {"ticket": ticket, "actor": None, "at": at, "text": text[:8000], "dedupe_key": key}
    if asked:
        answer_question(author="customer", channel="api", **given)
    else:
        add_note(audience="all", author="customer", channel="api", **given)


def _moved(ticket: Ticket, one: TicketNews, key: str, at: datetime) -> None:
    """A state of theirs as a wish to us."""
    state = one.state or one.update_type.lower()
    if ticket.notes.filter(dedupe_key=key).exists():
        return
    why = f"{TOLD}: {one.text[:MOST_TEXT]}" if one.text else TOLD
    try:
        with transaction.atomic():
            _wish(ticket, state, why, one, at)
    except (IllegalTransition, TicketInvalid) as error:
        text = f"{why}. Their ticket is {state}, ours is {ticket.get_state_display().lower()}: {error}"
        add_note(ticket=ticket, actor=None, at=at, text=text[:8000], author="system", dedupe_key=key)


def _wish(ticket: Ticket, state: str, why: str, one: TicketNews, at: datetime) -> None:
    common: dict[str, Any] = {"ticket": ticket, "actor": None, "at": at}
    if state in ("closed", "resolved") and ticket.state in RUNNING:
        resolve(fix=one.fix or one.text or why, cause=TOLD, tier="self", verdict="customer", **common)
    if state == "closed" and ticket.state != "closed":
        confirm(why=TOLD, **common)
    elif state == "cancelled" and ticket.state in RUNNING:
        cancel(why=why, **common)
    elif state == "in_progress" and ticket.state not in RUNNING:
        reopen(why=why, **common)
