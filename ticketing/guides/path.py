"""The way that a run has taken: its current steps, and what is known from them. Reads only."""

from typing import Any

from ticketing.guides.engine import Facts
from ticketing.guides.graph import Node, nodes_of
from ticketing.guides.models import GuideRun, GuideStep
from ticketing.tickets.vocabulary import CHARACTERISTICS

RAISE = "__raise"  # what every guide has, drawn or not: a way to people
BUILT_IN: dict[str, Node] = {
    RAISE: {
        "type": "raise",
        "title": "We take it from here",
        "text": "Tell us how to reach you. Everything that you have told us so far goes with it.",
    }
}
GIVEN_UP = "gave_up"  # the answer of a step that the person left for the built-in raise
UNSURE = "unsure"


def path(run: GuideRun) -> list[GuideStep]:
    """The steps that count, in order; superseded ones are history. One query."""
    rows = GuideStep.objects.filter(run=run, superseded_at=None).select_related("version__guide", "test")
    return list(rows.order_by("position"))


def node_of(step: GuideStep) -> Node:
    """The node that a step stands on. A node that is gone leads to people."""
    node = BUILT_IN.get(step.node) or nodes_of(step.version.graph).get(step.node) or BUILT_IN[RAISE]
    return {**node, "id": step.node}


def value(step: GuideStep) -> str:
    """What was answered or found at a step, as text; empty before."""
    return str(step.answer.get("value", "")) if step.answered_at else ""


def digital_voice(run: GuideRun) -> str:
    """Whether the phone is known to hang on this line, from the ticket or the service: yes, no, or empty."""
    if run.ticket is not None and run.ticket.digital_voice:
        return "yes"
    told = (run.service.item.characteristics or {}).get("digital_voice") if run.service else None
    return "" if told is None else ("yes" if str(told).casefold() in ("true", "yes", "1") else "no")


def facts(run: GuideRun, steps: list[GuideStep]) -> Facts:
    """What conditions may ask: answers by node, the last test, outage, known errors, the service."""
    found: Facts = {}
    if digital_voice(run):
        found["digital_voice"] = digital_voice(run)
    if run.service is not None:
        found["service.technology"] = run.service.offering.technology
    for step in steps:
        if step.answered_at is None:
            continue
        node, said = node_of(step), value(step)
        found[step.node] = said
        if node.get("code") == "digital_voice" and said in ("yes", "no"):
            found["digital_voice"] = said
        if node["type"] == "test":
            found |= {"test.state": said, "test.colour": step.answer.get("colour", "")}
            found["test.code"] = step.answer.get("code", "")
        if node["type"] in ("outage", "kedb"):
            found[node["type"]] = "worked" if said.startswith("worked") else said
    return found


def characteristics(run: GuideRun, steps: list[GuideStep]) -> dict[str, str]:
    """Structured answers by characteristic (DOMAIN 4.3): what the ticket and the partner are given."""
    found = {str(code): str(said) for code, said in (run.ticket.answers if run.ticket else {}).items()}
    for step in steps:
        node, said = node_of(step), value(step)
        if step.answered_at is None or said in ("", UNSURE, GIVEN_UP):
            continue
        if node.get("code") in CHARACTERISTICS:
            found[str(node["code"])] = said
        if node["type"] == "guidance" and said != "skipped":
            found |= {str(code): str(one) for code, one in node.get("set", {}).items()}
        if node["type"] == "raise":
            found |= step.answer.get("characteristics", {})
    return found


def known(run: GuideRun, steps: list[GuideStep], node: Node) -> str:
    """The answer of a question that was given before under the same characteristic, empty otherwise."""
    code = str(node.get("code", ""))
    if code == "digital_voice":
        return facts(run, steps).get("digital_voice", "")
    said = characteristics(run, steps).get(code, "") if code else ""
    if node.get("answer") == "choice" and said not in {str(one.get("value")) for one in node.get("choices", ())}:
        return ""
    if node.get("answer") == "yes_no" and said not in ("yes", "no"):
        return ""
    return said


def went_green(steps: list[GuideStep]) -> bool:
    """Whether a test turned from red to green on the way (DOMAIN 9.4)."""
    colours = [step.answer.get("colour") for step in steps if step.answered_at and step.test_id]
    return "red" in colours and colours[-1] == "green"


def last_test(steps: list[GuideStep]) -> GuideStep | None:
    """The newest finished test on the way."""
    done = [step for step in steps if step.test_id and step.answered_at]
    return done[-1] if done else None


def spoken(step: GuideStep) -> str:
    """What was answered, in the words that the person saw."""
    node, said = node_of(step), value(step)
    if node["type"] == "question":
        for one in node.get("choices", ()):
            if str(one.get("value")) == said:
                return str(one.get("label"))
        return {"yes": "Yes", "no": "No", UNSURE: "Not sure", GIVEN_UP: "No answer"}.get(said, said)
    return _found(node, step, said)


def _found(node: Node, step: GuideStep, said: str) -> str:
    if node["type"] == "test":
        colour = step.answer.get("colour")
        return f"{colour}: {step.answer.get('text', '')}".strip(": ") if colour else step.answer.get("why", "not run")
    words = {
        "fixed": "Done, and it works",
        "not": "Done, it did not help",
        "done": "Done",
        "skipped": "Left out: the phone hangs on this line",
        "none": "Nothing known",
        GIVEN_UP: "Not done",
    }
    return step.answer.get("words") or words.get(said, said)


def transcript(steps: list[GuideStep]) -> list[tuple[str, str]]:
    """(heading, answer) of each step that says something, for people."""
    telling = ("question", "guidance", "test", "kedb", "appointment")
    return [
        (str(node_of(step).get("title")), spoken(step))
        for step in steps
        if step.answered_at and node_of(step)["type"] in telling
    ]


def answered(steps: list[GuideStep], kind: str) -> dict[str, Any]:
    """The answer of the last step of a kind, {} where there is none."""
    rows = [step.answer for step in steps if step.answered_at and node_of(step)["type"] == kind]
    return rows[-1] if rows else {}
