"""TMF656 v4 against the TM Forum's own file: outages declared, reported, told of, cleared, grouped; TMF621 parents."""

import json
import random
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.tmf.models import Notification
from tests.conftest import AT, organisation, person
from tests.ofx.orders.conftest import run_events
from tests.tmf import faults
from tests.tmf.contract import Operation
from tests.tmf.test_contract import judged, spoilt
from ticketing.models import Outage, OutageChild, Ticket

pytestmark = pytest.mark.data
CONTRACT = faults.PROBLEMS
URL = f"{CONTRACT.base}/serviceProblem"
SERVED = ("serviceProblem", "problemGroup", "problemUngroup", "hub")
Json = dict[str, Any]


@pytest.fixture
def scene(shop: Any, order_for: Any) -> SimpleNamespace:
    """See faults.scene."""
    return faults.scene(shop, order_for)


def operations() -> list[Operation]:
    """Those of the resources that we serve."""
    return [one for one in CONTRACT.operations() if one.resource in SERVED]


def report(caller: Any, **fields: Any) -> Json:
    """A problem that was POSTed, as it was answered."""
    body = faults.problem_body(**fields)
    CONTRACT.check_request(Operation("POST", "/serviceProblem"), body)
    answer = caller.post(URL, body)
    assert answer.status_code == 201, answer.content
    CONTRACT.check_response(Operation("POST", "/serviceProblem"), answer)
    found: Json = answer.json()
    return found


def patch(caller: Any, identifier: str, expected: int = 200, **body: Any) -> Json:
    """A patched problem, judged by the file."""
    CONTRACT.check_request(Operation("PATCH", "/serviceProblem/{id}"), body)
    answer = caller.patch(f"{URL}/{identifier}", body)
    assert answer.status_code == expected, answer.content
    CONTRACT.check_response(Operation("PATCH", "/serviceProblem/{id}"), answer)
    found: Json = answer.json()
    return found


def test_every_operation_of_the_file_is_served_and_answers_as_it_says(scene: Any) -> None:
    alice = scene.shop.api("alice")
    one, two = report(alice), report(scene.shop.api("conrad"), affectedService=[{"id": scene.service.reference}])
    group = {"parentProblem": {"id": one["id"]}, "childProblem": [{"id": two["id"]}]}
    CONTRACT.check_request(Operation("POST", "/problemGroup"), group)
    answers = {
        "GET /serviceProblem": alice.get(URL),
        "GET /serviceProblem/{id}": alice.get(f"{URL}/{one['id']}"),
        "PATCH /serviceProblem/{id}": alice.patch(f"{URL}/{one['id']}", {"note": [{"text": "Engineers are there."}]}),
        "POST /problemGroup": alice.post(f"{CONTRACT.base}/problemGroup", group),
    }
    grouped = alice.get(f"{URL}/{two['id']}").json()
    assert grouped["parentProblem"][0]["id"] == one["id"]
    assert alice.get(f"{URL}/{one['id']}").json()["underlyingProblem"][0]["id"] == two["id"]
    answers["POST /problemUngroup"] = alice.post(f"{CONTRACT.base}/problemUngroup", group)
    assert "parentProblem" not in alice.get(f"{URL}/{two['id']}").json()
    answers["DELETE /serviceProblem/{id}"] = alice.delete(f"{URL}/{two['id']}")
    answers["POST /hub"] = hub = alice.post(f"{CONTRACT.base}/hub", {"callback": "http://127.0.0.1:9/told"})
    answers["DELETE /hub/{id}"] = alice.delete(f"{CONTRACT.base}/hub/{hub.json()['id']}")
    for operation in operations():
        if str(operation) != "POST /serviceProblem":
            response = answers[str(operation)]
            assert 200 <= response.status_code < 300, (str(operation), response.content)
            CONTRACT.check_response(operation, response)
    assert alice.get(f"{URL}/{two['id']}").json()["status"] == "rejected"
    assert alice.delete(f"{URL}/{one['id']}").status_code == 409


