"""A serviceProblem of another system, read into one neutral form. Names of the standard end here."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ofx.core.models import User
from ofx.orders.models import ServiceRecord
from ofx.tmf.inquiry.reading import member, members, notes, text, when
from ofx.tmf.rest.dates import moment
from ofx.tmf.rest.errors import invalid
from ofx.tmf.sent import digest_of
from ofx.tmf.service_problem.words import is_planned, place_key, resource_key
from ofx.tmf.trouble_ticket.words import IMPACTS, severity_of, squeezed
from partners.models import Operator

Json = dict[str, Any]
REQUIRED = ("category", "description", "originatorParty", "priority", "reason")
KEPT = {"category": 80, "description": 2000, "reason": 300, "originatingSystem": 120, "problemEscalation": 60}
MOST = 500


@dataclass
class Wish:
    """What was sent. `given` is kept; `values` are arguments of the outage's action."""

    external_id: str = ""
    title: str = ""
    description: str = ""
    keys: list[tuple[str, str]] = field(default_factory=list)
    operator: str = ""
    status: str = ""
    reason: str = ""
    notes: list[Json] = field(default_factory=list)
    values: Json = field(default_factory=dict)
    given: Json = field(default_factory=dict)
    digest: str = ""


def read(body: Json) -> Wish:
    """A body of POST serviceProblem. Raises ValidationError naming the attribute."""
    for name in REQUIRED:
        if body.get(name) in (None, "", {}):
            raise invalid(name, "This attribute is required.")
    wish = read_part(body)
    wish.digest = digest_of(body)
    if wish.status not in ("", "acknowledged"):
        raise invalid("status", "A new problem is acknowledged; PATCH moves it on.")
    return wish


def read_part(body: Json) -> Wish:
    """Any part of a serviceProblem. Raises ValidationError naming the attribute."""
    traits = _traits(body)
    given: Json = {name: found for name, most in KEPT.items() if (found := text(body, name, most))}
    if body.get("originatorParty"):
        given["originatorParty"] = _party(body)
    description = text(body, "description", 2000)
    identifiers = [text(one, "id", 80, "externalIdentifier.") for one in members(body, "externalIdentifier")]
    return Wish(
        external_id=next((one for one in identifiers if one), ""),
        title=text(body, "name", 160) or (description.splitlines()[0][:160] if description else ""),
        description=description,
        keys=_keys(body),
        operator=_operator(body),
        status=text(body, "status", 40),
        reason=text(body, "statusChangeReason", 300),
        notes=notes(body),
        values=_values(body, traits, given.get("category", "")),
        given=given,
    )


def _values(body: Json, traits: dict[str, str], category: str) -> Json:
    """How bad it is, and its times."""
    priority = body.get("priority")
    if priority is not None and (isinstance(priority, bool) or not isinstance(priority, int)):
        raise invalid("priority", "A whole number is expected.")
    urgent = {1: "extensive", 2: "significant", 3: "moderate", 4: "minor"}.get(priority or 0, "")
    factor = text(body, "impactImportanceFactor", 60)
    said = traits.get("severity") or factor
    found: Json = {
        "severity": severity_of(said) if said else urgent or "significant",
        "impact": IMPACTS.get(squeezed(traits.get("impact")), "down"),
        "planned": is_planned(category),
    }
    for name, column in TIMES.items():
        if traits.get(name):
            found[column] = _moment(traits[name], name)
    return found


TIMES = {
    "startDate": "started_at",
    "expectedResolutionDate": "expected_at",
    "windowStart": "window_start",
    "windowEnd": "window_end",
}


def _moment(value: str, name: str) -> datetime:
    try:
        return moment(when({name: value}, name))
    except ValueError as error:
        raise invalid("characteristic", f"{name}: {error}") from error


def _traits(body: Json) -> dict[str, str]:
    found = {}
    for one in members(body, "characteristic"):
        name, value = text(one, "name", 60, "characteristic."), one.get("value")
        if name and isinstance(value, str | int | float):
            found[name] = str(value)[:300]
    return found


def _ref(one: Json, path: str) -> dict[str, str]:
    found = {name: text(one, name, 120, path) for name in ("id", "name")}
    return {**found, "kind": text(one, "@referredType", 80, path)}


def _keys(body: Json) -> list[tuple[str, str]]:
    """What is affected: services, places, equipment."""
    found = [("service", _ref(one, "affectedService.")["id"]) for one in members(body, "affectedService", MOST)]
    found += [place_key(_ref(one, "affectedLocation.")) for one in members(body, "affectedLocation", MOST)]
    found += [resource_key(_ref(one, "affectedResource.")) for one in members(body, "affectedResource", MOST)]
    return list(dict.fromkeys(found))


def _operator(body: Json) -> str:
    """The operator that is named as the one who must mend it."""
    named = [member(body, "responsibleParty"), *members(body, "relatedParty")]
    for number, one in enumerate(named):
        role = squeezed(one.get("role"))
        if one and (number == 0 or role in ("supplier", "operator", "partner", "responsible")):
            return text(one, "id", 80, "relatedParty.")
    return ""


def _party(body: Json) -> Json:
    one, path = member(body, "originatorParty"), "originatorParty."
    found = {name: text(one, name, 120, path) for name in ("id", "name", "role")}
    found["id"] = found["id"] or found["name"] or "unknown"
    kind = text(one, "@referredType", 80, path) or "Organization"
    return {**found, "name": found["name"] if kind == "Organization" else "", "kind": kind}


def operator_of(wish: Wish, actor: User) -> Operator | None:
    """The operator of the scope: as it is named, else that of the services. Raises ValidationError."""
    rows = Operator.objects.visible_to(actor)
    if wish.operator:
        found = rows.filter(code=wish.operator).first() or rows.filter(name__iexact=wish.operator).first()
        if found:
            return found
    names = [value for kind, value in wish.keys if kind == "service"]
    services = ServiceRecord.objects.visible_to(actor).filter(reference__in=names).select_related("operator")
    known = {row.reference: row.operator for row in services}
    strange = [name for name in names if name not in known]
    if strange:
        raise invalid("affectedService", f"You have no service {strange[0][:60]!r}.")
    return next(iter(known.values())) if len(set(known.values())) == 1 else None
