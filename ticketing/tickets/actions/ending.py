"""Resolved, confirmed, reopened, closed; withdrawn or refused (R22)."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from ofx.core.models import User
from ofx.core.sweeps import each
from ofx.core.transitions import IllegalTransition, transition
from ticketing.tickets.guarding import TicketInvalid, guard, is_customer, one_of, words
from ticketing.tickets.models import SopStep, Ticket, TicketWait
from ticketing.tickets.partner_ending import cancel_legs, close_legs, reopen_legs
from ticketing.tickets.settle import knowledge_missing, lock, log, settle, tell, written_since_fix
from ticketing.tickets.vocabulary import AUTO_CLOSE_HOURS, Tier, Verdict


def resolve(
    *,
    ticket: Ticket,
    actor: User | None,
    at: datetime,
    fix: str,
    cause: str = "",
    clear_code: str = "",
    verdict: str = "",
    tier: str = "l1",
    chargeable: bool | None = None,
    waive: str = "",
) -> Ticket:
    """It works again, by what was done (`fix`); it closes when the customer confirms, or by itself. Twice is once.

    `waive`: why mandatory steps of the partner's are left out where the partner solved it; it is kept with them. Raises
    TicketInvalid naming the field, mandatory steps of the checklist that are open included.
    """
    guard(actor, ticket, "ticket.write")
    given = {
        "fix": words(fix, "fix", 4000),
        "cause": words(cause, "cause", 300, needed=False),
        "clear_code": words(clear_code, "clear_code", 40, needed=False),
        "verdict": one_of(verdict, Verdict, "verdict") if verdict else "",
        "resolved_tier": one_of(tier, Tier, "tier"),
    }
    with transaction.atomic():
        row = lock(ticket.pk)
        if row.state == "resolved":
            return row
        if actor is not None:
            why = words(waive, "waive", 300, needed=False) if tier == Tier.PARTNER else ""
            _checklist_done(row, actor, at, tier, why)
        set_resolved(row, actor=actor, at=at, chargeable=chargeable, **given)
        return row


def _checklist_done(row: Ticket, actor: User, at: datetime, tier: str, waive: str) -> None:
    """Mandatory steps are done; those of the partner's work may be waived with a reason, where it solved the fault."""
    left = list(row.sop_steps.filter(mandatory=True, done_at=None))
    theirs = [step for step in left if step.by == "partner" and tier == Tier.PARTNER]
    ours = [step for step in left if step not in theirs]
    if ours:
        raise TicketInvalid({"sop_steps": f"Do these mandatory steps, or skip them with a reason: {_named(ours)}"})
    if theirs and not waive:
        raise TicketInvalid({"waive": f"Say why these steps of the partner's were not needed: {_named(theirs)}"})
    for step in theirs:
        step.evidence, step.skipped, step.done_at, step.done_by = waive, True, at, actor
        step.save(update_fields=["evidence", "skipped", "done_at", "done_by"])
        log(row, f"waived step {step.position}: {step.title}"[:200], actor, at, why=waive)


def _named(steps: list[SopStep]) -> str:
    return "; ".join(f"{step.position}. {step.title}" for step in steps[:5])


def set_resolved(row: Ticket, *, actor: User | None, at: datetime, **values: Any) -> None:
    """Move a locked ticket to resolved: its waits end and its closing is timed."""
    TicketWait.objects.filter(ticket=row, closed_at=None, opened_at__lte=at).exclude(
        source_key__startswith="partner:"
    ).update(closed_at=at)
    kept = {name: value for name, value in values.items() if value not in (None, "")}
    kept |= {"resolved_at": at, "auto_close_at": at + timedelta(hours=AUTO_CLOSE_HOURS), "confirmed_by_customer": None}
    transition(row, "resolved", at=at, actor=actor, why=str(values.get("cause") or "")[:300], state_reason="", **kept)
    settle(row, at=at, actor=actor)


def confirm(*, ticket: Ticket, actor: User | None, at: datetime, why: str = "confirmed") -> Ticket:
    """The customer, or the desk for them, says that it works: it closes. Twice is once. `why`: who said so, and where.

    A fix of the TSC closes only once its known error is written; until then the confirmation is kept.
    """
    guard(actor, ticket, "ticket.report", "ticket.write")
    with transaction.atomic():
        row = lock(ticket.pk)
        if row.state == "closed":
            return row
        if row.state != "resolved":
            raise IllegalTransition(f"{row.reference} is {row.get_state_display().lower()}: nothing to confirm yet.")
        row.confirmed_by_customer = True
        Ticket.objects.filter(pk=row.pk).update(confirmed_by_customer=True)
        log(row, "confirmed the fix", actor, at)
        tell(row, "confirmed", at, by_customer=is_customer(actor))
        if not knowledge_missing(row):
            _close(row, actor, at, why)
        return settle(row, at=at, actor=actor)


