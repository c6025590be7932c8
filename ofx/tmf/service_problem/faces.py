"""serviceProblem as v4 writes it: for the provider the whole, for a customer its own part of it."""

from collections.abc import Mapping
from typing import Any, Literal

from ofx.tmf.inventory.faces import PRODUCT
from ofx.tmf.places import address_id
from ofx.tmf.rest.columns import Moment, Text, Words
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.face import Face, reference
from ofx.tmf.service_problem.words import API, OURS, STATUS
from ofx.tmf.trouble_ticket.faces import TICKET
from ofx.tmf.trouble_ticket.writing import note, party
from ticketing.models import Outage
from ticketing.tickets.vocabulary import PRIORITY, Severity

Viewer = Literal["provider", "customer"]
Json = dict[str, Any]
SHOWN = 200  # services and tickets of one problem; affectedNumberOfServices counts all


def given_of(row: Outage) -> Json:
    """What the caller's system sent; empty for an outage that we know otherwise, and for another customer."""
    found: Json = row.buyer_problem.given if reported_by_reader(row) else {}  # type: ignore[attr-defined]
    return found


def reported_by_reader(row: Outage) -> bool:
    """Whether a caller's system sent it, and what it said is for the reader: of customers (`reader_id`) only itself."""
    reader = getattr(row, "reader_id", None)
    sent = getattr(row, "buyer_problem", None)
    return sent is not None and reader in (None, sent.organisation_id)


def category(row: Outage) -> str:
    """The caller's word, else ours."""
    return str(given_of(row).get("category") or ("plannedWork" if row.planned else "outage"))


def changed_at(row: Outage) -> Any:
    """When it came into its state."""
    return {
        "open": row.approved_at,
        "clearing": row.cleared_at,
        "cleared": row.cleared_at,
        "closed": row.closed_at,
        "rejected": row.closed_at,
    }.get(row.state) or row.created_at


def services(row: Outage) -> list[Json] | None:
    """affectedService: those named in the scope, then those that were found."""
    named = [key.value for key in row.keys.all() if key.kind == "service"]
    found = list(dict.fromkeys([*getattr(row, "found_services", []), *named]))[:SHOWN]
    return [{**reference(one, "Product", PRODUCT.href(one)), "@type": "ServiceRef"} for one in found] or None


def tickets(row: Outage) -> list[Json] | None:
    """troubleTicket: the faults that were reported."""
    href = TICKET["provider"]["v4"].href
    found = [reference(one, "TroubleTicket", href(one)) for one in getattr(row, "found_tickets", [])]
    return [{**one, "@type": "TroubleTicketRef"} for one in found] or None


def locations(row: Outage) -> list[Json] | None:
    """affectedLocation: postcodes and sectors of the scope."""
    found = []
    for key in row.keys.all():
        if key.kind in ("postcode", "sector"):
            kind = "GeographicAddress" if key.kind == "postcode" else "PostcodeSector"
            identifier = address_id("GB", key.value) if key.kind == "postcode" else key.value
            role = {"role": "affected", "@referredType": kind, "@type": "RelatedPlace"}
            found.append({"id": identifier, "name": key.value, **role})
    return found or None


def problem_ref(row: Outage) -> Json:
    """A reference to another problem."""
    made = reference(row.reference, "ServiceProblem", PROBLEM["provider"].href(row.reference), name=row.title)
    return {**made, "@type": "ServiceProblemRef"}


