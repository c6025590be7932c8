"""How a fault goes, hour by hour: DOMAIN 4.3, its durations. Pure: the same dice tell the same story."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ofx.portal.demo import fault_texts as texts

HOME = {"no_connection": 34, "intermittent": 22, "slow_speed": 18, "wifi": 9, "voice": 6, "billing": 4, "order": 4,
        "other": 3}  # fmt: skip
BUSINESS = {"ethernet_down": 60, "intermittent": 20, "slow_speed": 15, "billing": 5}
IMPACT = {"no_connection": "down", "ethernet_down": "down", "intermittent": "intermittent", "voice": "down"}
SEVERITY = {"ethernet_down": ("significant", "extensive"), "no_connection": ("moderate", "significant")}
CHANNELS = {"portal": 34, "phone": 38, "email": 16, "api": 8, "proactive": 4}
LINE = ("no_connection", "intermittent", "slow_speed", "ethernet_down")
RED = {"no_connection": ("ONT_NO_LIGHT", "ONT_DYING_GASP", "UNIPORT_DOWN"), "ethernet_down": ("CFM_DOWN",),
       "intermittent": ("PON_ERRORS", "ONT_LOW_LIGHT"),
       "slow_speed": ("SPEED_BELOW_PROFILE", "ONT_LOW_LIGHT")}  # fmt: skip
WAYS = {"l1": 38, "partner": 38, "self": 9, "tsc": 7, "cancelled": 5, "rejected": 3}


@dataclass(frozen=True)
class Step:
    """Something that happens `hours` after the ticket was opened. Kinds: see `fault_replay`."""

    hours: float
    kind: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """A whole fault; the caller cuts it off at today."""

    way: str
    fault_class: str
    title: str
    said: str
    severity: str
    impact: str
    channel: str
    answers: dict[str, str]
    steps: list[Step]


def draw(dice: random.Random, table: dict[str, int]) -> str:
    """One name by its weight."""
    return dice.choices(list(table), list(table.values()))[0]


def tell(dice: random.Random, *, ethernet: bool, partner: bool, way: str = "") -> Story:
    """One fault. `partner`: somebody else's network is behind the service."""
    fault = draw(dice, BUSINESS if ethernet else HOME)
    way = way or draw(dice, WAYS)
    if way == "partner" and (not partner or fault not in LINE):
        way = "l1"
    if way == "partner" and fault == "slow_speed":
        fault = "ethernet_down" if ethernet else "no_connection"
    words = texts.WORDS[fault]
    steps = TELLERS[way](dice, fault)
    return Story(
        way=way,
        fault_class=fault,
        title=dice.choice(words["titles"]),
        said=dice.choice(words["said"]),
        severity=dice.choice(SEVERITY.get(fault, ("minor", "moderate", "moderate", "significant"))),
        impact=IMPACT.get(fault, "degraded"),
        channel="portal" if way == "self" else draw(dice, CHANNELS),
        answers=_answers(dice, fault),
        steps=sorted(steps, key=lambda step: step.hours),
    )


def _answers(dice: random.Random, fault: str) -> dict[str, str]:
    if fault not in LINE:
        return {}
    light = dice.choice(("red", "off", "blinking green", "green"))
    return {
        "SERVICE_HAS_WORKED": "yes",
        "CPE_CHECKED": "yes",
        "CPE_POWER": "yes",
        "ONT_POWER": "yes" if light != "off" else "no",
        "SYNC_LIGHT": light,
        "24HR_ACCESS": dice.choice(("yes", "no")),
        "USAGE_CHANGES": dice.choice(("no", "a new till since last week", "more people on site")),
    }


def _begun(dice: random.Random, fault: str, code: str) -> tuple[list[Step], float]:
    """Somebody takes it, looks, tests; one in five customers is asked first."""
    hour = dice.uniform(0.1, 2.5)
    steps = [
        Step(hour, "take"),
        Step(hour + 0.1, "note", {"text": "Checked: no outage, no order in flight, bill paid."}),
    ]
    if dice.random() < 0.22:
        answered = hour + dice.uniform(1, 20)
        question = "Which lights show on the fibre box, and in which colour?"
        steps += [
            Step(hour + 0.2, "ask", {"text": question}),
            Step(answered, "answer", {"text": "Power is green, the other one is red."}),
        ]
        hour = answered
    if fault in LINE or fault == "voice":
        hour += dice.uniform(0.1, 0.6)
        steps.append(Step(hour, "test", {"code": code}))
    return steps, hour


def _finished(dice: random.Random, hour: float, resolved: dict[str, Any]) -> list[Step]:
    """Resolved; confirmed within a day or so, else closed by itself after 72 hours (R22)."""
    steps = [Step(hour, "resolve", resolved)]
    if dice.random() < 0.07:
        again = hour + dice.uniform(3, 40)
        steps += [Step(again, "reopen", {"why": "It dropped again in the evening."})]
        hour = again + dice.uniform(4, 30)
        steps += [Step(hour, "resolve", {**resolved, "fix": f"{resolved['fix']}; checked for a day"})]
    if dice.random() < 0.62:
        return [*steps, Step(hour + dice.uniform(0.5, 40), "confirm")]
    return [*steps, Step(hour + 72, "autoclose")]


