"""The next line: what L1 cannot solve goes to the TSC with everything that was tried."""

from datetime import datetime

from django.db import transaction

from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ticketing.tickets.guarding import TicketInvalid, guard, words
from ticketing.tickets.models import Ticket, TicketNote
from ticketing.tickets.settle import RUNNING, lock, log, settle, tell
from ticketing.tickets.vocabulary import CHARACTERISTICS

NOTES_TOLD = 5


def hand_to_tsc(*, ticket: Ticket, actor: User | None, at: datetime, tried: str) -> Ticket:
    """Give it to the TSC. `tried`: what was done and found. Answers, tests, checklist and notes are put beside it.

    Twice is once. Raises TicketInvalid where nothing is said, or where nothing was tried at all.
    """
    guard(actor, ticket, "ticket.write")
    tried = words(tried, "tried", 4000)
    with transaction.atomic():
        row = lock(ticket.pk)
        if row.tier == "tsc":
            return row
        if row.state not in RUNNING:
            raise IllegalTransition(f"{row.reference} is {row.get_state_display().lower()}: the TSC has nothing to do.")
        _something_tried(row)
        row.tier, row.assigned_to, row.tsc_at = "tsc", None, row.tsc_at or at
        Ticket.objects.filter(pk=row.pk).update(tier="tsc", assigned_to=None, tsc_at=row.tsc_at)
        text = summary(row, tried)
        TicketNote.objects.create(ticket=row, audience="internal", author="system", user=actor, text=text, at=at)
        log(row, "handed it to the TSC", actor, at)
        tell(row, "handed_to_tsc", at, tried=tried[:500])
        return settle(row, at=at, actor=actor)


def _something_tried(row: Ticket) -> None:
    """The TSC gets nothing that nobody has looked at: a test where there is a service, else answers or done steps."""
    if row.service_id and not row.tests.filter(state__in=("completed", "failed")).exists():
        raise TicketInvalid({"tests": "Run a service test first: the TSC needs its result."})
    done = row.sop_steps.exclude(done_at=None).exists()
    if not row.service_id and not row.answers and not done and not row.notes.exists():
        raise TicketInvalid({"tried": "Nothing was asked or tried yet: ask the customer, or work the checklist."})


def summary(row: Ticket, tried: str) -> str:
    """Everything tried, in one note."""
    parts = [f"Handed to the TSC. Tried: {tried}"]
    asked = [f"- {CHARACTERISTICS.get(name, (name,))[0]} {value}" for name, value in sorted(row.answers.items())]
    parts.append("Answers:\n" + "\n".join(asked) if asked else "Answers: none.")
    tests = [
        f"- {test.requested_at:%d %b %H:%M} {test.kind}: {test.get_colour_display() or test.get_state_display()}"
        f" {test.code} {test.text or test.problem}".rstrip()
        for test in row.tests.order_by("requested_at")
    ]
    parts.append("Tests:\n" + "\n".join(tests) if tests else "Tests: none.")
    steps = [
        f"- {step.position}. {step.title}: {'skipped' if step.skipped else 'done'} {step.evidence}".rstrip()
        for step in row.sop_steps.exclude(done_at=None)
    ]
    parts.append("Checklist:\n" + "\n".join(steps) if steps else "Checklist: no step done.")
    notes = [f"- {note.get_author_display()}: {note.text[:300]}" for note in _last_notes(row)]
    parts.append("Last notes:\n" + "\n".join(notes) if notes else "Notes: none.")
    return "\n\n".join(parts)[:8000]


def _last_notes(row: Ticket) -> list[TicketNote]:
    return list(reversed(row.notes.exclude(author="system").order_by("-at", "-pk")[:NOTES_TOLD]))


def give_back(*, ticket: Ticket, actor: User | None, at: datetime, why: str) -> Ticket:
    """The TSC gives it back to the fault desk, with what is to be done. Twice is once."""
    guard(actor, ticket, "ticket.write")
    why = words(why, "why", 4000)
    with transaction.atomic():
        row = lock(ticket.pk)
        if row.tier != "tsc":
            return row
        row.tier, row.assigned_to = "l1", None
        Ticket.objects.filter(pk=row.pk).update(tier="l1", assigned_to=None)
        TicketNote.objects.create(
            ticket=row, audience="internal", author="staff", user=actor, text=f"Back from the TSC: {why}", at=at
        )
        log(row, "gave it back to the fault desk", actor, at)
        tell(row, "given_back", at, why=why[:500])
        return settle(row, at=at, actor=actor)