def reopen(*, ticket: Ticket, actor: User | None, at: datetime, why: str, tell_partner: bool = True) -> Ticket:
    """It does not work after all: only from resolved, before it closes by itself (R22). Twice is once.

    The partner that resolved it is told. Raises IllegalTransition once it is closed: then a new ticket follows it.
    """
    guard(actor, ticket, "ticket.report", "ticket.write")
    why = words(why, "why", 300)
    with transaction.atomic():
        row = lock(ticket.pk)
        if row.reopened and row.state not in ("resolved", "closed", "cancelled", "rejected"):
            return row
        if row.state != "resolved" or (row.auto_close_at and row.auto_close_at <= at):
            words_for = row.get_state_display().lower()
            raise IllegalTransition(f"{row.reference} is {words_for}: it cannot be reopened. Open a new one about it.")
        fields: dict[str, Any] = {
            "resolved_at": None,
            "auto_close_at": None,
            "confirmed_by_customer": False,
            "resolved_tier": "",
        }
        transition(
            row, "in_progress", at=at, actor=actor, why=why, state_reason=why, reopened=row.reopened + 1, **fields
        )
        tell(row, "reopened", at, why=why, by_customer=is_customer(actor), times=row.reopened)
        if tell_partner:
            reopen_legs(row, at=at, actor=actor, why=why)
        return settle(row, at=at, actor=actor, why=why)


def close(*, ticket: Ticket, actor: User | None, at: datetime, text: str = "") -> Ticket:
    """Close what is resolved without waiting for the customer. Twice is once.

    Raises TicketInvalid where the TSC solved it and no known error was updated or drafted.
    """
    guard(actor, ticket, "ticket.write")
    with transaction.atomic():
        row = lock(ticket.pk)
        if row.state == "closed":
            return row
        if row.state == "resolved" and knowledge_missing(row):
            raise TicketInvalid(
                {"knowledge": "The TSC solved it: update or draft the known error of this fix, then close."}
            )
        _close(row, actor, at, words(text, "text", 300, needed=False))
        return settle(row, at=at, actor=actor)


def _close(row: Ticket, actor: User | None, at: datetime, why: str) -> None:
    transition(row, "closed", at=at, actor=actor, why=why, state_reason=why, closed_at=at, auto_close_at=None)
    close_legs(row, at=at, actor=actor, why=why)


def cancel(*, ticket: Ticket, actor: User | None, at: datetime, why: str) -> Ticket:
    """It was no fault, or nobody wants it mended any more; partners that have it are told. Twice is once."""
    guard(actor, ticket, "ticket.write", "ticket.report")
    return _end(ticket, "cancelled", actor, at, words(why, "why", 300))


def reject(*, ticket: Ticket, actor: User | None, at: datetime, why: str) -> Ticket:
    """We do not take it, and say why. Only before work has begun. Twice is once."""
    guard(actor, ticket, "ticket.write")
    return _end(ticket, "rejected", actor, at, words(why, "why", 300))


def _end(ticket: Ticket, how: str, actor: User | None, at: datetime, why: str) -> Ticket:
    with transaction.atomic():
        row = lock(ticket.pk)
        return row if row.state == how else end_locked(row, how, actor=actor, at=at, why=why)


def end_locked(row: Ticket, how: str, *, actor: User | None, at: datetime, why: str, **more: Any) -> Ticket:
    """End a locked ticket as cancelled or rejected: its waits end, its partners are told."""
    transition(row, how, at=at, actor=actor, why=why, state_reason=why, closed_at=at, **more)
    cancel_legs(row, at=at, actor=actor, why=why)
    TicketWait.objects.filter(ticket=row, closed_at=None, opened_at__lte=at).update(closed_at=at)
    return settle(row, at=at, actor=actor)


def knowledge_done(*, ticket: Ticket, reference: str, actor: User | None, at: datetime) -> Ticket:
    """The fix is written down as this known error. One that the customer has confirmed closes now."""
    guard(actor, ticket, "ticket.write")
    reference = words(reference, "reference", 40)
    with transaction.atomic():
        row = lock(ticket.pk)
        if row.knowledge_reference == reference:
            return row
        row.knowledge_reference = reference
        Ticket.objects.filter(pk=row.pk).update(knowledge_reference=reference)
        log(row, f"its fix is known error {reference}", actor, at)
        if row.state == "resolved" and row.confirmed_by_customer:
            _close(row, actor, at, "confirmed")
        return settle(row, at=at, actor=actor)


def close_due(*, at: datetime, limit: int = 200) -> int:
    """Close what is resolved and nobody objected to in time (R22). Returns how many."""
    due = Ticket.objects.filter(state="resolved", auto_close_at__lte=at).order_by("auto_close_at")
    return each(list(due.values_list("pk", flat=True)[:limit]), partial(_close_due, at=at))


def _close_due(pk: int, at: datetime) -> bool:
    with transaction.atomic():
        row = lock(pk)
        if row.state != "resolved" or row.auto_close_at is None or row.auto_close_at > at:
            return False
        if knowledge_missing(row) or written_since_fix(row):  # again tomorrow; the next action says what is missing
            Ticket.objects.filter(pk=pk).update(auto_close_at=at + timedelta(days=1))
            return False
        _close(row, None, at, "Nobody objected in time")
        settle(row, at=at)
        return True
