"""Pages about subscriptions, and the desk's page for an order that fell out."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.core.clock import now
from ofx.core.models import Membership
from ofx.orders.models import Order
from ofx.tmf.models import Notification, Subscription
from partners.models import Message
from tests.ofx.orders.conftest import AT, part
from tests.tmf.conftest import BASE, v4_order

Ordered = Callable[..., dict[str, Any]]


def subscription(shop: Any, number: int = 0, **fields: Any) -> Subscription:
    """A subscription of Alice's provider."""
    row = {
        "api": "productOrderingManagement",
        "version": "v4",
        "callback": f"http://127.0.0.1:9/{number}",
        "secret": "w",
    }
    return Subscription.objects.create(organisation=shop.brightwave, created_at=AT, **{**row, **fields})


def notification(row: Subscription, number: int = 0, **fields: Any) -> Notification:
    """A notification that was given up."""
    values = {"state": "failed", "event_type": "ProductOrderCreateEvent", "resource": f"order:{number}", "body": {}}
    common = {"organisation": row.organisation, "next_attempt_at": AT, "created_at": AT, "event_id": uuid.uuid4()}
    return Notification.objects.create(subscription=row, **{**common, **values, **fields})


def test_a_failing_callback_is_seen_and_sent_again(shop: Any) -> None:
    row = subscription(shop, state="gone", last_error="HTTP 410")
    notification(row)
    alice = shop.client("alice")
    assert "Callback is gone" in alice.get("/messages/subscriptions/").content.decode()
    page = alice.get(f"/messages/subscriptions/{row.pk}/").content.decode()
    assert "Given up" in page
    assert "HTTP 410" in page
    alice.post(f"/messages/subscriptions/{row.pk}/resend/")
    row.refresh_from_db()
    assert (row.state, Notification.objects.get().state) == ("active", "queued")
    assert shop.client("bob").post(f"/messages/subscriptions/{row.pk}/resend/").status_code == 403
    alice.post(f"/messages/subscriptions/{row.pk}/delete/")
    assert not Subscription.objects.exists()


def test_who_may_end_a_subscription_sees_its_buttons_and_nobody_else(shop: Any) -> None:
    about_faults, about_orders = subscription(shop, api="troubleTicket"), subscription(shop, 1)
    for role, faults, orders in (("fault_desk", True, False), ("order_desk", False, True)):
        Membership.objects.filter(user=shop.bob).update(role=role)
        for row, able in ((about_faults, faults), (about_orders, orders)):
            bob = shop.client("bob")
            page = bob.get(f"/messages/subscriptions/{row.pk}/").content.decode()
            assert ("Send again now" in page) is able
            assert (bob.post(f"/messages/subscriptions/{row.pk}/resend/").status_code == 302) is able


@pytest.mark.parametrize("path", ["/messages/subscriptions/", "/messages/subscriptions/{pk}/"])
def test_the_queries_of_a_page_do_not_grow_with_its_rows(shop: Any, path: str) -> None:
    alice, counts, one = shop.client("alice"), [], subscription(shop)
    for size in (10, 200):
        for number in range(Subscription.objects.count(), size):
            subscription(shop, number)
            notification(one, number)
        with CaptureQueriesContext(connection) as queries:
            assert alice.get(path.format(pk=one.pk)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("change", [{"productOffering": {"id": "no-such"}}, {"product": {}}, {"action": "modify"}])
def test_the_desk_completes_an_order_that_fell_out(shop: Any, buyer: Any, change: dict[str, Any]) -> None:
    body = v4_order()
    body["productOrderItem"][0] |= change
    made = buyer.post(f"{BASE}/v4/productOrder", body).json()
    alice = shop.client("alice")
    assert alice.get(f"/orders/{made['id']}/").status_code == 200
    assert "Complete and submit" in alice.get("/orders/").content.decode()
    edit = alice.get(f"/orders/{made['id']}/edit/", follow=True)
    assert edit.status_code == 200
    page = alice.get(f"/orders/{made['id']}/complete/", {"q": "SW1A 1AA"}).content.decode()
    link = f"/orders/{made['id']}/edit/?offering={shop.fttp.pk}&amp;place={shop.place.pk}"
    assert link in page
    address = link.replace("&amp;", "&")
    assert alice.get(address).status_code == 200
    given = {
        "customer": shop.harbour.pk,
        "contact_name": "Paula Placeholder",
        "requested_date": "2027-03-22",
        "idempotency_key": "k",
        "act": "submit",
    }
    answer = alice.post(address, given)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    order = Order.objects.get(reference=made["id"])
    assert (order.state, part(order).item.offering) == ("submitted", shop.fttp)
    assert Message.objects.filter(verb="create").count() == 1
    told = buyer.get(f"{BASE}/v5/productOrder/{made['id']}").json()
    assert told["state"] == "acknowledged"
    assert "productOrderErrorMessage" not in told
    assert told["productOrderItem"][0]["id"] == "100"
    assert len(told["productOrderItem"]) == 1
    assert now() >= order.submitted_at