def _l1(dice: random.Random, fault: str) -> list[Step]:
    code = dice.choice(("LINE_OK", "LINE_OK", *RED.get(fault, ("LINE_OK",))))
    steps, hour = _begun(dice, fault, code)
    fix, cause, verdict = dice.choice(texts.WORDS[fault]["helped"])
    done = hour + dice.uniform(0.2, 7)
    helped = {"text": "We believe that it works again. Please tell us if it does not."}
    steps.append(Step(done, "tell", helped))
    return [*steps, *_finished(dice, done + 0.05, {"fix": fix, "cause": cause, "verdict": verdict, "tier": "l1"})]


def _self(dice: random.Random, fault: str) -> list[Step]:
    done = dice.uniform(0.1, 0.6)
    fix = {"fix": "Restarted as the guide says", "cause": "", "verdict": "customer", "tier": "self"}
    return [Step(done, "resolve", fix), Step(done + 0.02, "confirm")]


def _tsc(dice: random.Random, fault: str) -> list[Step]:
    steps, hour = _begun(dice, fault, "LINE_OK")
    hour += dice.uniform(1, 6)
    steps.append(Step(hour, "tsc", {"tried": "Line is green, router swapped, wired test done: still there."}))
    hour += dice.uniform(2, 20)
    steps += [
        Step(hour, "tsc_take"),
        Step(hour + 1, "note", {"text": "Captured on the handover; comparing with a good line."}),
    ]
    fix, cause = dice.choice(texts.TSC_FIXES)
    hour += dice.uniform(6, 60)
    return [*steps, *_finished(dice, hour, {"fix": fix, "cause": cause, "verdict": "us", "tier": "tsc"})]


def _partner(dice: random.Random, fault: str) -> list[Step]:
    """Raised, acknowledged within the half hour (A08), mended in one to three days, tested again (A12)."""
    steps, hour = _begun(dice, fault, dice.choice(RED[fault]))
    hour += dice.uniform(0.1, 1.2)
    steps += [
        Step(hour, "raise"),
        Step(hour + 0.05, "tell", {"text": "The test shows a fault outside your premises. We have raised it."}),
    ]
    hour += dice.uniform(0.1, 0.5)
    steps.append(Step(hour, "news", {"kind": "STATE", "state": "acknowledged", "ref": True}))
    if dice.random() < 0.03:
        text = {"kind": "STATE", "state": "rejected", "raw_reason": "INVALID_REQUEST", "text": "Not our line"}
        return [*steps, Step(hour + 2, "news", text)]
    if dice.random() < 0.04:
        return steps  # silence
    hour += dice.uniform(0.5, 6)
    steps.append(Step(hour, "news", {"kind": "STATE", "state": "in_progress", "expected": 30}))
    hour = _delayed(dice, steps, hour)
    hour += dice.uniform(5, 34)
    code, cause, fix, charged = dice.choice(texts.PARTNER_FIXES)
    told = {
        "kind": "RESOLVED",
        "state": "resolved",
        "clear_code": code,
        "cause": cause,
        "fix": fix,
        "chargeable": charged,
    }
    steps += [Step(hour, "news", told), Step(hour + 0.2, "test", {"code": "LINE_OK", "why": "retest"})]
    verdict = "none_found" if charged else "partner"
    resolved = {"fix": fix, "cause": cause, "verdict": verdict, "tier": "partner", "clear_code": code}
    return [*steps, *_finished(dice, hour + 0.25, {**resolved, "chargeable": charged})]


def _delayed(dice: random.Random, steps: list[Step], hour: float) -> float:
    if dice.random() < 0.25:
        hour += dice.uniform(1, 8)
        steps.append(Step(hour, "news", {"kind": "QUESTION", "text": dice.choice(texts.PARTNER_ASKS)}))
        hour += dice.uniform(1, 14)
        steps.append(Step(hour, "partner_answer", {"text": "The light is red; the shop is open from nine to six."}))
    if dice.random() < 0.3:
        reason, raw, text = dice.choice(texts.HELD)
        hour += dice.uniform(1, 8)
        held = {"kind": "STATE", "state": "held", "reason": reason, "raw_reason": raw, "text": text, "expected": 48}
        steps.append(Step(hour, "news", held))
        hour += dice.uniform(8, 70)
        steps.append(Step(hour, "news", {"kind": "STATE", "state": "in_progress", "text": "Work goes on"}))
    return hour


def _cancelled(dice: random.Random, fault: str) -> list[Step]:
    steps, hour = _begun(dice, fault, "LINE_OK")
    return [*steps, Step(hour + dice.uniform(0.5, 20), "cancel", {"why": "Customer: it came back by itself."})]


def _rejected(dice: random.Random, fault: str) -> list[Step]:
    return [Step(dice.uniform(0.3, 4), "reject", {"why": "Not a service of ours: the site has another provider."})]


TELLERS: dict[str, Callable[[random.Random, str], list[Step]]] = {
    "l1": _l1,
    "self": _self,
    "tsc": _tsc,
    "partner": _partner,
    "cancelled": _cancelled,
    "rejected": _rejected,
}
