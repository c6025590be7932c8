"""TMF621 v4 and v5 against the TM Forum's own files; what tools of a provider, a customer and an operator can do."""

import json
import random
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.core.events.actions import handle
from ofx.core.events.models import Event, Handled
from ofx.tmf.hub.catalogue import events_of
from ofx.tmf.models import Notification
from tests.conftest import AT, operator
from tests.ofx.orders.conftest import run_events
from tests.tmf import faults
from tests.tmf.conftest import address
from tests.tmf.contract import Contract, Operation
from tests.tmf.test_contract import judged, spoilt
from ticketing.models import PartnerTicket, Ticket, TicketNote
from ticketing.tickets import actions

pytestmark = pytest.mark.data
Json = dict[str, Any]


@pytest.fixture(params=["v4", "v5"])
def contract(request: Any) -> Contract:
    """Each file in turn."""
    return faults.TICKETS[request.param]


@pytest.fixture
def scene(shop: Any, order_for: Any) -> SimpleNamespace:
    """See faults.scene."""
    return faults.scene(shop, order_for)


def operations(contract: Contract) -> list[Operation]:
    """Those of the resources that we serve."""
    return [one for one in contract.operations() if one.resource in ("troubleTicket", "hub")]


def url(contract: Contract, identifier: str = "") -> str:
    """The path of the list, or of one."""
    return f"{contract.base}/troubleTicket" + (f"/{identifier}" if identifier else "")


def post(contract: Contract, caller: Any, service: str = "", **fields: Any) -> Json:
    """A ticket that was POSTed, as it was answered."""
    answer = caller.post(url(contract), faults.ticket_body(contract.version, service, **fields))
    assert answer.status_code == 201, answer.content
    contract.check_response(Operation("POST", "/troubleTicket"), answer)
    found: Json = answer.json()
    return found


def patch(contract: Contract, caller: Any, identifier: str, body: Json, expected: int = 200) -> Json:
    """A patched ticket, judged by the file."""
    contract.check_request(Operation("PATCH", "/troubleTicket/{id}"), body)
    answer = caller.patch(url(contract, identifier), body)
    assert answer.status_code == expected, answer.content
    contract.check_response(Operation("PATCH", "/troubleTicket/{id}"), answer)
    found: Json = answer.json()
    return found


def test_every_operation_of_the_file_is_served_and_answers_as_it_says(contract: Contract, scene: Any) -> None:
    caller, version = scene.shop.api("alice"), contract.version
    contract.check_request(Operation("POST", "/troubleTicket"), faults.ticket_body(version, scene.service.reference))
    made = post(contract, caller, scene.service.reference)
    here, answers = url(contract, made["id"]), {}
    answers["GET /troubleTicket"] = caller.get(url(contract))
    answers["GET /troubleTicket/{id}"] = caller.get(here)
    answers["PATCH /troubleTicket/{id}"] = caller.patch(here, faults.note(version, "The router was swapped."))
    answers["DELETE /troubleTicket/{id}"] = caller.delete(here)
    hub = caller.post(f"{contract.base}/hub", faults.typed(version, "Hub", callback="http://127.0.0.1:9/told"))
    answers["POST /hub"] = hub
    answers["GET /hub/{id}"] = caller.get(f"{contract.base}/hub/{hub.json()['id']}")
    answers["DELETE /hub/{id}"] = caller.delete(f"{contract.base}/hub/{hub.json()['id']}")
    for operation in operations(contract):
        if str(operation) != "POST /troubleTicket":
            response = answers[str(operation)]
            assert 200 <= response.status_code < 300, (str(operation), response.content)
            contract.check_response(operation, response)
    assert caller.get(here).status_code == 404


