"""TMF622 against the TM Forum's own files, both versions, both directions; operations are read from the files."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ofx.orders import actions
from ofx.orders.models import Order
from tests.ofx.orders.conftest import AT, hear, news
from tests.tmf.conftest import BASE, v4_order, v5_order
from tests.tmf.contract import Contract, Operation

pytestmark = pytest.mark.data
V4 = Contract("TMF622-ProductOrder-v4.0.0.swagger.json", "productOrderingManagement", "v4")
V5 = Contract("TMF622-ProductOrdering-v5.0.0.oas.yaml", "productOrderingManagement", "v5")
CONTRACTS = {"v4": V4, "v5": V5}
Json = dict[str, Any]


@pytest.fixture(params=["v4", "v5"])
def contract(request: Any) -> Contract:
    """Each file in turn."""
    return CONTRACTS[request.param]


def body(contract: Contract, **fields: Any) -> Json:
    """A usual order in the file's version."""
    return v5_order(**fields) if contract.version == "v5" else v4_order(**fields)


def typed(contract: Contract, kind: str, **fields: Any) -> Json:
    """An object as the version wants it."""
    return {"@type": kind, **fields} if contract.version == "v5" else fields


def cancel_body(contract: Contract, identifier: str) -> Json:
    """A cancelProductOrder of an order."""
    reference = typed(contract, "ProductOrderRef", id=identifier)
    return typed(contract, "CancelProductOrder", cancellationReason="no longer needed", productOrder=reference)


def played(contract: Contract, buyer: Any) -> dict[str, Any]:
    """Every operation once, as it goes well: operation → response."""
    base = contract.base
    found: dict[str, Any] = {}
    found["POST /productOrder"] = made = buyer.post(f"{base}/productOrder", body(contract))
    here = f"{base}/productOrder/{made.json()['id']}"
    found["GET /productOrder"] = buyer.get(f"{base}/productOrder")
    found["GET /productOrder/{id}"] = buyer.get(here)
    found["PATCH /productOrder/{id}"] = buyer.patch(here, patch_body(contract))
    found["POST /cancelProductOrder"] = task = buyer.post(
        f"{base}/cancelProductOrder", cancel_body(contract, made.json()["id"])
    )
    found["GET /cancelProductOrder"] = buyer.get(f"{base}/cancelProductOrder")
    found["GET /cancelProductOrder/{id}"] = buyer.get(f"{base}/cancelProductOrder/{task.json()['id']}")
    draft = actions_draft(buyer, contract)
    found["DELETE /productOrder/{id}"] = buyer.delete(f"{base}/productOrder/{draft}")
    found["POST /hub"] = hub = buyer.post(f"{base}/hub", typed(contract, "Hub", callback="http://127.0.0.1:9/told"))
    found["DELETE /hub/{id}"] = buyer.delete(f"{base}/hub/{hub.json()['id']}")
    return found


def patch_body(contract: Contract) -> Json:
    """A change that both files allow: v4 demands the items again."""
    if contract.version == "v5":
        return {"@type": "ProductOrder", "description": "changed"}
    return {"description": "changed", "productOrderItem": [{"id": "100", "action": "add"}]}


def actions_draft(buyer: Any, contract: Contract) -> str:
    """An order that nothing was sent of yet: one that fell out to the desk."""
    item = typed(
        contract,
        "ProductOrderItem",
        id="1",
        action="add",
        productOffering=typed(contract, "ProductOfferingRef", id="?"),
    )
    external = "D-1" if contract.version == "v4" else []
    answer = buyer.post(f"{contract.base}/productOrder", body(contract, externalId=external, productOrderItem=[item]))
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def test_every_operation_of_the_file_is_served_and_answers_as_it_says(contract: Contract, buyer: Any) -> None:
    answers = played(contract, buyer)
    missing = [str(operation) for operation in contract.operations() if str(operation) not in answers]
    assert missing == []
    for operation in contract.operations():
        response = answers[str(operation)]
        assert 200 <= response.status_code < 300, (str(operation), response.content)
        contract.check_response(operation, response)


def test_the_bodies_that_these_tests_send_are_the_files_own(contract: Contract) -> None:
    contract.check_request(Operation("POST", "/productOrder"), body(contract))
    contract.check_request(Operation("PATCH", "/productOrder/{id}"), patch_body(contract))
    contract.check_request(Operation("POST", "/cancelProductOrder"), cancel_body(contract, "x"))


