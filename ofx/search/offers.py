"""What footprints say of a place, joined with the directory → offers, and who is missing and why. Pure."""

from datetime import date, datetime
from typing import Any, NamedTuple

from ofx.search.directory import Directory, Product, Seller
from ofx.search.places import Spot
from ofx.search.ranking import ACCESSORIES, CALENDAR_PER_WORKING_DAY, Facts

LEVEL_WORDS = {1: "premises", 2: "postcode", 3: "sector", 4: "area", 5: "some premises"}
CONFIDENCE_WORDS = {1: "premises", 2: "postcode", 3: "area", 4: "area", 5: "premises"}
SOME_PREMISES = 5
LEAST_SPECIFIC = 9
STANDING_WORDS = {
    "none": "No agreement: ask for one",
    "requested": "No agreement yet: asked for",
    "offered": "No agreement yet: an offer waits for you",
    "suspended": "Your agreement is suspended",
}
Pairs = list[tuple[dict[str, Any], Facts]]


class Hit(NamedTuple):
    """One row of the HITS statement, in its order: what an operator says of the place for one technology."""

    stamp: str
    operator_id: int
    level: int
    technology: str
    status: str
    available_from: date | None
    published_at: datetime | None
    synthetic: bool
    premises: int | None
    lead: int | None
    down: float | None
    up: float | None
    offering_id: int | None
    own: bool | None
    area: str | None
    sample: int | None
    p50: float | None
    p80: float | None
    on_time: float | None
    fallout: float | None
    lively: bool  # something is known live of the place, or was proved there


def most_specific(hits: list[Hit]) -> list[Hit]:
    """Of each operator and technology, what it says at its most specific level."""
    best: dict[tuple[int, str], int] = {}
    for hit in hits:
        key = hit.operator_id, hit.technology
        if hit.level < best.get(key, LEAST_SPECIFIC):
            best[key] = hit.level
    return [hit for hit in hits if hit.level == best[hit.operator_id, hit.technology]]


def build_offers(hits: list[Hit], book: Directory, spot: Spot) -> Pairs:
    """One offer per product: where several rows make it available, the live and most specific one."""
    best: dict[int, tuple[Hit, Product]] = {}
    for hit in hits:
        if hit.operator_id not in book.sellers:
            continue
        for product in book.products(hit.operator_id, hit.technology, hit.offering_id):
            known = best.get(product.id)
            if known is None or _preference(hit) < _preference(known[0]):
                best[product.id] = (hit, product)
    return [_offer(hit, product, book, spot) for hit, product in best.values()]


def _preference(hit: Hit) -> tuple[Any, ...]:
    return hit.status != "live", hit.status != "build", hit.level, -(hit.down or 0), hit.technology


def _offer(hit: Hit, product: Product, book: Directory, spot: Spot) -> tuple[dict[str, Any], Facts]:
    seller = book.sellers[hit.operator_id]
    price = book.price(product)
    why_not = seller.refusal or seller.outside(product.id, spot.country, spot.outcode, spot.district) or _not_yet(hit)
    lead = product.lead if hit.lead is None else hit.lead
    line = product.kind not in ACCESSORIES  # a handset has no speed of its own
    down = _speed(product.down, hit.down) if line else product.down
    provenance = seller.shown["provenance"]
    offer = {
        "id": product.id,
        "operator": seller.shown,
        "product": product.name,
        "code": product.code,
        "kind": product.kind,
        "technology": (hit.technology if line else "") or product.technology,
        "down_mbps": down,
        "up_mbps": _speed(product.up, hit.up) if line else product.up,
        "confidence": CONFIDENCE_WORDS[hit.level],
        "level": LEVEL_WORDS[hit.level],
        "premises": {"served": hit.premises, "known": len(spot.keys)} if hit.level == SOME_PREMISES else None,
        "status": hit.status,
        "available_from": hit.available_from,
        "price": price,
        "orderable": not why_not,
        "why_not": why_not,
        "lead_time": {"list_working_days": lead, "history": _history(hit)},
        "published_at": hit.published_at,
        "synthetic": hit.synthetic or provenance != "real",
        "simulated": provenance == "simulated",
        "live": None,
        "ghost": None,
    }
    return offer, _facts(hit, product.kind, price, down, lead, not why_not)