def test_a_body_with_every_attribute_of_the_file_is_taken(contract: Contract, scene: Any) -> None:
    operation = Operation("POST", "/troubleTicket")
    sample = contract.sample(operation)
    if contract.version == "v4":  # the file knows no format there; v5 sends a reference
        sample["attachment"][0]["content"] = "c2FtcGxl"
    contract.check_request(operation, sample)
    answer = scene.shop.api("alice").post(url(contract), sample)
    assert answer.status_code == 201, answer.content
    contract.check_response(operation, answer)
    for name in ("name", "description", "ticketType", "requestedResolutionDate"):
        assert answer.json()[name] == sample[name]
    assert "sample" in [one["text"] for one in answer.json()["note"]]


def test_a_customers_tool_reports_a_fault_of_its_own_service(contract: Contract, scene: Any) -> None:
    made = post(contract, scene.shop.api("conrad"), scene.service.reference)
    ticket = Ticket.objects.get(reference=made["id"])
    assert (ticket.customer, ticket.organisation) == (scene.shop.harbour, scene.shop.brightwave)
    assert (ticket.service, ticket.channel) == (scene.service, "api")
    assert (ticket.severity, ticket.fault_class, ticket.impact) == ("significant", "no_connection", "down")
    assert (ticket.external_id, ticket.contact_name) == ("INC-1", "Paula Placeholder")
    assert made["ticketType"] == "No connection"
    assert "Northfibre" not in json.dumps(made)
    seen = scene.shop.api("alice").get(url(contract, made["id"])).json()
    assert "Northfibre" in json.dumps(seen)
    assert scene.shop.api("charlie").get(url(contract, made["id"])).status_code == 404
    assert scene.shop.api("cara").get(url(contract, made["id"])).status_code == 404
    assert scene.shop.api("charlie").get(url(contract)).json() == []


def test_the_same_external_id_is_the_same_ticket_for_the_same_caller_only(contract: Contract, scene: Any) -> None:
    alice, conrad = scene.shop.api("alice"), scene.shop.api("conrad")
    first = post(contract, conrad, scene.service.reference)
    assert post(contract, conrad, scene.service.reference)["id"] == first["id"]
    other = conrad.post(url(contract), faults.ticket_body(contract.version, description="another"))
    assert other.status_code == 409
    contract.check_response(Operation("POST", "/troubleTicket"), other)
    assert post(contract, alice, scene.service.reference)["id"] != first["id"]
    assert Ticket.objects.count() == 2


def test_the_desks_tool_moves_a_ticket_through_its_states(contract: Contract, scene: Any) -> None:
    fay, conrad, version = scene.shop.api("fay"), scene.shop.api("conrad"), contract.version
    made = post(contract, conrad, scene.service.reference)
    steps = [
        ("inProgress", ""), ("pending", "Which light is on?"), ("inProgress", ""), ("held", "Road works"),
        ("inProgress", ""), ("resolved", "Spliced the fibre"), ("inProgress", "Down again"), ("resolved", "New ONT"),
        ("closed", ""),
    ]  # fmt: skip
    for word, why in steps:
        found = patch(contract, fay, made["id"], faults.status(version, word, why))
        assert found["status"] == word
    name = "statusChangeHistory" if version == "v5" else "statusChange"
    told = [one["status"] for one in found[name]]
    assert told == ["acknowledged", *[word for word, _ in steps]]
    refused = patch(contract, fay, made["id"], faults.status(version, "inProgress"), expected=409)
    assert "closed" in refused["reason"]
    assert (refused["code"], refused["status"]) == ("conflict", "409")


@pytest.mark.parametrize("to", ["pending", "held", "closed", "nonsense", ""])
def test_a_move_that_the_state_machine_does_not_know_is_refused(scene: Any, to: str) -> None:
    contract = faults.TICKETS["v4"]
    fay = scene.shop.api("fay")
    made = post(contract, fay, scene.service.reference)
    answer = fay.patch(url(contract, made["id"]), {"status": to})
    assert answer.status_code == (400 if to in ("nonsense", "") else 409)
    contract.check_response(Operation("PATCH", "/troubleTicket/{id}"), answer)
    assert "status" in answer.json()["reason"]
    assert Ticket.objects.get().state == "acknowledged"


