"""Pages and API of visits, charges, changes, services and likely duplicates, over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.orders import actions
from ofx.orders.models import AmendRequest, Appointment, Charge, Order, ServiceRecord
from partners.models import Message
from tests.ofx.orders.conftest import AT, hear, news, part
from tests.ofx.orders.test_pages import filled, order_url

Make = Callable[..., Order]
ACK = news("ACKNOWLEDGED", 1, 1, partner_ref="NF-17")
SLOT = {"start": "2099-03-02T08:00:00Z", "end": "2099-03-02T13:00:00Z"}
CONFLICT, NOT_FOUND, FORBIDDEN = 409, 404, 403


def charged(order_for: Make) -> Order:
    order = order_for()
    Message.objects.update(state="delivered", attempt=1)
    charge = {"id": "9", "amount": "900.00", "currency": "GBP", "text": "New duct"}
    hear(order, ACK, news("CHARGE_RAISED", 2, 2, charge=charge), hours=3)
    return order


def booked(shop: Any, order: Order, days: int = 7) -> Appointment:
    start = AT + timedelta(days=days)
    return actions.reserve_slot(
        actor=shop.alice, at=AT, partner_order=part(order), start=start, end=start + timedelta(hours=5)
    )


# -- likely duplicates
def test_a_likely_duplicate_is_shown_and_ordered_all_the_same_when_it_is_meant(shop: Any, order_for: Make) -> None:
    first = order_for()
    alice = shop.client("alice")
    answer = alice.post(order_url(shop), filled(shop))
    assert answer.status_code == CONFLICT
    text = answer.content.decode()
    assert first.reference in text
    assert "order anyway" in text
    assert Order.objects.count() == 1
    answer = alice.post(order_url(shop), filled(shop, anyway="yes"), follow=True)
    assert "is on its way" in answer.content.decode()


def test_a_live_service_or_another_operators_line_is_a_likely_duplicate_too(shop: Any, order_for: Make) -> None:
    order = order_for(shop.other)
    hear(order, ACK, news("COMPLETED", 2, 2), hours=3)
    text = shop.client("alice").post(order_url(shop), filled(shop)).content.decode()
    assert ServiceRecord.objects.get().reference in text


@pytest.mark.parametrize("what", ["another customer", "a device", "a draft", "an ended order"])
def test_what_is_no_duplicate_is_ordered_without_a_word(shop: Any, order_for: Make, what: str) -> None:
    order = order_for(submit=what != "a draft")
    given, offer = filled(shop), shop.fttp
    if what == "another customer":
        given |= {"customer": "", "new_customer": "Quill & Ink"}
    elif what == "a device":
        offer = shop.router
    elif what == "an ended order":
        hear(order, news("TERMINATED", 1, 1, outcome="rejected"), hours=2)
    assert shop.client("alice").post(order_url(shop, offer), given).status_code == 302


def test_the_api_wants_to_hear_that_a_duplicate_is_meant(shop: Any, order_for: Make) -> None:
    first = order_for()
    body = {"customer": shop.harbour.pk, "items": [{"offering": shop.fttp.pk}], "postcode": "SW1A1AA",
            "contact_name": "Paula Placeholder"}  # fmt: skip
    api = shop.api("alice")
    answer = api.post("/api/v1/orders/", body, format="json")
    assert answer.status_code == CONFLICT
    assert [row["reference"] for row in answer.json()["duplicates"]] == [first.reference]
    assert "order_anyway" in answer.json()
    assert api.post("/api/v1/orders/", {**body, "order_anyway": True}, format="json").status_code == 201


# -- visits
def test_the_desk_records_a_slot_confirms_it_and_says_that_it_was_missed(shop: Any, order_for: Make) -> None:
    order = order_for()
    alice, base = shop.client("alice"), f"/orders/{order.reference}/items/1/visit/"
    assert "no appointment system" in alice.get(base).content.decode()
    slot = {"day": "2099-03-02", "begins": "08:00", "ends": "13:00"}
    assert alice.post(base, {**slot, "ends": "07:00"}).status_code == 422
    text = alice.post(base, slot, follow=True).content.decode()
    assert "Mon 2 Mar 2099, 08:00 to 13:00" in text
    assert "Reserved" in text
    alice.post(f"{base}confirm/")
    assert Appointment.objects.get().state == "confirmed"
    assert "decides whose clock" in alice.post(f"{base}outcome/", {"outcome": "failed"}).content.decode()
    text = alice.post(f"{base}outcome/", {"outcome": "missed", "text": "Nobody came"}, follow=True).content.decode()
    assert "Missed by the partner" in text
    assert "Nobody came" in text


def test_the_customer_reads_when_the_engineer_comes_and_no_word_of_the_partners(shop: Any, order_for: Make) -> None:
    order = charged(order_for)
    hear(order, news("MILESTONE", 3, 4, milestone="ECC_ACCEPTED"), hours=5)
    row = booked(shop, order)
    cara = shop.client("cara")
    text = cara.get(f"/orders/{order.reference}/").content.decode()
    assert "Your engineer comes on Monday 9 March, 9 am to 2 pm." in text
    assert "still have to fix this time" in text
    actions.record_outcome(
        actor=shop.alice, at=AT, appointment=row, outcome="failed", reason="NO_ACCESS", text="SECRET WORD"
    )
    text = cara.get(f"/orders/{order.reference}/").content.decode()
    assert "could not get in" in text
    for hidden in ("SECRET WORD", "900", "Northfibre", "NO_ACCESS", "Your engineer comes"):
        assert hidden not in text, hidden
    assert shop.api("cara").get(f"/api/v1/orders/{order.reference}/").json()["visit"] is None


def test_the_api_reserves_moves_confirms_and_ends_a_visit(shop: Any, order_for: Make) -> None:
    order = order_for()
    api, base = shop.api("alice"), f"/api/v1/orders/{order.reference}/items/1/"
    assert api.get(f"{base}slots/").json() == []
    assert api.post(f"{base}visit/confirm/").status_code == NOT_FOUND
    assert api.post(f"{base}visit/", SLOT, format="json").json()["state"] == "reserved"
    moved = {"start": "2099-03-03T08:00:00Z", "end": "2099-03-03T13:00:00Z"}
    assert api.post(f"{base}visit/", moved, format="json").json()["slot_start"].startswith("2099-03-03")
    wrong = api.post(f"{base}visit/", {**moved, "end": "2099-03-02T13:00:00Z"}, format="json")
    assert list(wrong.json()["fields"]) == ["end"]
    assert api.post(f"{base}visit/confirm/").json()["state"] == "confirmed"
    done = api.post(f"{base}visit/outcome/", {"outcome": "completed"}, format="json").json()
    assert done["state"] == "completed"
    whole = api.get(f"/api/v1/orders/{order.reference}/").json()["items"][0]["partner_order"]
    assert [row["state"] for row in whole["appointments"]] == ["completed"]


# -- charges and changes
def test_a_charge_is_answered_on_its_page_with_what_it_costs_and_to_whom_it_goes(shop: Any, order_for: Make) -> None:
    order = charged(order_for)
    alice = shop.client("alice")
    url = f"/orders/{order.reference}/items/1/charges/{Charge.objects.get().pk}/"
    text = alice.get(url).content.decode()
    for words in ("£900.00", "New duct", "Northfibre", "Answer by"):
        assert words in text
    given = {"answer": "accept", "consent_by": "Paula Placeholder", "consent_reference": "PO-1"}
    text = alice.post(url, given, follow=True).content.decode()
    assert "PO-1" in text
    assert alice.post(url, given).status_code == 422, "a second answer is refused in words"
    assert Charge.objects.get().state == "accepted"


def test_the_api_declines_a_charge_and_a_second_answer_is_refused(shop: Any, order_for: Make) -> None:
    order = charged(order_for)
    api, base = shop.api("alice"), f"/api/v1/orders/{order.reference}/items/1/charges/{Charge.objects.get().pk}/"
    assert api.post(f"{base}decline/").json()["state"] == "declined"
    assert api.post(f"{base}accept/").status_code == CONFLICT


def test_a_change_is_asked_for_with_what_it_costs_and_the_answer_is_shown(shop: Any, order_for: Make) -> None:
    shop.north.order_rules = {
        "amendable": ["requested_date", "contact_phone"],
        "charges": {"amend": {"acknowledged": "15.00"}},
    }
    shop.north.save()
    order = order_for()
    Message.objects.update(state="delivered", attempt=1)
    hear(order, ACK, hours=2)
    alice, url = shop.client("alice"), f"/orders/{order.reference}/items/1/amend/"
    text = alice.get(url).content.decode()
    assert "£15.00" in text
    assert "Access notes" not in text
    given = {"requested_date": "2099-03-02", "contact_phone": order.contact_phone, "requester": "us", "reason": "Later"}
    assert alice.post(url, given).status_code == 302
    assert list(AmendRequest.objects.get().changes) == ["requested_date"]
    hear(order, news("AMEND_REFUSED", 4, 50, text="No crew then"), hours=60)
    assert "No crew then" in alice.get(f"/orders/{order.reference}/").content.decode()


def test_the_point_of_no_return_is_the_operators_rule(shop: Any, order_for: Make) -> None:
    shop.north.order_rules = {"ponr_hours": 48, "charges": {"cancel": {"committed": "60.00", "ponr": "300.00"}}}
    shop.north.save()
    order = order_for()
    hear(order, ACK, news("COMMITTED", 2, 2, committed_date=(AT + timedelta(days=30)).date()), hours=3)
    alice, url = shop.client("alice"), f"/orders/{order.reference}/cancel/"
    assert "£300.00" in alice.get(url).content.decode(), "the committed day is long past"


# -- services
def test_a_service_page_shows_its_orders_and_ceases_it_once(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, ACK, news("COMPLETED", 2, 2), hours=3)
    service = ServiceRecord.objects.get()
    alice, url = shop.client("alice"), f"/services/{service.reference}/"
    assert f"{url}cease/" in alice.get(url).content.decode()
    assert alice.post(f"{url}cease/", {"reason": "Moved away"}).status_code == 302
    cease = Order.objects.latest("pk")
    text = alice.get(url).content.decode()
    assert cease.reference in text
    assert f"{url}cease/" not in text, "one change at a time"
    assert alice.post(f"{url}cease/", {"reason": "Again"}).status_code == 422
    assert shop.client("cara").get(url).status_code == 200
    assert shop.client("bob").post(f"{url}cease/", {"reason": "x"}).status_code == FORBIDDEN


def test_the_api_modifies_a_service_to_another_product_of_its_operator_only(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, ACK, news("COMPLETED", 2, 2), hours=3)
    url = f"/api/v1/services/{ServiceRecord.objects.get().reference}/modify/"
    wrong = shop.api("alice").post(url, {"offering": shop.other.pk, "reason": "Cheaper"}, format="json")
    assert wrong.status_code == 400
    assert "offering" in wrong.json()["fields"]


@pytest.mark.parametrize("path", ["/orders/{}/", "/api/v1/orders/{}/", "/orders/{}/live/"])
def test_an_orders_page_costs_the_same_with_many_visits_charges_and_changes(
    shop: Any, order_for: Make, path: str
) -> None:
    order = order_for()
    hear(order, ACK, hours=2)
    caller = shop.api("alice") if path.startswith("/api") else shop.client("alice")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert caller.get(path.format(order.reference)).status_code == 200
        return len(seen)

    for number in range(2):
        grow(shop, order, 1 + number * 9)
        if number == 0:
            queries()
            few = queries()
    assert queries() == few


def grow(shop: Any, order: Order, count: int) -> None:
    row = part(order)
    have = Charge.objects.count()
    for number in range(have, have + count):
        charge = {"id": f"c{number}", "amount": "9.00"}
        hear(order, news("CHARGE_RAISED", 10 + number, 3 + number, charge=charge), hours=200)
        AmendRequest.objects.create(
            partner_order=row, number=100 + number, changes={"requested_date": "2026-04-01"}, requester="us",
            reason="x", state="refused", requested_at=AT,
        )  # fmt: skip
        Appointment.objects.create(
            organisation=shop.brightwave, partner_order=row, operator=row.operator, our_key=f"v{number}",
            place_text="1", postcode="1", slot_start=AT, slot_end=AT + timedelta(hours=5), state="missed",
            created_at=AT, changed_at=AT,
        )  # fmt: skip
