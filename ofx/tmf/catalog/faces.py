"""category, productOffering, productOfferingPrice and productSpecification as v4 writes them."""

from typing import Any

from django.db.models import Q

from ofx.tmf.catalog.prices import agreement_reference, in_force, price_values
from ofx.tmf.catalog.shelves import category_reference, specification_reference, values_of
from ofx.tmf.offers import API, offering_id
from ofx.tmf.rest.columns import NOTHING, Text, Words
from ofx.tmf.rest.errors import invalid
from ofx.tmf.rest.face import Face
from partners.models import Offering

ASK = "No agreement with this operator is in force: ask for one."
Json = dict[str, Any]


class OfferingKey(Text):
    """`operator:code`."""

    def q(self, path: str, op: str, value: str) -> Q:
        """Equality only."""
        if op != "eq":
            raise invalid(path, "It can only be compared for equality.")
        operator, _, code = value.partition(":")
        return Q(operator__code=operator, code=code) if code else NOTHING


def unsellable(offering: Any) -> str:
    """Why the tenant cannot order it; empty where it can. The row is one of api.stocked."""
    if not offering.active:
        return "The operator has withdrawn it."
    if offering.operator.suspended_reason:
        return f"The operator is suspended: {offering.operator.suspended_reason}"
    return "" if offering.operator.in_force or offering.own else ASK


class OfferingFace(Face):
    """ProductOffering."""

    type, api, name = "ProductOffering", API, "productOffering"
    attributes = {
        "description": lambda row: f"{row.get_kind_display()} by {row.operator.name}",
        "isBundle": lambda row: False,
        "isSellable": lambda row: not unsellable(row),
        "lifecycleStatus": lambda row: "Active" if row.active else "Retired",
        "name": lambda row: row.name,
        "statusReason": lambda row: unsellable(row) or None,
        "agreement": lambda row: [agreement_reference(one) for one in row.operator.in_force] or None,
        "category": lambda row: [category_reference(row.kind)],
        "prodSpecCharValueUse": lambda row: values_of(row) or None,
        "productOfferingPrice": lambda row: [v for price in in_force(row.shown_prices) for v in price_values(price)],
        "productSpecification": specification_reference,
        **dict.fromkeys(
            ("lastUpdate", "version", "attachment", "bundledProductOffering", "channel", "marketSegment", "place",
             "productOfferingRelationship", "productOfferingTerm", "resourceCandidate", "serviceCandidate",
             "serviceLevelAgreement", "validFor")
        ),
    }  # fmt: skip
    columns = {
        "id": OfferingKey("code"),
        "name": Text("name"),
        "category.id": Text("kind"),
        "lifecycleStatus": Words("active", {"Active": [True], "Retired": [False]}),  # type: ignore[list-item]
    }

    def identify(self, row: Offering) -> str:
        """`operator:code`."""
        return offering_id(row)


class CategoryFace(Face):
    """Category."""

    type, api, name = "Category", API, "category"
    attributes = dict.fromkeys(
        ("description", "isRoot", "lastUpdate", "lifecycleStatus", "name", "parentId", "version", "productOffering",
         "subCategory", "validFor")
    )  # fmt: skip


class PriceFace(Face):
    """ProductOfferingPrice."""

    type, api, name = "ProductOfferingPrice", API, "productOfferingPrice"
    attributes = dict.fromkeys(
        ("description", "isBundle", "lastUpdate", "lifecycleStatus", "name", "percentage", "priceType",
         "recurringChargePeriodLength", "recurringChargePeriodType", "version", "bundledPopRelationship", "constraint",
         "place", "popRelationship", "price", "pricingLogicAlgorithm", "prodSpecCharValueUse", "productOfferingTerm",
         "tax", "unitOfMeasure", "validFor")
    )  # fmt: skip


class SpecificationFace(Face):
    """ProductSpecification."""

    type, api, name = "ProductSpecification", API, "productSpecification"
    attributes = dict.fromkeys(
        ("brand", "description", "isBundle", "lastUpdate", "lifecycleStatus", "name", "productNumber", "version",
         "attachment", "bundledProductSpecification", "productSpecCharacteristic", "productSpecificationRelationship",
         "relatedParty", "resourceSpecification", "serviceSpecification", "targetProductSchema", "validFor")
    )  # fmt: skip


OFFERING, CATEGORY, PRICE, SPECIFICATION = OfferingFace(), CategoryFace(), PriceFace(), SpecificationFace()
