"""Our outage as a TMF656 v4 request body."""

from typing import Any

from partners.mapping.base import Unmappable
from partners.mapping.canonical_faults import OutboundProblem
from partners.mapping.tmf621_out import TEXT_LIMIT, key, limited, note_rows, stamp
from partners.mapping.tmf621_words import FaultDialect

OWNER = "ofx"  # of our key among the partner's external identifiers
PRIORITIES = {"extensive": 1, "significant": 3, "moderate": 5, "minor": 8}  # TMF656: 1 highest to 10 lowest
IMPORTANCE = {"down": "100", "intermittent": "50", "degraded": "30"}
MOVES = {"clear": "resolved", "cancel": "cancelled", "close": "closed"}


def problem(verb: str, given: OutboundProblem, dialect: FaultDialect) -> dict[str, Any]:
    """The body of one verb: create (POST), note, clear, cancel, close (PATCH). Raises Unmappable."""
    if verb == "create":
        return _created(given, dialect)
    if verb == "note":
        if not given.text:
            raise Unmappable("note: there is no text to send")
        return {"note": note_rows(given, given.text), "characteristic": _characteristics(given)}
    if verb not in MOVES:
        raise Unmappable(f"TMF656 has no way to {verb!r} a problem")
    made: dict[str, Any] = {"status": dialect.our_states[MOVES[verb]]}
    if given.text:
        made["statusChangeReason"] = given.text[:TEXT_LIMIT]
    if verb == "clear" and given.ended_at:
        made["resolutionDate"] = stamp(given.ended_at)
    return made


def _created(given: OutboundProblem, dialect: FaultDialect) -> dict[str, Any]:
    text = limited("description", given.text or given.title, dialect)
    marker = f" [scenario:{given.scenario}]" if given.simulated and given.scenario else ""
    made: dict[str, Any] = {
        "name": given.title[:200],
        "category": "plannedWork" if given.planned else "outage",
        "description": f"{text}{marker}",
        "reason": "Planned work" if given.planned else "Unknown",
        "priority": PRIORITIES.get(given.severity, 5),
        "impactImportanceFactor": IMPORTANCE.get(given.impact, "100"),
        "affectedNumberOfServices": given.affected,
        "originatorParty": {
            "id": OWNER,
            "name": given.provider_name or OWNER,
            "role": "originator",
            "@referredType": "Organization",
        },
        "externalIdentifier": [{"id": key(given.our_key), "owner": OWNER, "externalIdentifierType": "serviceProblem"}],
        "affectedService": [{"id": ref, "@referredType": "Service"} for ref in given.service_refs],
        "affectedLocation": [
            {"id": code, "name": code, "role": "affectedArea", "@referredType": "GeographicArea"}
            for code in given.postcodes
        ],
        "characteristic": _characteristics(given),
        "@type": "ServiceProblem",
    }
    return {name: value for name, value in made.items() if value not in ("", [])}


def _characteristics(given: OutboundProblem) -> list[dict[str, str]]:
    """Times that TMF656 has no attribute for."""
    moments = {"startDateTime": given.started_at, "expectedResolutionDate": given.expected_at}
    rows = [(name, stamp(moment)) for name, moment in moments.items() if moment]
    return [{"name": name, "valueType": "dateTime", "value": value} for name, value in rows]
