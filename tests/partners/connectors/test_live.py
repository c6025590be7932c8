"""TMF679 and TMF645 as a client: what is sent and read, against the official files and against what partners do."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from jsonschema import Draft4Validator

from partners.connectors.tmf679.answers import ANSWERED, REFUSED, WAITING, Product, Question
from partners.connectors.tmf679.client import api_of, ask, service_of
from partners.connectors.tmf679.read import told
from partners.connectors.tmf679.write import check, poq
from sandbox.process import Running
from sandbox.qualification import services

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PRODUCTS = (Product("fttp-500", "Fibre 500", "FTTP"), Product("ead-100", "Ethernet 100", "EAD"))
QUESTION = Question("ofx-live-1", "GB", "SW1A1AA", "1 Paper Court", "100001", PRODUCTS)
FILES = {
    "tmf679": ("TMF679-ProductOfferingQualification-v4.0.0.swagger.json", "ProductOfferingQualification"),
    "tmf645": ("TMF645-ServiceQualification-v4.0.1.swagger.json", "CheckServiceQualification"),
}


def official(api: str, suffix: str = "") -> Draft4Validator:
    """A validator of a resource of the official file."""
    name, resource = FILES[api]
    if settings.OFX_TMF is None or not (settings.OFX_TMF / name).exists():
        pytest.skip("OFX_TMF names no folder with the official files")
    document = json.loads((settings.OFX_TMF / name).read_text())
    return Draft4Validator({"$ref": f"#/definitions/{resource}{suffix}", "definitions": document["definitions"]})


@pytest.mark.parametrize(("api", "body"), [("tmf679", poq(QUESTION)), ("tmf645", check(QUESTION))])
def test_a_question_is_what_the_standard_wants(api: str, body: dict[str, Any]) -> None:
    official(api, "_Create").validate(body)


@pytest.mark.parametrize(
    ("partner", "api"), [("northfibre", "tmf679"), ("southlink", "tmf679"), ("eastwave", "tmf645")]
)
def test_the_simulated_partners_answer_as_the_standard_wants(sandbox: Running, partner: str, api: str) -> None:
    plan = sandbox.config.partner(partner)
    body = poq(QUESTION) if api == "tmf679" else check(QUESTION)
    resource = {"tmf679": "productOfferingQualification", "tmf645": "checkServiceQualification"}[api]
    url, headers = f"{services(sandbox.url, plan)[api]}/{resource}", {"Authorization": f"Bearer {plan.token}"}
    found = [sandbox.http.post(url, json=body, headers=headers, timeout=10) for _ in range(3)]
    good = [one for one in found if one.status_code == 201]
    assert good, [one.text for one in found]
    for one in good:
        official(api).validate(one.json())
        assert one.headers["X-OFX-Simulated"] == "yes"
    assert sandbox.http.post(url, json=body, timeout=10).status_code == 401
    assert sandbox.http.post(url, json={}, headers=headers, timeout=10).status_code == 400
    assert sandbox.http.get(f"{url}/Q999", headers=headers, timeout=10).status_code == 404


def answer(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "7", "state": "done", "productOfferingQualificationItem": list(items), **more}


def test_an_active_service_on_the_line_means_a_transfer_and_not_a_refusal() -> None:
    """DOMAIN R27."""
    reason = {"code": "EXISTING_SERVICE", "label": "A service is active"}
    item = {"id": "1", "qualificationItemResult": "unqualified", "eligibilityUnavailabilityReason": [reason]}
    line = told("tmf679", QUESTION, answer(item), AT).lines[0]
    assert (line.available, line.transfer, line.reason) == (True, True, "")


def test_an_unknown_reason_is_other_and_kept_in_the_partners_word() -> None:
    """DOMAIN R10."""
    reason = {"code": "QUANTUM_FLUX", "label": "Flux"}
    item = {"id": "2", "qualificationItemResult": "unqualified", "eligibilityUnavailabilityReason": [reason]}
    found = told("tmf679", QUESTION, answer(item), AT)
    assert (found.lines[0].reason, found.lines[0].raw_reason) == ("OTHER", "QUANTUM_FLUX")
    assert found.lines[0].code == "ead-100", "the item's id names the product that was asked about"
    assert found.unknown == ("reason QUANTUM_FLUX",)


def test_price_speed_lead_time_and_end_are_read() -> None:
    price = {"priceType": "recurring", "price": {"dutyFreeAmount": {"unit": "GBP", "value": 21.5}}}
    once = {"priceType": "oneTime", "price": {"taxIncludedAmount": {"unit": "GBP", "value": "60"}}}
    traits = [{"name": "downloadSpeed", "value": "1 Gbps"}, {"name": "leadTime", "value": 8}]
    item = {
        "id": "1", "qualificationItemResult": "qualified", "expectedActivationDate": "2026-03-20T00:00:00Z",
        "product": {"productPrice": [price, once], "productCharacteristic": traits},
    }  # fmt: skip
    found = told("tmf679", QUESTION, answer(item, expirationDate="2026-03-07T09:00:00Z"), AT)
    line = found.lines[0]
    assert (line.monthly, line.one_off, line.currency) == ("21.50", "60.00", "GBP")
    assert (line.down_mbps, line.lead_days, line.available_from) == (1000, 8, "2026-03-20")
    assert found.valid_until == datetime(2026, 3, 7, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"id": "1", "state": "acknowledged"}, WAITING),
        ({"id": "1", "state": "inProgress"}, WAITING),
        ({"id": "1", "state": "terminatedWithError"}, REFUSED),
        ({"id": "1", "state": "done"}, REFUSED),
        ({"state": "done", "productOfferingQualificationItem": "x"}, REFUSED),
        ({"state": ["done"], "productOfferingQualificationItem": [{}]}, ANSWERED),
        ({"state": "done", "productOfferingQualificationItem": [{"product": 3, "id": {}}]}, ANSWERED),
    ],
)
def test_whatever_a_partner_writes_has_a_meaning(found: dict[str, Any], state: str) -> None:
    assert told("tmf679", QUESTION, found, AT).state == state


def test_an_address_that_we_never_talk_to_is_not_asked(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = []

    class Way:
        pk, name, token, timeout_seconds = 1, "x", "", 2
        services = {"tmf679": "http://127.0.0.1:1/poq"}

    assert api_of(Way.services) == "tmf679"
    found = ask(service_of(Way(), "tmf679", 2.0), "tmf679", QUESTION, AT)
    assert found.state == "again"
    assert "do not connect" in found.detail


def test_the_first_service_that_an_endpoint_offers_is_asked() -> None:
    assert api_of({}) == ""
    assert api_of({"tmf645": "x", "tmf679": ""}) == "tmf645"
    assert api_of({"tmf645": "x", "tmf679": "y"}) == "tmf679"
