"""troubleTicket as v4 and v5 write it, for those who own the ticket: the provider's tools and the customer's.

What a customer sees leaves out the operator, internal notes and reasons: those are the provider's (ARCHITECTURE 8).
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from ofx.tmf.inventory.faces import PRODUCT
from ofx.tmf.places import API as ADDRESSES
from ofx.tmf.places import address_id
from ofx.tmf.product_order.faces import PRODUCT_ORDER
from ofx.tmf.rest.columns import Moment, Text, Whole, Words
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.face import Face, base
from ofx.tmf.trouble_ticket import writing
from ofx.tmf.trouble_ticket.words import API, OURS, STATUS, fault_class_of
from ticketing.models import Ticket, TicketNote
from ticketing.outages.vocabulary import PUBLIC
from ticketing.tickets.vocabulary import Severity

Viewer = Literal["provider", "customer"]
Json = dict[str, Any]
SEEN: dict[str, tuple[str, ...]] = {"provider": ("customer", "partner", "all"), "customer": ("customer", "all")}
SHOWN_CHANNEL = {"api": "API", "portal": "Self-service"}


def given_of(ticket: Ticket) -> Json:
    """What the caller's system sent; empty for a ticket that came otherwise."""
    found: Json = ticket.buyer_ticket.given if hasattr(ticket, "buyer_ticket") else {}  # type: ignore[attr-defined]
    return found


def kept(name: str) -> Callable[[Ticket], Any]:
    """An attribute as it was sent."""
    return lambda ticket: given_of(ticket).get(name) or None


def ticket_type(ticket: Ticket) -> str:
    """The caller's own word as long as it means our class."""
    given = str(given_of(ticket).get("ticketType") or "")
    return given if given and fault_class_of(given) == ticket.fault_class else ticket.fault_class


def status_changes(ticket: Ticket) -> list[tuple[str, str, str]]:
    """(moment, our state, why), oldest first; from the events, else from the dates of the row."""
    told = getattr(ticket, "told", None) or []
    found = [(stamp(ticket.created_at) or "", "acknowledged", "")]
    found += [(_moment(one["at"]), one["to"], one["why"] or "") for one in told if one["to"] in STATUS]
    if len(found) > 1 and found[1][1] == "acknowledged":
        found.pop(0)
    if found[-1][1] != ticket.state:
        at = ticket.closed_at or ticket.resolved_at or ticket.holder_since or ticket.created_at
        found.append((stamp(at) or "", ticket.state, ticket.state_reason))
    return found


def _moment(text: str) -> str:
    return text.replace("+00:00", "Z")


def external_v5(ticket: Ticket) -> list[Json] | None:
    """externalIdentifier."""
    made = {"id": ticket.external_id, "externalIdentifierType": "TroubleTicket", "@type": "ExternalIdentifier"}
    return [made] if ticket.external_id else None


