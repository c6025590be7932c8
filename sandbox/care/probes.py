"""TMF653 service tests: asked for, running, done after a moment with what the line's condition shows."""

from __future__ import annotations

from typing import Any

from sandbox.care import checks, lines
from sandbox.care.case import Case
from sandbox.care.desk import Care, Kind
from sandbox.rules import Invalid
from sandbox.wire import Answer, Call, Refused, parse

DISRUPTIVE = ("loopback", "ont_reset", "full", "reboot")
SORTS = ("line", "ont", "uniport", "cfm", *DISRUPTIVE)
START_DAYS, DONE_DAYS = 0.05, 0.2


def _named(body: dict[str, Any], name: str) -> str:
    ref = body.get(name)
    ident = ref.get("id") if isinstance(ref, dict) else None
    if not isinstance(ident, str) or not ident:
        raise Invalid(f"{name}.id is required, a string")
    return ident


def create(care: Care, call: Call) -> Answer:
    """POST /serviceTest."""
    body = checks.known(parse(call.body))
    checks.required(body, ("name",))
    service, sort = _named(body, "relatedService"), _named(body, "testSpecification")
    if sort not in SORTS:
        raise Invalid(f"testSpecification.id must be one of {', '.join(SORTS)}")
    if sort in DISRUPTIVE and not checks.traits(body).get("consent"):
        text = f"characteristic.consent is required: {sort} cuts the line for a minute"
        raise Refused(409, "CONSENT_REQUIRED", text)
    case = Case("test", checks.kept(body), external_id=str(body.get("externalId") or ""), service=service)
    case.kept["sort"] = sort
    care.add(case)
    case.move(care.house.now(), "acknowledged")
    care.start(case, START_DAYS * care.house.day, "run")
    care.tell(case, "Create")
    return Answer(201, care.show(case), {"Location": care.href(case)}, case)


def patch(care: Care, call: Call, case: Case) -> Answer:
    """PATCH /serviceTest/{id}: cancelled is all that may be asked for."""
    body = checks.known(parse(call.body))
    checks.patchable(body, frozenset({"state", "description"}))
    if case.ended:
        raise Refused(409, "TEST_ENDED", f"serviceTest {case.id} is {case.state}")
    if body.get("state") not in (None, "cancelled"):
        raise Invalid("state may only become cancelled")
    case.request.update(checks.kept(body))
    case.move(care.house.now(), str(body.get("state") or ""))
    care.tell(case, "StateChange" if body.get("state") else "AttributeValueChange")
    return Answer(200, care.show(case), order=case)


def ring(care: Care, case: Case, kind: str) -> None:
    """It runs, then it is done."""
    if case.ended:
        return
    if kind == "run":
        case.move(care.house.now(), "inProgress")
        care.start(case, DONE_DAYS * care.house.day, "done")
    elif care.store.setting("tests", "") == "fail":
        case.extra["text"] = "The test system could not reach the line card"
        case.move(care.house.now(), "failed")
    else:
        _finish(care, case)
    care.tell(case, "StateChange")


def _finish(care: Care, case: Case) -> None:
    found, at = lines.condition(care.house, case.service), care.house.now()
    about = lines.CODES[found["code"]]
    case.extra.update(code=found["code"], colour=about.colour, text=about.text, stale=about.stale)
    if found.get("problem"):
        case.extra["problem"] = found["problem"]
    chance = care.house.rng("measures", case.number)
    case.extra["measures"] = lines.measures(found["code"], chance, at, found.get("since", ""))
    case.move(at, "completed")


def _result(case: Case) -> list[dict[str, Any]]:
    told = {"colour": "colour", "code": "code", "text": "text", "stalePort": "stale", "problem": "problem"}
    return [{"name": name, "value": case.extra[key]} for name, key in told.items() if key in case.extra]


def show(care: Care, case: Case) -> dict[str, Any]:
    """The test on the wire."""
    given = [row for row in case.request.get("characteristic") or [] if row.get("name") == "consent"]
    shown = {
        **case.request,
        "id": case.id,
        "href": care.href(case),
        "state": case.state,
        "mode": case.request.get("mode") or "ONDEMAND",
        "startDateTime": case.created,
        "characteristic": [*given, *_result(case)],
        "testMeasure": case.extra.get("measures", []),
        "creationDate": case.created,
        "lastUpdate": case.last_update,
        "sequence": case.sequence,
        "simulated": True,
        "@type": "ServiceTest",
    }
    if case.ended:
        shown["endDateTime"] = case.last_update
    return shown


TESTS = Kind(
    name="test",
    root="tmf-api/serviceTestManagement/v4",
    resource="serviceTest",
    prefix="st",
    event="ServiceTest",
    status="state",
    show=show,
    ring=ring,
    create=create,
    patch=patch,
)
