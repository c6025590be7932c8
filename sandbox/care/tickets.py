"""TMF621 trouble tickets at a partner: what a call answers, and what happens to a ticket as time passes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sandbox.care import checks, lines, problems, scenarios
from sandbox.care.case import Case
from sandbox.care.desk import Care, Kind
from sandbox.lifecycle import stamp
from sandbox.wire import Answer, Call, Refused, parse, unavailable

WAITING = ("held", "question")
RESOLVED_DAYS, RESOLVED_SECONDS = 10.0, 900.0
CANCEL_DAYS = 0.3


# -- calls
def create(care: Care, call: Call) -> Answer:
    """POST /troubleTicket."""
    body = checks.known(parse(call.body), care.words.longest)
    checks.required(body, ("description", "severity", "ticketType"))
    checks.severity(care, body)
    service = checks.entity(body, "Service", "service") or checks.entity(body, "Product", "product")
    scenario = _scenario(care, body)
    if scenario == "error_5xx" and _refused_first(care, str(body.get("externalId") or "")):
        return unavailable("simulated: try again")
    checks.fault(care, body, service)
    case = Case("ticket", checks.kept(body), external_id=str(body.get("externalId") or ""), service=service)
    case.scenario = scenario
    receive(care, case, body)
    return Answer(201, care.show(case), {"Location": care.href(case)}, case)


def receive(care: Care, case: Case, body: dict[str, Any]) -> None:
    """Take a checked ticket in."""
    care.add(case)
    at = care.house.now()
    case.move(at, "acknowledged")
    case.take_notes(body.get("note") or [], "client", at)
    case.take_files(body.get("attachment") or [])
    next_step(care, case)
    care.tell(case, "Create")


def _scenario(care: Care, body: dict[str, Any]) -> str:
    chance = care.house.rng("ticket", body.get("externalId") or body.get("description"))
    weights = care.store.setting("care_weights") or {}
    return scenarios.wanted(body) or scenarios.drawn(chance, weights)


def _refused_first(care: Care, key: str) -> bool:
    name = f"tt:{key}"
    row = care.store.one("SELECT count FROM refusals WHERE external_id = ?", (name,))
    count = row["count"] if row else 0
    if count >= care.house.partner.habits.error_count:
        return False
    care.store.run("INSERT OR REPLACE INTO refusals VALUES (?, ?)", (name, count + 1))
    return True


def patch(care: Care, call: Call, case: Case) -> Answer:
    """PATCH /troubleTicket/{id}."""
    body = checks.known(parse(call.body), care.words.longest)
    checks.patchable(body, checks.TICKET_OPEN)
    checks.severity(care, body)
    status, at = str(body.get("status") or ""), care.house.now()
    if case.ended:
        raise Refused(409, "TICKET_ENDED", f"troubleTicket {case.id} is {care.words.state(case.state)}")
    case.request.update(checks.kept(body))
    case.external_id = str(case.request.get("externalId") or "")
    case.move(at)
    said = case.take_notes(body.get("note") or [], "client", at)
    case.take_files(body.get("attachment") or [])
    event = moved(care, case, status, str(body.get("statusChangeReason") or ""), said)
    care.tell(case, *event)
    return Answer(200, care.show(case), order=case)


def moved(care: Care, case: Case, status: str, reason: str, said: list[str]) -> tuple[str, ...]:
    """Apply the status that the client asks for, or the answer that it gives; the events of it."""
    if status in ("", care.words.state(case.state)):
        return _answered(care, case) if said and case.state == "question" else ("AttributeValueChange",)
    if status == "inProgress":
        return _again(care, case, reason)
    if status == "closed":
        if case.state != "resolved":
            raise Refused(409, "NOT_RESOLVED", "status: only a resolved ticket can be closed")
        care.stop(case)
        case.move(care.house.now(), "closed", reason)
        return ("StatusChange",)
    if status == "cancelled":
        return _cancel(care, case, reason)
    raise Refused(409, "ILLEGAL_TRANSITION", f"status: from {care.words.state(case.state)} to {status} is ours to say")


def _answered(care: Care, case: Case) -> tuple[str, ...]:
    case.move(care.house.now(), "inProgress", "answered")
    next_step(care, case)
    return ("StatusChange",)


def _again(care: Care, case: Case, reason: str) -> tuple[str, ...]:
    """Re-opened, or answered by a status."""
    if case.state == "question":
        return _answered(care, case)
    if case.state != "resolved":
        raise Refused(409, "ILLEGAL_TRANSITION", f"status: {care.words.state(case.state)} is not resolved")
    care.stop(case)
    case.move(care.house.now(), "reopened", reason or "re-opened by the client")
    for name in ("resolution", "resolutionDate"):
        case.extra.pop(name, None)
    if case.step >= len(scenarios.STEPS[case.scenario]):
        case.kept["again"] = True
    care.start(case, 0.7 * care.house.day, "step")
    return ("StatusChange",)


def _cancel(care: Care, case: Case, reason: str) -> tuple[str, ...]:
    if case.state == "resolved":
        raise Refused(409, "ALREADY_RESOLVED", "status: it is resolved already; close it or re-open it")
    if care.words.weighs_cancel and case.state != "assessingCancellation":
        care.stop(case)
        case.move(care.house.now(), "assessingCancellation", reason)
        care.start(case, CANCEL_DAYS * care.house.day, "cancel")
        return ("StatusChange",)
    care.stop(case)
    case.move(care.house.now(), "cancelled", reason)
    return ("StatusChange",)


# -- time passes
def next_step(care: Care, case: Case) -> None:
    """Wait for the next step of the scenario."""
    steps = scenarios.STEPS[case.scenario]
    if case.step < len(steps):
        care.start(case, steps[case.step][0] * care.house.day, "step")


def ring(care: Care, case: Case, kind: str) -> None:
    """What has come due for a ticket."""
    if case.ended:
        return
    if kind == "step":
        _take_step(care, case)
    elif kind == "cancel":
        case.move(care.house.now(), "cancelled", "cancelled as you asked")
        care.tell(case, "StatusChange")
    elif kind == "autoclose" and case.state == "resolved":
        case.move(care.house.now(), "closed", "nobody objected")
        care.tell(case, "StatusChange")


def _take_step(care: Care, case: Case) -> None:
    steps = scenarios.STEPS[case.scenario]
    again = case.kept.pop("again", False)
    name = "resolve" if again or case.step >= len(steps) else steps[case.step][1]
    case.step += 0 if again else 1
    before = case.state
    events = _EFFECTS[name](care, case)
    same = before == case.state
    care.tell(case, "AttributeValueChange" if same else "StatusChange", *events)
    if case.state not in ("question", "resolved") and not case.ended:
        next_step(care, case)


def _start(care: Care, case: Case) -> tuple[str, ...]:
    case.move(care.house.now(), "inProgress")
    case.extra["expectedResolutionDate"] = stamp(care.house.now() + timedelta(hours=30))
    case.say(care.name, "Taken on by our fault desk; the line is being tested", care.house.now())
    return ()


def _hold(care: Care, case: Case) -> tuple[str, ...]:
    chance = care.house.rng("held", case.number)
    known = [name for name in scenarios.HELD_REASONS if name in care.words.reasons]
    neutral = "UNKNOWN" if case.scenario == "unknown_code" else chance.choice(known)
    text = scenarios.HELD_REASONS.get(neutral, "A cause that is in no list")
    later = care.house.now() + timedelta(hours=chance.choice((24, 36, 48, 72)))
    case.move(care.house.now(), "held", f"{care.words.reasons[neutral]}: {text}")
    case.extra["expectedResolutionDate"] = stamp(later)
    case.say(care.name, text, care.house.now())
    return ()


def _resume(care: Care, case: Case) -> tuple[str, ...]:
    case.move(care.house.now(), "inProgress", "work goes on")
    return ()


def _ask(care: Care, case: Case) -> tuple[str, ...]:
    text = care.house.rng("question", case.number).choice(scenarios.QUESTIONS)
    reason = care.words.reasons["CUSTOMER_UNCONTACTABLE"]
    case.move(care.house.now(), "question", f"{reason}: we need an answer")
    case.say(care.name, text, care.house.now(), informationRequired=True)
    return ("InformationRequired",)


def resolve(care: Care, case: Case, code: str, cause: str, fix: str, chargeable: bool = False) -> tuple[str, ...]:
    """Say that it is fixed, and wait for the client to close it or to re-open it."""
    at = care.house.now()
    case.move(at, "resolved", f"{care.words.codes[code]}: {fix}")
    word = care.words.codes[code]
    case.extra["resolution"] = {"code": word, "cause": cause, "text": fix, "chargeable": chargeable}
    case.extra["resolutionDate"] = stamp(at)
    case.say(care.name, fix, at)
    kept = care.store.setting("care", {}).get("autoclose_seconds")
    wait = kept if kept is not None else max(RESOLVED_DAYS * care.house.day, RESOLVED_SECONDS)
    care.start(case, wait, "autoclose")
    return ("Resolved",)


def _resolve(care: Care, case: Case) -> tuple[str, ...]:
    lines.repair(care.house, case.service)
    return resolve(care, case, *care.house.rng("fix", case.number).choice(scenarios.FIXES))


def _resolve_badly(care: Care, case: Case) -> tuple[str, ...]:
    return resolve(care, case, "network", "Port had locked up", "Port reset from the exchange")


def _right(care: Care, case: Case) -> tuple[str, ...]:
    lines.repair(care.house, case.service)
    return resolve(care, case, "tested", "No fault found", "Right when tested; no work was done", chargeable=True)


def _report(care: Care, case: Case) -> tuple[str, ...]:
    text = f"Light level report (simulated)\nservice {case.service or '-'}\nbefore -29.1 dBm, after -18.2 dBm\n"
    content = b64encode(text.encode()).decode()
    file = {"id": f"{case.id}-1", "name": "light-levels.txt", "mimeType": "text/plain", "content": content}
    case.files.append({**file, "attachmentType": "report", "@type": "AttachmentRefOrValue"})
    return _resolve(care, case)


def _reject(care: Care, case: Case) -> tuple[str, ...]:
    text = "This line is not in our records under this id; check it and raise it again"
    case.move(care.house.now(), "rejected", f"{care.words.reasons['ORDER_DATA_ERROR']}: {text}")
    case.say(care.name, text, care.house.now())
    return ()


def _incident(care: Care, case: Case) -> tuple[str, ...]:
    problem = problems.of_service(care, case.service) or problems.declare(
        care, {"title": "Fibre cut, several streets", "services": [case.service] if case.service else []}
    )
    case.kept["problem"] = problem.id
    case.move(care.house.now(), "held", f"{care.words.reasons['NETWORK_INCOMPLETE']}: known incident {problem.id}")
    ref = {"id": problem.id, "href": care.href(problem), "role": "parent", "@referredType": "ServiceProblem"}
    case.extra["relatedEntity"] = [*case.request.get("relatedEntity", []), ref]
    case.say(care.name, f"Part of service problem {problem.id}", care.house.now())
    return ()


def _incident_over(care: Care, case: Case) -> tuple[str, ...]:
    problem = care.case("kind = 'problem' AND id = ?", (case.kept.get("problem", ""),))
    if problem and not problem.ended and problem.state != "resolved":
        problems.over(care, problem, "Spliced and tested")
    lines.repair(care.house, case.service)
    return resolve(care, case, "incident", "Fibre cut", "The incident is over; the line was tested")


_EFFECTS: dict[str, Callable[[Care, Case], tuple[str, ...]]] = {
    "start": _start,
    "hold": _hold,
    "resume": _resume,
    "ask": _ask,
    "resolve": _resolve,
    "resolve_badly": _resolve_badly,
    "right": _right,
    "report": _report,
    "reject": _reject,
    "incident": _incident,
    "incident_over": _incident_over,
}


# -- on the wire
def show(care: Care, case: Case) -> dict[str, Any]:
    """The ticket in the partner's words."""
    state, last = care.words.state, case.history[-1]
    changes = [
        {
            "status": state(entry["state"]),
            "changeDate": entry["at"],
            "changeReason": entry["reason"],
            "sequence": entry["sequence"],
        }
        for entry in case.history
    ]
    notes = list(case.notes)
    if care.words.shuffled:  # lists inside come in no order
        changes.reverse()
        notes.sort(key=lambda note: str(note["id"])[::-1])
    return {
        **case.request,
        **case.extra,
        "id": case.id,
        "href": care.href(case),
        "status": state(case.state),
        "creationDate": case.created,
        "lastUpdate": case.last_update,
        "statusChangeDate": last["at"],
        "statusChangeReason": last["reason"],
        "statusChange": changes,
        "note": notes,
        "attachment": case.files,
        "sequence": case.sequence,
        "simulated": True,
        "@type": "TroubleTicket",
    }


TICKETS = Kind(
    name="ticket",
    root="tmf-api/troubleTicket/v4",
    resource="troubleTicket",
    prefix="tt",
    event="TroubleTicket",
    status="status",
    show=show,
    ring=ring,
    create=create,
    patch=patch,
)