class TicketFace(Face):
    """What both versions share; `viewer` says for whom it is written."""

    type, api, name = "TroubleTicket", API, "troubleTicket"

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.attributes = {**self._common(), **self._more()}

    def identify(self, row: Ticket) -> str:
        """The ticket's reference."""
        return row.reference

    def _more(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def _common(self) -> Mapping[str, Any]:
        return {
            "name": lambda row: row.title,
            "description": lambda row: row.description or row.title,
            "severity": lambda row: row.severity,
            "priority": lambda row: str(row.priority),
            "ticketType": ticket_type,
            "creationDate": lambda row: stamp(row.created_at),
            "lastUpdate": lambda row: stamp(row.last_update),
            "requestedResolutionDate": kept("requestedResolutionDate"),
            "expectedResolutionDate": lambda row: stamp(row.expected_at),
            "resolutionDate": lambda row: stamp(row.resolved_at),
            "status": lambda row: STATUS[row.state],
            "statusChangeDate": lambda row: status_changes(row)[-1][0],
            "statusChangeReason": self.reason,
            "channel": self.channel,
            "attachment": self.attachments,
            "note": self.notes,
            "relatedEntity": self.entities,
            "relatedParty": self.parties,
            "troubleTicketRelationship": self.relationships,
        }

    def reason(self, row: Ticket) -> str | None:
        """Why it is in its state: for the customer what was done, for the provider what people said."""
        if self.viewer == "customer":
            return row.fix or None if row.state in ("resolved", "closed") else None
        return row.state_reason or None

    def changes(self, row: Ticket) -> list[Json]:
        """statusChange."""
        own = self.viewer == "provider"
        found = status_changes(row)
        return [writing.change(self.version, STATUS[state], at, why if own else "") for at, state, why in found]

    def channel(self, row: Ticket) -> Json:
        """How it came to us."""
        made = {"id": row.channel, "name": row.get_channel_display(), "@type": "ChannelRef"}
        given = given_of(row).get("channel")
        return {**given, "@type": "ChannelRef"} if given else made

    def attachments(self, row: Ticket) -> list[Json] | None:
        """Files, then references as they were sent."""
        found = [
            writing.attachment(one) for one in row.attachments.all() if one.audience in SEEN[self.viewer]
        ]  # the content is not read for a list
        kind = "AttachmentRef" if self.version == "v5" else "Attachment"
        found += [{**one, "@type": kind} for one in given_of(row).get("attachment", [])]
        return found or None

    def notes(self, row: Ticket) -> list[Json] | None:
        """What the viewer may read, oldest first."""
        found = [
            writing.note(f"n{one.pk}", self._author(row, one), one.at, one.text)
            for one in row.notes.all()
            if one.audience in SEEN[self.viewer]
        ]
        return found or None

    def _author(self, row: Ticket, note: TicketNote) -> str:
        person = (note.user.name or note.user.email) if note.user else ""
        if note.author == "staff":
            return person if person and self.viewer == "provider" else row.organisation.name
        if note.author == "customer":
            return person or (row.customer.name if row.customer else "Customer")
        if note.author == "partner":
            return row.operator.name if row.operator and self.viewer == "provider" else "Network operator"
        return "OFX"

    def parties(self, row: Ticket) -> list[Json]:
        """Who has to do with it."""
        made = [writing.party(self.version, "serviceProvider", str(row.organisation_id), row.organisation.name)]
        if row.customer:
            made.append(writing.party(self.version, "customer", str(row.customer_id), row.customer.name))
        if row.operator and self.viewer == "provider":
            made.append(writing.party(self.version, "supplier", row.operator.code, row.operator.name))
        if row.contact_name:
            made.append(writing.party(self.version, "contact", row.contact_name, row.contact_name, "Individual"))
        for one in given_of(row).get("parties", []):
            made.append(writing.party(self.version, one["role"], one["id"] or one["name"], one["name"], one["kind"]))
        return made

    def entities(self, row: Ticket) -> list[Json] | None:
        """What it is about: service, order, place, and what else was named."""
        made = []
        if row.service:
            href = PRODUCT.href(row.service.reference)
            made.append(writing.entity(self.version, "service", row.service.reference, "Product", href=href))
        if row.order:
            href = PRODUCT_ORDER[self.version].href(row.order.reference)
            made.append(writing.entity(self.version, "order", row.order.reference, "ProductOrder", href=href))
        if row.postcode and not row.service:
            where = address_id(row.country, row.postcode)
            href = f"{base(ADDRESSES, 'v4')}/geographicAddress/{where}"
            more = {"href": href, "name": row.place_text}
            made.append(writing.entity(self.version, "place", where, "GeographicAddress", **more))
        for one in given_of(row).get("entities", []):
            made.append(writing.entity(self.version, one["role"], one["id"], one["kind"], name=one["name"]))
        return made or None

    def relationships(self, row: Ticket) -> list[Json] | None:
        """Other tickets, and what was named of the caller's own."""
        found = [self._link(one.other, one.kind) for one in row.links.all()]
        found += [self._link(one.ticket, f"{one.kind}Of") for one in row.linked_from.all()]
        if row.merged_into:
            found.append(self._link(row.merged_into, "mergedInto"))
        for child in row.outage_children.all():
            outage = child.outage
            if child.state != "detached" and (self.viewer == "provider" or outage.state in PUBLIC):
                href = f"{base('serviceProblemManagement', 'v4')}/serviceProblem/{outage.reference}"
                found.append(writing.relationship(outage.reference, "childOf", href, outage.title))
        for one in given_of(row).get("relations", []):
            found.append(writing.relationship(one["id"], one["kind"], "", one["name"]))
        return found or None

    def _link(self, other: Ticket, kind: str) -> Json:
        return writing.relationship(other.reference, kind, self.href(other.reference))


COLUMNS: Mapping[str, Text] = {
    "id": Text("reference"),
    "name": Text("title"),
    "description": Text("description"),
    "severity": Words("severity", {word: [word] for word in Severity.values}),
    "priority": Whole("priority"),
    "creationDate": Moment("created_at"),
    "lastUpdate": Moment("last_update"),
    "resolutionDate": Moment("resolved_at"),
    "expectedResolutionDate": Moment("expected_at"),
    "status": Words("state", {word: [ours] for word, ours in OURS.items()}),
}


class TicketV4(TicketFace):
    """TroubleTicket of the v4 file."""

    columns = {**COLUMNS, "externalId": Text("external_id")}

    def _more(self) -> Mapping[str, Any]:
        return {"externalId": lambda row: row.external_id or None, "statusChange": self.changes}


class TicketV5(TicketFace):
    """TroubleTicket of the v5 file."""

    version, typed = "v5", True
    columns = {**COLUMNS, "externalIdentifier.id": Text("external_id")}

    def _more(self) -> Mapping[str, Any]:
        return {
            "externalIdentifier": external_v5,
            "statusChangeHistory": self.changes,
            "troubleTicketCharacteristic": self.traits,
            "troubleTicketSpecification": None,
        }

    def traits(self, row: Ticket) -> list[Json] | None:
        """Structured answers (DOMAIN 4.3), and how hard it hits."""
        ended = [("clearCode", row.clear_code), ("cause", row.cause)] if self.viewer == "provider" else []
        return writing.characteristics([("impact", row.impact), *row.answers.items(), ("fix", row.fix), *ended])


TICKET: dict[Viewer, dict[str, TicketFace]] = {
    "provider": {"v4": TicketV4("provider"), "v5": TicketV5("provider")},
    "customer": {"v4": TicketV4("customer"), "v5": TicketV5("customer")},
}
