"""Parts of a troubleTicket as either version writes them. v5 keeps a reference inside `entity` and a party inside
`partyOrPartyRole`, and names a status change otherwise; everything else is the same."""

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ofx.tmf.inquiry.reading import filled
from ofx.tmf.rest.dates import stamp
from ticketing.models import Attachment

Json = dict[str, Any]


def party(version: str, role: str, identifier: str, name: str, kind: str = "Organization") -> Json:
    """relatedParty."""
    if version == "v5":
        inner = {"id": identifier, "name": name, "@referredType": kind, "@type": "PartyRef"}
        return {"role": role, "partyOrPartyRole": inner, "@type": "RelatedPartyRefOrPartyRoleRef"}
    return {"id": identifier, "name": name, "role": role, "@referredType": kind, "@type": "RelatedParty"}


def entity(version: str, role: str, identifier: str, kind: str, *, href: str = "", name: str = "") -> Json:
    """relatedEntity."""
    known = filled(id=identifier, href=href, name=name) | {"@referredType": kind}
    if version == "v5":
        return {"role": role, "entity": {**known, "@type": "EntityRef"}, "@type": "RelatedEntity"}
    return {**known, "role": role, "@type": "RelatedEntity"}


def note(identifier: str, author: str, at: datetime, text: str) -> Json:
    """note."""
    return {"id": identifier, "author": author, "date": stamp(at), "text": text, "@type": "Note"}


def change(version: str, status: str, at: datetime | str, reason: str = "") -> Json:
    """statusChange (v4), statusChangeHistory (v5)."""
    moment = at if isinstance(at, str) else stamp(at)
    if version == "v5":
        made = {"status": status, "statusChangeDate": moment, "@type": "StatusChange"}
        return made | filled(statusChangeReason=reason)
    return {"status": status, "changeDate": moment, "@type": "StatusChange"} | filled(changeReason=reason)


def attachment(row: Attachment) -> Json:
    """attachment: what it is; its content too where it was fetched (one ticket, not a list)."""
    made = {
        "id": str(row.pk),
        "name": row.name,
        "mimeType": row.content_type,
        "attachmentType": "file",
        "size": {"amount": float(row.size), "units": "bytes"},
        "@type": "Attachment",
    }
    if "content" not in row.get_deferred_fields():
        made["content"] = base64.b64encode(bytes(row.content)).decode()
    return made


def relationship(identifier: str, kind: str, href: str, name: str = "") -> Json:
    """troubleTicketRelationship."""
    made = filled(id=identifier, href=href, name=name, relationshipType=kind)
    return {**made, "@type": "TroubleTicketRelationship"}


def characteristics(values: Iterable[tuple[str, Any]]) -> list[Json] | None:
    """troubleTicketCharacteristic; all are texts."""
    found = [
        {"name": name, "valueType": "string", "value": str(value), "@type": "StringCharacteristic"}
        for name, value in values
        if value not in (None, "")
    ]
    return found or None
