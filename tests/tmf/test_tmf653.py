"""TMF653 v4 against the TM Forum's own file: a test is asked for, runs, and its result is read and told."""

import json
import random
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.events.actions import publish
from ofx.tmf.models import Notification
from partners.models import Endpoint
from tests.conftest import AT
from tests.ofx.orders.conftest import run_events
from tests.tmf import faults
from tests.tmf.contract import Operation
from tests.tmf.test_contract import judged, spoilt
from ticketing.models import ServiceTest, Ticket
from ticketing.tickets.testing import KINDS

pytestmark = pytest.mark.data
CONTRACT = faults.TESTS
URL = f"{CONTRACT.base}/serviceTest"
Json = dict[str, Any]


@pytest.fixture
def scene(shop: Any, order_for: Any) -> SimpleNamespace:
    """See faults.scene; the operator's system runs tests."""
    found = faults.scene(shop, order_for)
    Endpoint.objects.filter(operator=shop.north).update(services={"tmf653": "/tmf-api/serviceTestManagement/v4/"})
    return found


def operations() -> list[Operation]:
    """Those of the resources that we serve."""
    return [one for one in CONTRACT.operations() if one.resource in ("serviceTest", "hub")]


def ask(caller: Any, service: str, **fields: Any) -> Json:
    """A test that was asked for, as it was answered."""
    body = faults.line_test(service, **fields)
    CONTRACT.check_request(Operation("POST", "/serviceTest"), body)
    answer = caller.post(URL, body)
    assert answer.status_code == 201, answer.content
    CONTRACT.check_response(Operation("POST", "/serviceTest"), answer)
    found: Json = answer.json()
    return found


def done(**fields: Any) -> ServiceTest:
    """The only test, with a result."""
    row = ServiceTest.objects.get()
    values = {"state": "completed", "colour": "red", "code": "ONT_NO_LIGHT", "text": "No light at the fibre box"}
    values |= {"measures": [{"name": "Rx", "value": -31.5, "unit": "dBm", "note": "too weak"}]}
    values |= {"done_at": row.requested_at + timedelta(seconds=9), **fields}
    ServiceTest.objects.filter(pk=row.pk).update(**values)
    told = {"test_id": row.pk, "service_id": row.service_id}
    publish(
        f"service_test.{values['state']}", f"service_test:{row.pk}", at=AT, organisation_id=row.organisation_id, **told
    )
    return ServiceTest.objects.get()


def test_every_operation_of_the_file_is_served_and_answers_as_it_says(scene: Any) -> None:
    caller = scene.shop.api("alice")
    here = f"{URL}/{ask(caller, scene.service.reference)['id']}"
    answers = {
        "GET /serviceTest": caller.get(URL),
        "GET /serviceTest/{id}": caller.get(here),
        "PATCH /serviceTest/{id}": caller.patch(here, {"description": "before the engineer goes"}),
        "DELETE /serviceTest/{id}": caller.delete(here),
        "POST /hub": caller.post(f"{CONTRACT.base}/hub", {"callback": "http://127.0.0.1:9/told"}),
    }
    answers["DELETE /hub/{id}"] = caller.delete(f"{CONTRACT.base}/hub/{answers['POST /hub'].json()['id']}")
    for operation in operations():
        if str(operation) != "POST /serviceTest":
            response = answers[str(operation)]
            assert 200 <= response.status_code < 300, (str(operation), response.content)
            CONTRACT.check_response(operation, response)
    assert caller.get(here).json()["state"] == "cancelled"


def test_a_result_is_shown_with_its_measures_and_to_a_customer_without_the_operator(scene: Any) -> None:
    made = ask(scene.shop.api("conrad"), scene.service.reference, name="Is it the line?", mode="ONDEMAND")
    assert (made["state"], made["name"], made["testSpecification"]["id"]) == ("acknowledged", "Is it the line?", "line")
    done()
    answer = scene.shop.api("conrad").get(f"{URL}/{made['id']}")
    CONTRACT.check_response(Operation("GET", "/serviceTest/{id}"), answer)
    found = answer.json()
    traits = {one["name"]: one["value"] for one in found["characteristic"]}
    assert (found["state"], traits["colour"], traits["code"]) == ("completed", "red", "ONT_NO_LIGHT")
    assert found["testMeasure"][0]["value"]["value"] == -31.5
    assert "Northfibre" not in json.dumps(found)
    assert "Northfibre" in json.dumps(scene.shop.api("alice").get(f"{URL}/{made['id']}").json())
    assert scene.shop.api("charlie").get(f"{URL}/{made['id']}").status_code == 404
    refused = scene.shop.api("conrad").delete(f"{URL}/{made['id']}")
    assert refused.status_code == 409


