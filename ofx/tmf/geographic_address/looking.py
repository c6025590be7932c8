"""Which places a list of geographicAddress looks at: few, found by what was asked, never the whole country."""

from collections.abc import Iterable, Iterator
from typing import Any

from ofx.search.places import find_addresses
from ofx.search.queries import find_place
from ofx.tmf.geographic_address.documents import address_document
from ofx.tmf.places import by_id
from ofx.tmf.rest.query import Query
from partners.coverage.normalise import BadPlace, country_code
from partners.models import Address, Place

MOST = 500
MOST_COUNTRIES = 5
Json = dict[str, Any]
Pair = tuple[Place, Address | None]


def candidates(query: Query, home: str) -> Iterator[Json]:
    """Documents among which the list is: by id, else by postcode, else by words of the line, else the first known."""
    for place, address in _pairs(query, home):
        yield address_document(place, address)


def _pairs(query: Query, home: str) -> Iterable[Pair]:
    ids, codes = _wanted(query, "id"), _wanted(query, "postcode")
    if ids:
        return [found for one in ids if (found := by_id(one))]
    countries = _countries(query, home)
    if codes:
        places = [place for one in codes for country in countries if (place := find_place(country, one))]
        return [pair for place in {place.pk: place for place in places}.values() for pair in _inside(place)]
    words = [*_wanted(query, "name"), *_wanted(query, "streetName")]
    if words:
        return [pair for one in words for country in countries for pair in _by_words(country, one)]
    return _first(countries)


def _wanted(query: Query, path: str) -> list[str]:
    """The values of a plain `path=value`."""
    groups = [group[0] for group in query.groups if len(group) == 1]
    return [value for one in groups if one.path == path and one.op == "eq" for value in one.values]


def _countries(query: Query, home: str) -> list[str]:
    found = []
    for text in (_wanted(query, "country") or [home])[:MOST_COUNTRIES]:
        try:
            found.append(country_code(text))
        except BadPlace:
            continue
    return found


def _inside(place: Place) -> list[Pair]:
    rows = Address.objects.filter(country=place.country, postcode=place.code).order_by("pk")[:MOST]
    return [(place, None), *((place, row) for row in rows)]


def _by_words(country: str, text: str) -> list[Pair]:
    rows = find_addresses(country, text, MOST)
    place = find_place(country, text)
    return [*([(place, None)] if place else []), *_placed(country, rows)]


def _first(countries: list[str]) -> list[Pair]:
    """In the order of an index, so that the size of the country costs nothing."""
    found: list[Pair] = []
    for country in countries:
        rows = list(Address.objects.filter(country=country).order_by("postcode", "pk")[: MOST - len(found)])
        found += _placed(country, rows)
        places = Place.objects.filter(country=country).order_by("code")[: MOST - len(found)]
        found += [(place, None) for place in places]
    return found


def _placed(country: str, rows: list[Address]) -> list[Pair]:
    """Addresses with their places, in one query."""
    codes = {row.postcode for row in rows}
    places = {place.code: place for place in Place.objects.filter(country=country, code__in=codes)}
    return [(places[row.postcode], row) for row in rows if row.postcode in places]