def test_a_customer_confirms_or_reopens_and_moves_nothing_else(contract: Contract, scene: Any) -> None:
    fay, conrad, version = scene.shop.api("fay"), scene.shop.api("conrad"), contract.version
    made = post(contract, conrad, scene.service.reference)
    for word in ("inProgress", "rejected"):
        assert conrad.patch(url(contract, made["id"]), faults.status(version, word)).status_code == 409
    patch(contract, fay, made["id"], faults.status(version, "inProgress"))
    found = patch(contract, fay, made["id"], faults.status(version, "resolved", "Spliced"))
    seen = conrad.get(url(contract, made["id"])).json()
    assert seen["statusChangeReason"] == "Spliced"
    again = patch(contract, conrad, made["id"], faults.status(version, "inProgress", "Still red"))
    assert (found["status"], again["status"]) == ("resolved", "inProgress")
    patch(contract, fay, made["id"], faults.status(version, "resolved", "New ONT"))
    assert patch(contract, conrad, made["id"], faults.status(version, "closed"))["status"] == "closed"
    assert Ticket.objects.get().confirmed_by_customer is True


def test_notes_go_to_those_they_are_for_and_a_question_gets_its_answer(contract: Contract, scene: Any) -> None:
    fay, conrad, version = scene.shop.api("fay"), scene.shop.api("conrad"), contract.version
    made = post(contract, conrad, scene.service.reference)
    ticket = Ticket.objects.get()
    common = {"ticket": ticket, "at": AT, "author": "staff"}
    TicketNote.objects.create(**common, text="not for them", audience="internal")
    TicketNote.objects.create(**common, text="for the partner", audience="partner")
    TicketNote.objects.create(**common, text="Which light?", audience="customer", is_question=True)
    seen = [one["text"] for one in conrad.get(url(contract, made["id"])).json()["note"]]
    assert seen == ["Which light?"]
    found = patch(contract, conrad, made["id"], faults.note(version, "The red one."))
    assert [one["text"] for one in found["note"]] == ["Which light?", "The red one."]
    again = patch(contract, conrad, made["id"], faults.typed(version, "TroubleTicket", note=found["note"]))
    assert len(again["note"]) == 2
    TicketNote.objects.create(**common, text="And now?", audience="customer", is_question=True)
    twice = faults.typed(version, "TroubleTicket", note=[*found["note"], found["note"][-1]])
    patch(contract, conrad, made["id"], twice)
    patch(contract, conrad, made["id"], twice)
    assert list(TicketNote.objects.filter(author="customer").values_list("text", flat=True)) == ["The red one."] * 2
    assert not TicketNote.objects.filter(is_question=True, answered_at=None).exists()
    desk = patch(contract, fay, made["id"], faults.note(version, "We send an engineer."))
    assert {one["text"] for one in desk["note"]} == {
        "for the partner",
        *seen,
        "And now?",
        "The red one.",
        "We send an engineer.",
    }


def test_files_come_in_by_value_and_go_out_by_value(contract: Contract, scene: Any) -> None:
    conrad, version = scene.shop.api("conrad"), contract.version
    made = post(contract, conrad, scene.service.reference)
    file = {"name": "light.txt", "content": "cmVkIGxpZ2h0", "mimeType": "text/plain", "attachmentType": "log"}
    body = faults.typed(version, "TroubleTicket", attachment=[faults.typed(version, "Attachment", **file)])
    found = patch(contract, conrad, made["id"], body)
    assert [(one["name"], one["content"]) for one in found["attachment"]] == [("light.txt", "cmVkIGxpZ2h0")]
    listed = conrad.get(url(contract), {"fields": "attachment"}).json()
    assert "content" not in listed[0]["attachment"][0]
    for name, content in (("run.exe", "TVqQAAM="), ("x.txt", "%%%")):
        wrong = {**file, "name": name, "content": content}
        body = faults.typed(version, "TroubleTicket", attachment=[faults.typed(version, "Attachment", **wrong)])
        answer = conrad.patch(url(contract, made["id"]), body)
        assert answer.status_code == 400
        assert answer.json()["reason"].startswith("attachment")


