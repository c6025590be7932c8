import json
from typing import Any

import pytest
import requests

from sandbox.process import Running
from tests.sandbox.conftest import order_body, place, read, until, wait_for


def _with_item(**more: Any) -> dict[str, Any]:
    return {"productOrderItem": [{"id": "1", "action": "add", **more}]}


BROKEN: list[tuple[Any, str]] = [
    ([], "JSON object"),
    ({}, "productOrderItem"),
    ({"productOrderItem": []}, "productOrderItem"),
    ({"productOrderItem": "one"}, "productOrderItem"),
    ({"productOrderItem": ["one"]}, "productOrderItem[0]"),
    ({"productOrderItem": [{"action": "add"}]}, "productOrderItem[0].id"),
    ({"productOrderItem": [{"id": 1, "action": "add"}]}, "productOrderItem[0].id"),
    ({"productOrderItem": [{"id": "1"}]}, "productOrderItem[0].action"),
    ({"productOrderItem": [{"id": "1", "action": "buy"}]}, "productOrderItem[0].action"),
    ({"productOrderItem": [{"id": "1", "action": "add"}] * 2}, "unique"),
    (_with_item(quantity=0), "quantity"),
    (_with_item(quantity=True), "quantity"),
    (_with_item(product=[]), "product must be"),
    (_with_item(product={"place": [{}]}), "product.place[0].role"),
    (_with_item(product={"productCharacteristic": [{"value": 1}]}), "productCharacteristic[0].name"),
    (_with_item(product={"productCharacteristic": [{"name": "a"}]}), "productCharacteristic[0].value"),
    ({**order_body("x"), "externalId": 7}, "externalId"),
    ({**order_body("x"), "externalId": "k" * 101}, "externalId"),
    ({**order_body("x"), "requestedCompletionDate": "tomorrow"}, "requestedCompletionDate"),
    ({**order_body("x"), "requestedCompletionDate": "2026-12-01T00:00:00"}, "zone"),
    ({**order_body("x"), "note": [{"author": "a"}]}, "note[0].text"),
    ({**order_body("x"), "relatedParty": [{"id": "1"}]}, "relatedParty[0].@referredType"),
]


@pytest.mark.parametrize(("body", "named"), BROKEN)
def test_a_body_that_breaks_a_rule_gets_400_naming_the_attribute(running: Running, body: Any, named: str) -> None:
    before = len(running.orders("eastwave"))
    answer = running.api("eastwave", "POST", "/productOrder", json=body)
    assert answer.status_code == 400, answer.text
    assert named in answer.json()["message"]
    assert answer.json()["code"]
    assert answer.json()["reason"] == "Bad Request"
    assert len(running.orders("eastwave")) == before


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 50_000, b'{"externalId": "\\ud800"}'])
def test_what_is_not_json_gets_400(running: Running, raw: bytes) -> None:
    for method, path in (("POST", "/productOrder"), ("POST", "/cancelProductOrder"), ("POST", "/hub")):
        answer = running.api("northfibre", method, path, data=raw)
        assert answer.status_code == 400, (path, answer.text)
        assert answer.json()["code"] == "INVALID_JSON"


def test_without_the_right_bearer_token_the_answer_is_401_and_it_is_in_the_journal(running: Running) -> None:
    token = running.config.partner("southlink").token
    url = running.config.base_url("northfibre") + "/productOrder"
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {token}"}):
        answer = running.http.post(url, json=order_body("unauthorised"), headers=headers)
        assert answer.status_code == 401
    found = running.journal("northfibre", external_id="unauthorised")
    assert [entry["status"] for entry in found] == [401, 401, 401]
    assert running.orders("northfibre", external_id="unauthorised") == []


def test_a_body_above_a_megabyte_gets_413(running: Running) -> None:
    body = order_body("big", description="x" * 1_100_000)
    answer = running.api("northfibre", "POST", "/productOrder", json=body)
    assert answer.status_code == 413


