"""troubleTicket as an operator's own system sees it: the ticket that was raised with it, and nothing of the rest.

Notes are those of this leg only; another operator's answers to the same fault are not among them (ARCHITECTURE 8).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ofx.tmf.places import address_id
from ofx.tmf.rest.columns import Moment, Text, Words
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.face import Face
from ofx.tmf.trouble_ticket import writing
from ofx.tmf.trouble_ticket.words import API, PARTNER_STATUS
from ticketing.models import PartnerTicket, TicketFact

Json = dict[str, Any]
STATES: dict[str, list[str]] = {}
for _ours, _word in PARTNER_STATUS.items():
    STATES.setdefault(_word, []).append(_ours)
DONE = ("resolved", "closed")
TO_PARTNER = ("partner", "all")
MOVES = {"RESOLVED": "resolved", "CLOSED": "closed", "REOPENED": "in_progress", "CANCELLED": "cancelled"}


def told_state(fact: TicketFact) -> str:
    """The state that a fact says; empty for one that says none."""
    state = str(fact.data.get("state") or "") or MOVES.get(fact.kind, "")
    return state if state in PARTNER_STATUS else ""


def status_changes(row: PartnerTicket) -> list[tuple[Any, str, str]]:
    """(moment, our state, why), oldest first."""
    found: list[tuple[Any, str, str]] = [(row.raised_at, "submitted", "")]
    for fact in sorted(row.facts.all(), key=lambda one: (one.issued_at, one.pk)):
        state = told_state(fact)
        if state and PARTNER_STATUS[state] != PARTNER_STATUS[found[-1][1]]:
            found.append((fact.issued_at, state, str(fact.data.get("reason") or "")))
    if PARTNER_STATUS[found[-1][1]] != PARTNER_STATUS[row.state]:
        found.append((row.last_news_at or row.raised_at, row.state, row.reason))
    return found


def ours(row: PartnerTicket, rows: Iterable[Any]) -> list[Any]:
    """Notes or files of the ticket that were sent to its partners while it was raised here."""
    return [one for one in rows if one.audience in TO_PARTNER and one.author != "partner" and one.at >= row.raised_at]


def last_update(row: PartnerTicket) -> str | None:
    """The newest thing that happened here."""
    told = [fact.received_at for fact in row.facts.all()] + [one.at for one in ours(row, row.ticket.notes.all())]
    return stamp(max([row.raised_at, *told]))


def notes(row: PartnerTicket) -> list[Json] | None:
    """What both sides said on this leg, oldest first."""
    found = [
        (one.at, writing.note(f"n{one.pk}", row.organisation.name, one.at, one.text))
        for one in ours(row, row.ticket.notes.all())
    ]
    for fact in row.facts.all():
        text = str(fact.data.get("text") or "")
        if text and fact.source == "partner":
            made = writing.note(f"f{fact.pk}", row.operator.name, fact.issued_at, text)
            found.append((fact.issued_at, made))
    return [made for _, made in sorted(found, key=lambda one: one[0])] or None


def attachments(row: PartnerTicket) -> list[Json] | None:
    """Files that were sent to it."""
    return [writing.attachment(one) for one in ours(row, row.ticket.attachments.all())] or None


class PartnerFace(Face):
    """What both versions share."""

    type, api, name = "TroubleTicket", API, "troubleTicket"

    def __init__(self) -> None:
        self.attributes = {**self._common(), **self._more()}

    def identify(self, row: PartnerTicket) -> str:
        """Our key of the leg."""
        return row.our_key

    def _more(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def _common(self) -> Mapping[str, Any]:
        return {
            "name": lambda row: row.ticket.title,
            "description": lambda row: row.ticket.description or row.ticket.title,
            "severity": lambda row: row.ticket.severity,
            "priority": lambda row: str(row.ticket.priority),
            "ticketType": lambda row: row.ticket.fault_class,
            "creationDate": lambda row: stamp(row.raised_at),
            "lastUpdate": last_update,
            "requestedResolutionDate": None,
            "expectedResolutionDate": lambda row: stamp(row.expected_at),
            "resolutionDate": lambda row: stamp(row.resolved_at),
            "status": lambda row: PARTNER_STATUS[row.state],
            "statusChangeDate": lambda row: stamp(status_changes(row)[-1][0]),
            "statusChangeReason": lambda row: (row.fix if row.state in DONE else row.raw_reason or row.reason) or None,
            "channel": lambda row: {"id": "api", "name": "OFX", "@type": "ChannelRef"},
            "attachment": attachments,
            "note": notes,
            "relatedEntity": self.entities,
            "relatedParty": self.parties,
            "troubleTicketRelationship": None,
            # An extension of v4: without the answers an operator would have to ask again (DOMAIN 4.3).
            "troubleTicketCharacteristic": self.traits,
        }

    def changes(self, row: PartnerTicket) -> list[Json]:
        """statusChange."""
        return [
            writing.change(self.version, PARTNER_STATUS[state], stamp(at) or "", why)
            for at, state, why in status_changes(row)
        ]

    def entities(self, row: PartnerTicket) -> list[Json]:
        """The operator's own service, and where it is."""
        made, ticket = [], row.ticket
        if row.service_ref:
            made.append(writing.entity(self.version, "service", row.service_ref, "Service"))
        if ticket.postcode:
            where = address_id(ticket.country, ticket.postcode)
            made.append(writing.entity(self.version, "place", where, "GeographicAddress", name=ticket.place_text))
        return made or [writing.entity(self.version, "ticket", row.our_key, "TroubleTicket")]

    def parties(self, row: PartnerTicket) -> list[Json]:
        """Who raised it, and who is on site."""
        made = [writing.party(self.version, "originator", str(row.organisation_id), row.organisation.name)]
        if row.ticket.contact_name:
            name = row.ticket.contact_name
            made.append(writing.party(self.version, "contact", row.ticket.contact_phone or name, name, "Individual"))
        return made

    def traits(self, row: PartnerTicket) -> list[Json] | None:
        """The characteristics as they were raised."""
        return writing.characteristics([("impact", row.ticket.impact), *row.characteristics.items()])


COLUMNS: Mapping[str, Text] = {
    "id": Text("our_key"),
    "name": Text("ticket__title"),
    "creationDate": Moment("raised_at"),
    "resolutionDate": Moment("resolved_at"),
    "expectedResolutionDate": Moment("expected_at"),
    "status": Words("state", STATES),
}


class PartnerV4(PartnerFace):
    """TroubleTicket of the v4 file; externalId is the operator's own reference."""

    columns = {**COLUMNS, "externalId": Text("partner_ref")}

    def _more(self) -> Mapping[str, Any]:
        return {"externalId": lambda row: row.partner_ref or None, "statusChange": self.changes}


class PartnerV5(PartnerFace):
    """TroubleTicket of the v5 file."""

    version, typed = "v5", True
    columns = {**COLUMNS, "externalIdentifier.id": Text("partner_ref")}

    def _more(self) -> Mapping[str, Any]:
        return {"externalIdentifier": self.external, "statusChangeHistory": self.changes,
                "troubleTicketSpecification": None}  # fmt: skip

    def external(self, row: PartnerTicket) -> list[Json] | None:
        """The operator's own reference."""
        made = {"id": row.partner_ref, "externalIdentifierType": "TroubleTicket", "@type": "ExternalIdentifier"}
        return [{**made, "owner": row.operator.name}] if row.partner_ref else None


RAISED: dict[str, PartnerFace] = {"v4": PartnerV4(), "v5": PartnerV5()}