def test_what_follows_from_other_things_cannot_be_patched(contract: Contract, scene: Any) -> None:
    fay = scene.shop.api("fay")
    made = post(contract, fay, scene.service.reference)
    for name, value in (("priority", "1"), ("creationDate", "2026-01-01T00:00:00Z"), ("id", "TT-9"), ("href", "x")):
        answer = fay.patch(url(contract, made["id"]), {"@type": "TroubleTicket", name: value})
        assert answer.status_code == 400
        assert answer.json()["reason"].startswith(name)
    same = {name: made[name] for name in ("priority", "creationDate", "name", "description", "severity", "ticketType")}
    assert fay.patch(url(contract, made["id"]), {"@type": "TroubleTicket", **same}).status_code == 200
    found = patch(
        contract, fay, made["id"],
        faults.typed(contract.version, "TroubleTicket", name="Slow", severity="low", ticketType="Slow speed"),
    )  # fmt: skip
    assert (found["name"], found["severity"], found["ticketType"]) == ("Slow", "minor", "Slow speed")
    assert Ticket.objects.get().fault_class == "slow_speed"


def test_only_an_administrator_deletes_and_only_what_nobody_has_worked_on(scene: Any) -> None:
    contract = faults.TICKETS["v4"]
    alice, fay = scene.shop.api("alice"), scene.shop.api("fay")
    made = post(contract, fay, scene.service.reference)
    assert fay.delete(url(contract, made["id"])).status_code == 403
    fay.patch(url(contract, made["id"]), {"status": "inProgress"})
    refused = alice.delete(url(contract, made["id"]))
    assert refused.status_code == 409
    contract.check_response(Operation("DELETE", "/troubleTicket/{id}"), refused)


def test_an_operator_sees_what_was_raised_with_it_and_answers(contract: Contract, scene: Any) -> None:
    conrad, oscar, version = scene.shop.api("conrad"), scene.shop.api("oscar"), contract.version
    post(contract, conrad, scene.service.reference)
    ticket = Ticket.objects.get()
    row = faults.raised(ticket, scene.shop.north)
    other = faults.raised(ticket, scene.shop.south)
    TicketNote.objects.create(ticket=ticket, text="for the partner", audience="partner", author="staff", at=AT)
    TicketNote.objects.create(ticket=ticket, text="not for them", audience="internal", author="staff", at=AT)
    listed = oscar.get(url(contract))
    contract.check_response(Operation("GET", "/troubleTicket"), listed)
    assert [one["id"] for one in listed.json()] == [row.our_key]
    (seen,) = listed.json()
    assert [one["text"] for one in seen["note"]] == ["for the partner"]
    assert "Harbour" not in json.dumps(seen)
    assert oscar.get(url(contract, other.our_key)).status_code == 404
    assert oscar.get(url(contract, ticket.reference)).status_code == 404
    external = {"externalIdentifier": [{"@type": "ExternalIdentifier", "id": "NF-9"}]}
    external = external if version == "v5" else {"externalId": "NF-9"}
    found = patch(contract, oscar, row.our_key, faults.status(version, "acknowledged") | external)
    assert found["status"] == "acknowledged"
    assert PartnerTicket.objects.get(pk=row.pk).partner_ref == "NF-9"
    patch(contract, oscar, row.our_key, faults.status(version, "inProgress"))
    asked = faults.status(version, "pending") | faults.note(version, "Which floor?")
    assert patch(contract, oscar, row.our_key, asked)["status"] == "pending"
    assert PartnerTicket.objects.get(pk=row.pk).question == "Which floor?"
    answered = patch(contract, conrad, ticket.reference, faults.note(version, "The second."))
    assert answered["status"] in ("acknowledged", "inProgress")
    texts = [one["text"] for one in oscar.get(url(contract, row.our_key)).json()["note"]]
    assert texts == ["for the partner", "Which floor?", "The second."]
    PartnerTicket.objects.filter(pk=other.pk).update(state="closed")
    done = patch(contract, oscar, row.our_key, faults.status(version, "resolved", "Spliced in the street"))
    assert (done["status"], done["statusChangeReason"]) == ("resolved", "Spliced in the street")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.resolved_tier) == ("resolved", "partner")
    refused = patch(contract, oscar, row.our_key, faults.status(version, "pending", "x"), expected=409)
    assert "resolved" in refused["reason"]
    assert oscar.post(url(contract), faults.ticket_body(version)).status_code == 403
    assert scene.shop.api("olga").patch(url(contract, row.our_key), faults.note(version, "x")).status_code == 403


