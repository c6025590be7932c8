"""A question as TMF679 and TMF645 v4 want it. Pure."""

from typing import Any

from partners.connectors.tmf679.answers import Product, Question

ROLE = "installation address"


def poq(question: Question) -> dict[str, Any]:
    """A productOfferingQualification_Create."""
    return {
        "@type": "ProductOfferingQualification",
        "description": question.key,
        "instantSyncQualification": True,
        "provideAlternative": False,
        "provideOnlyAvailable": False,
        "provideUnavailabilityReason": True,
        "place": [place(question)],
        "productOfferingQualificationItem": [
            {
                "id": str(number),
                "action": "add",
                "productOffering": {
                    "id": product.code,
                    "name": product.name,
                    "@referredType": "ProductOffering",
                },
            }
            for number, product in enumerate(question.products, start=1)
        ],
    }


def check(question: Question) -> dict[str, Any]:
    """A checkServiceQualification_Create: a service item for each product, its technology as a characteristic."""
    return {
        "@type": "CheckServiceQualification",
        "externalId": question.key,
        "instantSyncQualification": True,
        "provideAlternative": False,
        "provideUnavailabilityReason": True,
        "serviceQualificationItem": [
            {"id": str(number), "service": _service(product, question)}
            for number, product in enumerate(question.products, start=1)
        ],
    }


def _service(product: Product, question: Question) -> dict[str, Any]:
    return {
        "@type": "Service",
        "name": product.name,
        "serviceSpecification": {"id": product.code, "name": product.name},
        "serviceCharacteristic": [{"name": "technology", "valueType": "string", "value": product.technology}],
        "place": [place(question)],
    }


def place(question: Question) -> dict[str, Any]:
    """A GeographicAddress by value; the UPRN, where known, is its id."""
    found = {
        "@type": "GeographicAddress",
        "role": ROLE,
        "name": question.text or question.postcode,
        "postcode": question.postcode,
        "country": question.country,
    }
    return {**found, "id": question.uprn} if question.uprn else found
