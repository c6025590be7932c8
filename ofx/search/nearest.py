"""Where the nearest served places are, and the dots of the map. Every step is bounded, whatever the tables hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, hypot, radians
from typing import Any

from django.core.cache import caches

from ofx.core.models import Organisation
from ofx.core.prepared import fetch
from ofx.search.places import Spot
from ofx.search.statements import BOX, COVER, NEWEST_PLACE, OUTCODES, SOME_OF_OUTCODES
from partners.coverage.normalise import display

KM_PER_DEGREE = 111.32
REACHES_KM = (0.5, 1.5, 5.0, 15.0)
CANDIDATES = 250
OUTCODES_TRIED = 30
MOST = 5
MOST_PLANNED = 2
OUTCODES_SECONDS = 3600  # positions of outcodes hardly ever change


@dataclass(frozen=True, slots=True)
class Near:
    """A place and how far it is, straight, in km."""

    id: int
    code: str
    outcode: str
    sector: str
    lat: float
    lon: float
    district: str
    km: float


def served(spot: Spot, organisation: Organisation) -> list[dict[str, Any]]:
    """Nearest places with a live operator (five) or one that builds or plans (two): around first, else by outcode."""
    if spot.lat is None or spot.lon is None:
        return []
    lines = _lines(spot, within(spot.country, spot.lat, spot.lon, CANDIDATES), organisation)
    if not any(line["status"] == "live" for line in lines):
        lines += _lines(spot, _farther(spot), organisation)
    live = [line for line in lines if line["status"] == "live"][:MOST]
    coming = [line for line in lines if line["status"] != "live"][:MOST_PLANNED]
    return sorted(live + coming, key=lambda line: line["distance_km"])


def within(country: str, lat: float, lon: float, most: int) -> list[Near]:
    """Nearest places, from a box that grows until it holds enough of them (15 km at most)."""
    found: list[Near] = []
    for reach in REACHES_KM:
        values = {"country": country, "lat": lat, "lon": lon, "cos": _cos(lat), "most": most}
        found = [Near(*row) for row in fetch(BOX, {**values, "reach": reach / KM_PER_DEGREE})]
        if len(found) >= most:
            break
    return found


def _cos(lat: float) -> float:
    return max(cos(radians(lat)), 0.01)


def _farther(spot: Spot) -> list[Near]:
    """Some places in each of the nearest outcodes."""
    lat, lon = float(spot.lat or 0), float(spot.lon or 0)
    rows = _outcodes(spot.country)
    by_distance = sorted(rows, key=lambda row: hypot(row[1] - lat, (row[2] - lon) * _cos(lat)))
    outcodes = [row[0] for row in by_distance[:OUTCODES_TRIED]]
    values = {"country": spot.country, "outcodes": outcodes, "lat": lat, "lon": lon, "cos": _cos(lat)}
    return sorted((Near(*row) for row in fetch(SOME_OF_OUTCODES, values)), key=lambda near: near.km)


def _outcodes(country: str) -> list[tuple[str, float, float]]:
    """Every outcode with the position of one of its places; kept in the process until places are imported."""
    newest = fetch(NEWEST_PLACE, ())[0][0]
    key = f"outcodes:{country}:{newest}"
    return caches["local"].get_or_set(key, lambda: fetch(OUTCODES, {"country": country}), OUTCODES_SECONDS) or []


def cover(
    country: str, places: Iterable[Near], organisation: Organisation
) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
    """What visible operators say about many places.

    (level, key) → rows of operator id, operator, technology, status, date.
    """
    keys = {key for place in places for key in keys_of(place)}
    if not keys:
        return {}
    values = {
        "levels": [key[0] for key in keys],
        "keys": [key[1] for key in keys],
        "country": country,
        "organisation": organisation.pk,
        "kind": organisation.kind,
    }
    found: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for level, key, *row in fetch(COVER, values):
        found.setdefault((level, key), []).append(tuple(row))
    return found


def keys_of(place: Near) -> tuple[tuple[str, str], ...]:
    """The footprint keys of a place, most specific first."""
    return ("postcode", place.code), ("sector", place.sector), ("outcode", place.outcode)


def says(place: Near, found: dict[tuple[str, str], list[tuple[Any, ...]]]) -> dict[tuple[int, str], tuple[Any, ...]]:
    """Per (operator id, technology): the row of the most specific level at a place."""
    answer: dict[tuple[int, str], tuple[Any, ...]] = {}
    for level in keys_of(place):
        fresh = {(row[0], row[2]): row for row in found.get(level, ())}
        answer = {**fresh, **answer}
    return answer


def _lines(spot: Spot, places: list[Near], organisation: Organisation) -> list[dict[str, Any]]:
    others = [place for place in places if place.id != spot.id]
    found = cover(spot.country, others, organisation)
    said = ((place, list(says(place, found).values())) for place in others)
    return [_line(spot, place, rows) for place, rows in said if rows]


def _line(spot: Spot, place: Near, rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """One nearest place: the live operators there, else those who build or plan."""
    live = [row for row in rows if row[3] == "live"]
    named = {
        row[0]: {"id": row[0], "name": row[1], "technology": row[2], "status": row[3], "available_from": row[4]}
        for row in sorted(live or rows, key=lambda row: (row[1], row[2]))
    }
    return {
        "place": {
            "id": place.id,
            "country": spot.country,
            "postcode": place.code,
            "display": display(spot.country, place.code),
            "district": place.district,
            "lat": place.lat,
            "lon": place.lon,
        },
        "distance_km": round(place.km, 2),
        "status": "live" if live else rows[0][3],
        "operators": list(named.values()),
    }


def dots(spot: Spot, organisation: Organisation, most: int = 160) -> list[dict[str, Any]]:
    """The places around a spot for the map, each with the operators that are live or planned there."""
    if spot.lat is None or spot.lon is None:
        return []
    places = within(spot.country, spot.lat, spot.lon, most)
    found = cover(spot.country, places, organisation)
    return [_dot(spot.country, place, list(says(place, found).values())) for place in places]


def _dot(country: str, place: Near, rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    live = {row[0]: row[1] for row in rows if row[3] == "live"}
    planned = {row[0]: row[1] for row in rows if row[3] != "live" and row[0] not in live}
    return {
        "postcode": display(country, place.code),
        "lat": place.lat,
        "lon": place.lon,
        "km": round(place.km, 2),
        "live": live,
        "planned": planned,
    }
