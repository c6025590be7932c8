"""A customer's own service desk: TMF621 both ways. It takes what is mirrored to it, and its people act by control."""

from __future__ import annotations

import json
from typing import Any

from sandbox.care import checks, tickets
from sandbox.care.case import Case
from sandbox.care.desk import Care, Kind
from sandbox.lifecycle import stamp
from sandbox.rules import Invalid
from sandbox.wire import Answer, Call, parse

STATES = ("acknowledged", "inProgress", "pending", "held", "resolved", "closed", "cancelled", "rejected")
CALL = "call"  # in the place of a hub: a call of the provider's API


def create(care: Care, call: Call) -> Answer:
    """POST /troubleTicket: a ticket that the provider mirrors here."""
    body = checks.known(parse(call.body))
    checks.required(body, ("description", "severity", "ticketType"))
    service = checks.entity(body, "Service", "service")
    case = Case("ticket", checks.kept(body), external_id=str(body.get("externalId") or ""), service=service)
    care.add(case)
    case.move(care.house.now(), _state(body) or "acknowledged")
    _take(care, case, body)
    care.tell(case, "Create")
    return Answer(201, care.show(case), {"Location": care.href(case)}, case)


def patch(care: Care, call: Call, case: Case) -> Answer:
    """PATCH /troubleTicket/{id}: the provider knows its tickets best, so every status is taken."""
    body = checks.known(parse(call.body))
    checks.patchable(body, checks.TICKET_OPEN)
    before = case.state
    case.request.update(checks.kept(body))
    case.external_id = str(case.request.get("externalId") or "")
    case.move(care.house.now(), _state(body), str(body.get("statusChangeReason") or ""))
    _take(care, case, body)
    care.tell(case, "StatusChange" if case.state != before else "AttributeValueChange")
    return Answer(200, care.show(case), order=case)


def _state(body: dict[str, Any]) -> str:
    status = str(body.get("status") or "")
    if status and status not in STATES:
        raise Invalid(f"status must be one of {', '.join(STATES)}")
    return status


def _take(care: Care, case: Case, body: dict[str, Any]) -> None:
    case.take_notes(body.get("note") or [], "provider", care.house.now())
    case.take_files(body.get("attachment") or [])
    if case.state == "resolved" and "resolutionDate" not in case.extra:
        case.extra["resolutionDate"] = stamp(care.house.now())


def ring(care: Care, case: Case, kind: str) -> None:
    """Nothing happens here by itself."""


# -- its people
def act(care: Care, body: dict[str, Any]) -> Any:
    """A control call: connect, raise, note, status. Invalid names what is wrong."""
    does = {"connect": _connect, "raise": _raise, "note": _note, "status": _status}
    name = body.get("act")
    if name not in does:
        raise Invalid(f"act must be one of {', '.join(does)}")
    with care.store.transaction():
        return does[name](care, body)


def _connect(care: Care, body: dict[str, Any]) -> dict[str, Any]:
    care.store.set("provider", {"url": str(body.get("url") or "").rstrip("/"), "token": str(body.get("token") or "")})
    return {"connected": bool(body.get("url"))}


def _raise(care: Care, body: dict[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {
        "name": str(body.get("title") or "Internet does not work"),
        "description": str(body.get("text") or body.get("title") or "Internet does not work"),
        "severity": str(body.get("severity") or "significant"),
        "ticketType": str(body.get("type") or "fault"),
    }
    service = str(body.get("service") or "")
    if service:
        request["relatedEntity"] = [{"id": service, "role": "service", "@referredType": "Service"}]
    case = care.add(Case("ticket", request, service=service))
    case.kept["own"] = True
    case.move(care.house.now(), "acknowledged")
    care.tell(case, "Create")
    _call(care, case, "POST", {**request, "externalId": case.id, "@type": "TroubleTicket"})
    return care.show(case)


def _own(care: Care, body: dict[str, Any]) -> Case:
    case = care.case("kind = 'ticket' AND id = ?", (str(body.get("id") or ""),))
    if case is None:
        raise Invalid("id names no ticket here")
    return case


def _note(care: Care, body: dict[str, Any]) -> dict[str, Any]:
    case = _own(care, body)
    author, text = str(body.get("author") or "Nia Northcott"), str(body.get("text") or "")
    if not text:
        raise Invalid("text is required")
    case.move(care.house.now())
    case.say(author, text, care.house.now())
    care.tell(case, "AttributeValueChange")
    _call(care, case, "PATCH", {"note": [{"id": case.notes[-1]["id"], "author": author, "text": text}]})
    return care.show(case)


def _status(care: Care, body: dict[str, Any]) -> dict[str, Any]:
    case, status, text = _own(care, body), _state(body), str(body.get("text") or "")
    if not status:
        raise Invalid("status is required")
    case.move(care.house.now(), status, text)
    care.tell(case, "StatusChange")
    _call(care, case, "PATCH", {"status": status, **({"statusChangeReason": text} if text else {})})
    return care.show(case)


def _call(care: Care, case: Case, method: str, body: dict[str, Any]) -> None:
    """Have the provider's API called, if it is known; only about tickets that were raised here."""
    if not care.store.setting("provider", {}).get("url") or not case.kept.get("own"):
        return
    number = care.store.one("SELECT count(*) AS n FROM case_news WHERE number = ?", (case.number,))
    event_id = f"call-{case.id}-{(number['n'] if number else 0) + 1}"
    care.queue(case, event_id, method, CALL, json.dumps(body))


def called(care: Care, number: int, status: int, found: Any) -> None:
    """What the provider answered to a POST: its id is kept at the ticket."""
    case = care.case("number = ?", (number,))
    if case is None or not 200 <= status < 300 or not isinstance(found, dict) or not found.get("id"):
        return
    case.kept["theirs"] = str(found["id"])
    case.request["externalId"] = case.external_id = str(found["id"])
    care.save(case)


SERVICE_DESK = Kind(
    name="ticket",
    root=tickets.TICKETS.root,
    resource="troubleTicket",
    prefix="tt",
    event="TroubleTicket",
    status="status",
    show=tickets.show,
    ring=ring,
    create=create,
    patch=patch,
)
