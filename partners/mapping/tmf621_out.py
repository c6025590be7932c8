"""Our fault as a TMF621 v4 request body, and an outage as a parent ticket. The connector chooses the call by the verb.

TMF621 v4 has no place for structured answers: they go as `characteristic`, an attribute beside the standard's.
"""

from datetime import UTC, datetime
from typing import Any

from partners.mapping.base import Unmappable
from partners.mapping.canonical_faults import OutboundProblem, OutboundTicket
from partners.mapping.tmf621_words import FaultDialect

KEY_LIMIT = 100
TEXT_LIMIT = 4000


def stamp(moment: datetime) -> str:
    """A time as the standard writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ticket(verb: str, given: OutboundTicket, dialect: FaultDialect) -> dict[str, Any]:
    """The body of one verb. Raises Unmappable for a verb that TMF621 has no place for."""
    makers = {
        "create": create, "note": note, "answer": note, "cancel": state_change, "close": state_change,
        "reopen": state_change, "status": state_change, "attach": attach,
    }  # fmt: skip
    if verb not in makers:
        raise Unmappable(f"TMF621 has no way to {verb!r} a ticket")
    return makers[verb](verb, given, dialect)


def create(verb: str, given: OutboundTicket, dialect: FaultDialect) -> dict[str, Any]:
    """POST troubleTicket."""
    made: dict[str, Any] = {
        "externalId": key(given.our_key),
        "name": limited("name", given.title, dialect, cut=200),
        "description": limited("description", described(given), dialect),
        "ticketType": dialect.ticket_type,
        "severity": dialect.severities.get(given.severity, given.severity or "moderate"),
        "priority": str(given.priority),
        "relatedEntity": _entities(given),
        "characteristic": _characteristics(given, dialect),
        "note": opening_notes(given),
        "@type": "TroubleTicket",
    }
    if given.parent_id:
        made["troubleTicketRelationship"] = [{"id": given.parent_id, "relationshipType": "isChild"}]
    return {name: value for name, value in made.items() if value not in ("", [])}


def key(our_key: str) -> str:
    """Our key, where it fits. Raises Unmappable."""
    if len(our_key) > KEY_LIMIT:
        raise Unmappable(f"externalId: at most {KEY_LIMIT} characters")
    return our_key


def limited(name: str, text: str, dialect: FaultDialect, cut: int = TEXT_LIMIT) -> str:
    """The text, refused where the partner's own limit is shorter. Raises Unmappable naming the attribute."""
    most = dialect.limits.get(name, 0)
    if most and len(text) > most:
        raise Unmappable(f"{name}: this partner takes at most {most} characters")
    return text[:cut]


def described(given: OutboundTicket) -> str:
    """The description; towards simulated partners with the scenario's marker."""
    text = given.description or given.title
    return f"{text} [scenario:{given.scenario}]" if given.simulated and given.scenario else text


def _entities(given: OutboundTicket) -> list[dict[str, str]]:
    made = []
    if given.service_ref:
        made.append({"id": given.service_ref, "role": "service", "name": given.product, "@referredType": "Service"})
    if given.test.get("id"):
        words = f"{given.test.get('colour', '')} {given.test.get('code', '')}".strip()
        made.append({"id": given.test["id"], "role": "serviceTest", "name": words, "@referredType": "ServiceTest"})
    if given.postcode:
        known = given.postcode.replace(" ", "") in given.address.replace(" ", "")
        place = given.address if known else ", ".join(part for part in (given.address, given.postcode) if part)
        made.append({"id": given.postcode, "role": "place", "name": place, "@referredType": "GeographicAddress"})
    return [{name: value for name, value in row.items() if value} for row in made]


def _characteristics(given: OutboundTicket, dialect: FaultDialect) -> list[dict[str, str]]:
    rows = {**given.characteristics, "OBSERVED_IMPACT": given.impact}
    for name, moment in (("OCCURRED_AT", given.occurred_at), ("LAST_WORKED", given.last_worked_at)):
        if moment and not rows.get(name):
            rows[name] = stamp(moment)
    if given.test.get("at"):
        rows["TEST_AT"] = given.test["at"]
    made = [(name, limited(name, str(value), dialect)) for name, value in rows.items() if value not in ("", None)]
    return [{"name": name, "value": value} for name, value in made]


