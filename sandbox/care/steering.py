"""The control calls of the fault side: line, tests, care, outage, works, itsm. Each answers what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.care import itsm, lines, problems, scenarios, works
from sandbox.care.case import Case
from sandbox.care.desk import Care
from sandbox.rules import Invalid

MODES = ("", "errors", "dead", "fail")
Body = dict[str, Any]


def _number(body: Body, name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise Invalid(f"{name} must be a number from 0 up")
    return float(value)


def _line(care: Care, body: Body) -> Any:
    service, deed = str(body.get("service") or ""), body.get("act", "")
    if not service:
        raise Invalid("service is required: the partner's id of it")
    if deed == "power_cycled":
        return lines.power_cycle(care.house, service)
    if deed == "repaired":
        lines.repair(care.house, service)
        return lines.condition(care.house, service)
    if deed:
        raise Invalid("act must be power_cycled or repaired")
    colour = str(body.get("colour") or "").lower()
    code = str(body.get("code") or lines.USUAL.get(colour, ""))
    if code not in lines.CODES:
        raise Invalid(f"code must be one of {', '.join(lines.CODES)}, or colour green, amber or red")
    if colour and lines.CODES[code].colour.lower() != colour:
        raise Invalid(f"code {code} is {lines.CODES[code].colour}, not {colour}")
    more = {name: body[name] for name in ("user_can_fix", "problem") if name in body}
    return lines.put(care.house, service, code, **more)


def _tests(care: Care, body: Body) -> Any:
    mode = body.get("mode", "")
    if mode not in MODES:
        raise Invalid(f"mode must be one of {', '.join(MODES[1:])}, or empty")
    care.store.set("tests", mode)
    return {"mode": mode}


def _care(care: Care, body: Body) -> Any:
    """Weights of the ticket scenarios, and when a resolved ticket is closed by the partner."""
    weights = body.get("weights", {})
    if not isinstance(weights, dict):
        raise Invalid("weights must be an object of scenario to weight")
    for name in weights:
        if name not in scenarios.STEPS:
            raise Invalid(f"weights: unknown scenario {name!r}; known are {', '.join(scenarios.STEPS)}")
        _number(weights, name)
    care.store.set("care_weights", weights)
    if "autoclose_seconds" in body:
        care.store.set("care", {"autoclose_seconds": _number(body, "autoclose_seconds")})
    return {"weights": weights, **care.store.setting("care", {})}


def _problem(care: Care, body: Body) -> Case:
    found = care.case("kind = 'problem' AND id = ?", (str(body.get("id") or ""),))
    if found is None:
        raise Invalid("id names no service problem here")
    return found


def _outage(care: Care, body: Body) -> Any:
    for name in ("sectors", "services", "still_down"):
        if not isinstance(body.get(name, []), list):
            raise Invalid(f"{name} must be a list")
    if "hours" in body:
        _number(body, "hours")
    deed = body.get("act", "raise")
    if deed in ("raise", "planned"):
        return care.show(problems.declare(care, {**body, "planned": deed == "planned"}))
    if deed not in ("update", "end"):
        raise Invalid("act must be raise, planned, update or end")
    found = _problem(care, body)
    if deed == "update":
        problems.update(care, found, body)
    else:
        down = tuple(str(service) for service in body.get("still_down") or [])
        problems.over(care, found, str(body.get("text") or "Repaired"), down)
    return care.show(found)


def _works(care: Care, body: Body) -> Any:
    return works.announce(care.house, body)


def _itsm(care: Care, body: Body) -> Any:
    return itsm.act(care, body)


ACTS: dict[str, tuple[str, Callable[[Care, Body], Any]]] = {
    "line": ("partner", _line),
    "tests": ("partner", _tests),
    "care": ("partner", _care),
    "outage": ("partner", _outage),
    "works": ("partner", _works),
    "itsm": ("system", _itsm),
}


def steer(cares: Mapping[str, Care], name: str, body: Body) -> Any:
    """Do what a control call asks for, in one transaction. Raises Invalid."""
    whose, does = ACTS[name]
    about = dict(body)
    chosen = about.pop(whose, "")
    fitting = [key for key, care in cares.items() if _fits(care, name)]
    if chosen == "*" and name in ("tests", "care"):
        return {key: steer(cares, name, {**about, whose: key}) for key in fitting}
    if chosen not in fitting:
        raise Invalid(f"{whose} must be one of {', '.join(fitting)}")
    care = cares[chosen]
    with care.store.transaction():
        found = does(care, about)
    care.house.care_wake.set()
    return found


def _fits(care: Care, name: str) -> bool:
    kind = care.house.partner.kind
    wanted = {"works": "email", "itsm": "itsm"}.get(name, "tmf622")
    return kind == wanted
