"""The first page of each kind of user, and the one box that finds anything."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.ofx.orders.conftest import hear, news, order_for, shop
from tests.ofx.orders.test_pages import many

__all__ = ["order_for", "shop"]


def test_staff_see_first_what_is_blocked_and_on_whom(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("DELAY", 2, reason="CAPACITY"))
    page = shop.client("alice").get("/").content.decode()
    assert order.reference in page
    assert 'href="/orders/?holder=partner"' in page
    assert "no capacity" in page.lower()


def test_another_provider_sees_none_of_it(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("DELAY", 1, reason="CAPACITY"))
    page = shop.client("charlie").get("/").content.decode()
    assert order.reference not in page
    assert "No orders yet" in page


def test_an_operator_sees_its_orders_without_the_customers_name(shop: Any, order_for: Any) -> None:
    order = order_for()
    page = shop.client("olga").get("/", follow=True).content.decode()
    assert order.partner_orders.get().our_key in page
    assert "Harbour Books" not in page


def test_a_customer_reads_plain_words_and_no_code(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("DELAY", 1, reason="CAPACITY"))
    page = shop.client("cara").get("/").content.decode()
    assert order.reference in page
    assert "waiting for a date" in page
    assert "CAPACITY" not in page


def test_a_person_without_an_organisation_is_told_what_to_do(shop: Any) -> None:
    shop.bob.memberships.all().delete()
    response = shop.client("bob").get("/")
    assert response.status_code == 403
    assert "belong to no organisation" in response.content.decode()


@pytest.mark.parametrize("who", ["alice", "cara", "ada"])
def test_home_costs_as_many_queries_at_200_orders_as_at_10(shop: Any, who: str) -> None:
    caller = shop.client(who)
    counts = []
    for more in (10, 190):
        many(shop, more)
        with CaptureQueriesContext(connection) as seen:
            assert caller.get("/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_one_exact_id_leads_straight_to_its_page(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, partner_ref="NF-77"))
    alice = shop.client("alice")
    for text in (order.reference, order.reference.lower(), order.partner_orders.get().our_key, "NF-77"):
        assert alice.get("/find/", {"q": text}).headers.get("Location") == order.get_absolute_url(), text
    assert alice.get("/find/", {"q": "sw1a 1aa"}).headers["Location"].startswith("/search/?q=SW1A+1AA")
    assert alice.get("/find/", {"q": "southlink"}).headers["Location"] == "/operators/southlink/"
    assert alice.get("/find/", {"q": "harbour books"}).headers["Location"] == "/orders/?customer=Harbour+Books"


def test_nobody_finds_what_is_not_theirs(shop: Any, order_for: Any) -> None:
    order = order_for()
    for who in ("charlie", "olga"):
        page = shop.client(who).get("/find/suggest/", {"q": order.reference}).content.decode()
        assert "Nothing found" in page, who
    assert "Harbour" not in shop.client("charlie").get("/find/suggest/", {"q": "harb"}).content.decode()