@pytest.mark.parametrize("who", ["anonymous", "bob", "cara", "olga"])
def test_every_refusal_of_a_person_fits_the_file(contract: Contract, scene: Any, who: str) -> None:
    caller = scene.shop.api(who)
    for operation in operations(contract):
        path = contract.base + operation.path.replace("{id}", "TT-999999")
        response = getattr(caller, operation.method.lower())(path, {} if operation.method != "GET" else None)
        expected = (401,) if who == "anonymous" else (200, 400, 403, 404)
        assert response.status_code in expected, (str(operation), response.status_code)
        contract.check_response(operation, response)


def test_what_is_not_there_and_what_cannot_be_read_fit_the_file(contract: Contract, scene: Any) -> None:
    caller = scene.shop.api("alice")
    for operation in operations(contract):
        path = contract.base + operation.path.replace("{id}", "nobody")
        if "{id}" in operation.path:
            missing = getattr(caller, operation.method.lower())(path, {} if operation.method == "PATCH" else None)
            assert missing.status_code == 404, str(operation)
            contract.check_response(operation, missing)
        if operation.method == "POST":
            for text in ("[]", "{", '{"description": 3, "relatedEntity": 3, "callback": 5}', '{"severity": "x"}'):
                refused = caller.post(path, text, content_type="application/json")
                assert refused.status_code == 400, (str(operation), text)
                contract.check_response(operation, refused)


def test_a_service_or_an_order_that_is_not_yours_is_refused_by_name(scene: Any) -> None:
    contract = faults.TICKETS["v4"]
    for who in ("charlie", "conrad"):
        wanted = "SV-000000" if who == "conrad" else scene.service.reference
        answer = scene.shop.api(who).post(url(contract), faults.v4_ticket(wanted))
        assert answer.status_code == 400
        assert answer.json()["reason"].startswith("relatedEntity")


def test_every_first_level_attribute_can_be_selected_filtered_and_sorted(contract: Contract, scene: Any) -> None:
    alice = scene.shop.api("alice")
    made = post(contract, alice, scene.service.reference)
    for name in contract.names("TroubleTicket"):
        cut = alice.get(url(contract), {"fields": name})
        assert cut.status_code == 200, (name, cut.content)
        assert all(set(row) <= {"id", "href", "@type", name} for row in cut.json())
        value = "2020-01-01T00:00:00Z" if name.endswith(("Date", "lastUpdate")) else "77"
        assert alice.get(url(contract), {name: value}).json() == [], name
        assert alice.get(url(contract), {"sort": f"-{name}"}).status_code == 200
    for name, value in made.items():
        if isinstance(value, str) and not name.startswith("@") and name != "href":
            found = alice.get(url(contract), {name: f'"{value}"'})
            assert [row["id"] for row in found.json()] == [made["id"]], name
    mine = alice.get(url(contract), {"relatedEntity.id" if contract.version == "v4" else "relatedEntity.entity.id":
                                     scene.service.reference})  # fmt: skip
    assert [row["id"] for row in mine.json()] == [made["id"]]
    assert (mine.headers["X-Total-Count"], mine.headers["X-Result-Count"]) == ("1", "1")
    assert set(alice.get(url(contract, made["id"]), {"fields": "none"}).json()) - {"@type"} == {"id", "href"}
    assert alice.get(f"{url(contract)}/").json() == alice.get(url(contract)).json()
    assert address(made["href"]) == url(contract, made["id"])