class ProblemFace(Face):
    """ServiceProblem."""

    type, api, name = "ServiceProblem", API, "serviceProblem"
    columns: Mapping[str, Text] = {
        "id": Text("reference"),
        "name": Text("title"),
        "creationDate": Moment("created_at"),
        "resolutionDate": Moment("cleared_at"),
        "status": Words("state", OURS),
        "externalIdentifier.id": Text("external_id"),
    }

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.attributes = {
            "name": lambda row: row.title,
            "description": self.description,
            "category": category,
            "priority": lambda row: PRIORITY[row.severity, row.impact],
            "impactImportanceFactor": lambda row: row.severity,
            "reason": self.reason,
            "originatingSystem": lambda row: given_of(row).get("originatingSystem") or "OFX",
            "problemEscalation": lambda row: given_of(row).get("problemEscalation") or None,
            "status": lambda row: STATUS[row.state],
            "statusChangeDate": lambda row: stamp(changed_at(row)),
            "statusChangeReason": self.change_reason,
            "creationDate": lambda row: stamp(row.created_at),
            "lastUpdate": lambda row: stamp(max([changed_at(row), *(one.at for one in row.updates.all())])),
            "resolutionDate": lambda row: stamp(row.cleared_at),
            "affectedNumberOfServices": lambda row: getattr(row, "affected_count", 0),
            "affectedService": services,
            "affectedLocation": locations,
            "affectedResource": self.resources,
            "characteristic": self.characteristics,
            "externalIdentifier": self.external,
            "note": self.notes,
            "originatorParty": self.originator,
            "responsibleParty": self.responsible,
            "relatedParty": self.parties,
            "parentProblem": self.parent,
            "underlyingProblem": self.children,
            "troubleTicket": tickets,
            **dict.fromkeys(
                ("firstAlert", "impactPattern", "relatedEntity", "relatedEvent", "rootCauseResource",
                 "rootCauseService", "slaViolation", "trackingRecord", "underlyingAlarm")
            ),
        }  # fmt: skip

    def identify(self, row: Outage) -> str:
        """The outage's reference."""
        return row.reference

    @property
    def own(self) -> bool:
        """Whether the provider reads it."""
        return self.viewer == "provider"

    def description(self, row: Outage) -> str:
        """What customers read; for the provider what was said to us where nothing was written for them yet."""
        reported = str(given_of(row).get("description") or "")
        return row.public_text or (row.internal_text if self.own else "") or reported or row.title

    def reason(self, row: Outage) -> str | None:
        """The cause, where it is known."""
        return row.cause or str(given_of(row).get("reason") or "") or None

    def change_reason(self, row: Outage) -> str | None:
        """Why it was rejected or opened again."""
        return (row.reason or None) if self.own or row.state == "rejected" else None

    def resources(self, row: Outage) -> list[Json] | None:
        """affectedResource: the equipment of the scope."""
        kinds = {"olt": "OLT", "exchange": "Exchange", "handover": "Handover"}
        found = [
            {"id": key.value, "name": key.value, "@referredType": kinds[key.kind], "@type": "ResourceRef"}
            for key in row.keys.all()
            if key.kind in kinds
        ]
        return (found or None) if self.own else None

    def characteristics(self, row: Outage) -> list[Json] | None:
        """What the standard has no attribute for."""
        values: Json = {
            "impact": row.impact,
            "severity": row.severity,
            "startDate": stamp(row.started_at),
            "expectedResolutionDate": stamp(row.expected_at),
            "windowStart": stamp(row.window_start),
            "windowEnd": stamp(row.window_end),
            "operatorReference": row.partner_ref if self.own else "",
        }
        return [{"name": name, "value": one, "@type": "Characteristic"} for name, one in values.items() if one]

    def external(self, row: Outage) -> list[Json] | None:
        """The id at whoever reported it; for a customer its own."""
        made = {"id": row.external_id, "externalIdentifierType": "ServiceProblem", "@type": "ExternalIdentifier"}
        return [made] if row.external_id and (self.own or reported_by_reader(row)) else None

    def parent(self, row: Outage) -> list[Json] | None:
        """parentProblem; how the provider groups its outages is not for customers."""
        return [problem_ref(row.grouping.parent)] if self.own and hasattr(row, "grouping") else None

    def children(self, row: Outage) -> list[Json] | None:
        """underlyingProblem."""
        grouped = row.grouped.all() if self.own else ()  # type: ignore[attr-defined]
        return [problem_ref(one.child) for one in grouped] or None

    def notes(self, row: Outage) -> list[Json] | None:
        """The updates, oldest first."""
        found = sorted(row.updates.all(), key=lambda one: one.number)
        return [note(f"u{one.number}", row.organisation.name, one.at, one.public_text) for one in found] or None

    def originator(self, row: Outage) -> Json:
        """Who said it first."""
        given = given_of(row).get("originatorParty")
        if given:
            return party("v4", given["role"] or "originator", given["id"], given["name"], given["kind"])
        if row.operator and row.source in ("partner", "mail") and self.own:
            return party("v4", "originator", row.operator.code, row.operator.name)
        return party("v4", "originator", str(row.organisation_id), row.organisation.name)

    def responsible(self, row: Outage) -> Json:
        """Who mends it."""
        if row.operator and self.own:
            return party("v4", "responsible", row.operator.code, row.operator.name)
        return party("v4", "responsible", str(row.organisation_id), row.organisation.name)

    def parties(self, row: Outage) -> list[Json]:
        """Everybody in whose tools it exists."""
        found = [party("v4", "serviceProvider", str(row.organisation_id), row.organisation.name)]
        for one in row.parties.all() if self.own else ():
            if one.operator:
                found.append(party("v4", "supplier", one.operator.code, one.operator.name))
            if one.customer:
                found.append(party("v4", "customer", str(one.customer_id), one.customer.name))
        return found


PROBLEM: dict[Viewer, ProblemFace] = {"provider": ProblemFace("provider"), "customer": ProblemFace("customer")}
SEVERITIES = frozenset(Severity.values)
