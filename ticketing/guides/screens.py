"""What a person sees of the step that they stand on: the same for pages and API. Plain words; no code for customers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.dateparse import parse_datetime

from ofx.core.ui.display import local
from ticketing.guides.actions.running import asked, missing
from ticketing.guides.answers import PARTS
from ticketing.guides.engine import remaining
from ticketing.guides.graph import Node
from ticketing.guides.models import SELF_SERVICE, GuideRun, GuideStep
from ticketing.guides.path import node_of, path, transcript, value
from ticketing.guides.pictures import PICTURES
from ticketing.guides.wording import question
from ticketing.tickets.vocabulary import CHARACTERISTICS

TESTED = {
    "green": "We have tested the line: it works right up to your site. The trouble is most likely inside.",
    "amber": "We have tested the line: it works, but not as well as it should.",
    "red": "We have tested the line: there is a fault on it, outside your premises.",
}
SKIPPED = "We leave out the restart: your phone depends on this line."


@dataclass(frozen=True)
class Choice:
    """One answer to press."""

    value: str
    label: str
    picture: str = ""
    alt: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Field:
    """One thing that the last form asks for."""

    name: str
    label: str
    kind: str
    value: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Screen:
    """One step as it is shown."""

    kind: str
    position: int
    title: str
    text: str = ""
    picture: str = ""
    alt: str = ""
    steps: list[str] = field(default_factory=list)
    answer: str = ""
    choices: list[Choice] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    before: str = ""
    optional: bool = False
    news: list[str] = field(default_factory=list)
    done: int = 0
    total: int = 1
    can_back: bool = False
    told: list[tuple[str, str]] = field(default_factory=list)
    hints: list[dict[str, Any]] = field(default_factory=list)


def screen_of(run: GuideRun, *, staff: bool = False) -> Screen | None:
    """The waiting step of a run as a screen; None where it has ended."""
    steps = path(run)
    if not steps or steps[-1].answered_at is not None:
        return None
    step, node = steps[-1], node_of(steps[-1])
    kind = _kind(step, node)
    done = sum(1 for one in steps if one.answered_at and asked(one))
    ahead = remaining(step.version.graph, step.node)
    picture = str(node.get("picture", ""))
    return Screen(
        kind=kind,
        position=step.position,
        title=_title(kind, node),
        text=_text(kind, step, node),
        picture=picture,
        alt=PICTURES.get(picture, ""),
        steps=[str(one) for one in node.get("steps", ())],
        answer=str(node.get("answer", "")),
        choices=_choices(kind, step, node),
        fields=_fields(run, steps) if kind == "raise" else [],
        before=str(step.before.get("value", "")),
        optional=bool(node.get("optional")),
        news=_news(steps, staff),
        done=done,
        total=done + max(1, ahead),
        can_back=done > 0,
        told=transcript(steps) if kind == "raise" else [],
        hints=step.answer.get("hints", []),
    )


def _kind(step: GuideStep, node: Node) -> str:
    if node["type"] == "test":
        return "busy" if step.test_id else "consent"
    return str(node["type"])


def _title(kind: str, node: Node) -> str:
    if kind == "outage":
        return "There is an outage at your place"
    return str(node.get("title") or "The next step")


def _text(kind: str, step: GuideStep, node: Node) -> str:
    if kind == "consent":
        return f"{node.get('text', '')} {step.answer.get('ask', '')}".strip()
    if kind == "outage":
        return _outage(step.answer)
    return str(node.get("text", ""))


def _outage(told: dict[str, Any]) -> str:
    """What we know, and when we will know more."""
    what = "Planned work is going on." if told.get("planned") else "We know of it and are at work on it."
    when = parse_datetime(told.get("expected", "")) if told.get("expected") else None
    until = (
        f"We expect it to work again by {local(when):%-d %B, %H:%M}."
        if when
        else "We do not know yet how long it takes; we tell you as soon as we do."
    )
    return " ".join(part for part in (told.get("text") or what, until) if part)


def _choices(kind: str, step: GuideStep, node: Node) -> list[Choice]:
    if kind == "question":
        return _answers(node)
    fixed: dict[str, list[tuple[str, str]]] = {
        "guidance": [("fixed", "Yes, it works now"), ("not", "No, go on")]
        if node.get("ask_fixed")
        else [("done", "Done")],
        "consent": [("agree", "Yes, test it now"), ("decline", "No, go on without")],
        "busy": [("go_on", "Go on without the test")],
        "outage": [("tell", "Keep me informed"), ("other", "My trouble is something else")],
        "kedb": [("none", "None of these")],
    }
    if kind == "appointment":
        return _times(step)
    return [Choice(*one) for one in fixed.get(kind, [])]


def _answers(node: Node) -> list[Choice]:
    unsure = [Choice("unsure", "Not sure")] if node.get("optional") else []
    if node.get("answer") == "yes_no":
        return [Choice("yes", "Yes"), Choice("no", "No"), *unsure]
    rows = node.get("choices", ()) if node.get("answer") == "choice" else ()
    pictured = [
        Choice(
            str(one["value"]), str(one["label"]), str(one.get("picture", "")), PICTURES.get(one.get("picture", ""), "")
        )
        for one in rows
    ]
    return pictured + (unsure if pictured else [])


def _times(step: GuideStep) -> list[Choice]:
    """The partner's free times, else parts of the day: then we call to agree the time."""
    found = []
    for slot in step.answer.get("slots", []):
        start, end = parse_datetime(slot["start"]), parse_datetime(slot["end"])
        if start and end:
            words = f"{local(start):%A %-d %B}, {local(start):%H:%M} to {local(end):%H:%M}"
            found.append(Choice(f"{slot['start']}/{slot['end']}", words))
    if found:
        return [*found, Choice("none", "I need no visit, or cannot say yet")]
    other = {"none": "I need no visit, or cannot say yet"}
    return [Choice(name, other.get(name, text.capitalize())) for name, text in PARTS.items()]