def test_pages_carry_their_counts_and_links(scene: Any) -> None:
    contract = faults.TICKETS["v4"]
    alice = scene.shop.api("alice")
    ids = [post(contract, alice, externalId=f"INC-{n}")["id"] for n in range(5)]
    page = alice.get(url(contract), {"limit": 2, "offset": 2})
    assert [row["id"] for row in page.json()] == ids[::-1][2:4]
    assert (page.headers["X-Total-Count"], page.headers["X-Result-Count"]) == ("5", "2")
    for word in ("self", "first", "prev", "next", "last"):
        assert f'rel="{word}"' in page.headers["Link"]
    since = alice.get(url(contract), {"lastUpdate.gte": page.json()[0]["lastUpdate"], "status": "acknowledged"})
    assert page.json()[0]["id"] in [row["id"] for row in since.json()]


def test_the_queries_of_the_list_do_not_grow_with_its_rows(scene: Any) -> None:
    for who, version in (("alice", "v5"), ("oscar", "v4")):
        caller, counts = scene.shop.api(who), []
        contract = faults.TICKETS[version]
        for size in (10, 200):
            for number in range(Ticket.objects.count(), size):
                values = {"organisation": scene.shop.brightwave, "title": "x", "created_at": AT, "holder_since": AT}
                row = Ticket.objects.create(reference=f"TT-9{number:05d}", service=scene.service, **values)
                faults.raised(row, scene.shop.north)
                TicketNote.objects.create(ticket=row, text="x", audience="all", at=AT)
            with CaptureQueriesContext(connection) as queries:
                assert len(caller.get(url(contract), {"limit": 200}).json()) == size
            counts.append(len(queries))
        assert counts[0] == counts[1]
        Ticket.objects.all().delete()


def test_nothing_that_is_sent_makes_it_fail(contract: Contract, scene: Any) -> None:
    chance = random.Random(621)
    alice = scene.shop.api("alice")
    made = post(contract, alice, scene.service.reference)
    row = faults.raised(Ticket.objects.get(), scene.shop.north)
    targets = [(alice, "post", url(contract)), (alice, "patch", url(contract, made["id"]))]
    targets.append((scene.shop.api("oscar"), "patch", url(contract, row.our_key)))
    for caller, method, path in targets:
        operation = Operation(method.upper(), "/troubleTicket" + ("/{id}" if method == "patch" else ""))
        full = {**contract.sample(operation), "@type": "TroubleTicket"}
        for _ in range(25):
            text = json.dumps(spoilt(full, chance))
            response = getattr(caller, method)(path, text, content_type="application/json")
            assert response.status_code < 500, (text, response.content)
            contract.check_response(operation, response)


def test_an_operators_stranger_sees_nothing(scene: Any) -> None:
    contract = faults.TICKETS["v4"]
    east = operator("eastwave", "Eastwave")
    post(contract, scene.shop.api("conrad"), scene.service.reference)
    faults.raised(Ticket.objects.get(), east)
    assert scene.shop.api("oscar").get(url(contract)).json() == []


def subscribed(contract: Contract, scene: Any, *people: str) -> None:
    """Everybody's system listens."""
    for who in people:
        body = faults.typed(contract.version, "Hub", callback=f"http://127.0.0.1:9/{who}")
        answer = scene.shop.api(who).post(f"{contract.base}/hub", body)
        assert answer.status_code == 201, answer.content


