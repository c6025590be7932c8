"""Places as the standard's GeographicAddress: their ids, how they are written, and what a caller's place means.

Id of a postcode: `GB-SW1A1AA`; of premises: `GB-SW1A1AA-17`. A national premises number (UPRN) is understood too.
"""

import re
from dataclasses import dataclass
from typing import Any

from ofx.search.places import AmbiguousAddress, UnknownPlace, spot_of_postcode, spot_of_text, spot_of_uprn
from partners.coverage.normalise import BadPlace, country_code, display
from partners.models import Address, Place

ID = re.compile(r"([A-Z]{2})-([A-Z0-9]{2,12})(?:-([0-9]{1,15}))?")
API = "geographicAddressManagement"


@dataclass(frozen=True)
class Where:
    """A place that was found, or why it was not (`problem`)."""

    country: str
    postcode: str
    text: str
    place: Place | None = None
    address: Address | None = None
    problem: str = ""


def address_id(country: str, code: str, address_id: int | None = None) -> str:
    """The id of a postcode, or of premises in it."""
    return f"{country}-{code}-{address_id}" if address_id else f"{country}-{code}"


def text_of(place: Place, address: Address | None) -> str:
    """The place as people read it."""
    code = display(place.country, place.code)
    if address is None:
        return code
    inside = code.replace(" ", "") in address.text.upper().replace(" ", "")
    return address.text if inside else f"{address.text}, {code}"


def by_id(identifier: str) -> tuple[Place, Address | None] | None:
    """The place and the premises of an id of ours; None where there is none."""
    match = ID.fullmatch(identifier.strip())
    if not match:
        return None
    country, code, number = match.groups()
    place = Place.objects.filter(country=country, code=code).first()
    address = Address.objects.filter(country=country, postcode=code, pk=int(number)).first() if number else None
    return None if place is None or (number and address is None) else (place, address)


def find(given: dict[str, Any], home: str) -> Where:
    """What a caller's place means: our id, a UPRN, an address line with its postcode, or the postcode alone.

    `home`: the caller's country, where it names none. Never raises: what is not found is said in `problem`.
    """
    text = {name: _text(given.get(name)) for name in ("id", "postcode", "country", "name")}
    line = _line(given) or text["name"]
    shown = ", ".join(part for part in (line, text["postcode"]) if part)[:300]
    found = by_id(text["id"])
    if found:
        return Where(found[0].country, found[0].code, text_of(*found), *found)
    try:
        country = country_code(text["country"] or home)
    except BadPlace as error:
        return Where(home, text["postcode"][:12], shown or text["country"][:300], problem=str(error))
    try:
        return _spot(country, text, line)
    except AmbiguousAddress as error:
        return _postcode_only(country, text["postcode"], shown, str(error))
    except (BadPlace, UnknownPlace) as error:
        return Where(country, text["postcode"][:12], shown or text["id"][:300], problem=str(error))


def _spot(country: str, text: dict[str, str], line: str) -> Where:
    """Raises BadPlace, UnknownPlace, AmbiguousAddress."""
    if re.fullmatch(r"[0-9]{6,12}", text["id"]):
        spot = spot_of_uprn(country, text["id"])
    elif text["postcode"] and (not line or _squeezed(line) == _squeezed(text["postcode"])):
        spot = spot_of_postcode(country, text["postcode"])
    elif line:
        spot = _by_line(country, line, text["postcode"])
    else:
        raise BadPlace("The place says neither an id nor a postcode.")
    place = Place.objects.get(pk=spot.id)
    address = Address.objects.filter(pk=spot.address["id"]).first() if spot.address else None
    shown = text_of(place, address)
    if address is None and line and _squeezed(line) != _squeezed(place.code):
        shown = ", ".join(dict.fromkeys((line, shown)))[:300]
    return Where(place.country, place.code, shown, place, address)


def _by_line(country: str, line: str, postcode: str) -> Any:
    """An address line that we do not know is no reason to lose its postcode: the line is kept as text."""
    try:
        return spot_of_text(country, line, postcode)
    except UnknownPlace:
        if not postcode:
            raise
        return spot_of_postcode(country, postcode)


def _postcode_only(country: str, postcode: str, shown: str, why: str) -> Where:
    try:
        place = Place.objects.get(pk=spot_of_postcode(country, postcode).id)
    except (BadPlace, UnknownPlace):
        return Where(country, postcode[:12], shown, problem=why)
    return Where(place.country, place.code, shown, place, None, "")


def _line(given: dict[str, Any]) -> str:
    """An address line from the parts of a GeographicAddress: number, street, locality, city."""
    number = "".join(_text(given.get(name)) for name in ("streetNr", "streetNrSuffix"))
    street = " ".join(part for part in (number, _text(given.get("streetName")), _text(given.get("streetType"))) if part)
    parts = (street, _text(given.get("locality")), _text(given.get("city")))
    return ", ".join(part for part in parts if part) if street else ""


def _text(value: Any) -> str:
    return " ".join(str(value).replace("\x00", "").split())[:250] if isinstance(value, str | int) else ""


def _squeezed(text: str) -> str:
    return re.sub(r"[\s,]", "", text).upper()


def geographic_address(country: str, code: str, text: str, address: Address | None) -> dict[str, Any]:
    """A place as both versions write its value: id, name, postcode, country."""
    return {
        "id": address_id(country, code, address.pk if address else None),
        "name": text,
        "postcode": display(country, code),
        "country": country,
    }
