"""A troubleTicket of another system, v4 or v5, read into one neutral form. Names of the standard end here.

Lenient in: unknown attributes and empty objects are left out of account. What the schema demands and is missing, or
has another type, is a 400 that names it.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from ofx.tmf.inquiry.reading import members, notes, text, when
from ofx.tmf.product_order.wish import EMAIL, PHONE
from ofx.tmf.rest.errors import invalid
from ofx.tmf.sent import digest_of
from ofx.tmf.trouble_ticket.words import squeezed

Json = dict[str, Any]
REQUIRED = ("description", "severity", "ticketType")
CONTACTS = ("contact", "sitecontact", "technicalcontact", "reporter", "originator", "requester")
CUSTOMERS = ("customer", "endcustomer", "buyer", "consumer")
OURSELVES = ("serviceprovider", "supplier")
MOST_FILES = 10
TRAITS = 60
REF = ("id", "name", "description", "url", "href", "mimeType", "attachmentType")


@dataclass(frozen=True)
class File:
    """An attachment by value."""

    name: str
    content: bytes


@dataclass
class Wish:
    """What was sent. `kept` is given back as it is; the rest becomes columns, notes and files of the ticket."""

    external_id: str = ""
    title: str = ""
    description: str = ""
    severity: str = ""
    ticket_type: str = ""
    status: str = ""
    reason: str = ""
    customer: Json = field(default_factory=dict)
    contact: Json = field(default_factory=dict)
    entities: list[Json] = field(default_factory=list)
    relations: list[Json] = field(default_factory=list)
    notes: list[Json] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    traits: dict[str, str] = field(default_factory=dict)
    kept: Json = field(default_factory=dict)
    digest: str = ""


def read(body: Json) -> Wish:
    """A body of POST troubleTicket. Raises ValidationError naming the attribute."""
    missing = [name for name in REQUIRED if not text(body, name, 8000)]
    if missing:
        raise invalid(missing[0], "This attribute is required.")
    wish = read_part(body)
    known = {name: value for name, value in body.items() if name not in ("creationDate", "lastUpdate")}
    wish.digest = digest_of(known)
    if wish.status not in ("", "acknowledged"):
        raise invalid("status", "A new ticket is acknowledged; PATCH moves it on.")
    return wish


def read_part(body: Json) -> Wish:
    """Any part of a troubleTicket, as a PATCH holds it. Raises ValidationError naming the attribute."""
    wish = Wish(
        external_id=external(body),
        title=text(body, "name", 200),
        description=text(body, "description", 8000),
        severity=text(body, "severity", 60),
        ticket_type=text(body, "ticketType", 120),
        status=text(body, "status", 40),
        reason=text(body, "statusChangeReason", 500),
        entities=[_entity(one) for one in members(body, "relatedEntity")],
        relations=[_relation(one) for one in members(body, "troubleTicketRelationship")],
        notes=notes(body),
        traits=_traits(body),
    )
    _parties(wish, members(body, "relatedParty"))
    _attachments(wish, members(body, "attachment", MOST_FILES))
    wish.kept |= {
        "ticketType": wish.ticket_type,
        "requestedResolutionDate": when(body, "requestedResolutionDate"),
        "channel": _channel(body),
        "relations": wish.relations,
    }
    return wish


def external(body: Json) -> str:
    """externalId (v4), the first externalIdentifier (v5)."""
    listed = [text(one, "id", 80, "externalIdentifier.") for one in members(body, "externalIdentifier")]
    return text(body, "externalId", 80) or next((one for one in listed if one), "")


def _inner(one: Json, name: str) -> Json:
    """The object itself, or v5's inside it."""
    inner = one.get(name)
    return {**one, **inner} if isinstance(inner, dict) else one


def _entity(one: Json) -> Json:
    whole = _inner(one, "entity")
    path = "relatedEntity."
    found = {name: text(whole, name, 120, path) for name in ("id", "name")}
    kind = text(whole, "@referredType", 80, path)
    return {**found, "role": text(one, "role", 60, path) or "related", "kind": kind or "Entity"}


def _relation(one: Json) -> Json:
    path = "troubleTicketRelationship."
    found = {name: text(one, name, 120, path) for name in ("id", "name")}
    return {**found, "kind": text(one, "relationshipType", 60, path) or "related"}


def _parties(wish: Wish, given: list[Json]) -> None:
    """The customer and the contact are read out; the other organisations are kept."""
    kept = []
    for one in given:
        made = _party(one)
        role = squeezed(made["role"])
        if role in CUSTOMERS:
            wish.customer = made
        elif role in CONTACTS:
            wish.contact = wish.contact or {name: made[name] for name in ("name", "phone", "email")}
        elif role not in OURSELVES and made["kind"] != "Individual":
            kept.append({name: made[name] for name in ("id", "name", "role", "kind")})
    wish.kept["parties"] = kept


def _party(one: Json) -> Json:
    whole, path = _inner(one, "partyOrPartyRole"), "relatedParty."
    found = {name: text(whole, name, 120, path) for name in ("id", "name")}
    reach = json.dumps([whole.get("contactMedium"), one.get("contactMedium")], default=str)[:4000]
    email, phone = EMAIL.search(reach), PHONE.search(reach)
    kind = text(whole, "@referredType", 80, path)
    return {
        **found,
        "name": found["name"] or found["id"],
        "role": text(one, "role", 60, path),
        "kind": kind if kind in ("Individual", "Organization") else "Organization",
        "email": email[0] if email else "",
        "phone": phone[0] if phone else "",
    }


def _traits(body: Json) -> dict[str, str]:
    found = {}
    for one in members(body, "troubleTicketCharacteristic", TRAITS):
        name = text(one, "name", 60, "troubleTicketCharacteristic.")
        value = one.get("value")
        if name and isinstance(value, str | int | float | bool):
            found[name] = ("yes" if value else "no") if isinstance(value, bool) else str(value)[:1000]
    return found


def _attachments(wish: Wish, given: list[Json]) -> None:
    """Content becomes a file of the ticket; a reference is kept as a reference."""
    kept = []
    for number, one in enumerate(given, start=1):
        path = f"attachment[{number - 1}]."
        content = text(one, "content", 30_000_000, path)
        if content:
            wish.files.append(File(text(one, "name", 200, path) or f"file-{number}", _decoded(content, path)))
        else:
            made = {name: found for name in REF if (found := text(one, name, 500, path))}
            kept.append({"id": str(number), **made})
    wish.kept["attachment"] = kept


def _decoded(content: str, path: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(f"{path}content", "Base64 is expected.") from error


def _channel(body: Json) -> Json:
    given = body.get("channel")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise invalid("channel", "An object is expected.")
    found = {name: value for name in ("id", "name") if (value := text(given, name, 120, "channel."))}
    return found if "id" in found else {}