def told(*names: str) -> dict[str, list[str]]:
    """What each of these organisations was told, in order, as the words of the events."""
    run_events()
    rows = Notification.objects.order_by("pk").values_list("organisation__name", "event_type")
    return {
        name: [kind.removeprefix("TroubleTicket").removesuffix("Event") for who, kind in rows if who == name]
        for name in names
    }


def test_a_fault_is_told_to_each_side_as_the_file_says_and_only_what_it_may_read(
    contract: Contract, scene: Any
) -> None:
    shop, version = scene.shop, contract.version
    fay, conrad, oscar = shop.api("fay"), shop.api("conrad"), shop.api("oscar")
    subscribed(contract, scene, "fay", "conrad", "oscar", "charlie")
    made = post(contract, conrad, scene.service.reference)
    ticket = Ticket.objects.get()
    row = faults.raised(ticket, shop.north)
    actions.add_note(ticket=ticket, actor=shop.people["fay"], at=AT, text="not for them")
    patch(contract, fay, made["id"], faults.status(version, "inProgress"))
    patch(contract, fay, made["id"], faults.note(version, "We look at it."))
    asked = {"text": "Which light?", "audience": "customer", "is_question": True}
    actions.add_note(ticket=ticket, actor=shop.people["fay"], at=AT, **asked)
    patch(contract, conrad, made["id"], faults.note(version, "The red one."))
    patch(contract, oscar, row.our_key, faults.status(version, "acknowledged"))
    patch(contract, oscar, row.our_key, faults.status(version, "resolved", "Spliced"))
    patch(contract, conrad, made["id"], faults.status(version, "closed"))
    found = told(shop.brightwave.name, shop.harbour.name, shop.north.organisation.name, shop.cobalt.name)
    assert found.pop(shop.cobalt.name) == []
    operators = found.pop(shop.north.organisation.name)
    assert operators[:1] == ["AttributeValueChange"]
    assert {"StatusChange", "Resolved"} <= set(operators)
    for words in found.values():
        assert words[0] == "Create"
        assert {"StatusChange", "AttributeValueChange", "InformationRequired", "Resolved"} <= set(words)
    for one in Notification.objects.all():
        contract.check_event(one.body)
        assert "not for them" not in json.dumps(one.body)
        if one.organisation != shop.brightwave:
            assert ("Northfibre" in json.dumps(one.body)) == (one.organisation == shop.north.organisation)
    states = [
        one.body["event"]["troubleTicket"]["status"]
        for one in Notification.objects.filter(organisation=shop.harbour, event_type__contains="StatusChange")
        .order_by("pk")
    ]  # fmt: skip
    assert states[0] == "inProgress"
    assert states[-2:] == ["resolved", "closed"]


def test_a_deletion_is_told_and_telling_again_adds_nothing(contract: Contract, scene: Any) -> None:
    alice = scene.shop.api("alice")
    subscribed(contract, scene, "alice")
    made = post(contract, alice, scene.service.reference)
    assert told(scene.shop.brightwave.name) == {scene.shop.brightwave.name: ["Create"]}
    alice.delete(url(contract, made["id"]))
    assert told(scene.shop.brightwave.name) == {scene.shop.brightwave.name: ["Create", "Delete"]}
    assert judged(contract) == {"TroubleTicketCreateEvent", "TroubleTicketDeleteEvent"}
    for event in Event.objects.filter(name__startswith="ticket."):
        Handled.objects.filter(event=event).delete()
        handle(event.pk, "ofx.tmf.subscribers.tell_of_tickets")
    assert Notification.objects.count() == 2


def test_every_event_that_the_hub_offers_is_one_of_the_file(contract: Contract) -> None:
    known = [name for name in contract.events() if "Specification" not in name]
    assert set(events_of(contract.api, contract.version)) == set(known)
