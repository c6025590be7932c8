"""Offers side by side: one row a property, the best value and the differences marked. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ofx.core.ui.display import NOTHING, age, day, money, state_chip
from ofx.search.showing import STATUS, Shown

MOST = 4
PRICE_WORDS: dict[str | None, str] = {
    "agreement": "under your agreement",
    "list": "list price",
    None: "no price known",
}
Offer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and whether it is the best of its row."""

    text: Any
    best: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One property of all offers; `differs` where they are not all the same."""

    label: str
    cells: list[Cell]
    differs: bool


@dataclass(frozen=True, slots=True)
class Property:
    """How to read a property, show it, and which value is best (`low`, `high` or neither)."""

    label: str
    value: Callable[[Offer], Any]
    text: Callable[[Any, Offer], Any] = lambda value, offer: NOTHING if value in (None, "") else value
    best: str = ""


def _price(key: str) -> Callable[[Offer], float | None]:
    return lambda offer: float(offer["price"][key]) if offer["price"] else None


def _money(value: Any, offer: Offer) -> Any:
    return money(value, offer["price"]["currency"]) if value is not None else NOTHING


def _history(key: str) -> Callable[[Offer], Any]:
    return lambda offer: (offer["lead_time"]["history"] or {}).get(key)


def _share(value: Any, offer: Offer) -> Any:
    return NOTHING if value is None else f"{value:.0%}"


def _unit(unit: str) -> Callable[[Any, Offer], Any]:
    return lambda value, offer: NOTHING if value is None else f"{value:g} {unit}"


def _days(value: Any, offer: Offer) -> Any:
    return NOTHING if value is None else f"{value:.0f} days"


def _sample(value: Any, offer: Offer) -> Any:
    history = offer["lead_time"]["history"]
    return f"{value} orders, {'our own' if history['source'] == 'own' else 'pooled'}" if history else NOTHING


PROPERTIES = (
    Property("A month", _price("monthly"), _money, "low"),
    Property("One-off", _price("one_off"), _money, "low"),
    Property("Price", lambda offer: (offer["price"] or {}).get("source"), lambda value, offer: PRICE_WORDS[value]),
    Property("Kind", lambda offer: offer["kind"], lambda value, offer: value.capitalize()),
    Property("Technology", lambda offer: offer["technology"]),
    Property("Down", lambda offer: offer["down_mbps"], _unit("Mbit/s"), "high"),
    Property("Up", lambda offer: offer["up_mbps"], _unit("Mbit/s"), "high"),
    Property(
        "Lead time (list)",
        lambda offer: offer["lead_time"]["list_working_days"],
        _unit("working days"),
        "low",
    ),
    Property("Half were done in (P50)", _history("p50_days"), _days, "low"),
    Property("Four in five in (P80)", _history("p80_days"), _days, "low"),
    Property("Measured on", _history("sample"), _sample),
    Property("On time", _history("on_time"), _share, "high"),
    Property("Never completed", _history("fallout"), _share, "low"),
    Property("Known for", lambda offer: offer["level"]),
    Property("State", lambda offer: offer["status"], lambda value, offer: state_chip(*STATUS[value])),
    Property("From", lambda offer: offer["available_from"], lambda value, offer: day(value)),
    Property("Data published", lambda offer: offer["published_at"], lambda value, offer: age(value)),
    Property("Can be ordered", lambda offer: offer["why_not"], lambda value, offer: value or "yes"),
    Property("Score", lambda offer: offer["score"], lambda value, offer: f"{value:.1f} of 100", "high"),
)


def compare_rows(shown: list[Shown]) -> list[Row]:
    """A row for every property that at least one offer has."""
    offers = [item.offer for item in shown]
    rows = [_row(one, offers) for one in PROPERTIES]
    return [row for row in rows if any(cell.text is not NOTHING for cell in row.cells)]


def _row(one: Property, offers: list[Offer]) -> Row:
    values = [one.value(offer) for offer in offers]
    known = [value for value in values if value is not None]
    differs = len(set(map(str, values))) > 1
    best = {"low": min, "high": max}[one.best](known) if one.best and known and differs else None
    cells = [
        Cell(one.text(value, offer), best is not None and value == best)
        for value, offer in zip(values, offers, strict=True)
    ]
    return Row(one.label, cells, differs)