def test_unknown_paths_methods_and_ids_are_404_and_405(running: Running) -> None:
    assert running.api("northfibre", "GET", "/productOrder/nobody").status_code == 404
    assert running.api("northfibre", "GET", "/cancelProductOrder/99").status_code == 404
    assert running.api("northfibre", "GET", "/quote").status_code == 404
    assert running.api("northfibre", "DELETE", "/productOrder/1").status_code == 405
    assert running.http.get(running.url + "/nobody/tmf-api/").status_code == 404


def test_an_order_comes_back_with_location_key_and_the_plain_word_that_it_is_simulated(
    running: Running,
) -> None:
    body = order_body("first", relatedParty=[{"id": "p", "@referredType": "Organization"}], odd={"kept": 1})
    answer = running.api("northfibre", "POST", "/productOrder/", json=body)
    shown = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == shown["href"]
    assert answer.headers["X-OFX-Simulated"] == "yes"
    assert shown["simulated"] is True
    assert "Simulated" in shown["note"][-1]["text"]
    assert (shown["state"], shown["sequence"], shown["externalId"]) == ("acknowledged", 1, "first")
    assert shown["odd"] == {"kept": 1}
    assert running.api("northfibre", "GET", f"/productOrder/{shown['id']}/").json()["id"] == shown["id"]


def test_a_second_create_with_the_same_key_makes_a_second_order(running: Running) -> None:
    ids = {place(running, "northfibre", "twice")["id"] for _ in range(2)}
    assert len(ids) == 2
    found = running.api("northfibre", "GET", "/productOrder", params={"externalId": "twice"})
    assert {order["id"] for order in found.json()} == ids
    assert found.headers["X-Total-Count"] == "2"
    assert len(running.orders("northfibre", external_id="twice")) == 2


def test_northfibre_and_eastwave_number_their_orders_alike(running: Running) -> None:
    north = {order["id"] for order in running.orders("northfibre")}
    place(running, "eastwave", "collide")
    east = {order["id"] for order in running.orders("eastwave")}
    assert "1" in north & east


def test_lists_page_filter_and_select(running: Running) -> None:
    for number in range(7):
        place(running, "eastwave", f"page-{number}", "silence")
    wanted = ",".join(f"page-{number}" for number in range(7))
    mine = [o["externalId"] for o in running.orders("eastwave") if o["externalId"].startswith("page-")]
    assert len(mine) == 7
    wait_for(lambda: all(running.orders("eastwave", external_id=k)[0]["sequence"] == 2 for k in mine))
    seen: list[str] = []
    for offset in (0, 3, 6):
        query = {"externalId": wanted, "offset": offset, "limit": 3, "fields": "externalId"}
        answer = running.api("eastwave", "GET", "/productOrder", params=query)
        assert answer.headers["X-Total-Count"] == "7"
        assert answer.headers["X-Result-Count"] == str(len(answer.json()))
        assert all(set(row) == {"id", "href", "externalId"} for row in answer.json())
        seen += [row["externalId"] for row in answer.json()]
    assert sorted(seen) == sorted(wanted.split(","))


def test_a_list_can_be_asked_for_what_changed_since(running: Running) -> None:
    before = place(running, "eastwave", "since-a", "rejected")
    done = until(running, "eastwave", before["id"], "rejected")
    later = place(running, "eastwave", "since-b", "silence")
    query = {"lastUpdate.gt": done["lastUpdate"], "externalId": "since-a,since-b"}
    found = running.api("eastwave", "GET", "/productOrder", params=query).json()
    assert [row["id"] for row in found] == [later["id"]]
    exact = running.api("eastwave", "GET", "/productOrder", params={"lastUpdate": done["lastUpdate"]}).json()
    assert [row["id"] for row in exact] == [before["id"]]
    state = running.api("eastwave", "GET", "/productOrder", params={"state": "rejected", "priority": "1"})
    assert state.json() == []