def test_a_body_with_every_attribute_of_the_file_is_taken(scene: Any) -> None:
    operation = Operation("POST", "/serviceProblem")
    sample = CONTRACT.sample(operation)
    CONTRACT.check_request(operation, sample)
    usual = faults.problem_body()
    real = {"affectedLocation": usual["affectedLocation"], "affectedService": [{"id": scene.service.reference}]}
    answer = scene.shop.api("alice").post(URL, {**sample, **real, "affectedResource": []})
    assert answer.status_code == 201, answer.content
    CONTRACT.check_response(operation, answer)
    for name in ("name", "category", "reason", "originatingSystem"):
        assert answer.json()[name] == sample[name]


def test_a_customer_reports_and_the_provider_decides(scene: Any) -> None:
    alice, conrad = scene.shop.api("alice"), scene.shop.api("conrad")
    made = report(conrad, affectedLocation=[], affectedService=[{"id": scene.service.reference}])
    outage = Outage.objects.get()
    assert (outage.state, outage.source, outage.external_id) == ("candidate", "customer", "MI-1")
    assert made["status"] == "acknowledged"
    assert report(conrad, affectedLocation=[], affectedService=[{"id": scene.service.reference}])["id"] == made["id"]
    assert conrad.post(URL, faults.problem_body(description="another")).status_code == 409
    assert conrad.patch(f"{URL}/{made['id']}", {"status": "inProgress"}).status_code == 403
    assert scene.shop.api("cara").post(URL, faults.problem_body()).status_code == 403
    for stranger in ("charlie", "cara"):
        assert scene.shop.api(stranger).get(f"{URL}/{made['id']}").status_code == 404
    assert patch(alice, made["id"], status="inProgress")["status"] == "inProgress"
    OutageChild.objects.create(
        outage=outage, service=scene.service, customer=scene.shop.harbour, started_at=AT, attached_at=AT
    )
    seen = conrad.get(f"{URL}/{made['id']}")
    CONTRACT.check_response(Operation("GET", "/serviceProblem/{id}"), seen)
    assert seen.json()["affectedNumberOfServices"] == 1
    assert "Northfibre" not in json.dumps(seen.json())
    for number, name in enumerate(("conrad", "cara")):
        reporter = scene.shop.people[name]
        ticket = Ticket.objects.create(
            organisation=scene.shop.brightwave, customer=scene.shop.harbour, reference=f"TT-10000{number}",
            title="Down", created_at=AT, reported_by=reporter,
        )  # fmt: skip
        OutageChild.objects.create(
            outage=outage, ticket=ticket, customer=scene.shop.harbour, started_at=AT, attached_at=AT
        )
    told = {who: json.dumps(scene.shop.api(who).get(f"{URL}/{made['id']}").json()) for who in ("conrad", "cara")}
    assert ["TT-100000" in told["conrad"], "TT-100001" in told["conrad"]] == [True, True]
    assert ["TT-100000" in told["cara"], "TT-100001" in told["cara"]] == [False, True]


