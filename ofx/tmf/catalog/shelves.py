"""category and productSpecification: what the visible offers have in common."""

from collections.abc import Iterable
from typing import Any

from django.utils.text import slugify

from ofx.tmf.offers import API
from ofx.tmf.rest.face import base
from partners.models import Offering

Json = dict[str, Any]
# name → (type, unit, column of an offer)
TRAITS = {
    "downstreamSpeed": ("number", "Mbit/s", "down_mbps"),
    "upstreamSpeed": ("number", "Mbit/s", "up_mbps"),
    "technology": ("string", "", "technology"),
    "leadTimeWorkingDays": ("number", "d", "lead_days"),
}


def category_documents() -> list[Json]:
    """A category for each kind of product."""
    return [
        {
            "id": value,
            "href": f"{base(API, 'v4')}/category/{value}",
            "name": str(label),
            "isRoot": True,
            "lifecycleStatus": "Active",
            "@type": "Category",
        }
        for value, label in Offering.Kind.choices
    ]


def category_reference(kind: str) -> Json:
    """CategoryRef."""
    name = str(Offering.Kind(kind).label)
    return {"id": kind, "href": f"{base(API, 'v4')}/category/{kind}", "name": name, "@referredType": "Category"}


def specification_id(kind: str, technology: str) -> str:
    """`broadband-fttp`; the kind alone where any technology does."""
    return f"{kind}-{slugify(technology)}" if slugify(technology) else kind


def specification_documents(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    """A specification for each kind and technology that is sold."""
    found = {specification_id(kind, technology): (kind, technology) for kind, technology in sorted(set(pairs))}
    return [_specification(identifier, *pair) for identifier, pair in found.items()]


def _specification(identifier: str, kind: str, technology: str) -> Json:
    label = str(Offering.Kind(kind).label)
    name = f"{label}, {technology}" if technology else label
    return {
        "id": identifier,
        "href": f"{base(API, 'v4')}/productSpecification/{identifier}",
        "name": name,
        "description": f"What every product of this kind says of itself: {name}",
        "isBundle": False,
        "lifecycleStatus": "Active",
        "productSpecCharacteristic": [
            {
                "id": trait,
                "name": trait,
                "valueType": kind_of,
                "configurable": False,
                "@type": "ProductSpecificationCharacteristic",
            }
            for trait, (kind_of, _, _) in TRAITS.items()
        ],
        "@type": "ProductSpecification",
    }


def specification_reference(offering: Offering) -> Json:
    """ProductSpecificationRef."""
    identifier = specification_id(offering.kind, offering.technology)
    href = f"{base(API, 'v4')}/productSpecification/{identifier}"
    return {"id": identifier, "href": href, "@referredType": "ProductSpecification"}


def values_of(offering: Offering) -> list[Json]:
    """prodSpecCharValueUse: what this offer says of itself."""
    found = []
    for name, (kind, unit, column) in TRAITS.items():
        value = getattr(offering, column)
        if value not in (None, ""):
            one = {"isDefault": True, "valueType": kind, "value": value}
            found.append(
                {
                    "id": name,
                    "name": name,
                    "valueType": kind,
                    "productSpecCharacteristicValue": [{**one, "unitOfMeasure": unit} if unit else one],
                }
            )
    return found
