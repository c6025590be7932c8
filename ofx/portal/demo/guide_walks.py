"""Ways through the real guides, as people might have taken them: by the engine's own rules, without rows."""

from dataclasses import dataclass
from random import Random
from typing import Any

from ticketing.guides.engine import Facts, follow, skipped
from ticketing.guides.graph import Node, nodes_of
from ticketing.guides.neighbours import Hint
from ticketing.guides.path import RAISE
from ticketing.known_errors.models import KnownError
from ticketing.models import GuideVersion

TRIES = 40
LONGEST = 30
TESTS = (("green", "LINE_OK"), ("amber", "PON_ERRORS"), ("red", "ONT_NO_LIGHT"))
PERSONAL = ("question", "guidance", "kedb", "appointment", "raise")  # where somebody says something
REACHES = {"fixed": "said", "back": "said", "green": "tested", "escalated": "raised", "informed": "told"}


@dataclass(frozen=True)
class Shown:
    """One node that was shown; no answer where they left. `said`: a person answered it."""

    version: GuideVersion
    node: str
    answer: dict[str, Any]
    said: bool = False


def way(
    dice: Random, version: GuideVersion, linked: dict[str, GuideVersion], articles: list[KnownError], kind: str
) -> list[Shown]:
    """A way that ends as wanted; where the guide has none within some tries, it ends with people or by leaving."""
    hints = [vars(Hint(one.pk, one.customer_title, one.customer_text, [], [])) for one in articles]
    shown: list[Shown] = []
    for _ in range(TRIES):
        shown, end = wander(dice, version, linked, hints, kind)
        if end == REACHES.get(kind, end):
            break
    else:
        shown = [*shown[:-1], Shown(version, RAISE, {"value": "raised"}, True)] if kind == "escalated" else shown
    return cut(dice, shown, kind) if kind in ("abandoned", "implied") else shown


def cut(dice: Random, shown: list[Shown], kind: str) -> list[Shown]:
    """They left before the end: at once, or somewhere on the way."""
    asked = [number for number, one in enumerate(shown) if one.said] or [len(shown) - 1]
    last = asked[0] if kind == "abandoned" else dice.choice(asked[1:] or asked)
    at = shown[last]
    return [*shown[:last], Shown(at.version, at.node, {})]


def wander(
    dice: Random, version: GuideVersion, linked: dict[str, GuideVersion], hints: list[dict[str, Any]], kind: str
) -> tuple[list[Shown], str]:
    """Node by node to an end: (the way, how it ended: said, tested, raised, told, or lost)."""
    facts: Facts = {"service.technology": "FTTP"}
    shown: list[Shown] = []
    name = str(version.graph["start"])
    while len(shown) < LONGEST:
        node: Node = {**nodes_of(version.graph).get(name, {"type": "raise"}), "id": name}
        answer = answered(dice, node, facts, hints, kind)
        shown.append(Shown(version, name, answer, node["type"] in PERSONAL and answer["value"] != "skipped"))
        if end := ending(node, answer):
            return shown, end
        learn(facts, node, answer)
        if node["type"] == "linking":
            version = linked.get(str(node.get("guide")), version)
            name = str(version.graph["start"])
        else:
            name = follow(node, facts)
    return shown, "lost"


def ending(node: Node, answer: dict[str, Any]) -> str:
    """How the way ends here; empty where it goes on."""
    said = str(answer["value"])
    if (said == "fixed" and node["type"] == "guidance") or said.startswith("worked:"):
        return "said"
    ends = {"end": "tested" if node.get("outcome") == "fixed" else "lost", "raise": "raised"}
    return "told" if said == "tell" else ends.get(node["type"], "")


def learn(facts: Facts, node: Node, answer: dict[str, Any]) -> None:
    """What later branches may ask, as the engine's own facts are named."""
    facts[node["id"]] = said = str(answer["value"])
    if node.get("code") == "digital_voice":
        facts["digital_voice"] = said
    if node["type"] == "test":
        facts |= {"test.state": said, "test.colour": answer["colour"], "test.code": answer["code"]}
    if node["type"] in ("outage", "kedb"):
        facts[node["type"]] = said


def answered(dice: Random, node: Node, facts: Facts, hints: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """What is found or said at a node."""
    what = node["type"]
    if what == "test":
        again = "test.colour" in facts
        colour, code = TESTS[0] if again and kind == "green" else dice.choices(TESTS, (5, 2, 3))[0]
        return {"value": "done", "colour": colour, "code": code, "text": ""}
    if what == "kedb":
        helped = hints and kind in ("fixed", "back") and dice.random() < 0.5
        found = {"hints": hints} if hints else {}
        return {**found, "value": f"worked:{dice.choice(hints)['pk']}" if helped else "none"}
    if what == "guidance":
        return {"value": _done(dice, node, facts, kind)}
    if what == "question":
        return {"value": _said(dice, node)}
    fixed = {"start": "on", "linking": "on", "outage": "tell" if kind == "informed" else "none", "raise": "raised"}
    return {"value": fixed.get(what) or str(node.get("outcome", "morning"))}


def _done(dice: Random, node: Node, facts: Facts, kind: str) -> str:
    if skipped(node, facts):
        return "skipped"
    if not node.get("ask_fixed"):
        return "done"
    return "fixed" if kind in ("fixed", "back") and dice.random() < 0.4 else "not"


def _said(dice: Random, node: Node) -> str:
    choices = [str(one["value"]) for one in node.get("choices", ())]
    kinds = {"yes_no": ("yes", "no"), "number": ("2", "3", "6"), "date": ("unsure",), "text": ("as before",)}
    return dice.choice(choices or list(kinds[node["answer"]]))
