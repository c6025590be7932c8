"""A place → who can serve it, with what, at which price, how soon, and why in this order."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ofx.core.models import Organisation
from ofx.core.prepared import fetch
from ofx.search import nearest as near
from ofx.search.directory import directory
from ofx.search.live.applying import Known, apply, more_hits
from ofx.search.live.queries import ghosts, known
from ofx.search.offers import Hit, build_offers, missing, most_specific
from ofx.search.places import (
    AS_NUMBERED,
    Spot,
    UnknownPlace,
    code_of,
    codes_from,
    entry,
    find_addresses,
    place_of,
    spot_of_address,
    spot_of_code,
    spot_of_postcode,
    spot_of_text,
    spot_of_uprn,
    unknown,
)
from ofx.search.ranking import Weights, rank
from ofx.search.statements import HITS, HITS_AT_ADDRESS, HITS_OF_ADDRESSES, WEIGHTS
from partners.coverage.normalise import BadPlace, PlaceCode
from partners.models import Address, Place

WIDTH = len(Hit._fields)  # columns of HITS about the hit; those about the place follow


@dataclass(slots=True)
class Qualification:
    """The answer to one search. `offers` are plain dicts, best first, as the API shows them."""

    place: dict[str, Any]
    offers: list[dict[str, Any]]
    unavailable: list[dict[str, Any]]
    nearest: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The document of the API."""
        return {
            "place": self.place,
            "offers": self.offers,
            "unavailable": self.unavailable,
            "nearest": self.nearest,
        }

    def offer(self, offering_id: int) -> dict[str, Any] | None:
        """The offer of one offering; None where it is not offered here."""
        return next((offer for offer in self.offers if offer["id"] == offering_id), None)


def qualify(
    *,
    organisation: Organisation,
    at: datetime,
    country: str = "",
    postcode: str | None = None,
    address: str | None = None,
    uprn: str | None = None,
    spot: Spot | None = None,
    weights: Weights | None = None,
) -> Qualification:
    """Who serves the place, seen by an organisation at a moment.

    Give one of `uprn`, `address` (text) or `postcode` with its country, or a `spot` already found. Raises BadPlace
    (malformed), UnknownPlace (well formed, not held) or AmbiguousAddress. One statement, more only for addresses
    and where nothing serves the place. `weights` None: as the tenant saved them.
    """
    country = country or organisation.country
    if spot is None and (uprn or address):
        spot = locate(country, postcode=postcode, address=address, uprn=uprn)
    rows, spot = _ask(spot or code_of(country, postcode or ""), organisation)
    book = directory(rows[0][0], organisation, at.date())
    hits = most_specific([Hit._make(row[:WIDTH]) for row in rows if row[1] is not None])
    lively = known_live(organisation, spot, at) if rows[0][WIDTH - 1] else None
    if lively:
        hits += more_hits(hits, lively, book)
    pairs = build_offers(hits, book, spot)
    if lively:
        apply(pairs, lively)
    offers = rank(pairs, weights or book.weights)
    answer = Qualification(spot.as_json(), offers, missing(hits, book, offers, spot.country))
    if not any(offer["status"] == "live" for offer in offers):
        answer.nearest = near.served(spot, organisation)
    return answer


def known_live(organisation: Organisation, spot: Spot, at: datetime) -> Known:
    """Live answers and ghosts of a place: two statements more, only where there are any."""
    return Known(known(organisation, spot, at), ghosts(organisation, spot, at))


def locate(country: str, *, postcode: str | None = None, address: str | None = None, uprn: str | None = None) -> Spot:
    """The spot that a UPRN, an address text or a postcode names. Raises as `qualify` does."""
    if uprn:
        return spot_of_uprn(country, uprn)
    if address:
        return spot_of_text(country, address, postcode or "")
    return spot_of_postcode(country, postcode or "")


def spot_by_id(place_id: int, address_id: int | None = None) -> Spot:
    """The spot of a Place, or of an Address in it. Raises UnknownPlace."""
    if address_id:
        row = Address.objects.filter(pk=address_id).first()
        if row:
            return spot_of_address(row)
        raise UnknownPlace("There is no such address.", "address")
    place = Place.objects.filter(pk=place_id).first()
    if place is None:
        raise UnknownPlace("There is no such place.")
    return spot_of_code(place.country, place.code)


def _ask(place: Spot | PlaceCode, organisation: Organisation) -> tuple[list[tuple[Any, ...]], Spot]:
    """Rows of HITS about a spot, or about a code, and its spot. Raises UnknownPlace."""
    values = _values(place, organisation)
    if isinstance(place, Spot) and place.address:
        return fetch(HITS_AT_ADDRESS, values), place
    rows = fetch(HITS, values)
    if rows[0][WIDTH] is None:
        raise unknown(place.country, place.code)
    spot = Spot(*rows[0][WIDTH:])
    if spot.keys:
        rows = fetch(HITS_OF_ADDRESSES, {**values, "addresses": spot.keys})
    return rows, spot


def _values(place: Spot | PlaceCode, organisation: Organisation) -> dict[str, Any]:
    """Parameters of the HITS statement."""
    address = place.address if isinstance(place, Spot) else None
    british = place.country == "GB"
    return {
        "country": place.country,
        "premises": address["key"] if address else None,
        "code": place.code,
        "sector": place.sector,
        "outcode": place.outcode,
        "area_code": None if british else place.code,  # an area file may name a ZIP as the area
        "area": "".join(filter(str.isalpha, place.outcode[:2])) if british else "",
        "organisation": organisation.pk,
    }


def weights_of(organisation: Organisation) -> Weights:
    """The tenant's saved weights, or the defaults."""
    rows = fetch(WEIGHTS, (organisation.pk,))
    return Weights(*rows[0]) if rows else Weights()


def find_place(country: str, text: str) -> Place | None:
    """The Place of a whole postcode or ZIP as people write it; None where it is malformed or not held."""
    try:
        return place_of(spot_of_postcode(country, text))
    except (BadPlace, UnknownPlace):
        return None


def suggest(country: str, text: str, most: int = 10) -> list[dict[str, Any]]:
    """Places and addresses that a text may become: codes by their beginning, addresses by words or likeness."""
    text = " ".join(text.split())
    if len(text) < 2:
        return []
    found: list[dict[str, Any]] = []
    prefix = "".join(character for character in text.upper() if character.isalnum())
    if prefix.isascii() and len(prefix) <= 12 and any(character.isdigit() for character in prefix[:4]):
        for other in dict.fromkeys((country, "US" if prefix.isdigit() else "GB")):
            found += codes_from(other, prefix, most - len(found)) if len(found) < most else []
    if len(found) < most and len(text) >= 3:
        found += [entry(row) for row in find_addresses(country, text, most - len(found))]
    return found[:most]


def addresses_of(spot: Spot, text: str = "", most: int = 12) -> list[dict[str, Any]]:
    """Known addresses in the place of a spot, to narrow a search to premises."""
    rows = Address.objects.filter(country=spot.country, postcode=spot.code).order_by(*AS_NUMBERED)
    if text.strip():
        rows = rows.filter(text__icontains=text.strip())
    return [entry(row) for row in rows[:most]]
