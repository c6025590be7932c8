"""TMF622 as a buyer's system lives with it: order once, be told why, change, cancel, look things up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.core.models import Organisation
from ofx.orders.models import Order
from partners.models import Message
from tests.conftest import offering
from tests.ofx.orders.conftest import hear, news, part, run_events
from tests.ofx.orders.test_pages import many
from tests.tmf.conftest import BASE, address, v4_order, v5_order

V4, V5 = f"{BASE}/v4/productOrder", f"{BASE}/v5/productOrder"
CANCEL = f"{BASE}/v4/cancelProductOrder"
Ordered = Callable[..., dict[str, Any]]
Make = Callable[..., Order]
LATER = 24 * 365 * 3  # hours after AT: after what these tests do now


def item(**fields: Any) -> dict[str, Any]:
    """One usual item with changes."""
    return {**v4_order()["productOrderItem"][0], **fields}


# -- ordering


def test_an_order_reaches_its_operator_with_place_customer_contact_and_notes(buyer: Any) -> None:
    answer = buyer.post(V4, v4_order(note=[{"text": "Ring at the side door"}]))
    assert answer.status_code == 201
    data = answer.json()
    assert answer.headers["Location"] == data["href"]
    assert buyer.get(address(data["href"])).json() == data
    order = Order.objects.get(reference=data["id"])
    assert (order.state, order.external_id, order.postcode) == ("submitted", "B-1", "SW1A1AA")
    assert (order.customer.name, order.contact_name) == ("Harbour Books", "Paula Placeholder")
    assert (order.requested_date, order.access_notes) == (date(2027, 3, 20), "Ring at the side door")
    assert Message.objects.filter(direction="out", verb="create").count() == 1


def test_the_same_order_posted_twice_is_one_order(buyer: Any) -> None:
    answers = [buyer.post(V4, v4_order()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (Order.objects.count(), Message.objects.filter(verb="create").count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_order_posted_at_the_same_moment_is_one_order(shop: Any) -> None:
    shop.fttp.operator.endpoints.update(state="suspended")
    callers = [shop.api("alice") for _ in range(4)]

    def post(caller: Any) -> tuple[int, str]:
        try:
            answer = caller.post(V4, v4_order())
            return answer.status_code, answer.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, callers))
    assert {status for status, _ in answers} == {201}
    assert len({reference for _, reference in answers}) == 1
    assert Order.objects.count() == 1


def test_another_order_under_a_known_external_id_is_a_conflict(buyer: Any) -> None:
    buyer.post(V4, v4_order())
    answer = buyer.post(V4, v4_order(description="something else"))
    assert answer.status_code == 409
    assert "B-1" in answer.json()["reason"]
    assert Order.objects.count() == 1


def test_two_tenants_may_use_the_same_external_id(shop: Any) -> None:
    assert shop.api("alice").post(V4, v4_order()).status_code == 201
    assert shop.api("charlie").post(V4, v4_order()).status_code == 201


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"productOrderItem": [item(productOffering={"id": "no-such"})]}, "no-such"),
        ({"productOrderItem": [item(product={"place": [{"role": "x", "postcode": "M1 1AE"}]})]}, "M1 1AE"),
        ({"productOrderItem": [item(product={})]}, "place"),
        ({"productOrderItem": [item(action="delete", product={"id": "S-1"})]}, "delete"),
        ({"relatedParty": []}, "on site"),
        ({"requestedCompletionDate": "2020-01-01T00:00:00Z"}, "past"),
    ],
)
def test_what_our_rules_cannot_route_is_acknowledged_and_goes_to_a_person(
    buyer: Any, change: dict[str, Any], word: str
) -> None:
    answer = buyer.post(V4, v4_order(**change))
    assert answer.status_code == 201
    data = answer.json()
    assert data["state"] == "acknowledged"
    assert word in data["note"][-1]["text"]
    order = Order.objects.get(reference=data["id"])
    assert (order.state, order.holder) == ("draft", "us")
    assert order.next_action.startswith("Complete and submit: ")
    assert order.blocked_since is not None
    again = buyer.get(V5.replace("v4", "v5") + "/" + data["id"]).json()
    assert (again["state"], again["productOrderErrorMessage"][0]["code"]) == ("acknowledged", "fallout")


@pytest.mark.parametrize(
    ("change", "attribute"),
    [
        ({"productOrderItem": None}, "productOrderItem"),
        ({"productOrderItem": []}, "productOrderItem"),
        ({"productOrderItem": [{"action": "add"}]}, "productOrderItem[0].id"),
        ({"productOrderItem": [item(action="buy")]}, "productOrderItem[0].action"),
        ({"productOrderItem": [item(), item()]}, "productOrderItem"),
        ({"requestedCompletionDate": "soon"}, "requestedCompletionDate"),
        ({"externalId": "x" * 81}, "externalId"),
        ({"note": "text"}, "note"),
    ],
)
def test_a_body_that_the_schema_refuses_is_refused_by_name(buyer: Any, change: dict[str, Any], attribute: str) -> None:
    answer = buyer.post(V4, v4_order(**change))
    assert answer.status_code == 400
    assert answer.json()["reason"].startswith(attribute)
    assert not Order.objects.exists()


def test_empty_objects_and_unknown_attributes_are_taken_on_the_way_in(buyer: Any) -> None:
    body = v4_order(colour="blue", note=[{}], relatedParty=[{}, *v4_order()["relatedParty"]])
    body["productOrderItem"].append({})
    answer = buyer.post(V4, body)
    assert answer.status_code == 201
    assert len(answer.json()["productOrderItem"]) == 1
    assert "colour" not in answer.json()


def test_a_code_that_several_operators_sell_goes_to_the_best_one_at_the_place(shop: Any, buyer: Any) -> None:
    offering(shop.south, "fttp-500", monthly="12.00")
    data = buyer.post(V4, v4_order()).json()
    order = Order.objects.get(reference=data["id"])
    assert order.state == "submitted"
    assert part(order).operator == shop.south


@pytest.mark.parametrize("wanted", [{"id": "northfibre:fttp-500"}, {"id": "FTTP-500"}, {"name": "fttp-500"}])
def test_an_offer_is_found_by_our_id_its_code_or_its_name(shop: Any, buyer: Any, wanted: dict[str, str]) -> None:
    data = buyer.post(V4, v4_order(productOrderItem=[item(productOffering=wanted)])).json()
    assert part(Order.objects.get(reference=data["id"])).item.offering == shop.fttp


def test_a_party_with_our_id_or_the_customers_account_number_is_that_customer(shop: Any, buyer: Any) -> None:
    Organisation.objects.filter(pk=shop.harbour.pk).update(account_number="cust-7")
    buyer.post(V4, v4_order())
    party = {"id": str(shop.harbour.pk), "role": "Customer", "@referredType": "Organization"}
    buyer.post(V4, v4_order(externalId="B-2", relatedParty=[party]))
    assert set(Order.objects.values_list("customer", flat=True)) == {shop.harbour.pk}


def test_v4_and_v5_are_two_faces_of_one_order(buyer: Any, ordered: Ordered) -> None:
    made = ordered("v5")
    old = buyer.get(f"{V4}/{made['id']}").json()
    assert (old["externalId"], made["externalId"][0]["id"]) == ("B-1", "B-1")
    assert old["orderDate"] == made["creationDate"]
    assert old["relatedParty"][0]["name"] == made["relatedParty"][0]["partyOrPartyRole"]["name"]
    assert old["productOrderItem"][0]["id"] == made["productOrderItem"][0]["id"] == "100"


def test_a_v5_draft_waits_until_the_buyer_submits_it(buyer: Any, ordered: Ordered) -> None:
    made = ordered("v5", requestedInitialState="draft")
    assert made["state"] == "draft"
    assert not Message.objects.exists()
    assert [row["id"] for row in buyer.get(f"{V5}?state=draft").json()] == [made["id"]]
    assert buyer.get(f"{V5}?state=acknowledged").json() == []
    answer = buyer.patch(f"{V5}/{made['id']}", {"@type": "ProductOrder", "state": "acknowledged"})
    assert (answer.status_code, answer.json()["state"]) == (200, "acknowledged")
    assert Message.objects.filter(verb="create").count() == 1


def test_a_live_service_is_ceased_or_modified_by_its_id(shop: Any, buyer: Any, order_for: Make) -> None:
    live = order_for(shop.other)
    hear(live, news("ACKNOWLEDGED", 1, external_id="9"), news("COMPLETED", 2))
    service = part(live).item.service
    better = offering(shop.south, "sl-900")
    for number, (action, wanted) in enumerate((("modify", better), ("delete", shop.other))):
        body = {"id": "1", "action": action, "product": {"id": service.reference}}
        body |= {"productOffering": {"id": "sl-900"}} if action == "modify" else {}
        data = buyer.post(V4, {"externalId": f"C-{number}", "productOrderItem": [body]}).json()
        made = Order.objects.get(reference=data["id"])
        row = part(made)
        assert (made.state, row.item.action, row.item.offering) == ("submitted", action, wanted), data
        assert (made.customer, made.contact_name, data["productOrderItem"][0]["product"]["id"]) == (
            live.customer,
            live.contact_name,
            service.reference,
        )
        again = buyer.post(V4, {"externalId": f"D-{number}", "productOrderItem": [body]}).json()
        assert made.reference in again["note"][-1]["text"]
        hear(made, news("TERMINATED", 9, outcome="cancelled"))


# -- changing


def test_another_date_is_asked_for_at_the_partner(buyer: Any, ordered: Ordered) -> None:
    made = ordered()
    order = Order.objects.get(reference=made["id"])
    hear(order, news("ACKNOWLEDGED", 1, external_id="77"))
    path = f"{V4}/{made['id']}"
    kind = "application/merge-patch+json"
    answer = buyer.patch(path, b'{"requestedCompletionDate": "2027-05-03T09:00:00Z"}', content_type=kind)
    assert (answer.status_code, answer.json()["state"]) == (200, "inProgress")
    assert part(order).state == "assessing_amend"
    again = buyer.patch(path, {"requestedCompletionDate": "2027-06-03T09:00:00Z"})
    assert again.status_code == 409


def test_what_cannot_be_patched_is_refused_by_name(buyer: Any, ordered: Ordered) -> None:
    made = ordered()
    path = f"{V4}/{made['id']}"
    for name, value in {"id": "x", "href": "x", "orderDate": "2026-01-01T00:00:00Z", "externalId": "y"}.items():
        answer = buyer.patch(path, {name: value})
        assert (answer.status_code, answer.json()["reason"].split(":")[0]) == (400, name)
    assert buyer.patch(path, {"id": made["id"], "orderDate": made["orderDate"]}).status_code == 200
    assert buyer.patch(path, {"requestedCompletionDate": None}).status_code == 400
    assert buyer.patch(path, {"description": None}).json().get("description") is None


@pytest.mark.parametrize("state", ["completed", "inProgress", "cancelled", "nonsense"])
def test_a_buyer_cannot_move_the_state(buyer: Any, ordered: Ordered, state: str) -> None:
    answer = buyer.patch(f"{V4}/{ordered()['id']}", {"state": state})
    assert answer.status_code == 409
    assert answer.json()["reason"].startswith("state: ")


def test_items_may_be_sent_back_but_not_changed(buyer: Any, ordered: Ordered) -> None:
    made = ordered()
    path = f"{V4}/{made['id']}"
    assert buyer.patch(path, {"productOrderItem": made["productOrderItem"]}).status_code == 200
    assert buyer.patch(path, {"productOrderItem": [{"id": "100", "quantity": 3}]}).status_code == 409
    assert buyer.patch(path, {"productOrderItem": [{"id": "7", "action": "add"}]}).status_code == 409


def test_a_note_is_added_once(buyer: Any, ordered: Ordered) -> None:
    path = f"{V4}/{ordered()['id']}"
    for _ in range(2):
        answer = buyer.patch(path, {"note": [{"text": "The shop is closed on Mondays"}]})
    assert [note["text"] for note in answer.json()["note"]] == ["The shop is closed on Mondays"]
    assert Order.objects.get().notes.count() == 1


def test_only_json_and_merge_patches_are_read(buyer: Any, ordered: Ordered) -> None:
    path = f"{V4}/{ordered()['id']}"
    for kind in ("application/json-patch+json", "text/plain", "application/xml"):
        answer = buyer.patch(path, b"[]", content_type=kind)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupportedMediaType")
    assert buyer.get(path, HTTP_ACCEPT="application/xml").status_code == 406
    assert buyer.put(path, {}).json()["code"] == "methodNotAllowed"


# -- cancelling and deleting


def test_a_cancel_is_a_task_that_follows_the_partners_answer(buyer: Any, ordered: Ordered) -> None:
    made = ordered()
    order = Order.objects.get(reference=made["id"])
    hear(order, news("ACKNOWLEDGED", 1, external_id="77"))
    Message.objects.update(state="delivered")  # the partner has it, so that the cancel must be asked for
    task = buyer.post(CANCEL, {"productOrder": {"id": made["id"]}, "cancellationReason": "moved away"}).json()
    assert task["state"] in ("acknowledged", "inProgress")
    again = buyer.post(CANCEL, {"productOrder": {"id": made["id"]}}).json()
    assert again["id"] == task["id"]
    assert buyer.get(f"{V4}/{made['id']}").json()["state"] == "assessingCancellation"
    hear(order, news("CANCEL_REFUSED", 2, hours=LATER))
    run_events()
    assert buyer.get(address(task["href"])).json()["state"] == "terminatedWithError"
    second = buyer.post(CANCEL, {"productOrder": {"id": made["id"]}}).json()
    hear(order, news("CANCELLED", 3, hours=LATER))
    run_events()
    assert buyer.get(address(second["href"])).json()["state"] == "done"
    final = buyer.get(f"{V4}/{made['id']}").json()
    assert (final["state"], final["cancellationReason"]) == ("cancelled", "No longer required")


def test_what_was_never_sent_is_cancelled_at_once(buyer: Any, ordered: Ordered) -> None:
    made = ordered()
    task = buyer.post(CANCEL, {"productOrder": {"id": made["id"]}}).json()
    assert (task["state"], "effectiveCancellationDate" in task) == ("done", True)


def test_an_order_that_has_ended_cannot_be_cancelled(buyer: Any, ordered: Ordered) -> None:
    made = ordered()
    buyer.post(CANCEL, {"productOrder": {"id": made["id"]}})
    answer = buyer.post(CANCEL, {"productOrder": {"id": made["id"]}})
    assert answer.status_code == 409
    assert "nothing left to cancel" in answer.json()["reason"]


def test_only_an_order_that_was_never_submitted_is_deleted(buyer: Any, ordered: Ordered) -> None:
    kept = ordered()
    assert buyer.delete(f"{V4}/{kept['id']}").status_code == 409
    gone = ordered("v5", externalId=[], requestedInitialState="draft")
    assert buyer.delete(f"{V5}/{gone['id']}").status_code == 204
    assert buyer.get(f"{V5}/{gone['id']}").status_code == 404


# -- looking up


def test_lists_are_filtered_sorted_cut_and_paged(buyer: Any, ordered: Ordered, order_for: Make) -> None:
    first, second = ordered(externalId="A-1"), ordered(externalId="A-2", description="two; of them")
    done = order_for()
    hear(done, news("ACKNOWLEDGED", 1, external_id="9"), news("COMPLETED", 2))

    def ids(query: str) -> list[str]:
        answer = buyer.get(f"{V4}?{query}")
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()]

    assert ids("externalId=A-1") == [first["id"]]
    assert ids("externalId=A-1,A-2&sort=externalId") == [first["id"], second["id"]]
    assert ids("externalId=A-1&externalId=A-2&sort=-externalId") == [second["id"], first["id"]]
    assert ids("state=completed;externalId=A-1&sort=id") == [first["id"], done.reference]
    assert ids('description="two; of them"') == [second["id"]]
    assert ids("externalId.regex=^A-[2-9]$") == [second["id"]]
    assert ids("externalId*=1$") == [first["id"]]
    assert ids("state=completed") == [done.reference]
    assert ids("productOrderItem.state=completed") == [done.reference]
    assert ids("relatedParty.name=Harbour Books&relatedParty.id=cust-7&sort=id") == [first["id"], second["id"]]
    assert ids("requestedCompletionDate.gt=2027-01-01&requestedCompletionDate.lte=2027-03-20T17:00:00Z&sort=id") == [
        first["id"],
        second["id"],
    ]
    assert ids(f"orderDate={first['orderDate']}") == [first["id"]]
    assert ids(f"orderDate%3E{first['orderDate']}") == [second["id"]]
    assert ids(f"orderDate%3E%3D{first['orderDate']}&sort=orderDate") == [first["id"], second["id"]]
    assert ids("state=sleeping") == []
    page = buyer.get(f"{V4}?sort=id&offset=1&limit=1&fields=externalId")
    assert page.json() == [{"id": second["id"], "href": second["href"], "externalId": "A-2"}]
    assert (page.headers["X-Total-Count"], page.headers["X-Result-Count"]) == ("3", "1")
    assert 'rel="next"' in page.headers["Link"]
    assert 'rel="prev"' in page.headers["Link"]
    assert buyer.get(f"{V4}/{first['id']}?fields=none").json() == {"id": first["id"], "href": first["href"]}


@pytest.mark.parametrize(
    "query",
    ["nonsense=1", "fields=nonsense", "sort=nonsense", "offset=-1", "limit=ten", "externalId.regex=(a%2B)%2B$",
     "externalId.regex=[", "description.regex=a", "orderDate=soon", "state.gt=held", "filter=$.id", "x",
     "externalId=%00", "externalId.regex=a{9}"],
)  # fmt: skip
def test_a_query_that_cannot_be_answered_is_refused_by_name(buyer: Any, ordered: Ordered, query: str) -> None:
    ordered()
    answer = buyer.get(f"{V4}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_too_many_rows_to_look_through_are_refused_with_advice(
    buyer: Any, ordered: Ordered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ofx.tmf.rest.listing.MOST_EXAMINED", 1)
    ordered(externalId="A-1"), ordered(externalId="A-2")
    answer = buyer.get(f"{V4}?description=x")
    assert answer.status_code == 400
    assert "Narrow it by one of" in answer.json()["reason"]
    assert buyer.get(f"{V4}?description=x&externalId=A-1").status_code == 200


def test_every_path_is_served_with_and_without_a_slash(buyer: Any, ordered: Ordered) -> None:
    made = ordered()
    for path in (V4, f"{V4}/{made['id']}", CANCEL):
        assert buyer.get(path).status_code == buyer.get(f"{path}/").status_code == 200
    assert buyer.post(f"{V4}/", v4_order()).status_code == 201


@pytest.mark.parametrize("version", ["v4", "v5"])
def test_the_queries_of_a_list_do_not_grow_with_its_rows(shop: Any, buyer: Any, order_for: Make, version: str) -> None:
    counts = []
    for size in (10, 200):
        many(shop, size - Order.objects.count())
        with CaptureQueriesContext(
            connection,
        ) as queries:
            rows = buyer.get(f"{BASE}/{version}/productOrder?limit=500").json()
        assert len(rows) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nobody_sees_or_touches_another_providers_orders(shop: Any, ordered: Ordered) -> None:
    made = ordered("v5", requestedInitialState="draft")
    charlie = shop.api("charlie")
    assert charlie.get(V4).json() == []
    for method in ("get", "patch", "delete"):
        assert getattr(charlie, method)(f"{V4}/{made['id']}").status_code == 404
    assert charlie.post(CANCEL, {"productOrder": {"id": made["id"]}}).status_code == 400
    assert charlie.post(V5, v5_order(externalId=[{"id": "B-1"}])).status_code == 201


@pytest.mark.parametrize("text", [b"", b"null", b"[" * 2000, b'{"productOrderItem": {"a": "\\u0000"}}', b"\xff"])
def test_nothing_that_is_sent_makes_a_resource_fail(buyer: Any, ordered: Ordered, text: bytes) -> None:
    made = ordered()
    for path, method in ((V4, "post"), (CANCEL, "post"), (f"{BASE}/v5/hub", "post"), (f"{V5}/{made['id']}", "patch")):
        answer = getattr(buyer, method)(path, text, content_type="application/json")
        assert answer.status_code < 500