def test_a_body_with_every_attribute_of_the_file_is_taken(contract: Contract, buyer: Any) -> None:
    operation = Operation("POST", "/productOrder")
    sample = contract.sample(operation)
    contract.check_request(operation, sample)
    answer = buyer.post(f"{contract.base}/productOrder", sample)
    assert answer.status_code == 201, answer.content
    contract.check_response(operation, answer)
    for name in ("description", "category", "priority", "requestedCompletionDate", "agreement", "quote"):
        assert answer.json()[name] == sample[name]


@pytest.mark.parametrize("who", ["anonymous", "bob", "cara"])
def test_every_refusal_of_a_person_fits_the_file(contract: Contract, shop: Any, who: str) -> None:
    caller = shop.api(who)
    for operation in contract.operations():
        path = contract.base + operation.path.replace("{id}", "OFX-999999")
        response = getattr(caller, operation.method.lower())(path, {} if operation.method != "GET" else None)
        expected = {"anonymous": (401,), "cara": (403,), "bob": (200, 403, 404)}[who]
        assert response.status_code in expected, (str(operation), response.status_code)
        contract.check_response(operation, response)


def test_what_is_not_there_and_what_cannot_be_read_fit_the_file(contract: Contract, buyer: Any) -> None:
    for operation in contract.operations():
        path = contract.base + operation.path.replace("{id}", "nobody")
        if "{id}" in operation.path:
            missing = getattr(buyer, operation.method.lower())(path, {} if operation.method == "PATCH" else None)
            assert missing.status_code == 404, str(operation)
            contract.check_response(operation, missing)
        if operation.method == "POST":
            for text in ("[]", "{", '{"productOrderItem": [{"id": 1}], "productOrder": 3, "callback": 5}'):
                refused = buyer.post(path, text, content_type="application/json")
                assert refused.status_code == 400, (str(operation), text)
                contract.check_response(operation, refused)


def test_every_first_level_attribute_can_be_selected_and_filtered(contract: Contract, buyer: Any, ordered: Any) -> None:
    ordered(contract.version)
    for resource in ("ProductOrder", "CancelProductOrder"):
        path = f"{contract.base}/{resource[0].lower()}{resource[1:]}"
        for name in contract.names(resource):
            cut = buyer.get(path, {"fields": name})
            assert cut.status_code == 200, (name, cut.content)
            for row in cut.json():
                assert set(row) <= {"id", "href", "@type", name}
            value = "2026-01-01T00:00:00Z" if name.endswith("Date") else "none such"
            assert buyer.get(path, {name: value}).json() == [], name


def test_an_order_is_valid_in_every_state_that_it_goes_through(contract: Contract, buyer: Any, ordered: Any) -> None:
    order = Order.objects.get(reference=ordered(contract.version)["id"])
    steps = [
        news("ACKNOWLEDGED", 1, external_id="77"),
        news("INFORMATION_REQUIRED", 2),
        news("RESUMED", 3),
        news("COMMITTED", 4, committed_date=date(2027, 4, 1)),
        news("WARNING", 5, text="the duct may be full"),
        news("DELAY", 6, reason="CAPACITY", target_date=date(2027, 4, 20)),
        news("CHARGE_RAISED", 7, charge={"id": "c", "amount": "90"}),
        news("COMPLETED", 8),
    ]
    operation = Operation("GET", "/productOrder/{id}")
    seen = []
    for step in steps:
        hear(order, step)
        answer = buyer.get(f"{contract.base}/productOrder/{order.reference}")
        contract.check_response(operation, answer)
        seen.append(answer.json()["state"])
    assert seen == ["acknowledged", "pending", "inProgress", "inProgress", "inProgress", "held", "pending", "completed"]


def test_orders_that_end_badly_are_valid_too(contract: Contract, buyer: Any, order_for: Callable[..., Order]) -> None:
    for told in (
        news("TERMINATED", 1, outcome="rejected"),
        news("TERMINATED", 1, outcome="failed"),
        news("COMPLETED", 1, outcome="partial"),
    ):
        order = order_for()
        hear(order, told)
    failing = order_for()
    part = failing.partner_orders.get()
    actions.delivery_failed(partner_order_id=part.pk, message_id=None, verb="create", reason="no answer", at=AT)
    answer = buyer.get(f"{BASE}/{contract.version}/productOrder")
    contract.check_response(Operation("GET", "/productOrder"), answer)
    assert {row["state"] for row in answer.json()} == {"rejected", "failed", "partial", "acknowledged"}
