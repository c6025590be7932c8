"""What a buyer's system does at each Open API but TMF622: bodies, and each operation once as it goes well."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ofx.orders.models import Appointment, Order
from ofx.tmf.models import Inquiry
from ofx.tmf.rest.dates import moment
from tests.ofx.orders.conftest import AT, hear, news
from tests.tmf.contract import Contract

Json = dict[str, Any]
PLACE = {"role": "installationAddress", "postcode": "SW1A 1AA", "country": "GB", "@referredType": "GeographicAddress"}
SLOT = {"startDateTime": "2027-03-22T08:00:00Z", "endDateTime": "2027-03-22T12:00:00Z"}
LATER = {"startDateTime": "2027-03-23T08:00:00Z", "endDateTime": "2027-03-23T12:00:00Z"}
FILES = {
    "673": ("TMF673-GeographicAddress-v4.0.1.swagger.json", "geographicAddressManagement"),
    "679": ("TMF679-ProductOfferingQualification-v4.0.0.swagger.json", "productOfferingQualification"),
    "645": ("TMF645-ServiceQualification-v4.0.1.swagger.json", "serviceQualificationManagement"),
    "620": ("TMF620-ProductCatalog-v4.1.0.swagger.json", "productCatalogManagement"),
    "648": ("TMF648-Quote-v4.0.0.swagger.json", "quoteManagement"),
    "646": ("TMF646-Appointment-v4.0.0.swagger.json", "appointment"),
    "637": ("TMF637-ProductInventory-v4.0.0.swagger.json", "productInventory"),
}
CONTRACTS = {number: Contract(*names) for number, names in FILES.items()}
RESOURCES = {
    "673": ("geographicAddress", "geographicAddressValidation"),
    "679": ("productOfferingQualification",),
    "645": ("checkServiceQualification", "queryServiceQualification"),
    "620": ("category", "productOffering", "productOfferingPrice", "productSpecification"),
    "648": ("quote",),
    "646": ("searchTimeSlot", "appointment"),
    "637": ("product",),
}
READ_ONLY = ("category", "productOffering", "productOfferingPrice", "productSpecification", "product")


def url(number: str, resource: str, identifier: Any = "") -> str:
    """The path of a resource."""
    return f"{CONTRACTS[number].base}/{resource}" + (f"/{identifier}" if identifier else "")


def validation(**fields: Any) -> Json:
    """A GeographicAddressValidation_Create."""
    return {"provideAlternative": True, "submittedGeographicAddress": {"postcode": "SW1A 1AA"}, **fields}


def poq(*offers: str, **fields: Any) -> Json:
    """A ProductOfferingQualification_Create."""
    items = [{"id": str(n), "action": "add", "productOffering": {"id": one}} for n, one in enumerate(offers, start=1)]
    return {"place": [PLACE], "productOfferingQualificationItem": items, **fields}


def service(specification: str = "", **fields: Any) -> Json:
    """A service at the place."""
    named = {"serviceSpecification": {"id": specification}} if specification else {}
    return {"place": [PLACE], **named, **fields}


def check(specification: str = "northfibre:fttp-500", **fields: Any) -> Json:
    """A CheckServiceQualification_Create."""
    return {"serviceQualificationItem": [{"id": "1", "service": service(specification)}], **fields}


def query(**fields: Any) -> Json:
    """A QueryServiceQualification_Create."""
    return {"searchCriteria": {"service": service()}, **fields}


def quote(offer: str = "northfibre:fttp-500", **fields: Any) -> Json:
    """A Quote_Create."""
    item = {"id": "1", "action": "add", "productOffering": {"id": offer}, "product": {"place": [PLACE]}}
    return {"quoteItem": [item], **fields}


def about(order: Order) -> list[Json]:
    """The order that a visit is for."""
    return [{"id": order.reference, "role": "productOrder", "@referredType": "ProductOrder"}]


def search(order: Order) -> Json:
    """A SearchTimeSlot_Create."""
    return {"relatedEntity": about(order), "requestedTimeSlot": [{"validFor": SLOT}]}


def visit(order: Order, **fields: Any) -> Json:
    """An Appointment_Create."""
    return {"relatedEntity": about(order), "validFor": SLOT, "externalId": "V-1", **fields}


def bodies(order: Order) -> dict[str, Json]:
    """A body for each resource that takes one."""
    return {**POSTED, "searchTimeSlot": search(order), "appointment": visit(order)}


def patches(order: Order) -> dict[str, Json]:
    """A change for each resource that can be changed; what the file demands in a PATCH stands in it."""
    return {
        "geographicAddressValidation": {"provideAlternative": False},
        "productOfferingQualification": {"description": "changed"},
        "checkServiceQualification": {"description": "changed"},
        "queryServiceQualification": {"description": "changed"},
        "quote": {"quoteItem": [{"id": "1", "action": "add"}], "state": "accepted"},
        "searchTimeSlot": {"requestedTimeSlot": [{"validFor": LATER}]},
        "appointment": {"validFor": SLOT, "status": "confirmed"},
    }


def scene(shop: Any, order_for: Callable[..., Order]) -> SimpleNamespace:
    """An order that can be booked, a live product, and the ids of what can be looked up without asking first."""
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, external_id="7"))
    live = order_for(shop.other)
    hear(live, news("ACKNOWLEDGED", 1), news("COMPLETED", 2))
    known = known_ids(shop.fttp, live)
    return SimpleNamespace(order=order, live=live, known=known, bodies=bodies(order), patches=patches(order))


KINDS = {
    "geographicAddressValidation": ("address", "V"),
    "productOfferingQualification": ("offers", "P"),
    "checkServiceQualification": ("check", "C"),
    "queryServiceQualification": ("query", "Q"),
    "quote": ("quote", "Q"),
    "searchTimeSlot": ("slots", "S"),
}


def market_estate(order: Order, live: Order) -> dict[str, Any]:
    """What there is of each resource, for the table of permissions: part of the route → id."""
    found = {}
    for resource, (kind, prefix) in KINDS.items():
        row, _ = Inquiry.objects.get_or_create(
            organisation=order.organisation,
            kind=kind,
            defaults={"state": "done", "answer": {"quoteItem": []}, "created_at": AT, "answered_at": AT},
        )
        found[f")/{resource}/"] = f"{prefix}{row.pk}"
    part = order.partner_orders.get()
    values = {
        "organisation": order.organisation,
        "customer": order.customer,
        "partner_order": part,
        "operator": part.operator,
        "place_text": "x",
        "postcode": "SW1A1AA",
        "state": "confirmed",
        "by_hand": True,
        "created_at": AT,
        "changed_at": AT,
        "slot_start": moment(SLOT["startDateTime"]),
        "slot_end": moment(SLOT["endDateTime"]),
    }
    booked = Appointment.objects.filter(partner_order=part).open().first()
    booked = booked or Appointment.objects.create(our_key="tmf-visit", **values)
    known = known_ids(part.item.offering, live)
    return {**found, ")/appointment/": f"A{booked.pk}", **{f")/{name}/": value for name, value in known.items()}}


def known_ids(offering: Any, live: Order) -> dict[str, str]:
    """Ids of what can be looked up without asking first."""
    return {
        "geographicAddress": "GB-SW1A1AA",
        "category": "broadband",
        "productOffering": "northfibre:fttp-500",
        "productOfferingPrice": f"{offering.prices.filter(agreement=None).latest('pk').pk}-monthly",
        "productSpecification": "broadband-fttp",
        "product": live.partner_orders.get().item.service.reference,
    }


def posted() -> dict[str, Json]:
    """What a POST carries, for the table of permissions: route → body. Visits of nobody's order are a 400."""
    found = {}
    for number, names in RESOURCES.items():
        api = FILES[number][1]
        for name in (*names, "hub"):
            if name in POSTED:
                found[rf"tmf-api/^{api}/(?P<version>v4)/{name}/?$"] = POSTED[name]
    return found


POSTED: dict[str, Json] = {
    "geographicAddressValidation": validation(),
    "productOfferingQualification": poq("northfibre:fttp-500"),
    "checkServiceQualification": check(),
    "queryServiceQualification": query(),
    "quote": quote(),
    "hub": {"callback": "http://127.0.0.1:9/told"},
}
