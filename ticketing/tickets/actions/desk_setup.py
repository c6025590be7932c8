"""What the desk's administrator sets up: macros, checklists, what each partner demands; and the hand-over."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.core.scoping import permit, still_visible
from ofx.core.transitions import IllegalTransition
from ticketing.tickets.desk_replies import unknown_placeholders
from ticketing.tickets.guarding import TicketInvalid
from ticketing.tickets.models import FaultRules, Handover, Macro, SopTemplate

WANTS = ("none", "text", "file", "test")
MOST_STEPS = 40


def _owner(actor: User | None) -> int | None:
    """The organisation whose set-up the actor changes; None is the exchange's, for all."""
    acting: Any = getattr(actor, "acting", None)
    if acting is None:
        return None
    return None if acting.organisation.kind == "exchange" else acting.organisation_id


def _mine(row: Any, actor: User | None) -> None:
    """Raise PermissionDenied where the row belongs to another organisation, or to all."""
    if actor is not None and row.organisation_id != _owner(actor):
        raise PermissionDenied("This belongs to the exchange, for everybody. Make one of your own instead.")


def _log(actor: User | None, what: str, verb: str, at: datetime, organisation_id: int | None, **data: Any) -> None:
    record(actor=actor, subject=what, verb=verb, at=at, organisation_id=organisation_id, **data)


def save_macro(*, actor: User | None, macro: Macro, at: datetime) -> Macro:
    """Keep a macro. Raises TicketInvalid for placeholders that mean nothing and names or keys that are taken."""
    permit(actor, "desk.configure")
    if macro.pk is None:
        macro.organisation_id = _owner(actor)
    _mine(macro, actor)
    unknown = unknown_placeholders(macro.text)
    if unknown:
        raise TicketInvalid({"text": f"{{{unknown[0]}}} means nothing here: see the list of placeholders."})
    same = Macro.objects.filter(organisation=macro.organisation).exclude(pk=macro.pk)
    if macro.key and same.filter(key=macro.key).exists():
        raise TicketInvalid({"key": f"Another macro has the key {macro.key}."})
    try:
        with transaction.atomic():
            macro.save()
            _log(actor, f"macro:{macro.pk}", "kept a macro", at, macro.organisation_id, name=macro.name)
            publish("macro.changed", f"macro:{macro.pk}", at=at, organisation_id=macro.organisation_id)
    except IntegrityError:
        raise TicketInvalid({"name": f"There is a macro “{macro.name}” already."}) from None
    return macro


def delete_macro(*, actor: User | None, macro: Macro, at: datetime) -> None:
    """Remove a macro; what was written with it stays."""
    permit(actor, "desk.configure")
    _mine(macro, actor)
    with transaction.atomic():
        _log(actor, f"macro:{macro.pk}", "removed a macro", at, macro.organisation_id, name=macro.name)
        publish("macro.changed", f"macro:{macro.pk}", at=at, organisation_id=macro.organisation_id)
        macro.delete()


def draft_sop(*, actor: User | None, fault_class: str, at: datetime) -> SopTemplate:
    """A new version of a class's checklist to edit: the open draft, else a copy of the newest version."""
    permit(actor, "desk.configure")
    owner = _owner(actor)
    with transaction.atomic():
        mine = SopTemplate.objects.select_for_update().filter(organisation_id=owner, fault_class=fault_class)
        draft = mine.filter(published_at=None).order_by("-version").first()
        if draft is not None:
            return draft
        shared = SopTemplate.objects.filter(organisation=None, fault_class=fault_class).order_by("-version")
        base = mine.order_by("-version").first() or shared.first()
        number = (mine.aggregate(last=Max("version"))["last"] or 0) + 1
        draft = SopTemplate.objects.create(
            organisation_id=owner, fault_class=fault_class, version=number,
            title=base.title if base else "Steps", steps=base.steps if base else [], created_at=at, created_by=actor,
        )  # fmt: skip
        _log(actor, f"sop:{draft.pk}", "began a checklist version", at, owner, version=number)
    return draft


