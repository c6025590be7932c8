"""To the partner: raise a fault there when it is complete, answer it, take it back."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from partners.conversations import actions as conversations
from partners.conversations.routing import way_to
from partners.models import Endpoint, Operator
from ticketing.tickets.demands import missing, prefilled, rules_for
from ticketing.tickets.guarding import NotReady, guard, words
from ticketing.tickets.models import PartnerTicket, ServiceTest, Ticket, TicketNote
from ticketing.tickets.outbound import open_partner_leg, outbound, send, told_by
from ticketing.tickets.partner_ending import cancel_leg
from ticketing.tickets.partner_settle import append, settle_partner, tell_partner
from ticketing.tickets.questions import answer_partner_questions, close_question
from ticketing.tickets.settle import RUNNING, lock, log, settle


def raise_to_partner(
    *,
    ticket: Ticket,
    actor: User | None,
    at: datetime,
    characteristics: Mapping[str, Any] | None = None,
    override_reason: str = "",
    operator: Operator | None = None,
) -> PartnerTicket:
    """Raise the fault with the service's operator, or another, once it has all that the partner demands.

    What the answers hold need not be given again. `override_reason`: why it is raised past a green test. Where it
    lies there already, that one is returned, sent again if it had not arrived. Raises NotReady (`.problems`).
    """
    guard(actor, ticket, "ticket.write", "ticket.report")
    override = words(override_reason, "override_reason", 300, needed=False)
    if override:
        permit(actor, "ticket.write")
    with transaction.atomic():
        row = lock(ticket.pk)
        if row.state not in RUNNING:
            raise IllegalTransition(f"{row.reference} is {row.get_state_display().lower()}: it is not raised any more.")
        to = operator or row.operator
        if to is None:
            raise NotReady({"operator": "Nobody knows whose service this is: link the service, or choose the partner."})
        known = row.partner_tickets.filter(operator=to, state__in=PartnerTicket.OPEN).first()
        if known is not None:
            return _again(row, known, at, actor)
        given, test = _complete(row, to, characteristics, override, at)
        endpoint = _way(row, to, at)
        made = _write(row, to, given, test, override, actor, at)
        _send(made, endpoint, at, actor)
        log(row, f"raised it with {to}", actor, at, partner_ticket_id=made.pk, override=override)
        tell_partner(row, made, "raised", at, test_id=made.test_id, override=bool(override))
        settle_partner(row, made, at=at)
        settle(row, at=at, actor=actor)
        return made


def _complete(
    row: Ticket, to: Operator, characteristics: Mapping[str, Any] | None, override: str, at: datetime
) -> tuple[dict[str, str], ServiceTest | None]:
    rules = rules_for(operator=to, organisation=row.organisation)
    given = prefilled(row, characteristics)
    problems, found = missing(row, rules, given, at=at, override=bool(override))
    if problems:
        raise NotReady(problems)
    return given, found.test


def _way(row: Ticket, to: Operator, at: datetime) -> Endpoint:
    endpoint = way_to(operator=to, organisation=row.organisation, at=at, entity="ticket")
    if endpoint is None:
        raise NotReady(
            {"operator": f"There is no way to tell {to}: set up an endpoint or an e-mail address for faults."}
        )
    return endpoint


def _write(
    row: Ticket,
    to: Operator,
    given: dict[str, str],
    test: ServiceTest | None,
    override: str,
    actor: User | None,
    at: datetime,
) -> PartnerTicket:
    number = row.partner_tickets.count() + 1
    service = row.service if row.service and row.service.operator_id == to.pk else None
    made = PartnerTicket.objects.create(
        organisation_id=row.organisation_id,
        ticket=row,
        operator=to,
        # Partners keep this key for ever: the random part keeps two installations, or two lives of one, apart.
        our_key=f"{row.reference}-{number}-{secrets.token_hex(3)}",
        test=test,
        override_reason=override,
        characteristics=given,
        service_ref=service.partner_ref if service else "",
        simulated=row.simulated or to.provenance == "simulated",
        raised_by=actor,
        raised_at=at,
    )
    merged = {**row.answers, **{name: value for name, value in given.items() if name != "scenario"}}
    if merged != row.answers:
        row.answers = merged
        Ticket.objects.filter(pk=row.pk).update(answers=merged)
    return made


def _send(made: PartnerTicket, endpoint: Endpoint, at: datetime, actor: User | None) -> None:
    leg = open_partner_leg(made, endpoint, at)
    told = outbound(made, external_id=leg.external_id, recipients=told_by(leg.endpoint))
    message = conversations.send(leg=leg, verb="create", order=told, at=at, actor=actor)
    append(
        made, "SUBMITTED", key=f"submitted:{message.pk}:{message.retries}", at=at, actor=actor, message_id=message.pk
    )


def _again(row: Ticket, known: PartnerTicket, at: datetime, actor: User | None) -> PartnerTicket:
    """One that never arrived is put back into the queue; any other stays as it is."""
    if known.state == "failed_to_send":
        _send(known, _way(row, known.operator, at), at, actor)
        settle_partner(row, known, at=at)
        settle(row, at=at, actor=actor)
    return known


def answer_partner(*, partner_ticket: PartnerTicket, actor: User | None, at: datetime, text: str) -> TicketNote:
    """Answer the partner's question, or tell it something where it asked nothing."""
    guard(actor, partner_ticket.ticket, "ticket.write")
    text = words(text, "text", 8000)
    with transaction.atomic():
        ticket = lock(PartnerTicket.objects.values_list("ticket_id", flat=True).get(pk=partner_ticket.pk))
        row = PartnerTicket.objects.select_related("operator", "ticket", "test").get(pk=partner_ticket.pk)
        if row.state not in PartnerTicket.OPEN:
            raise IllegalTransition(f"{row.operator} has ended this fault: it reads no answer any more.")
        note = TicketNote.objects.create(
            ticket=ticket, audience="partner", author="staff", user=actor, text=text, at=at
        )
        for question in ticket.notes.filter(is_question=True, author="partner", answered_at=None):
            close_question(ticket, question, at)
        if not answer_partner_questions(ticket, note, at=at, actor=actor, only=row):
            _just_tell(row, note, at, actor)
        log(ticket, f"answered {row.operator}", actor, at, note_id=note.pk)
        tell_partner(ticket, row, "answered", at, note_id=note.pk)
        settle(ticket, at=at, actor=actor)
        return note


def _just_tell(row: PartnerTicket, note: TicketNote, at: datetime, actor: User | None) -> None:

    send(row, "note", at=at, actor=actor, text=note.text, note_key=f"note:{note.pk}")


def cancel_at_partner(*, partner_ticket: PartnerTicket, actor: User | None, at: datetime, why: str) -> PartnerTicket:
    """Take the fault back from one partner; our ticket goes on. Twice is once."""
    guard(actor, partner_ticket.ticket, "ticket.write")
    why = words(why, "why", 300)
    with transaction.atomic():
        ticket = lock(PartnerTicket.objects.values_list("ticket_id", flat=True).get(pk=partner_ticket.pk))
        row = PartnerTicket.objects.select_related("operator", "ticket", "test").get(pk=partner_ticket.pk)
        if row.state in PartnerTicket.OPEN:
            cancel_leg(ticket, row, at=at, actor=actor, why=why)
            log(ticket, f"took it back from {row.operator}", actor, at, why=why)
            settle(ticket, at=at, actor=actor)
        return row
