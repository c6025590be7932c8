"""geographicAddressValidation: what a caller's place means, how sure that is, and what else it may have been."""

from datetime import datetime
from typing import Any

from ofx.search.places import find_addresses
from ofx.search.queries import suggest
from ofx.tmf.geographic_address.documents import address_document
from ofx.tmf.inquiry.actions import Answer
from ofx.tmf.inquiry.reading import filled
from ofx.tmf.places import Where, find
from ofx.tmf.rest.dates import stamp
from partners.models import Address, Place

MOST_ALTERNATIVES = 10
LINE = ("name", "streetName", "streetNr")
Json = dict[str, Any]


def validate(given: Json, home: str, at: datetime) -> Answer:
    """The answer. `success`: this place; `partial`: only its postcode is known; `fails`: we hold no such place."""
    submitted = given["submittedGeographicAddress"]
    where = find(submitted, home)
    result = _result(submitted, where)
    other = _alternatives(submitted, where) if given["provideAlternative"] and result != "success" else []
    document = filled(
        provideAlternative=given["provideAlternative"],
        validationDate=stamp(at),
        validationResult=result,
        submittedGeographicAddress={**submitted, "@type": "GeographicAddress"},
        validGeographicAddress=address_document(where.place, where.address) if where.place else None,
        alternateGeographicAddress=other,
    )
    return Answer("done", document)


def _result(submitted: Json, where: Where) -> str:
    if where.place is None:
        return "fails"
    whole = where.address is not None or not any(submitted.get(name) for name in LINE)
    return "success" if whole or _only_code(submitted, where) else "partial"


def _only_code(submitted: Json, where: Where) -> bool:
    """A `name` that is nothing but the postcode."""
    line = submitted.get("name", "")
    return not submitted.get("streetName") and line.replace(" ", "").upper() == where.postcode


def _alternatives(submitted: Json, where: Where) -> list[Json]:
    """Premises of the postcode that was found, those first that are spelt alike; else codes and lines close to it."""
    if where.place is not None:
        line = " ".join(submitted[name] for name in ("streetNr", "streetName", "name") if submitted.get(name))
        rows = find_addresses(where.country, line, MOST_ALTERNATIVES, where.postcode)
        rows = rows or list(_premises(where.place)[:MOST_ALTERNATIVES])
        return [address_document(where.place, row) for row in rows]
    text = submitted.get("postcode") or submitted.get("name") or where.text
    return [found for one in suggest(where.country, text, MOST_ALTERNATIVES) if (found := _suggested(one))]


def _premises(place: Place) -> Any:
    return Address.objects.filter(country=place.country, postcode=place.code).order_by("pk")


def _suggested(one: Json) -> Json | None:
    place = Place.objects.filter(country=one["country"], code=one["postcode"]).first()
    address = Address.objects.filter(pk=one["id"]).first() if "text" in one else None
    return address_document(place, address) if place else None