def test_what_one_customer_said_is_not_told_to_another(scene: Any) -> None:
    alice, conrad = scene.shop.api("alice"), scene.shop.api("conrad")
    made = report(conrad, affectedLocation=[], affectedService=[{"id": scene.service.reference}])
    wider = report(alice, name="Secret suspicion", externalIdentifier=[{"id": "MI-2"}])
    alice.post(
        f"{CONTRACT.base}/problemGroup",
        {"parentProblem": {"id": wider["id"]}, "childProblem": [{"id": made["id"]}]},
    )
    patch(alice, made["id"], status="inProgress")
    outage = Outage.objects.get(reference=made["id"])
    neighbour = organisation("customer", "Neighbour Ltd", provider=scene.shop.brightwave)
    scene.shop.people["nina"] = person("nina@example.com", neighbour, "admin")
    ticket = Ticket.objects.create(
        organisation=scene.shop.brightwave, customer=neighbour, reference="TT-999999", title="Down", created_at=AT
    )
    OutageChild.objects.create(outage=outage, ticket=ticket, customer=neighbour, started_at=AT, attached_at=AT)
    own, seen = (caller.get(f"{URL}/{made['id']}").json() for caller in (conrad, scene.shop.api("nina")))
    assert own["originatorParty"]["name"] == "NOC"
    assert own["externalIdentifier"][0]["id"] == "MI-1"
    assert seen["originatorParty"]["name"] == scene.shop.brightwave.name
    assert "externalIdentifier" not in seen
    assert "parentProblem" not in own
    assert "parentProblem" not in seen
    assert not any("Secret" in str(found) for found in (own, seen))


