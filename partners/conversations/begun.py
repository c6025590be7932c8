"""What the other side began by itself: an outage that a partner tells of, a ticket raised in a customer's own system,
a notice of planned works. No case of ours yet: told upwards as an event, with all that was understood."""

from dataclasses import dataclass
from typing import Any

from partners.conversations.models import Endpoint, Message
from partners.mapping.base import ParsedRecord, Unmappable
from partners.mapping.dialects import cases_for


@dataclass(frozen=True)
class Begun:
    """One event to publish. `settled`: nobody need look at the message beside it."""

    event: str
    subject: str
    organisation_id: int | None
    payload: dict[str, Any]
    words: str
    settled: bool = True


def begun(message: Message, record: ParsedRecord) -> Begun | None:
    """What a record that matches no case of ours begins; None where it begins nothing."""
    if record.kind == "maintenance":
        return _told("maintenance.received", message, dict(record.data), "a notice of planned works")
    if record.kind not in ("problem", "ticket") or (record.our_key and message.endpoint.customer_id is None):
        return None  # a record with our key is a case of ours that is not known: a person must see it
    return _case(message, record)


def _case(message: Message, record: ParsedRecord) -> Begun | None:
    endpoint = message.endpoint
    try:
        payload = cases_for(endpoint.dialect, endpoint.kind, record.kind).reported(record)
    except (Unmappable, KeyError):
        return None
    if record.kind == "problem":
        return _told("problem.reported", message, payload, "an outage that began with the partner")
    # Somebody above takes it over and has the message read again; until then it waits for a person.
    return _told("ticket.reported", message, payload, "a ticket that began with the other side", settled=False)


def _told(event: str, message: Message, payload: dict[str, Any], words: str, settled: bool = True) -> Begun:
    whose = whose_system(message.endpoint)
    told = {"message_id": message.pk, **whose, **payload}
    subject = f"message:{message.pk}"
    return Begun(event, subject, message.endpoint.organisation_id, told, words, settled)


def whose_system(endpoint: Endpoint) -> dict[str, Any]:
    """Which endpoint, operator or customer something came from. The event's organisation is the tenant; without one
    the endpoint is shared by all tenants."""
    return {
        "endpoint_id": endpoint.pk,
        "operator_id": endpoint.operator_id,
        "customer_id": endpoint.customer_id,
        "simulated": endpoint.simulated,
    }