def _facts(
    hit: Hit, kind: str, price: dict[str, Any] | None, down: float | None, lead: int | None, orderable: bool
) -> Facts:
    days = hit.p50 if hit.p50 is not None else lead * CALENDAR_PER_WORKING_DAY if lead else None
    monthly, one_off = (float(price["monthly"]), float(price["one_off"])) if price else (None, None)
    currency = price["currency"] if price else None
    return Facts(
        kind, hit.level, hit.status, orderable, monthly, one_off, currency, down, days, hit.on_time, hit.fallout
    )


def _speed(product: float | None, line: float | None) -> float | None:
    """Mbit/s that a product gives on a line: the smaller of what is sold and what the line carries."""
    if product is None or line is None:
        return line if product is None else product
    return min(product, line)


def _not_yet(hit: Hit) -> str:
    """What keeps an order from a row that the tenant could otherwise order from."""
    if hit.status != "live":
        return "Not live yet" + (f": from {hit.available_from:%-d %b %Y}." if hit.available_from else ".")
    return "Served at some premises only: choose the address." if hit.level == SOME_PREMISES else ""


def _history(hit: Hit) -> dict[str, Any] | None:
    if hit.sample is None:
        return None
    return {
        "p50_days": hit.p50,
        "p80_days": hit.p80,
        "sample": hit.sample,
        "source": "own" if hit.own else "pooled",
        "area": hit.area,
        "on_time": hit.on_time,
        "fallout": hit.fallout,
    }


def missing(hits: list[Hit], book: Directory, offers: list[dict[str, Any]], country: str) -> list[dict[str, Any]]:
    """Operators of the country, or serving the place, from which nothing can be ordered here, and why."""
    orderable = {offer["operator"]["id"] for offer in offers if offer["orderable"]}
    selling = {offer["operator"]["id"] for offer in offers}
    refused = {offer["operator"]["id"] for offer in offers if refused_live(offer)}
    served: dict[int, list[Hit]] = {}
    for hit in hits:
        served.setdefault(hit.operator_id, []).append(hit)
    return [
        _missing(seller, served.get(seller.id, []), seller.id in selling, seller.id in refused)
        for seller in book.sellers.values()
        if seller.id not in orderable and (seller.country == country or seller.id in served)
    ]


def refused_live(offer: dict[str, Any]) -> bool:
    """Whether the operator itself said live that it cannot deliver."""
    return bool(offer["live"]) and offer["live"]["state"] == "live" and offer["live"]["available"] is False


def _missing(seller: Seller, hits: list[Hit], sells: bool, refused: bool) -> dict[str, Any]:
    code, reason = _reason(seller, hits, sells, refused)
    dates = [hit.available_from for hit in hits if hit.available_from]
    since = min(dates) if code == "planned_only" and dates else None
    return {"operator": seller.shown, "code": code, "reason": reason, "available_from": since}


def _reason(seller: Seller, hits: list[Hit], sells: bool, refused: bool) -> tuple[str, str]:
    """The first thing that stands in the way, from the network outwards."""
    if not hits:
        return "no_coverage", "No coverage here"
    if seller.suspended:
        return "suspended", f"Suspended: {seller.suspended}"
    if all(hit.status != "live" for hit in hits):
        dates = [hit.available_from for hit in hits if hit.available_from]
        return "planned_only", f"Planned only: from {min(dates):%-d %b %Y}" if dates else "Planned only: no date given"
    if seller.standing:
        return "no_agreement", STANDING_WORDS.get(seller.standing, "Your agreement is not in force")
    if refused:
        return "refused_live", "Says now that it cannot deliver here"
    if not sells:
        return "no_product", "Covers this place but sells no product here"
    limited = seller.regions or seller.products is not None
    if limited and any(hit.status == "live" and hit.level != SOME_PREMISES for hit in hits):
        return "no_agreement", "Not covered by your agreement: ask for it to be added"
    return "some_premises", "Serves some premises of this postcode: choose the address"
