"""The order of offers, and why. Pure: no database, no clock.

Each offer gets five parts between 0 and 1, measured against the best of its kind (broadband is not compared with
Ethernet). The tenant's weights add them up to a score out of 100. Lines come before what goes with a line (a device,
a SIM, a delivery); then those that can be ordered, the live ones, the score; equal scores by the operators' names.
"""

from dataclasses import dataclass
from math import log1p
from typing import Any

PARTS = ("price", "speed", "lead_time", "reliability", "confidence")
LABELS = {
    "price": "Price",
    "speed": "Speed",
    "lead_time": "Lead time",
    "reliability": "Reliability",
    "confidence": "Confidence",
}
MONTHS = 24  # a one-off charge is spread over two years to compare it with a monthly one
CALENDAR_PER_WORKING_DAY = 7 / 5
# By level of the footprint row (1 premises … 4 outcode, 5 some premises of the postcode).
CONFIDENCE = {1: 1.0, 2: 0.8, 3: 0.5, 4: 0.35, 5: 0.45}
CERTAINTY = {"live": 1.0, "build": 0.5, "planned": 0.25}
ACCESSORIES = {"device", "sim", "delivery"}  # sold with a line, so never the answer to "who serves this place?"
NO_HISTORY = 0.5  # neither reward nor punish an operator that we have no cases of


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts. Only their proportions matter."""

    price: int = 30
    speed: int = 15
    lead_time: int = 25
    reliability: int = 20
    confidence: int = 10

    def shares(self) -> tuple[float, ...]:
        """Points out of 100 that each part can give, in the order of PARTS; equal where every weight is 0."""
        values = (self.price, self.speed, self.lead_time, self.reliability, self.confidence)
        total = sum(values)
        return tuple(100 * value / total for value in values) if total else (20.0,) * 5


@dataclass(slots=True)
class Facts:
    """What ranking needs of an offer."""

    kind: str
    level: int
    status: str
    orderable: bool
    monthly: float | None
    one_off: float | None
    currency: str | None
    down: float | None
    days: float | None
    on_time: float | None
    fallout: float | None
    live: bool | None = None  # what a live answer that holds says; None without one
    doubt: float = 1.0  # what is left of the confidence after an order failed there

    def cost(self) -> float | None:
        """Monthly cost with the one-off charge spread over two years; None without a price."""
        if self.monthly is None:
            return None
        return self.monthly + (self.one_off or 0) / MONTHS


def rank(pairs: list[tuple[dict[str, Any], Facts]], weights: Weights) -> list[dict[str, Any]]:
    """Write `score`, `parts` and `why` into each offer and return them best first."""
    best = _best([facts for _, facts in pairs])
    shares = weights.shares()
    for offer, facts in pairs:
        values = _values(facts, best)
        points = [round(share * value, 1) for share, value in zip(shares, values)]  # noqa: B905  the busiest line
        offer["score"] = round(sum(points), 1)
        offer["parts"] = dict(zip(PARTS, points))  # noqa: B905
        offer["why"] = _words(facts, values, best)
    pairs.sort(key=_order)
    return [offer for offer, _ in pairs]


def _order(pair: tuple[dict[str, Any], Facts]) -> tuple[Any, ...]:
    offer, facts = pair
    first = facts.kind in ACCESSORIES, not facts.orderable, facts.status != "live"
    return *first, -offer["score"], offer["operator"]["name"], offer["product"]


def _best(all_facts: list[Facts]) -> dict[Any, float]:
    """The best of each kind: lowest cost by currency, highest speed, shortest time."""
    best: dict[Any, float] = {}
    for facts in all_facts:
        cost = facts.cost()
        if cost is not None:
            key = ("cost", facts.kind, facts.currency)
            best[key] = min(best.get(key, cost), cost)
        if facts.down:
            best["down", facts.kind] = max(best.get(("down", facts.kind), 0), facts.down)
        if facts.days:
            best["days", facts.kind] = min(best.get(("days", facts.kind), facts.days), facts.days)
    return best


def _values(facts: Facts, best: dict[Any, float]) -> tuple[float, ...]:
    """The five parts of one offer, each between 0 and 1, in the order of PARTS."""
    cost = facts.cost()
    lowest = best.get(("cost", facts.kind, facts.currency), 0)
    price = 0.0 if cost is None else 1.0 if cost <= lowest else max(lowest, 0) / cost
    speed = log1p(facts.down) / log1p(best["down", facts.kind]) if facts.down else 0.0
    lead = best["days", facts.kind] / facts.days if facts.days else 0.0
    sure = 1.0 if facts.live else CONFIDENCE[facts.level]
    return price, speed, lead, _reliability(facts), sure * CERTAINTY.get(facts.status, 0.25) * facts.doubt


def _reliability(facts: Facts) -> float:
    if facts.on_time is None and facts.fallout is None:
        return NO_HISTORY
    return (facts.on_time if facts.on_time is not None else NO_HISTORY) * (1 - (facts.fallout or 0))


def _words(facts: Facts, values: tuple[float, ...], best: dict[Any, float]) -> str:
    """The rank in a few words: what speaks for the offer, then what against it."""
    price, speed, lead, reliability, _ = values
    words = []
    if price == 1:
        words.append("cheapest")
    elif price:
        words.append(f"{1 / price - 1:.0%} dearer" if price < 0.995 else "about the cheapest")
    else:
        words.append("no price known")
    if speed == 1:
        words.append("fastest")
    if lead == 1:
        words.append("soonest")
    elif not lead:
        words.append("no lead time known")
    elif lead < 0.5:
        words.append(f"{1 / lead:.1f}× the shortest lead time")
    if facts.on_time is not None and reliability >= 0.9:
        words.append("keeps its dates")
    elif facts.on_time is not None and reliability < 0.7:
        words.append(f"on time in {facts.on_time:.0%}")
    if facts.doubt < 1:
        words.append("an order failed here")
    if facts.live is not None:
        words.append("confirmed live" if facts.live else "refused live")
    elif facts.status != "live":
        words.append("not live yet")
    elif facts.level == 1:
        words.append("sure at the premises")
    elif facts.level > 2:
        words.append("known by area only")
    return ", ".join(words)
