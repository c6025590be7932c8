"""The partner portal: what needs an answer, oldest first, answered where it stands."""

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.core.clock import now
from ofx.orders import actions
from ofx.orders.models import Fact, Order, PartnerOrder
from tests.conftest import AT, operator, person, signed_in
from tests.ofx.orders.conftest import part
from tests.portal.partner.conftest import told

SOON = (now() + timedelta(days=20)).date().isoformat()
LATER = (now() + timedelta(days=30)).date().isoformat()


@pytest.fixture
def olga(shop: SimpleNamespace) -> Any:
    return shop.client("olga")


def rows(html: str) -> list[int]:
    """Partner orders in the order in which they are shown."""
    return [int(pk) for pk in re.findall(r'<tr id="row-(\d+)"', html)]


def in_row(client: Any, url: str, row: PartnerOrder, data: Any = None) -> str:
    """Ask as htmx does from within a row; the new row."""
    headers = {"HX-Request": "true", "HX-Target": f"row-{row.pk}"}
    answer = client.get(url, headers=headers) if data is None else client.post(url, data, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_needs_an_answer_stands_oldest_first(shop: SimpleNamespace, order_for: Any, say: Any, olga: Any) -> None:
    new, undated, running = order_for(), order_for(), order_for()
    say(undated, "acknowledge", hours=-1)
    say(running, "commit", date=date(2027, 3, 2))
    html = olga.get("/partner/").content.decode()
    assert rows(html) == [part(undated).pk, part(new).pk]
    assert "New order: take it" in html
    assert "Name the date" in html
    assert olga.get("/partner/orders/?needs=take").content.decode().count("data-row") == 1


def test_an_order_is_taken_dated_delayed_and_done_without_leaving_the_row(order_for: Any, olga: Any) -> None:
    order = order_for()
    row = part(order)
    base = f"/partner/orders/{row.our_key}"
    html = in_row(olga, f"{base}/acknowledge/", row, {"reference": "NF-7", "date": ""})
    assert "Order taken" in html
    assert 'action="' + base + "/commit/" in html
    html = in_row(olga, f"{base}/commit/", row, {"date": SOON})
    assert "Committed" in html
    html = in_row(olga, f"{base}/delay/", row)
    assert "Choose a reason" in html
    html = in_row(olga, f"{base}/delay/", row, {"date": LATER, "reason": ""})
    assert "Choose “Reason”." in html
    html = in_row(olga, f"{base}/delay/", row, {"date": LATER, "reason": "CAPACITY"})
    assert "Delay reported" in html
    assert "Undo" in html
    html = in_row(olga, f"{base}/resume/", row, {})
    html = in_row(olga, f"{base}/complete/", row, {})
    assert part(order).state == "accepted"
    assert told(order) == ["ACKNOWLEDGED", "COMMITTED", "DELAY", "RESUMED", "COMPLETED"]
    html = in_row(olga, f"{base}/delay/", row, {"date": LATER, "reason": "CAPACITY"})
    assert "takes no more answers" in html


def test_to_name_the_date_is_to_take_the_order(order_for: Any, olga: Any) -> None:
    order = order_for()
    in_row(olga, f"/partner/orders/{part(order).our_key}/acknowledge/", part(order), {"reference": "N", "date": SOON})
    row = part(order)
    assert (row.state, row.partner_ref, row.committed_date.isoformat()) == ("in_progress", "N", SOON)


def test_without_scripts_the_same_forms_lead_back(order_for: Any, olga: Any) -> None:
    order = order_for()
    url = f"/partner/orders/{part(order).our_key}/"
    answer = olga.post(f"{url}acknowledge/", {"reference": "", "date": "", "next": "partner-home"})
    assert answer.headers["Location"] == "/partner/"
    assert olga.post(f"{url}commit/", {"date": SOON}).headers["Location"] == url
    assert olga.post(f"{url}delay/", {"date": LATER}).status_code == 422
    assert olga.post(f"{url}delay/", {"date": LATER, "next": "https://evil.example/"}).status_code == 422
    page = olga.get(url).content.decode()
    assert "Committed" in page
    assert "portal" in page


def test_the_page_holds_what_the_engineer_needs_and_nothing_of_others(
    shop: SimpleNamespace, order_for: Any, olga: Any
) -> None:
    order = order_for(shop.fttp, shop.other, access_notes="Ring twice")
    actions.add_note(actor=shop.alice, order=order, text="They always slip", internal=True, at=now())
    html = olga.get(f"/partner/orders/{part(order).our_key}/").content.decode()
    for word in ("Ring twice", "Paula Placeholder", "020 7946 0000", "Brightwave Telecom"):
        assert word in html
    for word in ("Southlink", "SL-500", "Harbour Books", "They always slip", "OFX-0"):
        assert word not in html.replace(part(order).our_key, "")


def test_others_do_not_get_in(shop: SimpleNamespace, order_for: Any) -> None:
    key = part(order_for()).our_key
    sid = signed_in(person("sid@example.com", operator("strangenet").organisation, "fulfilment"))
    rita = signed_in(person("rita@example.com", shop.north.organisation, "assurance"))
    for who in ("alice", "bob", "cara", "ada", "charlie"):
        for path in ("", f"orders/{key}/", "orders/", "history/", "to-answer.csv", "answers/"):
            assert shop.client(who).get(f"/partner/{path}").status_code == 403, (who, path)
    assert sid.get(f"/partner/orders/{key}/").status_code == 404
    assert sid.post(f"/partner/orders/{key}/complete/").status_code == 404
    assert rows(sid.get("/partner/").content.decode()) == []
    assert key not in sid.get("/partner/to-answer.csv").getvalue().decode()
    assert rita.get(f"/partner/orders/{key}/").status_code == 200
    assert rita.post(f"/partner/orders/{key}/complete/").status_code == 403
    assert "data-answer" not in rita.get("/partner/").content.decode()
    assert rita.get("/partner/orders/x/fly/").status_code == 404


@pytest.mark.parametrize("path", ["/partner/", "/partner/orders/", "/partner/history/", "/partner/to-answer.csv"])
def test_lists_ask_as_much_for_ten_orders_as_for_two_hundred(
    shop: SimpleNamespace, order_for: Any, olga: Any, path: str
) -> None:
    order = order_for()
    many(shop, order, 10)
    olga.get(path)
    few = questions(olga, path)
    many(shop, order, 190)
    assert questions(olga, path) == few


def many(shop: SimpleNamespace, order: Order, count: int) -> None:
    """So many more partner orders, each with a word of the operator's."""
    item = order.items.order_by("-position")[0]
    for _ in range(count):
        item.pk, item.position = None, item.position + 1
        item.save()
        row = PartnerOrder.objects.create(
            organisation=shop.brightwave, order=order, item_id=item.pk, operator=shop.north,
            our_key=f"k{item.position}-{item.pk}", created_at=AT, state="submitted", submitted_at=AT,
        )  # fmt: skip
        Fact.objects.create(
            partner_order=row, source="partner", update_type="ADDITIONAL", issued_at=AT, received_at=AT,
            data={"text": "hello"}, dedupe_key="x", actor=shop.olga,
        )  # fmt: skip


def questions(client: Any, path: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as found:
        answer = client.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert len(body) > 500
    return len(found)


def test_cancel_and_change_are_shown_in_the_providers_words_and_refused_in_the_row(
    shop: SimpleNamespace, order_for: Any, say: Any, olga: Any
) -> None:
    order = order_for()
    say(order, "commit", date=date(2026, 3, 18))
    actions.request_amend(
        actor=shop.alice, partner_order=part(order), requested_date=date(2027, 4, 1), requester="customer",
        reason="away until April", at=now(),
    )  # fmt: skip
    html = olga.get("/partner/").content.decode()
    assert "Change asked for" in html
    assert "away until April" in html
    row = part(order)
    html = in_row(olga, f"/partner/orders/{row.our_key}/refuse_change/", row, {"text": "No engineer"})
    assert "Change refused" in html
