"""The JSON API of orders, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ofx.orders.models import Order
from partners.models import Message
from tests.ofx.orders.conftest import hear, news, part
from tests.ofx.orders.test_pages import many

Make = Callable[..., Order]
URL = "/api/v1/orders/"


def body(shop: Any, **fields: Any) -> dict[str, Any]:
    return {
        "customer": shop.harbour.pk,
        "items": [{"offering": shop.fttp.pk}],
        "postcode": "sw1a1aa",
        "contact_name": "Paula Placeholder",
        **fields,
    }


def test_an_order_is_placed_and_read_back(shop: Any) -> None:
    api = shop.api("alice")
    made = api.post(URL, body(shop), headers={"Idempotency-Key": "one"})
    assert made.status_code == 201
    data = made.json()
    assert (data["state"], data["tmf622_state"], data["holder"]) == ("submitted", "acknowledged", "partner")
    assert api.get(made.headers["Location"]).json() == data
    assert data["items"][0]["partner_order"]["operator"]["code"] == "northfibre"
    assert [row["reference"] for row in api.get(URL).json()["results"]] == [data["reference"]]


def test_the_same_idempotency_key_gives_the_same_order(shop: Any) -> None:
    api = shop.api("alice")
    answers = [api.post(URL, body(shop), headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json()["reference"] == answers[1].json()["reference"]
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"postcode": "ZZ99"}, "postcode"),
        ({"postcode": "M1 1AE"}, "postcode"),
        ({"customer": 10**30}, "customer"),
        ({"customer": None}, "customer"),
        ({"items": []}, "items"),
        ({"items": [{"offering": 10**18}]}, "items"),
        ({"items": "x"}, "items"),
        ({"requested_date": "soon"}, "requested_date"),
        ({"requested_date": "2020-01-01"}, "requested_date"),
        ({"contact_name": ""}, "contact_name"),
        ({"contact_name": "a\x00b"}, "contact_name"),
        ({"uprn": "100"}, "uprn"),
        ({"country": "Mars"}, "country"),
    ],
)
def test_a_wrong_order_is_refused_by_field(shop: Any, change: dict[str, Any], field: str) -> None:
    answer = shop.api("alice").post(URL, body(shop, **change))
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not Order.objects.exists()


def test_another_tenants_customer_or_network_is_unknown(shop: Any) -> None:
    answer = shop.api("charlie").post(URL, body(shop))
    assert "customer" in answer.json()["fields"]
    answer = shop.api("charlie").post(
        URL, body(shop, customer=None, customer_name="New", items=[{"offering": shop.onnet.pk}])
    )
    assert "items" in answer.json()["fields"]


def test_a_draft_is_submitted_noted_and_cancelled(shop: Any) -> None:
    api = shop.api("alice")
    url = api.post(URL, body(shop, submit=False)).json()["href"]
    assert api.get(url).json()["state"] == "draft"
    assert api.post(f"{url}submit/").json()["state"] == "submitted"
    assert api.post(f"{url}notes/", {"text": "Hello"}).status_code == 201
    assert api.get(f"{url}notes/").json()[0]["text"] == "Hello"
    assert api.post(f"{url}cancel/", {}).json()["fields"] == {"reason": ["This field is required."]}
    assert api.post(f"{url}cancel/", {"reason": "Moved"}).json()["state"] == "cancelled"
    assert api.post(f"{url}cancel/", {"reason": "Moved"}).status_code == 409


def test_who_may_do_what(shop: Any, order_for: Make) -> None:
    order = order_for()
    url = f"{URL}{order.reference}/"
    expected = {"alice": 200, "bob": 200, "charlie": 404, "olga": 404, "cara": 200, "anonymous": 401}
    for name, status in expected.items():
        assert shop.api(name).get(url).status_code == status, name
    for name, status in {"bob": 403, "charlie": 404, "olga": 404, "anonymous": 401}.items():
        for tail, data in (("cancel/", {"reason": "x"}), ("submit/", {}), ("notes/", {"text": "x"})):
            assert shop.api(name).post(f"{url}{tail}", data).status_code == status, (name, tail)
    for name in ("bob", "olga", "cara"):
        assert shop.api(name).post(URL, body(shop)).status_code == 403, name


def test_a_customer_reads_no_price_partner_or_inner_word(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("COMPLETED", 2))
    api = shop.api("cara")
    data = api.get(f"{URL}{order.reference}/").json()
    assert set(data) == {
        "reference", "visit", "href", "state", "place", "requested_date", "committed_date", "target_date", "created_at",
    }  # fmt: skip
    service = api.get("/api/v1/services/").json()["results"][0]
    assert "operator" not in service
    assert "Northfibre" not in str(service)


def test_an_operator_sees_its_partner_orders_only(shop: Any, order_for: Make) -> None:
    order = order_for(shop.fttp, shop.other)
    rows = shop.api("olga").get("/api/v1/partner-orders/").json()["results"]
    assert [row["operator"]["code"] for row in rows] == ["northfibre"]
    other = part(order, 2)
    assert shop.api("olga").get(f"/api/v1/partner-orders/{other.our_key}/").status_code == 404


def test_a_partner_order_tells_flags_milestones_and_moves(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("DELAY", 2, 2, reason="WAYLEAVE", raw_reason="WAY"))
    data = shop.api("alice").get(f"/api/v1/partner-orders/{part(order).our_key}/").json()
    assert (data["state"], data["tmf622_state"], data["holder"]) == ("held", "held", "third_party")
    assert data["flags"][0]["raw_reason"] == "WAY"
    assert {row["code"] for row in data["milestones"]} == {"SUBMITTED", "ACKNOWLEDGED"}


@pytest.mark.parametrize("url", [URL, "/api/v1/partner-orders/", "/api/v1/services/"])
def test_lists_ask_as_often_at_10_rows_as_at_200(shop: Any, url: str) -> None:
    api = shop.api("alice")
    counts = []
    for more in (10, 190):
        many(shop, more)
        with CaptureQueriesContext(connection) as seen:
            answer = api.get(url, {"limit": 300})
        counts.append(len(seen))
    assert len(answer.json()["results"]) == 200
    assert counts[0] == counts[1]


def test_filters_narrow_and_nonsense_is_named(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, news("DELAY", 1, reason="NO_ACCESS"))
    api = shop.api("alice")
    for query in ("state=pending", "holder=end_customer", "postcode=sw1a", "open=true", "customer=harb"):
        assert api.get(f"{URL}?{query}").json()["count"] == 1, query
    for query in ("state=held", "postcode=M1", "silent=true&open=false", "customer=quill"):
        assert api.get(f"{URL}?{query}").json()["count"] == 0, query
    assert "state" in api.get(f"{URL}?state=nonsense").json()["fields"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    JSON, st.sampled_from(["items", "customer", "postcode", "related", "uprn", "country", "requested_date", "submit"])
)
def test_whatever_is_posted_is_never_a_defect(shop: Any, value: Any, field: str) -> None:
    api = shop.api("alice")
    assert api.post(URL, body(shop, **{field: value}), format="json").status_code in (200, 201, 400, 409)
    assert api.post(URL, value, format="json").status_code in (200, 201, 400, 409)


def test_broken_json_is_a_400(shop: Any) -> None:
    answer = shop.api("alice").post(URL, data=b'{"items": [', content_type="application/json")
    assert answer.status_code == 400


def test_the_api_is_described(shop: Any) -> None:
    schema = shop.client("alice").get("/api/v1/schema/", HTTP_ACCEPT="application/json")
    text = schema.content.decode()
    assert "/api/v1/orders/{reference}/cancel/" in text
    assert "Idempotency-Key" in text