def test_the_desks_tool_moves_a_problem_to_its_end(scene: Any) -> None:
    alice = scene.shop.api("alice")
    made = report(alice)
    assert made["status"] == "inProgress"
    told = patch(alice, made["id"], note=[{"text": "A cable was cut."}])
    assert told["note"][-1]["text"] == "A cable was cut."
    assert patch(alice, made["id"], status="resolved", statusChangeReason="Spliced")["status"] == "resolved"
    assert Outage.objects.get().cause == "Spliced"
    again = patch(alice, made["id"], status="inProgress", statusChangeReason="Down again")
    assert again["status"] == "inProgress"
    for word in ("pending", "held", "closed", "cancelled"):
        assert "status" in patch(alice, made["id"], expected=409, status=word)["reason"]
    refused = alice.patch(f"{URL}/{made['id']}", {"status": "nonsense"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    for name, value in (("priority", 4), ("affectedNumberOfServices", 9), ("creationDate", "2026-01-01T00:00:00Z")):
        assert alice.patch(f"{URL}/{made['id']}", {name: value}).status_code == 400


def test_what_covers_nothing_or_somebody_elses_service_is_refused_by_name(scene: Any) -> None:
    for who, wanted in (("alice", []), ("charlie", [{"id": scene.service.reference}])):
        answer = scene.shop.api(who).post(URL, faults.problem_body(affectedLocation=[], affectedService=wanted))
        assert answer.status_code == 400
        assert answer.json()["reason"].startswith("affectedService")
        CONTRACT.check_response(Operation("POST", "/serviceProblem"), answer)


def test_a_customers_trouble_ticket_that_is_a_parent_is_a_reported_outage(scene: Any) -> None:
    contract = faults.TICKETS["v4"]
    conrad = scene.shop.api("conrad")
    body = faults.v4_ticket(scene.service.reference, ticketType="Outage", externalId="MI-7")
    mother = conrad.post(f"{contract.base}/troubleTicket", body)
    contract.check_response(Operation("POST", "/troubleTicket"), mother)
    outage = Outage.objects.get()
    assert (outage.state, outage.source, outage.external_id) == ("candidate", "customer", "MI-7")
    assert outage.children.get().ticket == Ticket.objects.get()
    seen = scene.shop.api("alice").get(f"{contract.base}/troubleTicket/{mother.json()['id']}").json()
    assert seen["troubleTicketRelationship"][0]["id"] == outage.reference
    relation = [{"id": outage.reference, "relationshipType": "childOf"}]
    body = faults.v4_ticket(scene.service.reference, externalId="INC-8", troubleTicketRelationship=relation)
    child = scene.shop.api("alice").post(f"{contract.base}/troubleTicket", body)
    assert child.status_code == 201, child.content
    assert outage.children.count() == 2


def test_every_first_level_attribute_can_be_selected_and_filtered(scene: Any) -> None:
    alice = scene.shop.api("alice")
    made = report(alice)
    for name in CONTRACT.names("ServiceProblem"):
        cut = alice.get(URL, {"fields": name})
        assert cut.status_code == 200, (name, cut.content)
        assert all(set(row) <= {"id", "href", name} for row in cut.json())
        value = "2020-01-01T00:00:00Z" if name.endswith(("Date", "lastUpdate")) else "77"
        assert alice.get(URL, {name: value}).json() == [], name
    for query in (
        {"externalIdentifier.id": "MI-1"},
        {"status": "inProgress"},
        {"id": made["id"]},
        {"name": made["name"]},
    ):
        found = alice.get(URL, query)
        assert [row["id"] for row in found.json()] == [made["id"]]
        assert found.headers["X-Total-Count"] == "1"


@pytest.mark.parametrize("who", ["anonymous", "bob", "cara", "olga"])
def test_every_refusal_of_a_person_fits_the_file(scene: Any, who: str) -> None:
    caller = scene.shop.api(who)
    for operation in operations():
        path = CONTRACT.base + operation.path.replace("{id}", "OUT-999999")
        response = getattr(caller, operation.method.lower())(path, {} if operation.method != "GET" else None)
        expected = (401,) if who == "anonymous" else (403,) if who == "olga" else (200, 403, 404)
        assert response.status_code in expected, (str(operation), response.status_code)
        CONTRACT.check_response(operation, response)


def test_what_becomes_of_a_problem_is_told_as_the_file_says(scene: Any) -> None:
    for who in ("alice", "conrad", "charlie"):
        answer = scene.shop.api(who).post(f"{CONTRACT.base}/hub", {"callback": f"http://127.0.0.1:9/{who}"})
        assert answer.status_code == 201, answer.content
    made = report(scene.shop.api("conrad"), affectedLocation=[], affectedService=[{"id": scene.service.reference}])
    run_events()
    alice = scene.shop.api("alice")
    patch(alice, made["id"], status="inProgress")
    run_events()
    patch(alice, made["id"], note=[{"text": "A cable was cut."}])
    run_events()
    words = {f"ServiceProblem{word}Event" for word in ("Create", "StateChange", "AttributeValueChange")}
    assert judged(CONTRACT, once=False) == words
    told = {row.organisation.name for row in Notification.objects.select_related("organisation")}
    assert told == {scene.shop.brightwave.name, scene.shop.harbour.name}
    kinds = Notification.objects.filter(organisation=scene.shop.harbour).order_by("pk")
    assert kinds.first().event_type == "ServiceProblemCreateEvent"


def test_the_queries_of_the_list_do_not_grow_with_its_rows(scene: Any) -> None:
    alice, counts = scene.shop.api("alice"), []
    for size in (10, 200):
        for number in range(Outage.objects.count(), size):
            values = {"organisation": scene.shop.brightwave, "title": "x", "started_at": AT, "created_at": AT}
            row = Outage.objects.create(reference=f"OUT-9{number:05d}", **values)
            row.keys.create(kind="postcode", value="SW1A1AA")
        with CaptureQueriesContext(connection) as queries:
            assert len(alice.get(URL, {"limit": 200}).json()) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nothing_that_is_sent_makes_it_fail(scene: Any) -> None:
    chance = random.Random(656)
    alice = scene.shop.api("alice")
    made = report(alice)
    targets = [("post", URL, "/serviceProblem"), ("patch", f"{URL}/{made['id']}", "/serviceProblem/{id}")]
    targets.append(("post", f"{CONTRACT.base}/problemGroup", "/problemGroup"))
    for method, path, name in targets:
        operation = Operation(method.upper(), name)
        usual = faults.problem_body() if name == "/serviceProblem" else {}
        for _ in range(20):
            text = json.dumps(spoilt({**CONTRACT.sample(operation), **usual}, chance))
            response = getattr(alice, method)(path, text, content_type="application/json")
            assert response.status_code < 500, (text, response.content)
            CONTRACT.check_response(operation, response)