def save_sop(
    *, actor: User | None, template: SopTemplate, title: str, steps: list[dict[str, Any]], at: datetime
) -> SopTemplate:
    """Write a draft's title and steps. Raises IllegalTransition once it is published: tickets refer to it."""
    permit(actor, "desk.configure")
    _mine(template, actor)
    checked = checked_steps(steps)
    with transaction.atomic():
        row = SopTemplate.objects.select_for_update().get(pk=template.pk)
        if row.published_at:
            raise IllegalTransition("This version is published: begin a new one to change it.")
        row.title, row.steps = title.strip()[:120] or "Steps", checked
        row.save(update_fields=["title", "steps"])
        _log(actor, f"sop:{row.pk}", "changed a checklist", at, row.organisation_id, steps=len(checked))
    return row


def checked_steps(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps with a title, cut to what is stored. Raises TicketInvalid with words for people."""
    found = [
        {
            "title": str(step.get("title", "")).strip()[:200],
            "help": str(step.get("help", "")).strip()[:1000],
            "evidence": step.get("evidence") if step.get("evidence") in WANTS else "none",
            "mandatory": bool(step.get("mandatory")),
            **({"by": "partner"} if step.get("by") == "partner" else {}),
        }
        for step in steps
        if str(step.get("title", "")).strip()
    ]
    if len(found) > MOST_STEPS:
        raise TicketInvalid({"steps": f"At most {MOST_STEPS} steps; these are {len(found)}."})
    return found


def publish_sop(*, actor: User | None, template: SopTemplate, at: datetime) -> SopTemplate:
    """New tickets take this version from now on; tickets that exist keep theirs. Twice is once."""
    permit(actor, "desk.configure")
    _mine(template, actor)
    with transaction.atomic():
        row = SopTemplate.objects.select_for_update().get(pk=template.pk)
        if row.published_at:
            return row
        if not row.steps:
            raise TicketInvalid({"steps": "Write at least one step before you publish."})
        row.published_at = at
        row.save(update_fields=["published_at"])
        _log(actor, f"sop:{row.pk}", "published a checklist", at, row.organisation_id, version=row.version)
        publish("sop.published", f"sop:{row.pk}", at=at, organisation_id=row.organisation_id, version=row.version)
    return row


def save_rules(*, actor: User | None, rules: FaultRules, at: datetime) -> FaultRules:
    """Keep what a partner demands before it takes a fault."""
    permit(actor, "desk.configure")
    if rules.pk is None:
        rules.organisation_id = _owner(actor)
    _mine(rules, actor)
    with transaction.atomic():
        rules.save()
        data = {"operator": rules.operator_id, "required": rules.required}
        _log(actor, f"fault_rules:{rules.pk}", "changed fault rules", at, rules.organisation_id, **data)
        publish("fault_rules.changed", f"fault_rules:{rules.pk}", at=at, organisation_id=rules.organisation_id)
    return rules


def hand_shift_over(*, actor: User, text: str, figures: dict[str, Any], at: datetime) -> Handover:
    """Write down what the next shift must know, with the queue as it is now."""
    permit(actor, "ticket.write")
    acting: Any = actor.acting
    text = text.replace("\x00", "").strip()
    if not text or len(text) > 8000:
        raise TicketInvalid({"text": "Write what the next shift must know, at most 8,000 characters."})
    with transaction.atomic():
        row = Handover.objects.create(
            organisation_id=acting.organisation_id, author=actor, text=text, figures=figures, at=at
        )
        _log(actor, f"handover:{row.pk}", "handed the shift over", at, row.organisation_id)
        publish("handover.written", f"handover:{row.pk}", at=at, organisation_id=row.organisation_id)
    return row


def take_shift(*, actor: User, handover: Handover, at: datetime) -> Handover:
    """The actor has read it and takes over; the first one counts."""
    permit(actor, "ticket.write")
    with transaction.atomic():
        row = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
        still_visible(row, actor)
        if row.taken_at is None:
            row.taken_by, row.taken_at = actor, at
            row.save(update_fields=["taken_by", "taken_at"])
            _log(actor, f"handover:{row.pk}", "took the shift over", at, row.organisation_id)
            publish("handover.taken", f"handover:{row.pk}", at=at, organisation_id=row.organisation_id)
    return row
