"""Walk a run on: arrive at nodes, answer by itself what can be, stop where a person is asked.

Callers hold the run's row. What a step found is kept with it, so that a reload, another device or a dead worker goes
on from the same place.
"""

from datetime import datetime, timedelta
from typing import Any

from ofx.core.models import User
from ticketing.guides import neighbours
from ticketing.guides.engine import Facts, follow, skipped
from ticketing.guides.graph import Node, nodes_of
from ticketing.guides.models import Guide, GuideRun, GuideStep, GuideVersion
from ticketing.guides.path import GIVEN_UP, RAISE, characteristics, facts, known, node_of, path

TEST_PATIENCE = timedelta(minutes=10)  # planning default: then the way goes on without the test's answer
MOST_STEPS = 200  # a guide that is walked in circles ends with people
TEST_ENDED = ("completed", "failed", "cancelled")


def arrive(run: GuideRun, version: GuideVersion, node: str, at: datetime, before: dict[str, Any] | None = None) -> None:
    """Stand on a node: a new open step. The way back finds earlier answers in `before`."""
    last = GuideStep.objects.filter(run=run).order_by("-position").first()
    position = last.position + 1 if last else 1
    name = node if position < MOST_STEPS else RAISE
    GuideStep.objects.create(
        run=run, version=version, node=name, position=position, shown_at=at, before=before or _before(run, name)
    )


def _before(run: GuideRun, node: str) -> dict[str, Any]:
    """What was answered here before somebody went back."""
    row = GuideStep.objects.filter(run=run, node=node).exclude(answered_at=None).order_by("-position").first()
    return row.answer if row and row.superseded_at else {}


def answer(step: GuideStep, found: dict[str, Any], at: datetime, actor: User | None) -> None:
    """Close a step with what was answered or found."""
    step.answer, step.answered_at, step.user = {**step.answer, **found}, at, actor
    step.save(update_fields=["answer", "answered_at", "user"])


def walk(run: GuideRun, at: datetime, actor: User | None) -> GuideStep | None:
    """Go on as far as nobody has to be asked. Returns the step that waits; None at an end."""
    while True:
        steps = path(run)
        step = steps[-1]
        node = node_of(step)
        if step.answered_at is None:
            found = _automatic(run, steps, node, at, actor)
            if found is None:
                return step
            answer(step, found, at, actor)
        if node["type"] in ("end", "raise") or step.answer.get("value") == "tell":
            return None
        version, name = _onward(run, step, node, facts(run, path(run)))
        arrive(run, version, name, at)


def _onward(run: GuideRun, step: GuideStep, node: Node, found: Facts) -> tuple[GuideVersion, str]:
    """The next node and the version that it is of."""
    if step.answer.get("value") == GIVEN_UP:
        return step.version, RAISE
    if node["type"] == "linking":
        linked = published(run, str(node.get("guide")))
        return (linked, str(linked.graph["start"])) if linked else (step.version, RAISE)
    name = follow(node, found)
    return step.version, name if name in nodes_of(step.version.graph) else RAISE


def published(run: GuideRun, slug: str) -> GuideVersion | None:
    """The version in force of the guide that a link names: the tenant's own before the exchange's."""
    rows = GuideVersion.objects.filter(state="published", guide__slug=slug).select_related("guide")
    own = rows.filter(guide__organisation_id=run.organisation_id).first()
    return own or rows.filter(guide__organisation=None).first()


def _automatic(
    run: GuideRun, steps: list[GuideStep], node: Node, at: datetime, actor: User | None
) -> dict[str, Any] | None:
    """What a node finds by itself; None where a person has to say something, or a test is still running."""
    kind, step = node["type"], steps[-1]
    if kind in ("start", "linking", "end"):
        return {"value": "on" if kind != "end" else str(node.get("outcome"))}
    if kind == "question":
        said = known(run, steps[:-1], node)
        return {"value": said, "known": True} if said else None
    if kind == "guidance":
        why = skipped(node, facts(run, steps))
        return {"value": "skipped", "why": why} if why else None
    if kind == "test":
        return _tested(run, step, node, at, actor)
    if kind == "outage":
        return _outage(run, step, at)
    if kind == "kedb":
        return _hints(run, steps, at)
    return None


def _tested(run: GuideRun, step: GuideStep, node: Node, at: datetime, actor: User | None) -> dict[str, Any] | None:
    if step.test is not None:
        return _result(step, at)
    if run.trial:
        return {"value": "not_testable", "why": "Nothing is tested while a draft is tried."}
    if node.get("disruptive") and not step.answer.get("consent"):
        _keep(step, ask=str(node.get("warning") or "The test interrupts the connection for some minutes."))
        return None
    consent = str(step.answer.get("consent", ""))
    asked = neighbours.ask_test(run, kind=str(node.get("kind") or "line"), consent=consent, actor=actor, at=at)
    if asked.why:
        return {"value": "not_testable", "why": asked.why}
    if asked.consent:
        _keep(step, ask=asked.consent)
        return None
    step.test = asked.test
    step.save(update_fields=["test"])
    return _result(step, at)


def _result(step: GuideStep, at: datetime) -> dict[str, Any] | None:
    test = step.test
    if test is None or (test.state not in TEST_ENDED and at < step.shown_at + TEST_PATIENCE):
        return None
    if test.state != "completed":
        return {"value": "could_not_run", "why": "The test gave no answer this time."}
    return {"value": "done", "colour": test.colour, "code": test.code, "text": test.text}


def _keep(step: GuideStep, **values: Any) -> None:
    step.answer = {**step.answer, **values}
    step.save(update_fields=["answer"])


def _outage(run: GuideRun, step: GuideStep, at: datetime) -> dict[str, Any] | None:
    if step.answer.get("outage"):
        return None
    outage = neighbours.covering(run, at)
    if outage is None:
        return {"value": "none"}
    _keep(step, **neighbours.told(outage))
    return None


def _hints(run: GuideRun, steps: list[GuideStep], at: datetime) -> dict[str, Any] | None:
    step = steps[-1]
    if step.answer.get("hints"):
        return None
    said = " ".join([run.words, run.get_fault_class_display(), *characteristics(run, steps).values()])
    found = neighbours.suggestions(run, facts(run, steps), said, public=run.channel in ("portal", "widget", "api"))
    if not found:
        return {"value": "none"}
    _keep(step, hints=[vars(one) for one in found])
    return None


def open_step(run: GuideRun) -> GuideStep | None:
    """The step that waits for an answer."""
    rows = GuideStep.objects.filter(run=run, superseded_at=None, answered_at=None)
    return rows.select_related("version__guide", "test").order_by("-position").first()


def guide_of(step: GuideStep) -> Guide:
    """The guide whose page a step is of: after a link another than the run's."""
    return step.version.guide
