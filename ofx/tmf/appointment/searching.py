"""searchTimeSlot: the free slots of the partner that an order is with."""

from datetime import datetime, timedelta
from typing import Any

from ofx.orders.actions.appointing import SlotRefused, books_online, find_slots
from ofx.tmf.appointment.faces import period
from ofx.tmf.appointment.reading import NAME_THE_ORDER, entities, part_of, slot
from ofx.tmf.inquiry.actions import Answer
from ofx.tmf.inquiry.reading import filled, member, members, place, references
from ofx.tmf.rest.dates import moment, stamp
from ofx.tmf.rest.errors import invalid

WINDOW = timedelta(days=14)
BY_HAND = "This operator has no appointment system. Propose a slot by POST appointment; people agree on it."
Json = dict[str, Any]


def read(body: Json) -> Json:
    """A SearchTimeSlot_Create. Raises ValidationError."""
    rows = entities(body)
    if not rows:
        raise invalid("relatedEntity", NAME_THE_ORDER)
    asked = [slot(one) for one in members(body, "requestedTimeSlot", 10)]
    if any(start >= end for start, end in asked):
        raise invalid("requestedTimeSlot.validFor", "It ends later than it begins.")
    party = references({"relatedParty": [member(body, "relatedParty")]}, "relatedParty")
    return filled(
        relatedEntity=rows,
        requestedTimeSlot=[period(start, end) for start, end in asked],
        relatedPlace=place(member(body, "relatedPlace"), "relatedPlace."),
        relatedParty=party[0] if party else {},
    )


def answer(given: Json, user: Any, at: datetime) -> Answer:
    """Slots in the wanted periods, else in the next two weeks."""
    part = part_of(user, given["relatedEntity"])
    wanted = [(moment(one["startDateTime"]), moment(one["endDateTime"])) for one in given.get("requestedTimeSlot", [])]
    place_ = given.get("relatedPlace", {})
    document = filled(
        searchDate=stamp(at),
        relatedEntity=[{**one, "@referredType": "ProductOrder"} for one in given["relatedEntity"]],
        requestedTimeSlot=[{"validFor": one} for one in given.get("requestedTimeSlot", [])],
        relatedPlace={"role": "installationAddress", **{n: place_[n] for n in ("id", "name", "role") if n in place_}},
        relatedParty=given.get("relatedParty"),
    )
    try:
        found = [one for start, end in wanted or [(at, at + WINDOW)] for one in _slots(part, start, end, at, user)]
    except SlotRefused as error:
        return Answer("terminatedWithError", {**document, "searchResult": str(error)[:500]})
    words = f"{len(found)} slots" if books_online(partner_order=part) else BY_HAND
    slots = [{"id": str(number), "validFor": period(one.start, one.end)} for number, one in enumerate(found, start=1)]
    return Answer("done", {**document, "searchResult": words, "availableTimeSlot": slots}, at + timedelta(minutes=30))


def _slots(part: Any, start: datetime, end: datetime, at: datetime, user: Any) -> list[Any]:
    if end <= at:
        raise invalid("requestedTimeSlot.validFor", "It is past. Choose a later period.")
    return find_slots(actor=user, at=at, partner_order=part, since=start, until=end)