@pytest.mark.parametrize("query", [{"offset": "-1"}, {"limit": "many"}, {"lastUpdate.gt": "yesterday"}])
def test_a_query_that_makes_no_sense_gets_400(running: Running, query: dict[str, str]) -> None:
    answer = running.api("eastwave", "GET", "/productOrder", params=query)
    assert answer.status_code == 400
    assert next(iter(query)) in answer.json()["message"]


def test_southlink_repeats_a_row_on_the_next_page_and_takes_no_subscription(running: Running) -> None:
    for number in range(5):
        place(running, "southlink", f"south-{number}", "silence")
    keys = ",".join(f"south-{number}" for number in range(5))
    wait_for(lambda: all(o["sequence"] == 2 for o in running.orders("southlink")))
    rows: list[str] = []
    for offset in (0, 2, 4):
        query = {"externalId": keys, "offset": offset, "limit": 2}
        rows += [r["id"] for r in running.api("southlink", "GET", "/productOrder", params=query).json()]
    assert len(rows) == 7
    assert running.api("southlink", "POST", "/hub", json={"callback": "http://h/"}).status_code == 501


@pytest.mark.parametrize("name", ["state", "completionDate", "id", "milestone", "surprise"])
def test_what_is_the_partners_own_may_not_be_patched(running: Running, name: str) -> None:
    order = place(running, "eastwave", f"patch-{name}", "silence")
    answer = running.api("eastwave", "PATCH", f"/productOrder/{order['id']}", json={name: "x"})
    assert answer.status_code == 400
    assert name in answer.json()["message"]
    assert read(running, "eastwave", order["id"]).get("surprise") is None


def test_a_patch_adds_a_note_and_changes_a_description(running: Running) -> None:
    order = place(running, "northfibre", "noted", "silence")
    body = {"description": "new words", "note": [{"author": "Alice Invented", "text": "use the side gate"}]}
    shown = running.api("northfibre", "PATCH", f"/productOrder/{order['id']}", json=body).json()
    assert shown["description"] == "new words"
    assert "use the side gate" in [note["text"] for note in shown["note"]]
    assert len(shown["note"]) > 1


def test_northfibre_takes_a_hazard_note_of_fifty_characters_and_no_more(running: Running) -> None:
    for length, status in ((50, 201), (51, 400)):
        body = order_body(f"hazard-{length}")
        trait = {"name": "hazardNote", "value": "d" * length}
        body["productOrderItem"][0]["product"]["productCharacteristic"] = [trait]
        assert running.api("northfibre", "POST", "/productOrder", json=body).status_code == status


def test_the_journal_and_the_controls_want_the_admin_token(running: Running) -> None:
    for path in ("/_journal/northfibre", "/_journal/northfibre/orders", "/_control"):
        assert running.http.get(running.url + path).status_code == 401
    assert running.http.post(running.url + "/_control/down", json={}).status_code == 401


def test_the_journal_masks_the_token_and_counts_each_request(running: Running) -> None:
    place(running, "northfibre", "journalled")
    found = running.journal("northfibre", external_id="journalled", method="POST", kind="request")
    assert len(found) == 1
    assert found[0]["status"] == 201
    assert json.loads(found[0]["body"])["externalId"] == "journalled"
    assert running.config.partner("northfibre").token not in json.dumps(running.journal("northfibre"))


def test_the_page_says_simulated_and_shows_no_credential(running: Running) -> None:
    page = running.http.get(running.url + "/")
    assert "Simulated partners" in page.text
    assert "[scenario:excess_charge]" in page.text
    for partner in running.config.partners:
        assert partner.name in page.text
        assert not partner.token or partner.token not in page.text
    assert running.config.admin_token not in page.text


def test_every_answer_carries_the_mark(running: Running) -> None:
    for path in ("/", "/healthz", "/nowhere", "/_journal/northfibre"):
        assert requests.get(running.url + path, timeout=5).headers["X-OFX-Simulated"] == "yes"
