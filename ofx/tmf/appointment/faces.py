"""appointment and searchTimeSlot as v4 writes them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ofx.orders.models import Appointment
from ofx.tmf.inquiry.face import InquiryFace
from ofx.tmf.product_order.faces import PRODUCT_ORDER
from ofx.tmf.rest.columns import Key, Moment, Text, Words
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.face import Face

API = "appointment"
STATUS = {
    "requested": "initialized",
    "reserved": "initialized",
    "confirmed": "confirmed",
    "completed": "completed",
    "missed": "failed",
    "failed": "failed",
    "cancelled": "cancelled",
    "expired": "cancelled",
    "refused": "cancelled",
}
OURS = {word: [ours for ours, theirs in STATUS.items() if theirs == word] for word in set(STATUS.values())}
Json = dict[str, Any]


def period(start: datetime, end: datetime) -> Json:
    """TimePeriod."""
    return {"startDateTime": stamp(start), "endDateTime": stamp(end)}


def said(name: str) -> Callable[[Appointment], Any]:
    """What the buyer's system said beside it."""

    def read(row: Appointment) -> Any:
        buyer = getattr(row, "buyer_visit", None)
        return buyer.given.get(name) if buyer else None

    return read


def _external(row: Appointment) -> str | None:
    buyer = getattr(row, "buyer_visit", None)
    return buyer.external_id or None if buyer else None


def _notes(row: Appointment) -> list[Json] | None:
    """The buyer's, and what the partner answered or what came of it."""
    found: list[Json] = list(said("note")(row) or [])
    if row.outcome_text:
        found.append({"id": "outcome", "author": "OFX", "date": stamp(row.changed_at), "text": row.outcome_text})
    if row.by_hand and row.open:
        words = "The operator has no appointment system: people agree on this slot."
        found.append({"id": "by-hand", "author": "OFX", "text": words})
    return found or None


def _entities(row: Appointment) -> list[Json] | None:
    part = row.partner_order
    if part is None:
        return None
    order = part.order
    href = PRODUCT_ORDER["v4"].href(order.reference)
    return [{"id": order.reference, "href": href, "role": "productOrder", "@referredType": "ProductOrder"}]


def _place(row: Appointment) -> Json:
    return {"name": row.place_text, "role": "installationAddress", "@referredType": "GeographicAddress"}


def _parties(row: Appointment) -> list[Json]:
    made = {"id": row.operator.code, "name": row.operator.name, "role": "supplier", "@referredType": "Organization"}
    return [made]


class AppointmentFace(Face):
    """Appointment."""

    type, api, name = "Appointment", API, "appointment"
    attributes = {
        "category": said("category"),
        "creationDate": lambda row: stamp(row.created_at),
        "description": said("description"),
        "externalId": _external,
        "lastUpdate": lambda row: stamp(row.changed_at),
        "attachment": None,
        "calendarEvent": None,
        "contactMedium": None,
        "note": _notes,
        "relatedEntity": _entities,
        "relatedParty": _parties,
        "relatedPlace": _place,
        "status": lambda row: STATUS[row.state],
        "validFor": lambda row: period(row.slot_start, row.slot_end),
    }
    columns = {
        "id": Key("A"),
        "externalId": Text("buyer_visit__external_id"),
        "creationDate": Moment("created_at"),
        "lastUpdate": Moment("changed_at"),
        "status": Words("state", OURS),
        "validFor.startDateTime": Moment("slot_start"),
        "validFor.endDateTime": Moment("slot_end"),
        "relatedEntity.id": Text("partner_order__order__reference"),
    }

    def identify(self, row: Appointment) -> str:
        """Our number with a letter."""
        return f"A{row.pk}"


class SearchFace(InquiryFace):
    """SearchTimeSlot."""

    type, api, name, prefix, stated = "SearchTimeSlot", API, "searchTimeSlot", "S", "status"
    names = (
        "searchDate", "searchResult", "availableTimeSlot", "relatedEntity", "relatedParty", "relatedPlace",
        "requestedTimeSlot",
    )  # fmt: skip


APPOINTMENT, SEARCH = AppointmentFace(), SearchFace()
