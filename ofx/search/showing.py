"""Offers as the page shows them: bars, words, links. Pure."""

from dataclasses import dataclass
from typing import Any

from ofx.search.directory import ASK
from ofx.search.live.showing import badge
from ofx.search.queries import Qualification
from ofx.search.ranking import LABELS, PARTS, Weights
from partners.agreements.queries import OUTSIDE_PRODUCTS, OUTSIDE_REGIONS

# Attribution that the licences ask for wherever places of a country are shown.
CREDITS = {
    "GB": "Contains OS data © Crown copyright and database right 2025. Contains Royal Mail data © Royal Mail copyright "
    "and database right 2025. Contains National Statistics data © Crown copyright and database right 2025.",
    "US": "ZIP codes: GeoNames, CC BY 4.0. Real US offers of 2023: UVA Biocomplexity Institute SDAD, CC BY 4.0; "
    "content BroadbandNow.",
}
MISSING_AGREEMENT = {ASK, OUTSIDE_PRODUCTS, OUTSIDE_REGIONS}
STATUS = {"live": ("Live", "green"), "planned": ("Planned", "grey"), "build": ("In build", "blue")}


@dataclass(slots=True)
class Part:
    """One segment of the score bar: points won, out of those possible, and where it begins."""

    key: str
    label: str
    points: float
    most: float
    start: float


@dataclass(slots=True)
class Shown:
    """An offer with what only the page needs. Template code reads `item.offer.…` for the rest."""

    offer: dict[str, Any]
    rank: int
    parts: list[Part]
    p50: float
    p80: float
    status_word: str
    status_colour: str
    badge: dict[str, Any] | None  # what the operator says live
    order_query: str
    ask: str  # where an agreement that covers it is asked for; empty where that is not what is missing


def show(offers: list[dict[str, Any]], answer: Qualification, weights: Weights) -> list[Shown]:
    """Offers with their rank in the whole answer, their score bar and their place on the common scale of days."""
    ranks = {offer["id"]: number for number, offer in enumerate(answer.offers, start=1)}
    histories = [offer["lead_time"]["history"] for offer in answer.offers]
    longest = max((history["p80_days"] for history in histories if history), default=0) or 1
    query = _place_query(answer.place)
    return [_shown(offer, ranks[offer["id"]], weights.shares(), longest, query) for offer in offers]


def _shown(offer: dict[str, Any], rank: int, shares: tuple[float, ...], longest: float, query: str) -> Shown:
    history = offer["lead_time"]["history"] or {"p50_days": 0, "p80_days": 0}
    word, colour = STATUS[offer["status"]]
    return Shown(
        offer=offer,
        rank=rank,
        parts=_parts(offer, shares),
        p50=round(100 * history["p50_days"] / longest, 1),
        p80=round(100 * history["p80_days"] / longest, 1),
        status_word=word,
        status_colour=colour,
        badge=badge(offer["live"]),
        order_query=f"offering={offer['id']}&{query}",
        ask=ask_url(offer["operator"]) if offer["why_not"] in MISSING_AGREEMENT else "",
    )


def ask_url(operator: dict[str, Any]) -> str:
    """Where an agreement with an operator is asked for."""
    return f"/agreements/new/{operator['code']}/"


def _parts(offer: dict[str, Any], shares: tuple[float, ...]) -> list[Part]:
    parts, start = [], 0.0
    for part, share in zip(PARTS, shares, strict=True):
        points = offer["parts"][part]
        parts.append(Part(part, LABELS[part], points, round(share, 1), round(start, 1)))
        start += points
    return parts


def _place_query(place: dict[str, Any]) -> str:
    address = place["address"]
    return f"place={place['id']}" + (f"&address={address['id']}" if address else "")


def credits_for(country: str) -> str:
    """The attribution of the data that places of a country come from; empty where none is asked for."""
    return CREDITS.get(country, "")
