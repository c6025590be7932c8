"""Whose move it is: waits open and close, and the state follows (DOMAIN 5.2)."""

from datetime import datetime

from django.db import transaction

from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ticketing.tickets.guarding import TicketInvalid, guard, one_of, words
from ticketing.tickets.models import Ticket, TicketWait
from ticketing.tickets.settle import RUNNING, lock, log, settle, tell
from ticketing.tickets.vocabulary import ClockOwner


def wait(
    *,
    ticket: Ticket,
    actor: User | None,
    at: datetime,
    owner: str,
    reason: str = "INFORMATION",
    text: str = "",
    until: datetime | None = None,
    source_key: str = "",
) -> TicketWait:
    """It waits for somebody: pending for us and the customer, held for all others. The same source_key is once.

    `until`: when it is looked at again at the latest. Raises IllegalTransition once it is resolved or over.
    """
    guard(actor, ticket, "ticket.write")
    owner = one_of(owner, ClockOwner, "owner")
    reason = words(reason, "reason", 40)
    text = words(text, "text", 500, needed=False)
    if until is not None and until <= at:
        raise TicketInvalid({"until": "This time is over already: give a later one."})
    with transaction.atomic():
        row = lock(ticket.pk)
        if source_key and (known := row.waits.filter(source_key=source_key[:160]).first()):
            return known
        if row.state not in RUNNING:
            raise IllegalTransition(f"{row.reference} is {row.get_state_display().lower()}: it waits for nobody.")
        opened = TicketWait.objects.create(
            ticket=row, owner=owner, reason=reason, text=text, until=until, source_key=source_key[:160], opened_at=at
        )
        log(row, f"waits for {opened.get_owner_display().lower()}", actor, at, reason=reason, text=text)
        tell(row, "waiting", at, wait_id=opened.pk, owner=owner, reason=reason)
        settle(row, at=at, actor=actor, why=text or reason)
        return opened


def stop_waiting(
    *, ticket: Ticket, actor: User | None, at: datetime, wait: TicketWait | None = None, text: str = ""
) -> Ticket:
    """The wait is over; without one given, all that a person opened. Twice is once."""
    guard(actor, ticket, "ticket.write")
    with transaction.atomic():
        row = lock(ticket.pk)
        rows = row.waits.filter(closed_at=None)
        rows = rows.filter(pk=wait.pk) if wait is not None else rows.exclude(source_key__startswith="partner:")
        closed = [one.pk for one in rows]
        if not closed:
            return row
        TicketWait.objects.filter(pk__in=closed, opened_at__gt=at).update(opened_at=at)
        TicketWait.objects.filter(pk__in=closed).update(closed_at=at)
        log(row, "goes on", actor, at, text=words(text, "text", 500, needed=False))
        tell(row, "resumed", at, waits=closed)
        return settle(row, at=at, actor=actor, why=text)


def judge_wait(*, wait: TicketWait, actor: User | None, at: datetime, verdict: str, owner: str = "") -> TicketWait:
    """Our verdict beside the partner's claim (R24): accepted, or disputed with whose move it really was."""
    guard(actor, wait.ticket, "ticket.write")
    verdict = one_of(verdict, TicketWait.Judged, "verdict")
    owner = one_of(owner, ClockOwner, "owner") if owner else ""
    if verdict == "disputed" and not owner:
        raise TicketInvalid({"owner": "Say whose move it really was."})
    with transaction.atomic():
        row = lock(wait.ticket_id)
        TicketWait.objects.filter(pk=wait.pk).update(judged=verdict, judged_owner=owner)
        wait.refresh_from_db()
        log(row, f"judged a wait: {verdict}", actor, at, wait_id=wait.pk, owner=owner)
        return wait
