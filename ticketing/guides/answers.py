"""Read what a person answered at a node. Pure; every refusal names the field and the fix."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from ticketing.guides.graph import Node
from ticketing.guides.path import UNSURE
from ticketing.tickets.vocabulary import CHARACTERISTICS

LONGEST = 500
PARTS = {"morning": "in the morning", "afternoon": "in the afternoon", "any": "at any time", "none": "no visit wished"}
PHONE = re.compile(r"^\+?[0-9 ()/-]{6,30}$")


class AnswerInvalid(ValueError):
    """An answer cannot be taken; `fields` names each field and what to do."""

    def __init__(self, **fields: str) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


def read(node: Node, given: Mapping[str, Any], today: date, required: Mapping[str, str] | None = None) -> dict:
    """The answer to keep, `{value, …}`. `required`: what a raise node has to ask yet (running.missing)."""
    reader: Callable[..., dict[str, Any]] | None = READERS.get(node["type"])
    if reader is None:
        raise AnswerInvalid(value="There is nothing to answer here. Go on with the next step.")
    return reader(node, given, today, required or {})


def _text(given: Mapping[str, Any], name: str, longest: int = LONGEST) -> str:
    text = str(given.get(name) or "").replace("\x00", "").strip()
    if len(text) > longest:
        raise AnswerInvalid(**{name: f"Write at most {longest} characters; these are {len(text)}."})
    return text


def _question(node: Node, given: Mapping[str, Any], today: date, _: Any) -> dict[str, Any]:
    said, kind = _text(given, "value"), node.get("answer")
    if not said:
        if node.get("optional"):
            return {"value": UNSURE}
        raise AnswerInvalid(value="Choose an answer." if kind in ("choice", "yes_no") else "Write an answer.")
    return {"value": typed(node, said, today)}


def typed(node: Node, said: str, today: date) -> str:
    """The text of an answer after the check of its kind. Raises AnswerInvalid."""
    kind = node.get("answer")
    if said == UNSURE and node.get("optional"):
        return said
    if kind == "yes_no" and said not in ("yes", "no"):
        raise AnswerInvalid(value="Answer yes or no.")
    if kind == "choice" and said not in {str(one.get("value")) for one in node.get("choices", ())}:
        raise AnswerInvalid(value="Choose one of the answers shown.")
    if kind == "number":
        return _number(said)
    if kind == "date":
        return _date(said, today)
    return said


def _number(said: str) -> str:
    try:
        number = float(said.replace(",", "."))
    except ValueError:
        raise AnswerInvalid(value="Write a number, such as 42.") from None
    if not -1e9 < number < 1e9:
        raise AnswerInvalid(value="This number is too large. Write the one that you see.")
    return f"{number:g}"


def _date(said: str, today: date) -> str:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        raise AnswerInvalid(value="Write a date as 2026-03-31, or choose one.") from None
    if day > today + timedelta(days=1):
        raise AnswerInvalid(value="This day is still to come. Choose one that has been.")
    return day.isoformat()


def _guidance(node: Node, given: Mapping[str, Any], today: date, _: Any) -> dict[str, Any]:
    said = _text(given, "value")
    allowed = ("fixed", "not") if node.get("ask_fixed") else ("done",)
    if said not in allowed:
        fix = "Say whether it works now." if node.get("ask_fixed") else "Press Done when you are through."
        raise AnswerInvalid(value=fix)
    return {"value": said}


def _test(node: Node, given: Mapping[str, Any], today: date, _: Any) -> dict[str, Any]:
    said = _text(given, "value")
    if said not in ("agree", "decline", "go_on"):
        raise AnswerInvalid(value="Say whether the test may be run.")
    return {"value": said}


def _outage(node: Node, given: Mapping[str, Any], today: date, _: Any) -> dict[str, Any]:
    said = _text(given, "value")
    if said not in ("tell", "other"):
        raise AnswerInvalid(value="Choose whether we shall keep you informed, or whether your trouble is another.")
    return {"value": said}


def _kedb(node: Node, given: Mapping[str, Any], today: date, _: Any) -> dict[str, Any]:
    said = _text(given, "value")
    if said != "none" and not re.fullmatch(r"worked:\d{1,18}", said):
        raise AnswerInvalid(value="Choose the one that helped, or none of these.")
    return {"value": said}


def _appointment(node: Node, given: Mapping[str, Any], today: date, _: Any) -> dict[str, Any]:
    said = _text(given, "value")
    if said in PARTS:
        return {"value": said, "words": f"Visit: {PARTS[said]}"}
    try:
        start, end = (datetime.fromisoformat(part) for part in said.split("/"))
        aware = start.tzinfo is not None and end.tzinfo is not None and end > start
    except ValueError:
        aware = False
    if not aware or start.date() < today:
        raise AnswerInvalid(value="Choose one of the times shown.")
    words = f"Visit wished: {start:%A %-d %B, %H:%M} to {end:%H:%M}"
    return {"value": said, "start": start.isoformat(), "end": end.isoformat(), "words": words}


def _raise(node: Node, given: Mapping[str, Any], today: date, required: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for code, only_if in required.items():
        kind = CHARACTERISTICS[code][1]
        said = _text(given, code)
        if not said and only_if and found.get(only_if) != "yes":
            continue
        try:
            if not said:
                raise AnswerInvalid(value="Please answer this: the network needs it before it sends anybody.")
            found[code] = typed({"answer": kind}, said, today)
        except AnswerInvalid as error:
            wrong[code] = error.fields["value"]
    name, phone = _text(given, "name", 120), _text(given, "phone", 40)
    if phone and not PHONE.match(phone):
        wrong["phone"] = "Write the number with digits and spaces only, such as 020 7946 0000."
    if wrong:
        raise AnswerInvalid(**wrong)
    return {
        "value": "raised",
        "characteristics": found,
        "contact": {"name": name, "phone": phone},
        "more": _text(given, "more", 2000),
    }


READERS: dict[str, Callable[..., dict[str, Any]]] = {
    "question": _question,
    "guidance": _guidance,
    "test": _test,
    "outage": _outage,
    "kedb": _kedb,
    "appointment": _appointment,
    "raise": _raise,
}
