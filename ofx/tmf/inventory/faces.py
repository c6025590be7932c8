"""product as v4 writes it."""

from typing import Any

from ofx.orders.models import ServiceRecord
from ofx.tmf.catalog.shelves import specification_reference
from ofx.tmf.offers import API as CATALOGUE
from ofx.tmf.offers import offering_id
from ofx.tmf.places import API as ADDRESSES
from ofx.tmf.places import geographic_address
from ofx.tmf.product_order.faces import PRODUCT_ORDER
from ofx.tmf.product_order.items import identified
from ofx.tmf.qualification.traits import price_rows
from ofx.tmf.rest.columns import Moment, Text, Words
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.face import Face, base, reference

STATUS = {"active": "active", "ceased": "terminated"}
Json = dict[str, Any]


def _place(row: ServiceRecord) -> list[Json]:
    order = row.item.order
    made = geographic_address(row.country, row.postcode, row.place_text, order.address)
    if order.place_id:
        made["href"] = f"{base(ADDRESSES, 'v4')}/geographicAddress/{made['id']}"
    role = {"role": "installationAddress", "@referredType": "GeographicAddress", "@type": "RelatedPlaceRefOrValue"}
    return [{**made, **role}]


def _offering(row: ServiceRecord) -> Json:
    identifier = offering_id(row.offering)
    href = f"{base(CATALOGUE, 'v4')}/productOffering/{identifier}"
    return reference(identifier, "ProductOffering", href, name=row.offering.name)


def _order_items(row: ServiceRecord) -> list[Json]:
    """The item that made it, under the id that the buyer gave."""
    order = row.item.order
    shown = next((one for one, _, part in identified(order) if part and part.item_id == row.item_id), None)
    return [
        {
            "productOrderId": order.reference,
            "productOrderHref": PRODUCT_ORDER["v4"].href(order.reference),
            "orderItemId": shown or str(row.item.position),
            "orderItemAction": row.item.action,
            "@referredType": "ProductOrder",
        }
    ]


def _parties(row: ServiceRecord) -> list[Json]:
    customer = {"id": str(row.customer_id), "name": row.customer.name, "role": "customer"}
    operator = {"id": row.operator.code, "name": row.operator.name, "role": "supplier"}
    return [{**one, "@referredType": "Organization"} for one in (customer, operator)]


def _characteristics(row: ServiceRecord) -> list[Json] | None:
    values = {**row.item.characteristics, "operatorReference": row.partner_ref or None}
    found = [
        {"name": name, "value": value, "@type": "Characteristic"} for name, value in values.items() if value is not None
    ]
    return found or None


def _prices(row: ServiceRecord) -> list[Json]:
    item = row.item
    one_off, monthly = item.one_off * item.quantity, item.monthly * item.quantity
    return price_rows({"one_off": one_off, "monthly": monthly, "currency": item.currency})


class ProductFace(Face):
    """Product."""

    type, api, name = "Product", "productInventory", "product"
    attributes = {
        "description": lambda row: f"{row.offering.name} by {row.operator.name}",
        "isBundle": lambda row: False,
        "isCustomerVisible": lambda row: True,
        "name": lambda row: row.offering.name,
        "orderDate": lambda row: stamp(row.item.order.created_at),
        "startDate": lambda row: stamp(row.active_from),
        "terminationDate": lambda row: stamp(row.ceased_at),
        "place": _place,
        "productCharacteristic": _characteristics,
        "productOffering": _offering,
        "productOrderItem": _order_items,
        "productPrice": _prices,
        "productSpecification": lambda row: specification_reference(row.offering),
        "relatedParty": _parties,
        "status": lambda row: STATUS[row.state],
        **dict.fromkeys(
            ("productSerialNumber", "agreement", "billingAccount", "product", "productRelationship", "productTerm",
             "realizingResource", "realizingService")
        ),
    }  # fmt: skip
    columns = {
        "id": Text("reference"),
        "name": Text("offering__name"),
        "orderDate": Moment("item__order__created_at"),
        "startDate": Moment("active_from"),
        "terminationDate": Moment("ceased_at"),
        "status": Words("state", {word: [ours] for ours, word in STATUS.items()}),
    }

    def identify(self, row: ServiceRecord) -> str:
        """The service's reference."""
        return row.reference


PRODUCT = ProductFace()
