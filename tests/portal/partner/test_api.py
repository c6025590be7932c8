"""The operators' API: what Olga's token may do, what others' may not, and that its examples are true."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.orders.answers import VERBS
from ofx.orders.models import Fact, PartnerOrder
from ofx.portal.partner import examples
from partners.models import Import
from tests.conftest import AT, operator, person
from tests.ofx.orders.conftest import part
from tests.portal.partner.conftest import told

BASE = "/api/v1/partner/"


@pytest.fixture(autouse=True)
def _today(settings: Any, monkeypatch: Any) -> None:
    """The examples name days of 2027; orders of the tests are from 2026: the calls are made in between."""
    monkeypatch.setattr("ofx.portal.partner.api.now", lambda: AT + timedelta(1))


def test_an_order_is_answered_to_its_end_by_calls(shop: SimpleNamespace, order_for: Any) -> None:
    order, olga = order_for(), shop.api("olga")
    row = part(order)
    listed = olga.get(f"{BASE}orders/?needs_answer=true").json()
    assert [one["our_key"] for one in listed["results"]] == [row.our_key]
    assert listed["results"][0]["needs"] == "take"
    assert "acknowledge" in listed["results"][0]["answers"]
    one = olga.get(f"{BASE}orders/{row.our_key}/").json()
    assert one["contact"]["name"] == "Paula Placeholder"
    for verb in ("acknowledge", "commit", "delay", "resume", "complete"):
        answer = olga.post(f"{BASE}orders/{row.our_key}/{verb}/", examples.BODIES[verb])
        assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "accepted"
    assert set(Fact.objects.filter(partner_order=row, source="partner").values_list("data__channel", flat=True)) == {
        "api"
    }


def test_it_tells_nothing_of_other_vendors_or_of_prices_to_the_customer(shop: SimpleNamespace, order_for: Any) -> None:
    order = order_for(shop.fttp, shop.other)
    text = json.dumps(shop.api("olga").get(f"{BASE}orders/{part(order).our_key}/").json())
    for word in ("Southlink", "sl-500", "30.00", "Harbour"):
        assert word not in text


def test_what_is_wrong_is_named_and_what_is_not_possible_is_a_conflict(shop: SimpleNamespace, order_for: Any) -> None:
    key, olga = part(order_for()).our_key, shop.api("olga")
    wrong = olga.post(f"{BASE}orders/{key}/delay/", {"date": "soon"})
    assert wrong.status_code == 400
    assert set(wrong.json()["fields"]) == {"date", "reason"}
    refused = olga.post(f"{BASE}orders/{key}/resume/", {})
    assert refused.status_code == 409
    assert refused.json()["reason"] == "Nothing is on hold."
    for nonsense in ("[]", "7", '"x"', "{", '{"date": {"a": [1]}}', '{"date": 7}'):
        answer = olga.post(f"{BASE}orders/{key}/commit/", nonsense, content_type="application/json")
        assert answer.status_code == 400, nonsense


def test_an_idempotency_key_makes_a_late_repeat_harmless(shop: SimpleNamespace, order_for: Any) -> None:
    order, olga = order_for(), shop.api("olga")
    url = f"{BASE}orders/{part(order).our_key}/"
    for _ in range(2):
        assert olga.post(f"{url}hold/", {"reason": "CAPACITY"}, HTTP_IDEMPOTENCY_KEY="h1").status_code == 200
        assert olga.post(f"{url}resume/", {}).status_code == 200
    assert told(order) == ["ACKNOWLEDGED", "DELAY", "RESUMED"]
    assert olga.post(f"{url}hold/", {"reason": "CAPACITY"}, HTTP_IDEMPOTENCY_KEY="k" * 65).status_code == 400


def test_nobody_else_gets_in(shop: SimpleNamespace, order_for: Any) -> None:
    key = part(order_for()).our_key
    shop.people["sid"] = person("sid@example.com", operator("strangenet").organisation, "fulfilment")
    shop.people["rita"] = person("rita@example.com", shop.north.organisation, "assurance")
    body = examples.BODIES["commit"]
    for who, seen, said in (
        ("alice", 403, 403), ("bob", 403, 403), ("cara", 403, 403), ("ada", 403, 403), ("anonymous", 401, 401),
        ("sid", 404, 404), ("rita", 200, 403),
    ):  # fmt: skip
        api = shop.api(who)
        assert api.get(f"{BASE}orders/{key}/").status_code == seen, who
        assert api.post(f"{BASE}orders/{key}/commit/", body).status_code == said, who
    assert shop.api("sid").get(f"{BASE}orders/").json()["results"] == []
    bulk = {"answers": [{"our_key": key, "answer": "complete"}]}
    assert shop.api("sid").post(f"{BASE}answers/", bulk).json()["refused"] == 1
    assert part(PartnerOrder.objects.get(our_key=key).order).state == "submitted"


def test_many_answers_at_once_stand_each_for_itself(shop: SimpleNamespace, order_for: Any) -> None:
    first, second = order_for(), order_for()
    keys = [part(first).our_key, part(second).our_key]
    body = {
        "answers": [
            {"our_key": keys[0], "answer": "commit", "date": examples.DAY},
            {"our_key": keys[1], "answer": "commit"},
            {"our_key": "nothing", "answer": "complete"},
            {"our_key": keys[0], "answer": "commit", "date": examples.DAY},
        ]
    }
    done = shop.api("olga").post(f"{BASE}answers/", body).json()
    assert [one["result"] for one in done["results"]] == ["given", "refused", "refused", "known"]
    assert (done["given"], done["known"], done["refused"]) == (1, 1, 2)
    assert "needs it" in done["results"][1]["problem"]
    for wrong in ({}, {"answers": []}, {"answers": [1]}, {"answers": [{}] * 501}, []):
        assert shop.api("olga").post(f"{BASE}answers/", wrong, format="json").status_code == 400


@pytest.mark.parametrize("size", [10, 200])
def test_the_list_asks_the_same_few_questions_however_long(shop: SimpleNamespace, order_for: Any, size: int) -> None:
    order = order_for()
    item = part(order).item
    for number in range(size - 1):
        item.pk, item.position = None, number + 2
        item.save()
        PartnerOrder.objects.create(
            organisation=shop.brightwave, order=order, item_id=item.pk, operator=shop.north, our_key=f"k{number}",
            created_at=order.created_at, state="submitted", submitted_at=order.created_at,
        )  # fmt: skip
    olga = shop.api("olga")
    with CaptureQueriesContext(connection) as found:
        answer = olga.get(f"{BASE}orders/?limit=500")
    assert answer.json()["count"] == size
    assert len(found) <= 5, [one["sql"][:80] for one in found]


def test_a_footprint_is_published_by_rows_and_by_file(shop: SimpleNamespace, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    boss = person("otto@example.com", shop.north.organisation, "admin")
    shop.people["otto"] = boss
    api = shop.api("otto")
    done = api.post(f"{BASE}footprints/", examples.FOOTPRINT, format="json")
    assert done.status_code == 202, done.content
    assert api.get(f"{BASE}footprints/{done.json()['id']}/").json()["state"] == "queued"
    file = SimpleUploadedFile("here.csv", b"postcode,technology\nSW1A 1AA,FTTP\n")
    assert api.post(f"{BASE}footprints/", {"file": file}, format="multipart").status_code == 202
    assert Import.objects.filter(organisation=shop.north.organisation).count() == 2
    assert api.post(f"{BASE}footprints/", [1, 2], format="json").status_code == 400
    nowhere = {"rows": [{"postcode": 1}], "country": "??"}
    for wrong in ({}, {"rows": []}, {"rows": [1]}, {"rows": [{"town": "x"}]}, nowhere):
        assert api.post(f"{BASE}footprints/", wrong, format="json").status_code == 400, wrong
    assert shop.api("olga").post(f"{BASE}footprints/", examples.FOOTPRINT, format="json").status_code == 403
    assert shop.api("alice").get(f"{BASE}footprints/{done.json()['id']}/").status_code == 403


def test_prices_are_the_operators_own_only(shop: SimpleNamespace) -> None:
    rows = shop.api("olga").get(f"{BASE}prices/").json()["results"]
    assert {row["offering"] for row in rows} == {"fttp-500"}
    assert shop.api("alice").get(f"{BASE}prices/").status_code == 403


def test_every_operation_has_an_example_that_can_be_pasted(shop: SimpleNamespace) -> None:
    schema = shop.api("olga").get("/api/v1/schema/?format=json").json()
    found = {
        path: call["x-codeSamples"][0]["source"]
        for path, calls in schema["paths"].items()
        if path.startswith("/api/v1/partner/")
        for method, call in calls.items()
        if method in ("get", "post")
    }
    assert len(found) >= 2 + len(VERBS) + 3
    for source in found.values():
        assert source.startswith("curl -sS -X ")
        assert "$OFX_TOKEN" in source
    body = schema["components"]["schemas"]["DelayAnswer"]
    assert set(body["required"]) == {"date", "reason"}
