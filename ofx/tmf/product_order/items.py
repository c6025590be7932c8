"""productOrderItem: what the buyer wrote, with what became of it at its operator."""

from typing import Any

from ofx.orders.models import Order, OrderItem, PartnerOrder
from ofx.tmf.offers import API as CATALOGUE
from ofx.tmf.offers import offering_id
from ofx.tmf.places import API as ADDRESSES
from ofx.tmf.places import geographic_address
from ofx.tmf.product_order.states import item_state
from ofx.tmf.rest.face import base

Json = dict[str, Any]


def parts(order: Order) -> list[PartnerOrder]:
    """The partner orders with their items, by position."""
    return sorted(order.partner_orders.all(), key=lambda part: part.item.position)


def wish_of(order: Order) -> Json:
    """What the buyer's system sent; empty for an order that was placed on a page."""
    buyer = getattr(order, "buyer_order", None)
    return buyer.wish if buyer else {}


def matched(order: Order) -> list[tuple[Json | None, PartnerOrder | None]]:
    """The buyer's items beside ours. What our desk or our rules added has no buyer's item, and the other way round."""
    found = parts(order)
    chosen = [part for part in found if part.item.added_by_rule_id is None]
    wish = wish_of(order)
    given: list[Json] = wish.get("items", [])
    if len(given) == len(chosen):  # also after our desk has completed it: the lines follow the buyer's items
        pairs: list[tuple[Json | None, PartnerOrder | None]] = list(zip(given, chosen, strict=True))
    else:
        places = wish.get("positions", {})
        by_position = {part.item.position: part for part in chosen}
        pairs = [(item, by_position.get(places.get(item["id"], 0))) for item in given]
    used = {part.pk for _, part in pairs if part}
    return [*pairs, *((None, part) for part in found if part.pk not in used)]


def item_id(given: Json | None, part: PartnerOrder | None, taken: set[str]) -> str:
    """The buyer's id, else our position, made different from the buyer's ids."""
    if given:
        return str(given["id"])
    assert part is not None
    own = str(part.item.position)
    return own if own not in taken else f"added-{own}"


def identified(order: Order) -> list[tuple[str, Json | None, PartnerOrder | None]]:
    """Every item with the id that it is shown under."""
    pairs = matched(order)
    taken = {str(given["id"]) for given, _ in pairs if given}
    return [(item_id(given, part, taken), given, part) for given, part in pairs]


def items(order: Order, version: str) -> list[Json]:
    """productOrderItem of an order."""
    rows = identified(order)
    names = {part.item_id: shown for shown, _, part in rows if part}
    return [_item(order, shown, given, part, names, version) for shown, given, part in rows]


def _item(
    order: Order, shown: str, given: Json | None, part: PartnerOrder | None, names: dict[int, str], version: str
) -> Json:
    made: Json = {"id": shown, "action": part.item.action if part else (given or {}).get("action", "add")}
    made["quantity"] = part.item.quantity if part else (given or {}).get("quantity", 1)
    made["state"] = item_state(part.state, version) if part else _unrouted(order, version)
    offering = _offering(given, part)
    if offering:
        made["productOffering"] = offering
    made["product"] = _product(order, given, part, version)
    if part:
        made["itemPrice"] = prices(part.item)
        needs = [names[need.pk] for need in part.item.depends_on.all() if need.pk in names]
        if needs:
            made["productOrderItemRelationship"] = [
                {"id": one, "relationshipType": "reliesOn", "@type": "OrderItemRelationship"} for one in needs
            ]
    made["@type"] = "ProductOrderItem"
    return made


def _unrouted(order: Order, version: str) -> str:
    """An item that nobody has found an offer for: it goes with its order as long as that is open."""
    state = item_state(order.state, version)
    return state if state in ("cancelled", "rejected") else "acknowledged"


def _offering(given: Json | None, part: PartnerOrder | None) -> Json | None:
    """As the buyer wrote it, else ours."""
    wanted: Json = dict((given or {}).get("offering", {}))
    if part:
        ours = offering_id(part.item.offering)
        wanted = {"id": ours, "name": part.item.offering.name, **wanted}
        wanted["href"] = f"{base(CATALOGUE, 'v4')}/productOffering/{ours}"
    if not wanted:
        return None
    return {
        **wanted,
        "id": wanted.get("id") or wanted["name"],
        "@referredType": "ProductOffering",
        "@type": "ProductOfferingRef",
    }


def _product(order: Order, given: Json | None, part: PartnerOrder | None, version: str) -> Json:
    traits: Json = (given or {}).get("characteristics") or (part.item.characteristics if part else {})
    made: Json = {"isBundle": False, "place": [_place(order, given, version)]}
    if (given or {}).get("product"):
        made["id"] = (given or {})["product"]
    if traits:
        made["productCharacteristic"] = [_characteristic(name, value, version) for name, value in traits.items()]
    made["@type"] = "Product"
    return made


def _characteristic(name: str, value: Any, version: str) -> Json:
    made = {"name": name, "value": value, "@type": "Characteristic"}
    if version == "v5":
        made["@type"] = TYPED.get(type(value), "ObjectCharacteristic")
        made["valueType"] = made["@type"].removesuffix("Characteristic").lower()
    return made


TYPED = {
    str: "StringCharacteristic",
    bool: "BooleanCharacteristic",
    int: "IntegerCharacteristic",
    float: "FloatCharacteristic",
}


def _place(order: Order, given: Json | None, version: str) -> Json:
    """Where it is installed: as we know the place, under the id that the buyer used for it."""
    wanted: Json = (given or {}).get("place", {})
    whole = geographic_address(order.country, order.postcode, order.place_text, order.address)
    whole["href"] = f"{base(ADDRESSES, 'v4')}/geographicAddress/{whole['id']}"
    if order.place_id is None:
        whole.pop("href")
        whole["id"] = order.postcode or "unknown"
    if wanted.get("id"):
        whole["id"] = wanted["id"]
    role = wanted.get("role") or "installationAddress"
    if version == "v5":
        value = {**whole, "@type": "GeographicAddress"}
        return {"role": role, "place": value, "@type": "RelatedPlaceRefOrValue"}
    return {**whole, "role": role, "@referredType": "GeographicAddress", "@type": "RelatedPlaceRefOrValue"}


def prices(item: OrderItem) -> list[Json]:
    """Once and each month, as they were when it was ordered."""
    once = _price("One-off charge", "oneTime", item.one_off * item.quantity, item.currency)
    monthly = _price("Monthly rental", "recurring", item.monthly * item.quantity, item.currency)
    return [once, {**monthly, "recurringChargePeriod": "month"}]


def total(order: Order) -> list[Json]:
    """orderTotalPrice: what it costs each month."""
    made = _price("Monthly rental", "recurring", order.value_monthly, order.currency)
    return [{**made, "recurringChargePeriod": "month"}]


def _price(name: str, kind: str, amount: Any, currency: str) -> Json:
    money = {"unit": currency, "value": float(amount)}
    return {
        "name": name,
        "priceType": kind,
        "price": {"dutyFreeAmount": money, "@type": "Price"},
        "@type": "OrderPrice",
    }
