"""A place, or premises in it, as GeographicAddress. The line that people write is cut where it shows its parts."""

import re
from typing import Any

from ofx.search.places import split_address
from ofx.tmf.places import API, address_id, text_of
from ofx.tmf.rest.face import base
from partners.coverage.normalise import display
from partners.models import Address, Place

NUMBERED = re.compile(r"(?P<nr>[0-9]{1,6})(?P<suffix>[A-Za-z]?)\s+(?P<street>\S.*)")
CODED = re.compile(r"[EWSNLM][0-9]{8}")  # the statistical office's number of a district is no name
Json = dict[str, Any]


def address_document(place: Place, address: Address | None = None) -> Json:
    """All that we know of it."""
    identifier = address_id(place.country, place.code, address.pk if address else None)
    made: Json = {
        "id": identifier,
        "href": f"{base(API, 'v4')}/geographicAddress/{identifier}",
        "name": text_of(place, address),
        "postcode": display(place.country, place.code),
        "country": place.country,
        **(_parts(address) if address else {}),
    }
    if place.district and not CODED.fullmatch(place.district):
        made["locality"] = place.district
    location = _location(identifier, address, place)
    if location:
        made["geographicLocation"] = location
    return {**made, "@type": "GeographicAddress"}


def _parts(address: Address) -> Json:
    """`10B Sample Street, London SW1A 1AA`: number, suffix, street, city."""
    line, *rest = [part.strip() for part in split_address(address.country, address.text)[0].split(",") if part.strip()]
    match = NUMBERED.fullmatch(line)
    made = {"streetNr": match["nr"], "streetName": match["street"]} if match else {}
    if match and match["suffix"]:
        made["streetNrSuffix"] = match["suffix"]
    return {**made, "city": rest[-1]} if match and rest else made


def _location(identifier: str, address: Address | None, place: Place) -> Json | None:
    known = address if address and address.lat is not None else place
    if known.lat is None or known.lon is None:
        return None
    box = [known.lon, known.lat, known.lon, known.lat]
    return {"id": identifier, "bbox": box, "@type": "GeoJsonPoint"}