def _fields(run: GuideRun, steps: list[GuideStep]) -> list[Field]:
    before = steps[-1].before
    kept = before.get("characteristics", {})
    found = [_asked(run, code, kept.get(code, ""), only_if) for code, only_if in missing(run, steps).items()]
    contact: dict[str, str] = before.get("contact") or {}
    ticket = run.ticket
    name = contact.get("name") or (ticket.contact_name if ticket else "") or (run.user.name if run.user else "")
    phone = contact.get("phone") or (ticket.contact_phone if ticket else "")
    return [
        *found,
        Field("name", "Who can be asked about it?", "text", name),
        Field("phone", "On which telephone?", "tel", phone, "Best a mobile, as the line may be down."),
        Field("more", "Anything else that we should know?", "words", before.get("more", "")),
    ]


def _asked(run: GuideRun, code: str, kept: str, only_if: str) -> Field:
    words, hint = question(code, customer=run.channel in SELF_SERVICE)
    hints = " ".join(one for one in (hint, "Only where it has worked." if only_if else "") if one)
    return Field(code, words, CHARACTERISTICS[code][1], kept, hints)


def refused(screen: Screen, given: Mapping[str, Any], errors: Mapping[str, str]) -> list[dict[str, str]]:
    """The last form's fields as the person filled them in, each with its `error`: nothing is typed twice."""
    return [
        {**asdict(one), "value": str(given.get(one.name, "")), "error": errors.get(one.name, "")}
        for one in screen.fields
    ]


def _news(steps: list[GuideStep], staff: bool) -> list[str]:
    """What was found since the person last answered: a test's result, what was left out."""
    found: list[str] = []
    for step in steps[:-1][::-1]:
        node, said = node_of(step), value(step)
        if node["type"] == "test":
            found.append(_tested(step, staff))
        elif said == "skipped":
            found.append(SKIPPED)
        if asked(step):
            break
    return found[::-1]


def _tested(step: GuideStep, staff: bool) -> str:
    colour = step.answer.get("colour")
    if not colour:
        why = str(step.answer.get("why", "")) if staff else ""
        return f"{why or 'We could not test the line from here.'} We go on without."
    detail = f" {step.answer.get('code', '')}: {step.answer.get('text', '')}" if staff else ""
    return TESTED.get(colour, "") + detail
