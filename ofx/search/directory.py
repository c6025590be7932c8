"""Who sells what at which price, and how a tenant stands with each operator: small, read often, changed seldom.

Every process keeps it in memory under the stamp that a search reads together with its footprint rows. A changed
agreement, price, product or operator changes the stamp, so the next search loads afresh: nothing is ever stale.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from ofx.core.models import Organisation
from ofx.core.prepared import fetch
from ofx.search.ranking import Weights
from ofx.search.statements import AGREED, PRODUCTS, SELLERS, STANDINGS, WEIGHTS
from partners.agreements.queries import OUTSIDE_PRODUCTS, OUTSIDE_REGIONS
from partners.agreements.regions import within

MOST_KEPT = 64  # tenants, for each day and stamp
ASK = "No agreement: ask for an agreement."
TALKS = {
    "requested": "You asked for an agreement: the operator has not answered yet.",
    "offered": "The operator offers an agreement: it waits for your answer.",
}


@dataclass(frozen=True, slots=True)
class Seller:
    """An operator as offers name it; `refusal` says why this tenant cannot order from it, empty where it can."""

    id: int
    name: str
    country: str
    shown: dict[str, Any]
    suspended: str
    refusal: str
    standing: str
    regions: tuple[str, ...] = ()
    products: frozenset[int] | None = None

    def outside(self, product_id: int, country: str, outcode: str, district: str) -> str:
        """Why the terms of the agreement do not cover a product at a place; empty where they do."""
        if self.products is not None and product_id not in self.products:
            return OUTSIDE_PRODUCTS
        return "" if within(self.regions, country, outcode, district) else OUTSIDE_REGIONS


@dataclass(frozen=True, slots=True)
class Product:
    """An offering with its list price."""

    id: int
    operator_id: int
    name: str
    code: str
    kind: str
    technology: str
    down: float | None
    up: float | None
    lead: int | None
    everywhere: bool
    price: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What every tenant has in common: raw operators, products by id, and by operator those sold everywhere."""

    sellers: list[tuple[Any, ...]]
    products: dict[int, Product]
    everywhere: dict[int, list[Product]]


@dataclass(frozen=True, slots=True)
class Directory:
    """The shelf as one organisation sees it: visible operators only, its own prices, its weights."""

    sellers: dict[int, Seller]
    shelf: Shelf
    agreed: dict[int, dict[str, Any]]
    weights: Weights

    def price(self, product: Product) -> dict[str, Any] | None:
        """The price under the agreement in force, else at list."""
        return self.agreed.get(product.id) or product.price

    def products(self, operator_id: int, technology: str, offering_id: int | None) -> list[Product]:
        """What a footprint row makes available: the product it names, else those sold everywhere on its technology."""
        if offering_id is not None:
            named = self.shelf.products.get(offering_id)
            return [named] if named and named.operator_id == operator_id else []
        sold = self.shelf.everywhere.get(operator_id, ())
        return [product for product in sold if product.technology in ("", technology)]


_shelves: dict[tuple[Any, ...], Shelf] = {}
_directories: dict[tuple[Any, ...], Directory] = {}


def directory(stamp: str, organisation: Organisation, day: date) -> Directory:
    """The directory of an organisation on a day, as of a stamp: from memory, or loaded by four statements."""
    key = (stamp, organisation.pk, organisation.kind, day)
    return _kept(_directories, key, partial(_load, stamp, organisation, day))


def _kept(kept: dict[tuple[Any, ...], Any], key: tuple[Any, ...], load: Callable[[], Any]) -> Any:
    """Entries of older stamps are dropped as new ones come; two threads at once load twice, which harms nobody."""
    found = kept.get(key)
    if found is None:
        found = load()
        if len(kept) >= MOST_KEPT or any(other[0] != key[0] for other in list(kept)):
            kept.clear()
        kept[key] = found
    return found


def _shelf(day: date) -> Shelf:
    products, everywhere = {}, {}  # type: ignore[var-annotated]
    for row in fetch(PRODUCTS, {"day": day}):
        product = Product(*(*row[:10], _price(row[10:], "list")))
        products[product.id] = product
        if product.everywhere:
            everywhere.setdefault(product.operator_id, []).append(product)
    return Shelf(fetch(SELLERS, ()), products, everywhere)


def _price(row: tuple[Any, ...], source: str) -> dict[str, Any] | None:
    one_off, monthly, currency = row
    if monthly is None:
        return None
    return {"one_off": one_off, "monthly": monthly, "currency": currency, "source": source}


def _load(stamp: str, organisation: Organisation, day: date) -> Directory:
    shelf = _kept(_shelves, (stamp, day), partial(_shelf, day))
    known = {"organisation": organisation.pk, "day": day}
    standings = {row[0]: row[1:] for row in fetch(STANDINGS, known)}
    in_force = [standing[0] for standing in standings.values() if standing[2]]
    agreed = {row[0]: _price(row[1:], "agreement") for row in fetch(AGREED, {**known, "agreements": in_force})}
    weights = fetch(WEIGHTS, (organisation.pk,))
    sellers = [_seller(row, standings.get(row[0])) for row in shelf.sellers if _visible(row, organisation)]
    return Directory(
        {seller.id: seller for seller in sellers},
        shelf,
        agreed,  # type: ignore[arg-type]
        Weights(*weights[0]) if weights else Weights(),
    )


def _visible(row: tuple[Any, ...], organisation: Organisation) -> bool:
    """The same rule as Operator.visible_to: a provider's own network is for that provider, an operator sees itself."""
    on_net_of, own = row[5], row[6]
    if organisation.kind == "service_provider":
        return on_net_of in (None, organisation.pk)
    return organisation.kind == "exchange" or (organisation.kind == "operator" and own == organisation.pk)


def _seller(row: tuple[Any, ...], standing: tuple[Any, ...] | None) -> Seller:
    id_, name, code, country, provenance, on_net_of, _, suspended = row
    _, state, holds, regions, products = standing or (None, "", False, None, None)
    on_net = on_net_of is not None
    shown = {"id": id_, "name": name, "code": code, "on_net": on_net, "provenance": provenance}
    refusal, standing_word = ("", "") if holds or on_net else (_refusal(state), state or "none")
    if suspended:
        refusal = f"Suspended: {suspended}"
    limits = (tuple(regions or ()), None if products is None else frozenset(products)) if holds and not on_net else ()
    return Seller(id_, name, country, shown, suspended, refusal, standing_word, *limits)


def _refusal(state: str) -> str:
    """Why a tenant without an agreement in force cannot order (ARCHITECTURE 9)."""
    if state == "suspended":
        return "Your agreement with this operator is suspended."
    return TALKS.get(state, "Your agreement with this operator is not in force.") if state else ASK
