"""How a run ends: fixed, told of an outage, a ticket, left; and what becomes of each (DOMAIN 9.4)."""

from datetime import datetime, timedelta
from typing import Any

from ofx.core.models import User
from ticketing.guides import neighbours
from ticketing.guides.models import GuideRun, GuideStep
from ticketing.guides.moving import move
from ticketing.guides.path import (
    answered,
    characteristics,
    last_test,
    node_of,
    path,
    transcript,
    value,
    went_green,
)
from ticketing.tickets.models import ServiceTest, Ticket

CONFIRM_AFTER = timedelta(days=7)  # planning default: no contact for the same fault within it (DOMAIN 9.4)
# How each class is raised unless the guide's node says otherwise: severity, impact (planning defaults).
WEIGHT: dict[str, tuple[str, str]] = {
    "no_connection": ("moderate", "down"),
    "intermittent": ("moderate", "intermittent"),
    "voice": ("moderate", "down"),
    "ethernet_down": ("significant", "down"),
}


def fix(run: GuideRun, *, by: str, at: datetime, actor: User | None) -> None:
    """It works: confirmed in seven days unless somebody calls about the same fault."""
    judged = {} if run.trial else {"outcome": "provisional", "judge_at": at + CONFIRM_AFTER}
    move(run, "fixed", at=at, actor=actor, fixed_by=by, **judged)
    if run.ticket is not None and not run.trial:
        _note(run, path(run), "It works again: fixed in the guide.", at, actor)


def hint_used(run: GuideRun, step: GuideStep, said: str, at: datetime, actor: User | None) -> dict[str, Any]:
    """Tell the known errors whether they helped; the answer in words."""
    hints = step.answer.get("hints", [])
    worked = int(said.partition(":")[2]) if said != "none" else None
    shown = {int(one["pk"]): str(one["title"]) for one in hints}
    if worked is not None and worked not in shown:
        return {"value": "none"}
    if not run.trial:
        neighbours.hints_used(run, list(shown), worked, actor=actor, at=at)
    if worked is None:
        return {"value": "none", "words": "None of these helped: " + "; ".join(shown.values())}
    return {"value": said, "words": f"This helped: {shown[worked]}"}


def end(run: GuideRun, *, at: datetime, actor: User | None) -> None:
    """The way has ended at a node: an end, a ticket, or the news of an outage."""
    if not run.running:
        return
    steps = path(run)
    step, node = steps[-1], node_of(steps[-1])
    if node["type"] == "end" and value(step) == "fixed":
        fix(run, by="test" if went_green(steps) else "person", at=at, actor=actor)
    elif node["type"] == "end":
        judged = {} if run.trial else {"outcome": "waiting", "judge_at": at + CONFIRM_AFTER}
        move(run, "ended", at=at, actor=actor, **judged)
    elif run.trial:
        move(run, "escalated", at=at, actor=actor)
    elif node["type"] == "outage":
        _inform(run, steps, at, actor)
    else:
        _escalate(run, steps, at, actor)


def _inform(run: GuideRun, steps: list[GuideStep], at: datetime, actor: User | None) -> None:
    """A child of the outage: they are told when it is over (DOMAIN A02)."""
    step = steps[-1]
    ticket = _ticket(run, steps, at, actor)
    neighbours.make_child(ticket, step.answer["outage"], at)
    changes = {"ticket": ticket, "outcome": "informed", "outage": step.answer["outage"]}
    move(run, "informed", at=at, actor=actor, **changes)


def _escalate(run: GuideRun, steps: list[GuideStep], at: datetime, actor: User | None) -> None:
    """A ticket with everything that was told and tested; to the partner by itself where a red test allows it."""
    had = run.ticket
    ticket = had or _ticket(run, steps, at, actor)
    run.ticket = ticket
    _hand_over_tests(run, steps)
    told = answered(steps, "raise")
    _note(run, steps, str(told.get("more", "")), at, actor)
    move(run, "escalated", at=at, actor=actor, ticket=ticket, outcome="escalated")
    outage = neighbours.covering(run, at) if had is None else None  # R17: and again before raising
    if outage is not None and neighbours.make_child(ticket, f"outage:{outage.pk}", at):
        return
    _raise(run, steps, at)


def _raise(run: GuideRun, steps: list[GuideStep], at: datetime) -> None:
    """To the partner where the newest test is red (R18); why not goes into a note for the desk."""
    test, ticket = last_test(steps), run.ticket
    if test is None or ticket is None or test.answer.get("colour") != "red":
        return
    why = neighbours.raise_at_partner(ticket, characteristics(run, steps), at)
    if why:
        key = f"guide-raise:{run.pk}"
        neighbours.tickets.add_note(ticket=ticket, actor=None, at=at, text=why, author="system", dedupe_key=key)


def _ticket(run: GuideRun, steps: list[GuideStep], at: datetime, actor: User | None) -> Ticket:
    """The ticket that a run becomes: once, whoever asks twice."""
    told = answered(steps, "raise")
    node = node_of(steps[-1])
    severity, impact = WEIGHT.get(run.fault_class, ("moderate", "degraded"))
    contact = told.get("contact") or {}
    return neighbours.tickets.open_ticket(
        actor=actor,
        at=at,
        organisation=run.organisation,
        title=_title(run),
        description=_description(run, steps),
        customer=run.customer,
        service=run.service,
        fault_class=run.fault_class,
        channel=run.channel,
        severity=str(node.get("severity") or severity),
        impact=str(node.get("impact") or impact),
        contact={
            "name": contact.get("name") or (run.user.name if run.user else ""),
            "phone": contact.get("phone", ""),
            "email": run.email or (run.user.email if run.user and not run.user.is_service else ""),
        },
        answers=characteristics(run, steps),
        idempotency_key=f"guide-run:{run.token}",
        reported_by=run.user,
        simulated=run.simulated,
    )


def _title(run: GuideRun) -> str:
    words = run.words.strip().splitlines()
    return (words[0] if words else run.get_fault_class_display())[:200]


def _description(run: GuideRun, steps: list[GuideStep]) -> str:
    """The person's words, then what they did, in plain language."""
    parts = [
        run.words,
        str(answered(steps, "raise").get("more", "")),
        str(answered(steps, "appointment").get("words", "")),
    ]
    lines = [f"{heading}: {said}" for heading, said in transcript(steps)]
    tried = "In the guide:\n" + "\n".join(f"- {line}" for line in lines) if lines else ""
    return "\n\n".join(part for part in (*parts, tried) if part)[:8000]


def _hand_over_tests(run: GuideRun, steps: list[GuideStep]) -> None:
    tests = [step.test_id for step in steps if step.test_id]
    ServiceTest.objects.filter(pk__in=tests, ticket=None).update(ticket=run.ticket)


def _note(run: GuideRun, steps: list[GuideStep], last: str, at: datetime, actor: User | None) -> None:
    """What was tried, for the desk: nobody asks it again."""
    if run.ticket is None:
        return
    lines = [f"{heading}: {said}" for heading, said in transcript(steps)]
    codes = [f"Test {step.test.code} ({step.answer.get('colour')})" for step in steps if step.test and step.test.code]
    text = "\n".join([f"Guide “{run.guide}”", *lines, *codes, last]).strip()
    key = f"guide-run:{run.pk}:{run.state}"
    neighbours.tickets.add_note(ticket=run.ticket, actor=None, at=at, text=text[:8000], author="system", dedupe_key=key)
