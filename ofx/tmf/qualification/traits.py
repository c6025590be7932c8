"""An offer in the words that both standards share: speeds, technology, lead time, prices, place."""

from typing import Any

from ofx.tmf.offers import API as CATALOGUE
from ofx.tmf.places import API as ADDRESSES
from ofx.tmf.places import Where, geographic_address
from ofx.tmf.rest.face import base

Json = dict[str, Any]


def offer_id(offer: Json) -> str:
    """`operator:code`, the id of productOffering."""
    return f"{offer['operator']['code']}:{offer['code']}"


def offering_reference(offer: Json) -> Json:
    """ProductOfferingRef."""
    identifier = offer_id(offer)
    return {
        "id": identifier,
        "href": f"{base(CATALOGUE, 'v4')}/productOffering/{identifier}",
        "name": offer["product"],
        "@referredType": "ProductOffering",
        "@type": "ProductOfferingRef",
    }


def characteristics(offer: Json) -> list[Json]:
    """What search says of the line."""
    if offer.get("bare"):
        return []
    values = (
        ("downstreamSpeed", "number", offer["down_mbps"]),
        ("upstreamSpeed", "number", offer["up_mbps"]),
        ("technology", "string", offer["technology"] or None),
        ("leadTimeWorkingDays", "number", offer["lead_time"]["list_working_days"]),
        ("operator", "string", offer["operator"]["name"]),
        ("confidence", "string", offer["confidence"]),
        ("synthetic", "boolean", offer["synthetic"]),
    )
    return [
        {"name": name, "valueType": kind, "value": value, "@type": "Characteristic"}
        for name, kind, value in values
        if value is not None
    ]


def price_rows(price: Json | None, kind: str = "ProductPrice") -> list[Json]:
    """Once and each month, tax not included; nothing without a price."""
    if not price:
        return []
    once = price_row("One-off charge", "oneTime", price["one_off"], price["currency"], kind)
    monthly = price_row("Monthly rental", "recurring", price["monthly"], price["currency"], kind)
    return [once, {**monthly, "recurringChargePeriod": "month"}]


def price_row(name: str, kind: str, amount: Any, currency: str, type_: str) -> Json:
    """One price."""
    money = {"unit": currency, "value": float(amount)}
    return {"name": name, "priceType": kind, "price": {"dutyFreeAmount": money, "@type": "Price"}, "@type": type_}


def place_rows(where: Where, given: Json, *, plain: bool = False) -> list[Json]:
    """The place by value, under the caller's role and id; `plain` where the file has no room for more than id, name."""
    if where.place is None:
        shown = {name: given[name] for name in ("id", "name", "postcode", "country") if given.get(name)}
    else:
        shown = geographic_address(where.country, where.postcode, where.text, where.address)
        shown["href"] = f"{base(ADDRESSES, 'v4')}/geographicAddress/{shown['id']}"
    if plain:
        shown = {name: shown[name] for name in ("id", "href", "name") if name in shown}
    role = given.get("role") or "installationAddress"
    return [{**shown, "role": role, "@referredType": "GeographicAddress", "@type": "RelatedPlaceRefOrValue"}]