def opening_notes(given: OutboundTicket) -> list[dict[str, str]]:
    """Whom to call and how to get in: TMF621 has no attributes for them."""
    parts = [part for part in (given.contact_name, given.contact_phone, given.contact_email) if part]
    contact = f"Site contact: {', '.join(parts)}" if parts else ""
    access = f"Access: {given.access_notes}" if given.access_notes else ""
    return [{"text": text[:TEXT_LIMIT]} for text in (contact, access) if text]


def note_rows(given: OutboundTicket | OutboundProblem, text: str) -> list[dict[str, str]]:
    """One note under our stable id, so that its echo is known as ours; none where there is no text."""
    author = (given.author if isinstance(given, OutboundTicket) else "") or given.provider_name
    row = {"id": given.note_key, "author": author, "text": text[:TEXT_LIMIT]}
    return [{name: value for name, value in row.items() if value}] if text else []


def note(verb: str, given: OutboundTicket, dialect: FaultDialect) -> dict[str, Any]:
    """PATCH with a note: what is listed is added. The same for the answer to what the partner asked."""
    rows = note_rows(given, given.text)
    if not rows:
        raise Unmappable(f"{verb}: there is no text to send")
    return {"note": rows}


MOVES = {"cancel": "cancelled", "close": "closed", "reopen": "in_progress"}
USUAL = {"cancel": "No longer required", "close": "Confirmed: it works again", "reopen": "The fault is still there"}


def state_change(verb: str, given: OutboundTicket, dialect: FaultDialect) -> dict[str, Any]:
    """PATCH with a status and why."""
    wanted = MOVES.get(verb) or given.state
    if wanted not in dialect.our_states:
        raise Unmappable(f"{verb}: there is no word for the state {wanted or 'that was not given'}")
    parts = [given.text or USUAL.get(verb, "")]
    parts += [f"{name}: {value}" for name, value in (("Fix", given.fix), ("Cause", given.cause)) if value]
    why = ". ".join(part.rstrip(".") for part in parts if part)
    code = f"{given.clear_code}: " if given.clear_code else ""
    made: dict[str, Any] = {"status": dialect.our_states[wanted]}
    if code or why:
        made["statusChangeReason"] = f"{code}{why}"[:TEXT_LIMIT]
    return made


def attach(verb: str, given: OutboundTicket, dialect: FaultDialect) -> dict[str, Any]:
    """PATCH with a file."""
    file = given.attachment
    if not file.get("name") or not file.get("base64"):
        raise Unmappable("attach: there is no file to send")
    row = {"name": file["name"], "mimeType": file.get("content_type", ""), "content": file["base64"]}
    if given.note_key:
        row["id"] = given.note_key
    return {"attachment": [row]}


def parent(verb: str, given: OutboundProblem, dialect: FaultDialect) -> dict[str, Any]:
    """An outage as the parent ticket of a party that speaks TMF621 only."""
    if verb == "create":
        return _parent_created(given, dialect)
    if verb == "note":
        if not given.text:
            raise Unmappable("note: there is no text to send")
        return {"note": note_rows(given, given.text), **_expected(given)}
    wanted = {"clear": "resolved", "cancel": "cancelled", "close": "closed"}.get(verb)
    if wanted is None:
        raise Unmappable(f"TMF621 has no way to {verb!r} an outage")
    made: dict[str, Any] = {"status": dialect.our_states[wanted]}
    if given.text:
        made["statusChangeReason"] = given.text[:TEXT_LIMIT]
    return made


def _parent_created(given: OutboundProblem, dialect: FaultDialect) -> dict[str, Any]:
    made: dict[str, Any] = {
        "externalId": key(given.our_key),
        "name": given.title[:200],
        "description": limited("description", given.text or given.title, dialect),
        "ticketType": "plannedWork" if given.planned else "outage",
        "severity": dialect.severities.get(given.severity, given.severity),
        "relatedEntity": [
            *({"id": ref, "role": "affectedService", "@referredType": "Service"} for ref in given.service_refs),
            *({"id": code, "role": "affectedPlace", "@referredType": "GeographicArea"} for code in given.postcodes),
        ],
        "@type": "TroubleTicket",
        **_expected(given),
    }
    return {name: value for name, value in made.items() if value not in ("", [])}


def _expected(given: OutboundProblem) -> dict[str, str]:
    return {"expectedResolutionDate": stamp(given.expected_at)} if given.expected_at else {}
