"""Take a guide, answer it step by step, go back, take it up again."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import ServiceRecord
from ticketing.guides import neighbours
from ticketing.guides.actions import ending
from ticketing.guides.answers import AnswerInvalid, read
from ticketing.guides.graph import Node
from ticketing.guides.models import SELF_SERVICE, Guide, GuideRun, GuideStep, GuideVersion
from ticketing.guides.moving import move, tell
from ticketing.guides.path import GIVEN_UP, RAISE, characteristics, node_of, path
from ticketing.guides.walking import answer as close
from ticketing.guides.walking import arrive, open_step, walk
from ticketing.guides.wording import askable
from ticketing.tickets.models import Ticket

RESUME_WITHIN = timedelta(hours=24)
WORKED, LAST_WORKED = "SERVICE_HAS_WORKED", "LAST_WORKED"
ASKING = ("question", "guidance", "test", "outage", "kedb", "appointment", "raise")


class NoGuide(ValueError):
    """The guide has no version that could be taken."""


def start(
    *,
    guide: Guide,
    actor: User | None,
    at: datetime,
    organisation: Organisation,
    customer: Organisation | None = None,
    service: ServiceRecord | None = None,
    ticket: Ticket | None = None,
    channel: str = "portal",
    words: str = "",
    fault_class: str = "",
    version: GuideVersion | None = None,
    trial: bool = False,
    simulated: bool = False,
    email: str = "",
) -> GuideRun:
    """Show a guide's first step: from now on it is offered. A run of the same case that is under way is gone on with.

    `version`: a draft to try; such a run, and any other `trial`, is marked and counted nowhere. `email`: where somebody
    without an account is reached. Raises NoGuide, PermissionDenied.
    """
    permit(actor, "guide.write" if version is not None else "ticket.report")
    chosen = version or GuideVersion.objects.filter(guide=guide, state="published").first()
    if chosen is None:
        raise NoGuide(f"“{guide}” is not published. Choose another guide.")
    same = {"guide": guide, "service": service, "ticket": ticket, "user": actor, "trial": trial or version is not None}
    with transaction.atomic():
        if actor is not None:  # a second press waits here, and finds the run of the first
            User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk)
        under_way = GuideRun.objects.filter(state="running", last_at__gt=at - RESUME_WITHIN, **same)
        found = under_way.filter(simulated=simulated, version=chosen, organisation=organisation).first()
        if found is not None and actor is not None:
            return found
        run = GuideRun.objects.create(
            organisation=organisation,
            customer=customer or (service.customer if service else None),
            version=chosen,
            token=secrets.token_urlsafe(18),
            channel=channel,
            fault_class=fault_class or guide.fault_class,
            words=words[:500],
            email=email,
            simulated=simulated,
            offered_at=at,
            last_at=at,
            **same,
        )
        arrive(run, chosen, str(chosen.graph["start"]), at)
        _walk(run, at, actor)
    return run


def answer(*, run: GuideRun, actor: User | None, at: datetime, position: int, given: Mapping[str, Any]) -> GuideRun:
    """Answer the step at a position and go on. A step that was answered already is left as it is (double click).

    Raises AnswerInvalid (fields name the fix), IllegalTransition where the run has ended, PermissionDenied.
    """
    permit(actor, "ticket.report")
    with transaction.atomic():
        row = _locked(run, at, actor)
        step = open_step(row)
        if step is None or step.position != position:
            return row
        node = node_of(step)
        found = read(node, given, at.date(), _missing(row, node))
        _took_a_step(row, at, actor)
        _apply(row, step, node, found, at, actor)
        _walk(row, at, actor)
    return row


def _missing(run: GuideRun, node: Node) -> dict[str, str]:
    """What the partner demands and nobody has told yet: asked once, at the end."""
    return missing(run, path(run)) if node["type"] == "raise" else {}


def missing(run: GuideRun, steps: list[GuideStep]) -> dict[str, str]:
    """Characteristics that the partner demands and the way has not answered → the one whose "yes" makes it demanded.

    Empty: it is demanded anyway. When the service last worked is wanted only where it has worked (DOMAIN 4.3).
    """
    told = characteristics(run, steps)
    wanted = askable(neighbours.required(run), customer=run.channel in SELF_SERVICE)
    found = {code: "" for code in wanted if not told.get(code)}
    if WORKED in wanted and not told.get(LAST_WORKED) and told.get(WORKED, "yes") == "yes":
        found.setdefault(LAST_WORKED, WORKED if WORKED in found else "")
    return found


def _apply(run: GuideRun, step: GuideStep, node: Node, found: dict[str, Any], at: datetime, actor: User | None) -> None:
    """What an answer does at its kind of node, beside being kept."""
    kind, said = node["type"], found["value"]
    if kind == "test":
        return _consent(step, said, at, actor)
    if kind == "outage" and said == "other":
        found = {"value": "none", "overridden": True}
    if kind == "kedb":
        found = ending.hint_used(run, step, said, at, actor)
    close(step, found, at, actor)
    if kind == "guidance" and said == "fixed":
        ending.fix(run, by="person", at=at, actor=actor)
    if kind == "kedb" and said != "none":
        ending.fix(run, by="person", at=at, actor=actor)
    return None


def _consent(step: GuideStep, said: str, at: datetime, actor: User | None) -> None:
    """A disruptive test: agreed to, declined, or waited for no longer (R19)."""
    if said == "agree":
        step.answer = {**step.answer, "consent": f"{actor or 'the person'}, {at:%Y-%m-%d %H:%M} UTC"[:200]}
        step.save(update_fields=["answer"])
    elif said == "decline":
        close(step, {"value": "declined", "why": "The test was not wished."}, at, actor)
    else:
        close(step, {"value": "could_not_run", "why": "Nobody waited for the test."}, at, actor)


def _walk(run: GuideRun, at: datetime, actor: User | None) -> None:
    """Go on, and end the run where its way ends."""
    if run.running and walk(run, at, actor) is None:
        ending.end(run, at=at, actor=actor)


def _locked(run: GuideRun, at: datetime, actor: User | None) -> GuideRun:
    """The run's row as it is now, held; one that was left is taken up again. Raises IllegalTransition at an end."""
    wanted = ("service__operator", "service__offering", "service__item", "ticket", "guide", "organisation", "user")
    row = GuideRun.objects.select_for_update(of=("self",), no_key=True).select_related(*wanted).get(pk=run.pk)
    if row.state == "left":
        move(row, "running", at=at, actor=actor, outcome="", judge_at=None)
    if not row.running:
        raise IllegalTransition(f"This guide is {row.get_state_display().lower()}: start it again to go on.")
    return row


