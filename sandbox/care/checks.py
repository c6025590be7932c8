"""What a body must look like: the rules of TMF621, TMF653 and TMF656, and the partners' own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.care.case import Case
from sandbox.care.desk import Care
from sandbox.care.lines import CODES
from sandbox.rules import Invalid, date_time
from sandbox.wire import Refused

TICKET_OPEN = frozenset(
    {"note", "attachment", "status", "statusChangeReason", "description", "severity", "priority", "externalId", "name"}
    | {"requestedResolutionDate", "expectedResolutionDate", "relatedParty", "ticketType", "channel", "relatedEntity"}
    | {"troubleTicketRelationship", "resolutionDate", "characteristic"}
)
PROBLEM_OPEN = frozenset(
    {"note", "status", "statusChangeReason", "description", "name", "priority", "reason", "category", "resolutionDate"}
    | {"affectedNumberOfServices", "affectedLocation", "affectedResource", "affectedService", "characteristic"}
    | {"impactImportanceFactor", "externalIdentifier", "impactPattern", "parentProblem", "problemEscalation"}
    | {"relatedEntity", "relatedEvent", "relatedParty", "responsibleParty", "rootCauseResource", "rootCauseService"}
    | {"slaViolation", "troubleTicket", "underlyingAlarm", "underlyingProblem", "externalId", "statusChangeDate"}
)
OWNED = frozenset(
    {"id", "href", "status", "creationDate", "lastUpdate", "statusChangeDate", "statusChange", "sequence", "simulated"}
    | {"statusChangeReason", "resolution", "resolutionDate", "note", "attachment", "state"}
)
LENGTHS = {"externalId": 100, "name": 200, "severity": 30, "ticketType": 60, "priority": 30, "reason": 500}
LISTS = ("note", "attachment", "relatedEntity", "relatedParty", "characteristic", "affectedService", "affectedLocation",
         "externalIdentifier", "troubleTicketRelationship")  # fmt: skip
NO_FAULT = ("order", "billing", "question")


def _want(condition: bool, message: str) -> None:
    if not condition:
        raise Invalid(message)


def known(body: Any, longest: int = 10_000) -> dict[str, Any]:
    """The shapes that every body must have; Invalid names the attribute."""
    _want(isinstance(body, dict), "the body must be a JSON object")
    for name, most in {**LENGTHS, "description": longest}.items():
        value = body.get(name)
        if isinstance(value, int) and name == "priority":
            continue
        _want(value is None or isinstance(value, str), f"{name} must be a string")
        _want(value is None or len(value) <= most, f"{name} may have {most} characters, not {len(value or '')}")
    for name in LISTS:
        rows = body.get(name)
        fits = rows is None or (isinstance(rows, list) and all(isinstance(row, dict) for row in rows))
        _want(fits, f"{name} must be a list of objects")
    for index, note in enumerate(body.get("note") or []):
        text = note.get("text")
        _want(isinstance(text, str) and bool(text), f"note[{index}].text is required")
        _want(len(str(text)) <= 4000, f"note[{index}].text may have 4000 characters")
    for name in ("requestedResolutionDate", "expectedResolutionDate", "resolutionDate"):
        if body.get(name) is not None:
            date_time(body[name], name)
    return body


def required(body: Mapping[str, Any], names: tuple[str, ...]) -> None:
    """Invalid names the first attribute that is missing or empty."""
    for name in names:
        _want(body.get(name) not in (None, "", [], {}), f"{name} is required")


def patchable(body: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """Invalid names the first attribute that may not be patched."""
    for name in body:
        _want(name in allowed or name.startswith("@"), f"{name} may not be patched")


def kept(body: Mapping[str, Any]) -> dict[str, Any]:
    """The client's attributes, without the company's own and without nulls."""
    return {name: value for name, value in body.items() if name not in OWNED and value is not None}


def traits(body: Mapping[str, Any]) -> dict[str, str]:
    """`characteristic` as a table."""
    rows = body.get("characteristic") or []
    return {str(row.get("name")): str(row["value"]) for row in rows if row.get("value") not in (None, "")}


def entity(body: Mapping[str, Any], kind: str, role: str) -> str:
    """The id of the related entity of that type or role; empty if none."""
    for row in body.get("relatedEntity") or []:
        if row.get("@referredType") == kind or row.get("role") == role:
            return str(row.get("id") or "")
    return ""


def severity(care: Care, body: Mapping[str, Any]) -> None:
    """Invalid unless it is one of the company's words."""
    words = care.words.severities
    if words and "severity" in body:
        _want(body["severity"] in words, f"severity must be one of {', '.join(words)}")


def fault(care: Care, body: Mapping[str, Any], service: str) -> None:
    """What the partner wants before it takes a fault: characteristics, and a test that is fresh and not green."""
    if not service or str(body.get("ticketType")).lower() in NO_FAULT:
        return
    given = traits(body)
    for name in care.words.required:
        _want(name in given, f"characteristic.{name} is required")
    if care.words.test_minutes:
        _tested(care, body, service, given.get("OVERRIDE_REASON", ""))


def _tested(care: Care, body: Mapping[str, Any], service: str, override: str) -> None:
    test = _test(care, body, service)
    code = str(test.extra.get("code")) if test else ""
    if code in care.words.bars:
        about = test.extra.get("problem", "") if test else ""
        raise Refused(409, "KNOWN_INCIDENT", f"the line is part of service problem {about}: follow that one")
    if override and "GREEN" not in care.words.colours:
        return
    if test is None:
        raise Invalid(f"relatedEntity (ServiceTest): a completed test of service {service} is required")
    age = care.house.now() - datetime.fromisoformat(test.last_update)
    most = timedelta(minutes=care.words.test_minutes)
    _want(age <= most, f"relatedEntity (ServiceTest): the test is older than {care.words.test_minutes:g} minutes")
    allowed = CODES[code].colour in care.words.colours
    _want(allowed, "relatedEntity (ServiceTest): the test is GREEN; give OVERRIDE_REASON to raise it all the same")


def _test(care: Care, body: Mapping[str, Any], service: str) -> Case | None:
    named = entity(body, "ServiceTest", "test")
    done = "kind = 'test' AND state = 'completed' AND service = ?"
    if not named:
        return care.case(done, (service,))
    test = care.case(f"{done} AND (id = ? OR external_id = ?)", (service, named, named))
    _want(test is not None, f"relatedEntity (ServiceTest): {named!r} is no completed test of service {service}")
    return test
