"""A shop to order from, called as a buyer's system calls it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from ofx.tmf.models import CancelTask, Subscription
from tests.ofx.orders.conftest import order_for, shop
from tests.tmf import faults
from tests.tmf.market import FILES, market_estate

__all__ = ["order_for", "shop"]
BASE = "/tmf-api/productOrderingManagement"


def address(url: str) -> str:
    """The path of an absolute href of ours."""
    return url.removeprefix(settings.OFX_BASE_URL)


def v4_order(**fields: Any) -> dict[str, Any]:
    """A ProductOrder_Create: broadband by its code at a postcode."""
    place = {"role": "installationAddress", "postcode": "SW1A 1AA", "@referredType": "GeographicAddress"}
    item = {
        "id": "100",
        "action": "add",
        "quantity": 1,
        "productOffering": {"id": "fttp-500"},
        "product": {"place": [place]},
    }
    party = {"id": "cust-7", "name": "Harbour Books", "role": "customer", "@referredType": "Organization"}
    site = {"id": "p-1", "name": "Paula Placeholder", "role": "siteContact", "@referredType": "Individual"}
    return {
        "externalId": "B-1",
        "description": "Broadband for the shop",
        "requestedCompletionDate": "2027-03-20T09:00:00Z",
        "productOrderItem": [item],
        "relatedParty": [party, site],
        **fields,
    }


def v5_order(**fields: Any) -> dict[str, Any]:
    """A ProductOrder_FVO of the same."""
    value = {"@type": "GeographicAddress", "postcode": "SW1A 1AA", "country": "GB"}
    place = {"@type": "RelatedPlaceRefOrValue", "role": "installationAddress", "place": value}
    item = {
        "@type": "ProductOrderItem",
        "id": "100",
        "action": "add",
        "quantity": 1,
        "productOffering": {"@type": "ProductOfferingRef", "id": "fttp-500"},
        "product": {"@type": "Product", "place": [place]},
    }

    def party(role: str, identifier: str, name: str) -> dict[str, Any]:
        inner = {"@type": "PartyRef", "id": identifier, "name": name}
        return {"@type": "RelatedPartyRefOrPartyRoleRef", "role": role, "partyOrPartyRole": inner}

    return {
        "@type": "ProductOrder",
        "externalId": [{"@type": "ExternalIdentifier", "id": "B-1"}],
        "description": "Broadband for the shop",
        "requestedCompletionDate": "2027-03-20T09:00:00Z",
        "productOrderItem": [item],
        "relatedParty": [
            party("customer", "cust-7", "Harbour Books"),
            party("siteContact", "p-1", "Paula Placeholder"),
        ],
        **fields,
    }


@pytest.fixture
def buyer(shop: SimpleNamespace) -> Any:
    """The system of Alice's provider."""
    return shop.api("alice")


@pytest.fixture
def ordered(buyer: Any) -> Callable[..., dict[str, Any]]:
    """`ordered(version="v5", …)`: an order that was POSTed, as it was answered."""

    def make(version: str = "v4", **fields: Any) -> dict[str, Any]:
        body = v5_order(**fields) if version == "v5" else v4_order(**fields)
        answer = buyer.post(f"{BASE}/{version}/productOrder", body)
        assert answer.status_code == 201, answer.content
        found: dict[str, Any] = answer.json()
        return found

    return make


def estate_of(order: Any, live: Any) -> dict[str, Any]:
    """A row of each resource, for the table of permissions: part of the route → id."""
    row = {"organisation": order.organisation, "created_at": order.created_at}
    task, _ = CancelTask.objects.get_or_create(order=live, reason="no", state="failed", **row)

    def hub(api: str) -> int:
        which = {"api": api, "version": "v4", "callback": "http://127.0.0.1:9/"}
        found: int = Subscription.objects.get_or_create(**which, defaults={"secret": "whsec_", **row})[0].pk
        return found

    hubs = {f"^{api}/(?P<version>v4)/hub/": hub(api) for _, api in FILES.values()}
    hubs |= {part: hub(api) for api, _, part in faults.hub_routes()}
    made = {
        **faults.estate(order, live),
        "/productOrder/": order.reference,
        "/cancelProductOrder/": f"C{task.pk}",
        **hubs,
    }
    return {**made, **market_estate(order, live), "/hub/": hub("productOrderingManagement")}