def _took_a_step(run: GuideRun, at: datetime, actor: User | None) -> None:
    first = run.first_step_at is None
    GuideRun.objects.filter(pk=run.pk).update(last_at=at, first_step_at=run.first_step_at or at)
    run.last_at, run.first_step_at = at, run.first_step_at or at
    if first and not run.trial:
        tell(run, "started", at=at, actor=actor)


def back(*, run: GuideRun, actor: User | None, at: datetime) -> GuideRun:
    """Go back to the question before: it is asked again, and what came after it is kept as history only."""
    permit(actor, "ticket.report")
    with transaction.atomic():
        row = _locked(run, at, actor)
        steps = path(row)
        earlier = [step for step in steps if step.answered_at and asked(step)]
        if not earlier:
            return row
        target = earlier[-1]
        gone = GuideStep.objects.filter(run=row, superseded_at=None, position__gte=target.position)
        gone.update(superseded_at=at)
        arrive(row, target.version, target.node, at, before=target.answer)
        GuideRun.objects.filter(pk=row.pk).update(last_at=at)
    return row


def asked(step: GuideStep) -> bool:
    """Whether a person was asked something at a step, so that one can go back to it."""
    node, given = node_of(step), step.answer
    if given.get("known") or given.get("value") == "skipped":
        return False
    if node["type"] == "test":
        return bool(given.get("ask"))
    if node["type"] in ("outage", "kedb"):
        return bool(given.get("outage") or given.get("hints"))
    return node["type"] in ASKING


def give_up(*, run: GuideRun, actor: User | None, at: datetime) -> GuideRun:
    """The person would rather report it now: straight to the step that raises a ticket."""
    permit(actor, "ticket.report")
    with transaction.atomic():
        row = _locked(run, at, actor)
        step = open_step(row)
        if step is None or node_of(step)["type"] == "raise":
            return row
        close(step, {"value": GIVEN_UP}, at, actor)
        arrive(row, step.version, RAISE, at)
        GuideRun.objects.filter(pk=row.pk).update(last_at=at)
    return row


def say_fixed(*, run: GuideRun, actor: User | None, at: datetime) -> GuideRun:
    """The person says that it works again, wherever they stand. Said twice is once."""
    permit(actor, "ticket.report")
    with transaction.atomic():
        if GuideRun.objects.filter(pk=run.pk, state="fixed").exists():
            return run
        row = _locked(run, at, actor)
        _took_a_step(row, at, actor)
        step = open_step(row)
        if step is not None:
            close(step, {"value": "fixed"}, at, actor)
        ending.fix(row, by="person", at=at, actor=actor)
    return row


def settle(*, run: GuideRun, at: datetime) -> GuideRun:
    """Go on where a test has ended meanwhile. Run by the page that waits, by the test's event and by the sweep."""
    with transaction.atomic():
        row = GuideRun.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
        step = open_step(row) if row.running else None
        if step is not None and node_of(step)["type"] == "test" and step.test_id:
            _walk(_locked(row, at, None), at, None)
            row.refresh_from_db()
    return row


def keep_slots(*, step: GuideStep, slots: list[dict[str, str]]) -> None:
    """Remember which visiting times were shown, so that a reload asks the partner no second time."""
    step.answer = {**step.answer, "slots": slots}
    GuideStep.objects.filter(pk=step.pk, answered_at=None).update(answer=step.answer)


__all__ = ["AnswerInvalid", "NoGuide"]
