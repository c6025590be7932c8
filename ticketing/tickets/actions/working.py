"""What the desk does with a ticket: take, assign, sort, tick off."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ofx.core.models import Membership, User
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import ServiceRecord
from ticketing.tickets.actions.opening import copy_checklist, early_life, repeats
from ticketing.tickets.guarding import TicketInvalid, guard, one_of, words
from ticketing.tickets.models import SopStep, Ticket
from ticketing.tickets.settle import lock, log, settle, tell
from ticketing.tickets.vocabulary import PRIORITY, FaultClass, Impact, Severity

DESK_ROLES = ("admin", "fault_desk")


def take(*, ticket: Ticket, actor: User, at: datetime) -> Ticket:
    """The actor works on it from now on."""
    return assign(ticket=ticket, actor=actor, at=at, to=actor)


def assign(*, ticket: Ticket, actor: User | None, at: datetime, to: User | None = None, team: str = "") -> Ticket:
    """Give it to a person of the desk, to a team, or back to the queue (neither). Twice is once.

    Raises TicketInvalid where the person does not work on faults of this service provider.
    """
    guard(actor, ticket, "ticket.write")
    team = words(team, "team", 40, needed=False)
    if to is not None and not works_here(to, ticket.organisation_id):
        raise TicketInvalid({"to": f"{to} does not work on faults here."})
    with transaction.atomic():
        row = _running(lock(ticket.pk))
        was = row.assigned_to_id
        if was == (to.pk if to else None) and row.team == team:
            return row
        row.assigned_to, row.team = to, team
        Ticket.objects.filter(pk=row.pk).update(assigned_to=to, team=team)
        log(row, f"assigned it to {to or team or 'nobody'}", actor, at)
        tell(row, "assigned", at, user_id=to.pk if to else None, was=was, team=team, by=actor.pk if actor else None)
        return settle(row, at=at, actor=actor)


def works_here(user: User, organisation_id: int) -> bool:
    """Whether a person works on faults of this service provider."""
    rows = Membership.objects.filter(user=user, organisation=organisation_id, role__in=DESK_ROLES)
    return user.is_active and rows.exists()


def change(
    *,
    ticket: Ticket,
    actor: User | None,
    at: datetime,
    title: str | None = None,
    fault_class: str | None = None,
    severity: str | None = None,
    impact: str | None = None,
    description: str | None = None,
    service: ServiceRecord | None = None,
    external_id: str | None = None,
) -> Ticket:
    """Sort it anew; None leaves a field. Priority and, with the class, the unticked checklist follow."""
    guard(actor, ticket, "ticket.write")
    wanted = _checked(title, fault_class, severity, impact, description, external_id)
    with transaction.atomic():
        row = _running(lock(ticket.pk))
        if service is not None and service.pk != row.service_id:
            wanted |= _about(row, service, wanted.get("fault_class", row.fault_class), at)
        changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
        if not changed:
            return row
        for name, value in changed.items():
            setattr(row, name, value)
        row.priority = PRIORITY[row.severity, row.impact]
        row.save(update_fields=[*changed, "priority"])
        if "fault_class" in changed and not row.sop_steps.exclude(done_at=None, skipped=False).exists():
            row.sop_steps.all().delete()
            copy_checklist(row)
        shown = {name: str(value) for name, value in changed.items()}
        log(row, "changed the ticket", actor, at, **shown)
        tell(row, "changed", at, fields=sorted(changed), priority=row.priority)
        return settle(row, at=at, actor=actor)


def _checked(
    title: str | None,
    fault_class: str | None,
    severity: str | None,
    impact: str | None,
    description: str | None,
    external_id: str | None,
) -> dict[str, object]:
    wanted: dict[str, object] = {}
    if title is not None:
        wanted["title"] = words(title, "title", 200)
    if description is not None:
        wanted["description"] = words(description, "description", 8000, needed=False)
    if external_id is not None:
        wanted["external_id"] = words(external_id, "external_id", 80, needed=False)
    for name, value, choices in (
        ("fault_class", fault_class, FaultClass),
        ("severity", severity, Severity),
        ("impact", impact, Impact),
    ):
        if value is not None:
            wanted[name] = one_of(value, choices, name)
    return wanted


def _about(row: Ticket, service: ServiceRecord, fault_class: object, at: datetime) -> dict[str, object]:
    """It turns out to be about this service."""
    other = row.customer_id is not None and service.customer_id != row.customer_id
    if service.organisation_id != row.organisation_id or other:
        raise PermissionDenied("This service belongs to somebody else.")
    return {
        "service": service,
        "customer": service.customer,
        "operator": service.operator,
        "order": service.item.order,
        "country": service.country,
        "postcode": service.postcode,
        "place_text": service.place_text,
        "early_life": early_life(service, row.created_at),
        "repeat_fault": repeats(service, str(fault_class), row.created_at, besides=row.pk),
    }


def _running(row: Ticket) -> Ticket:
    if row.ended:
        raise IllegalTransition(f"{row.reference} is {row.get_state_display().lower()}: nothing more is done with it.")
    return row


def tick_step(
    *,
    ticket: Ticket,
    actor: User | None,
    at: datetime,
    position: int,
    evidence: str = "",
    skipped: bool = False,
    undo: bool = False,
) -> SopStep:
    """Tick a step of the checklist, skip it (with the reason as evidence), or take that back.

    Raises TicketInvalid where the step wants evidence and none is given, or there is no such step.
    """
    guard(actor, ticket, "ticket.write")
    evidence = words(evidence, "evidence", 2000, needed=False)
    with transaction.atomic():
        row = _running(lock(ticket.pk))
        step = row.sop_steps.filter(position=position).first()
        if step is None:
            raise TicketInvalid({"position": f"There is no step {position} in this checklist."})
        if not undo and not evidence:
            evidence = _evidence(row, step, skipped)
        step.evidence, step.skipped = ("", False) if undo else (evidence, skipped)
        step.done_at, step.done_by = (None, None) if undo else (at, actor)
        step.save(update_fields=["evidence", "skipped", "done_at", "done_by"])
        verb = "took back" if undo else "skipped" if skipped else "did"
        log(row, f"{verb} step {position}: {step.title}"[:200], actor, at)
        return step


def _evidence(row: Ticket, step: SopStep, skipped: bool) -> str:
    """What stands for the evidence where no words were given: the newest test or file of the ticket."""
    if skipped:
        if step.mandatory:
            raise TicketInvalid({"evidence": "This step is mandatory: say why it is skipped."})
        return ""
    if step.wants == "text":
        raise TicketInvalid({"evidence": "Write down what was found in this step."})
    if step.wants == "test":
        test = row.tests.filter(state="completed").order_by("-requested_at").first()
        if test is None:
            raise TicketInvalid({"evidence": "Run a service test first; its result is the evidence."})
        return f"Test {test.our_key}: {test.get_colour_display()} {test.code}".strip()
    if step.wants == "file":
        last = row.attachments.order_by("-at").first()
        if last is None:
            raise TicketInvalid({"evidence": "Attach a file first; it is the evidence."})
        return f"File {last.name}"
    return ""
