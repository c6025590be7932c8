"""Narrow and sort the offers of one answer. They are few: it is done in Python, after ranking."""

from collections.abc import Callable
from typing import Any

Offer = dict[str, Any]


def _monthly(offer: Offer) -> float:
    return float(offer["price"]["monthly"]) if offer["price"] else float("inf")


def _days(offer: Offer) -> float:
    history, listed = offer["lead_time"]["history"], offer["lead_time"]["list_working_days"]
    if history:
        return history["p50_days"]
    return listed * 1.4 if listed is not None else float("inf")


TESTS: dict[str, Callable[[Offer, Any], bool]] = {
    "technology": lambda offer, value: offer["technology"].casefold() == str(value).casefold(),
    "kind": lambda offer, value: offer["kind"] == value,
    "net": lambda offer, value: offer["operator"]["on_net"] == (value == "on"),
    "max_monthly": lambda offer, value: _monthly(offer) <= value,
    "min_down": lambda offer, value: (offer["down_mbps"] or 0) >= value,
    "orderable": lambda offer, value: offer["orderable"],
}
# Sort key → (function, descending). Ranked order is the order of the answer itself.
SORTS: dict[str, tuple[Callable[[Offer], Any], bool]] = {
    "operator": (lambda offer: (offer["operator"]["name"], offer["product"]), False),
    "product": (lambda offer: (offer["product"], offer["operator"]["name"]), False),
    "down": (lambda offer: offer["down_mbps"] or 0, True),
    "price": (_monthly, False),
    "lead": (_days, False),
    "age": (lambda offer: offer["published_at"].timestamp() if offer["published_at"] else 0, True),
}

# The choices of the page's "Order by".
SORT_WORDS = (
    ("", "Rank"),
    ("price", "Price, lowest first"),
    ("lead", "Lead time, shortest first"),
    ("down", "Speed, fastest first"),
    ("operator", "Operator"),
    ("age", "Newest data"),
)


def narrow(offers: list[Offer], chosen: dict[str, Any]) -> list[Offer]:
    """Offers that pass every chosen filter."""
    return [offer for offer in offers if all(TESTS[name](offer, value) for name, value in chosen.items())]


def arrange(offers: list[Offer], sort: str) -> list[Offer]:
    """Offers in the asked order: `price`, or `-price` for the other way round; unknown: as ranked."""
    function, descending = SORTS.get(sort.removeprefix("-"), (None, False))
    if function is None:
        return offers
    return sorted(offers, key=function, reverse=descending != sort.startswith("-"))
