"""TMF656 service problems: those that we tell the partner, and the partner's own outages and planned works."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sandbox.care import checks, lines
from sandbox.care.case import Case
from sandbox.care.desk import Care, Kind
from sandbox.lifecycle import stamp
from sandbox.rules import Invalid
from sandbox.wire import Answer, Call, Refused, parse

STATES = ("inProgress", "held", "pending", "resolved", "closed", "cancelled")
START_DAYS = 0.3


# -- ours
def create(care: Care, call: Call) -> Answer:
    """POST /serviceProblem."""
    body = checks.known(parse(call.body), 4000)
    checks.required(body, ("category", "priority", "description", "reason", "originatorParty"))
    if isinstance(body["priority"], bool) or not isinstance(body["priority"], int):
        raise Invalid("priority must be a whole number")
    case = Case("problem", checks.kept(body), external_id=_key(body))
    care.add(case)
    case.move(care.house.now(), "acknowledged")
    case.take_notes(body.get("note") or [], "client", care.house.now())
    care.start(case, START_DAYS * care.house.day, "start")
    care.tell(case, "Create")
    return Answer(201, care.show(case), {"Location": care.href(case)}, case)


def _key(body: dict[str, Any]) -> str:
    rows = body.get("externalIdentifier") or [{}]
    return str(body.get("externalId") or rows[0].get("id") or "")


def patch(care: Care, call: Call, case: Case) -> Answer:
    """PATCH /serviceProblem/{id}."""
    body = checks.known(parse(call.body), 4000)
    checks.patchable(body, checks.PROBLEM_OPEN)
    status = str(body.get("status") or "")
    if case.state in ("closed", "cancelled", "rejected"):
        raise Refused(409, "PROBLEM_ENDED", f"serviceProblem {case.id} is {case.state}")
    if status and status not in STATES:
        raise Invalid(f"status must be one of {', '.join(STATES)}")
    if status and case.kept.get("own"):
        raise Refused(409, "NOT_YOURS", "status: this problem is ours; only we end it")
    if status == "closed" and case.state != "resolved":
        raise Refused(409, "NOT_RESOLVED", "status: only a resolved problem can be closed")
    before = case.state
    case.request.update(checks.kept(body))
    case.external_id = _key(case.request) or case.external_id
    case.move(care.house.now(), status, str(body.get("statusChangeReason") or ""))
    case.take_notes(body.get("note") or [], "client", care.house.now())
    care.tell(case, "StateChange" if case.state != before else "AttributeValueChange")
    return Answer(200, care.show(case), order=case)


def ring(care: Care, case: Case, kind: str) -> None:
    """The partner looks at ours; planned works begin and end by themselves."""
    if kind == "start" and case.state == "acknowledged":
        case.move(care.house.now(), "inProgress")
        case.say(care.name, f"Linked to our record {case.id}", care.house.now())
        care.tell(case, "StateChange")
    elif kind == "window" and case.state == "acknowledged":
        case.move(care.house.now(), "inProgress", "the works have begun")
        _trait(case, "plannedStatus", "IN-PROCESS")
        care.tell(case, "StateChange")
    elif kind == "window_over" and not case.ended and case.state != "resolved":
        over(care, case, "the works are done")


# -- the partner's own
def declare(care: Care, about: dict[str, Any]) -> Case:
    """An outage or planned works of the partner; its services test as a known incident. Invalid names what is wrong."""
    planned = bool(about.get("planned"))
    start = _moment(about, "start") or care.house.now()
    hours = float(about.get("hours") or 4)
    end = _moment(about, "end") or start + timedelta(hours=hours)
    title = str(about.get("title") or ("Planned works" if planned else "Loss of service"))
    services = [str(service) for service in about.get("services") or []]
    request = {
        "name": title,
        "description": str(about.get("text") or title),
        "category": "supplier.plannedWorks" if planned else "supplier.outage",
        "priority": 2 if planned else 1,
        "reason": "planned works" if planned else "network fault",
        "impactImportanceFactor": "70",
        "affectedNumberOfServices": int(about.get("affected") or len(services)),
        "affectedService": [{"id": service} for service in services],
        "affectedLocation": [_area(sector) for sector in about.get("sectors") or []],
        "originatorParty": {"id": care.house.partner.id, "name": care.name, "role": "originator",
                            "@referredType": "Organization"},
    }  # fmt: skip
    case = care.add(Case("problem", request))
    case.kept.update(own=True, planned=planned)
    for name, value in (("planned", planned), ("startDate", stamp(start)), ("expectedResolutionDate", stamp(end))):
        _trait(case, name, value)
    if planned:
        _trait(case, "plannedStatus", "CONFIRMED")
        now = care.house.now()
        care.start(case, max(0.0, (start - now).total_seconds()), "window")
        care.start(case, max(0.0, (end - now).total_seconds()), "window_over")
    case.move(care.house.now(), "acknowledged" if planned else "inProgress")
    if not planned:
        for service in services:
            lines.put(care.house, service, "KNOWN_INCIDENT", problem=case.id)
    care.tell(case, "Create")
    return case


def _area(sector: Any) -> dict[str, str]:
    name = str(sector)
    return {"id": name, "role": "affectedArea", "name": name, "@referredType": "PostcodeSector"}


def _moment(about: dict[str, Any], name: str) -> datetime | None:
    text = about.get(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise Invalid(f"{name} must be an ISO 8601 date-time with its zone") from None
    if found.tzinfo is None:
        raise Invalid(f"{name} must carry a zone, such as Z")
    return found


def _trait(case: Case, name: str, value: Any) -> None:
    rows = [row for row in case.request.get("characteristic") or [] if row.get("name") != name]
    case.request["characteristic"] = [*rows, {"name": name, "value": value}]


def update(care: Care, case: Case, about: dict[str, Any]) -> None:
    """News of an outage that goes on."""
    case.move(care.house.now())
    if about.get("text"):
        case.say(care.name, str(about["text"]), care.house.now())
    if about.get("hours"):
        _trait(case, "expectedResolutionDate", stamp(care.house.now() + timedelta(hours=float(about["hours"]))))
    care.tell(case, "AttributeValueChange")


def over(care: Care, case: Case, text: str, still_down: tuple[str, ...] = ()) -> None:
    """It is over; its lines work again, but those that are named."""
    at = care.house.now()
    case.move(at, "resolved", text)
    case.extra["resolutionDate"] = stamp(at)
    _trait(case, "endDate", stamp(at))
    if case.kept.get("planned"):
        _trait(case, "plannedStatus", "COMPLETED")
    for ref in case.request.get("affectedService") or []:
        service = str(ref.get("id"))
        if lines.condition(care.house, service).get("problem") == case.id:
            lines.put(care.house, service, "ONT_NO_LIGHT" if service in still_down else "LINE_OK")
    care.tell(case, "StateChange")


def of_service(care: Care, service: str) -> Case | None:
    """The open outage that the line is known to be part of."""
    ident = lines.condition(care.house, service).get("problem", "")
    return care.case("kind = 'problem' AND id = ? AND state = 'inProgress'", (ident,)) if ident else None


def show(care: Care, case: Case) -> dict[str, Any]:
    """The problem on the wire."""
    last = case.history[-1]
    return {
        **case.request,
        **case.extra,
        "id": case.id,
        "href": care.href(case),
        "status": case.state,
        "creationDate": case.created,
        "lastUpdate": case.last_update,
        "statusChangeDate": last["at"],
        "statusChangeReason": last["reason"],
        "statusChange": [
            {
                "status": entry["state"],
                "changeDate": entry["at"],
                "changeReason": entry["reason"],
                "sequence": entry["sequence"],
            }
            for entry in case.history
        ],
        "note": case.notes,
        "originatingSystem": case.request.get("originatingSystem") or care.house.partner.id,
        "sequence": case.sequence,
        "simulated": True,
        "@type": "ServiceProblem",
    }


PROBLEMS = Kind(
    name="problem",
    root="tmf-api/serviceProblemManagement/v4",
    resource="serviceProblem",
    prefix="sp",
    event="ServiceProblem",
    status="status",
    show=show,
    ring=ring,
    create=create,
    patch=patch,
)