def test_the_same_external_id_is_the_same_test(scene: Any) -> None:
    caller, external = scene.shop.api("alice"), [{"name": "externalId", "value": "T-1"}]
    first = ask(caller, scene.service.reference, characteristic=external)
    done()
    assert ask(caller, scene.service.reference, characteristic=external)["id"] == first["id"]
    other = caller.post(URL, faults.line_test(scene.service.reference, name="other", characteristic=external))
    assert other.status_code == 409
    assert ask(caller, scene.service.reference)["id"] != first["id"]


def test_a_test_that_interrupts_needs_consent_and_one_that_cannot_run_is_refused(scene: Any) -> None:
    caller = scene.shop.api("alice")
    disruptive = next(kind for kind, (_, interrupts) in KINDS.items() if interrupts)
    body = faults.line_test(scene.service.reference, testSpecification={"id": disruptive})
    refused = caller.post(URL, body)
    assert refused.status_code == 400
    assert "consent" in refused.json()["reason"]
    agreed = [{"name": "consent", "value": "Paula Placeholder, by phone"}]
    made = ask(caller, scene.service.reference, testSpecification={"id": disruptive}, characteristic=agreed)
    assert ServiceTest.objects.get(our_key=made["id"]).consent == "Paula Placeholder, by phone"
    Endpoint.objects.update(services={})
    assert caller.post(URL, faults.line_test(scene.service.reference)).status_code == 409
    for service, kind in (("SV-0", "line"), (scene.service.reference, "x-ray")):
        answer = caller.post(URL, faults.line_test(service, testSpecification={"id": kind}))
        assert answer.status_code == 400
        CONTRACT.check_response(Operation("POST", "/serviceTest"), answer)


def test_a_test_belongs_to_a_ticket_of_the_same_service(scene: Any) -> None:
    row = Ticket.objects.create(
        organisation=scene.shop.brightwave, reference="TT-1", title="x", service=scene.service, created_at=AT
    )
    trait = [{"name": "troubleTicket", "value": "TT-1"}]
    ask(scene.shop.api("alice"), scene.service.reference, characteristic=trait)
    assert row.tests.count() == 1
    trait = [{"name": "troubleTicket", "value": "TT-2"}]
    answer = scene.shop.api("alice").post(URL, faults.line_test(scene.service.reference, characteristic=trait))
    assert answer.status_code == 400


def test_every_first_level_attribute_can_be_selected_and_filtered(scene: Any) -> None:
    caller = scene.shop.api("alice")
    made = ask(caller, scene.service.reference)
    for name in CONTRACT.names("ServiceTest"):
        cut = caller.get(URL, {"fields": name})
        assert all(set(row) <= {"id", "href", name} for row in cut.json())
        value = "2020-01-01T00:00:00Z" if name.endswith("DateTime") else "none such"
        assert caller.get(URL, {name: value}).json() == [], name
    for query in ({"relatedService.id": scene.service.reference}, {"state": "acknowledged,failed"}, {"id": made["id"]}):
        found = caller.get(URL, query)
        assert [row["id"] for row in found.json()] == [made["id"]]
        assert found.headers["X-Total-Count"] == "1"


def test_what_becomes_of_a_test_is_told_to_both_sides_as_the_file_says(scene: Any) -> None:
    for who in ("alice", "conrad", "charlie"):
        answer = scene.shop.api(who).post(f"{CONTRACT.base}/hub", {"callback": f"http://127.0.0.1:9/{who}"})
        assert answer.status_code == 201, answer.content
    ask(scene.shop.api("conrad"), scene.service.reference)
    run_events()
    done()
    run_events()
    assert judged(CONTRACT, once=False) == {"ServiceTestCreateEvent", "ServiceTestStateChangeEvent"}
    told = Notification.objects.values_list("organisation__name", "event_type")
    assert sorted(told) == sorted(
        (name, f"ServiceTest{word}Event")
        for name in (scene.shop.brightwave.name, scene.shop.harbour.name)
        for word in ("Create", "StateChange")
    )


def test_nothing_that_is_sent_makes_it_fail(scene: Any) -> None:
    chance = random.Random(653)
    caller = scene.shop.api("alice")
    here = f"{URL}/{ask(caller, scene.service.reference)['id']}"
    for method, path, name in (("post", URL, "/serviceTest"), ("patch", here, "/serviceTest/{id}")):
        operation = Operation(method.upper(), name)
        for _ in range(20):
            text = json.dumps(spoilt({**CONTRACT.sample(operation), **faults.line_test("SV-1")}, chance))
            response = getattr(caller, method)(path, text, content_type="application/json")
            assert response.status_code < 500, (text, response.content)
            CONTRACT.check_response(operation, response)
