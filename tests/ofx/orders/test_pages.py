"""The pages of orders, over HTTP."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.core.models import Organisation
from ofx.orders import actions
from ofx.orders.models import DecompositionRule, Fact, Flag, Order, OrderItem, PartnerOrder, ServiceRecord
from partners.models import Message
from tests.ofx.orders.conftest import AT, CODE, hear, news, part

Make = Callable[..., Order]
NOT_FOUND, FORBIDDEN = 404, 403


def order_url(shop: Any, *offerings: Any) -> str:
    chosen = "&".join(f"offering={one.pk}" for one in offerings or (shop.fttp,))
    return f"/orders/new/?{chosen}&place={shop.place.pk}"


def filled(shop: Any, **fields: Any) -> dict[str, Any]:
    return {
        "customer": shop.harbour.pk,
        "contact_name": "Paula Placeholder",
        "contact_phone": "020 7946 0000",
        "idempotency_key": "k1",
        "act": "submit",
        **fields,
    }


def test_an_order_is_placed_from_the_form_and_its_page_says_what_comes_next(shop: Any) -> None:
    alice = shop.client("alice")
    page = alice.get(order_url(shop))
    assert page.status_code == 200
    assert "Northfibre" in page.content.decode()
    answer = alice.post(order_url(shop), filled(shop), follow=True)
    text = answer.content.decode()
    assert "is on its way" in text
    assert "Wait for Northfibre to acknowledge" in text
    assert Order.objects.get().place_text == "SW1A 1AA"


def test_a_form_sent_twice_places_one_order(shop: Any) -> None:
    alice = shop.client("alice")
    for _ in range(2):
        alice.post(order_url(shop), filled(shop))
    assert Order.objects.count() == 1
    assert Message.objects.filter(direction="out").count() == 1


def test_a_refused_form_names_field_and_fix_and_keeps_the_input_and_nothing_is_saved(shop: Any) -> None:
    shop.north.order_rules = {"lead_working_days": 5, "required": ["contact_email"], "max_length": {"access_notes": 5}}
    shop.north.save()
    given = filled(shop, requested_date="2020-01-01", access_notes="Ring twice", new_customer="", customer="")
    answer = shop.client("alice").post(order_url(shop), given)
    assert answer.status_code == 422
    assert "Choose a customer" in answer.content.decode()
    given["customer"] = shop.harbour.pk
    text = shop.client("alice").post(order_url(shop), given).content.decode()
    assert "Northfibre needs it. Fill it in." in text
    assert "at most 5 characters; there are 10" in text
    assert "Ring twice" in text
    assert not Order.objects.exists()


def test_a_draft_is_kept_changed_and_sent(shop: Any) -> None:
    alice = shop.client("alice")
    alice.post(order_url(shop), filled(shop, act="draft", new_customer="Quill & Ink", customer=""))
    order = Order.objects.get()
    assert (order.state, order.customer.name) == ("draft", "Quill & Ink")
    edit = f"/orders/{order.reference}/edit/"
    assert "Paula Placeholder" in alice.get(edit).content.decode()
    alice.post(edit, filled(shop, contact_name="Peter Placeholder"))
    order.refresh_from_db()
    assert (order.state, order.contact_name) == ("submitted", "Peter Placeholder")
    assert alice.get(edit).status_code == 302


def test_an_optional_item_is_offered_and_added_when_ticked(shop: Any) -> None:
    rule = DecompositionRule.objects.create(
        name="Router", organisation=shop.brightwave, when_kind="broadband", add_offering=shop.router, optional=True
    )
    alice = shop.client("alice")
    assert "ROUTER" in alice.get(order_url(shop)).content.decode()
    alice.post(order_url(shop), filled(shop, related=[rule.pk]))
    assert [item.offering.code for item in Order.objects.get().items.all()] == ["fttp-500", "router"]


@pytest.mark.parametrize("query", ["offering=9999999&place=1", "offering=x&place=y", "offering=1&place=0&address=77"])
def test_nonsense_in_the_address_of_the_form_is_no_defect(shop: Any, query: str) -> None:
    assert shop.client("alice").get(f"/orders/new/?{query}").status_code in (200, NOT_FOUND)


def test_another_providers_own_network_cannot_be_ordered(shop: Any) -> None:
    assert shop.client("charlie").get(order_url(shop, shop.onnet)).status_code == NOT_FOUND


def every_get(order: Order) -> list[str]:
    base = order.get_absolute_url()
    flag = Flag.objects.filter(partner_order__order=order).first()
    return [
        base, f"{base}live/", f"{base}timeline/", f"{base}cancel/", f"{base}items/1/answer/", f"{base}items/1/amend/",
        f"{base}claims/{flag.pk if flag else 0}/",
    ]  # fmt: skip


EVERY_POST = (
    "submit/", "reprice/", "cancel/", "note/", "attach/", "refresh/", "items/1/answer/", "items/1/amend/",
    "items/1/charge/accept/", "items/1/charge/decline/", "items/1/retry/", "items/1/accept/", "items/1/complete/",
    "items/1/release/",
)  # fmt: skip


def test_strangers_find_nothing_and_readers_cannot_write(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("DELAY", 2, 2, reason="WAYLEAVE"))
    for url in every_get(order):
        assert shop.client("alice").get(url).status_code == 200, url
        assert shop.client("charlie").get(url).status_code == NOT_FOUND, url
        assert shop.client("olga").get(url).status_code == NOT_FOUND, url
        assert shop.client("anonymous").get(url).status_code == 302, url
    for tail in EVERY_POST:
        url = f"{order.get_absolute_url()}{tail}"
        values = {"text": "x", "reason": "x", "file": SimpleUploadedFile("a.txt", b"hello")}
        assert shop.client("charlie").post(url, values).status_code == NOT_FOUND, url
        values["file"] = SimpleUploadedFile("a.txt", b"hello")
        assert shop.client("bob").post(url, values).status_code == FORBIDDEN, url
    assert shop.client("bob").get(order.get_absolute_url()).status_code == 200
    assert "data-confirm" not in shop.client("bob").get(order.get_absolute_url()).content.decode()


def test_every_act_of_the_page_answers_kindly_when_it_makes_no_sense(shop: Any, order_for: Make) -> None:
    order = order_for()
    alice = shop.client("alice")
    for tail in EVERY_POST:
        answer = alice.post(f"{order.get_absolute_url()}{tail}", {})
        assert answer.status_code in (302, 422), tail


def test_the_page_tells_the_story_of_a_delay(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(
        order,
        news("ACKNOWLEDGED", 1, partner_ref="NF-17"),
        news("COMMITTED", 2, 2, committed_date=date(2026, 3, 20), target_date=date(2026, 3, 20)),
        news("DELAY", 3, 3, reason="DUCT_BLOCKAGE_CIVILS", raw_reason="ADDITIONAL_WORK", target_date=date(2026, 3, 27)),
    )
    text = shop.client("alice").get(order.get_absolute_url()).content.decode()
    assert "NF-17" in text
    assert "Acknowledged (KCI1)" in text
    assert "Committed (KCI2)" in text
    assert "Northfibre moved the target date: 20 Mar → 27 Mar 2026" in text
    assert "Duct blocked, civils needed (ADDITIONAL_WORK)" in text
    assert "Order to Northfibre TMF622" in text


def test_html_in_notes_and_partner_texts_stays_text(shop: Any, order_for: Make) -> None:
    order = order_for()
    evil = "<script>alert(1)</script>"
    hear(order, news("DELAY", 1, reason="OTHER", text=evil, raw_reason=evil))
    actions.add_note(actor=shop.alice, order=order, text=evil, internal=False, at=AT)
    for name in ("alice", "cara"):
        text = shop.client(name).get(order.get_absolute_url()).content.decode()
        assert evil not in text
        assert "&lt;script&gt;" in text or name == "cara"


def test_the_customer_reads_plain_words_and_no_secret(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("DELAY", 2, 2, reason="WAYLEAVE", raw_reason="WAY"))
    actions.add_note(actor=shop.alice, order=order, text="Internal grumble", internal=True, at=AT)
    actions.add_note(actor=shop.alice, order=order, text="We are on it", internal=False, at=AT)
    text = shop.client("cara").get(order.get_absolute_url()).content.decode()
    assert "Your order is waiting." in text
    assert "landowner" in text
    assert "We are on it" in text
    for secret in ("Northfibre", "WAY", "Internal grumble", "30.00", "KCI"):
        assert secret not in text, secret


def test_a_customer_asks_and_the_desk_reads_it(shop: Any, order_for: Make) -> None:
    order = order_for()
    shop.client("cara").post(f"{order.get_absolute_url()}note/", {"text": "When do you come?"})
    assert "When do you come?" in shop.client("alice").get(order.get_absolute_url()).content.decode()


def test_a_customer_sees_no_draft(shop: Any, order_for: Make) -> None:
    order = order_for(submit=False)
    assert shop.client("cara").get(order.get_absolute_url()).status_code == NOT_FOUND


def test_the_cancel_page_says_what_it_costs_before_it_is_confirmed(shop: Any, order_for: Make) -> None:
    shop.north.order_rules = {"cancel": {"acknowledged": "£12.50 after KCI1."}}
    shop.north.save()
    order = order_for(shop.fttp, shop.other)
    hear(order, news("ACKNOWLEDGED", 1))
    text = shop.client("alice").get(f"{order.get_absolute_url()}cancel/").content.decode()
    assert "£12.50 after KCI1." in text
    assert "Not acknowledged yet: usually free of charge." in text


def many(shop: Any, count: int) -> None:
    """Orders with an item, a partner order with a flag, and a service each."""
    start = Order.objects.count()
    orders = Order.objects.bulk_create(
        Order(
            organisation=shop.brightwave, customer=shop.harbour, reference=f"X-{n:06d}", state="held", holder="partner",
            place_text="Somewhere", postcode=CODE, created_at=AT, submitted_at=AT, blocked_since=AT,
            target_date=date(2026, 3, 20), silent_from=AT + timedelta(days=2), value_monthly=30,
        )
        for n in range(start, start + count)
    )  # fmt: skip
    items = OrderItem.objects.bulk_create(OrderItem(order=one, position=1, offering=shop.fttp) for one in orders)
    common = {"organisation": shop.brightwave, "operator": shop.north}
    rows = PartnerOrder.objects.bulk_create(
        PartnerOrder(order=item.order, item=item, our_key=f"key-{item.pk}", created_at=AT, state="held", **common)
        for item in items
    )
    facts = Fact.objects.bulk_create(
        Fact(partner_order=row, source="partner", update_type="DELAY", issued_at=AT, received_at=AT, dedupe_key="d")
        for row in rows
    )
    Flag.objects.bulk_create(
        Flag(partner_order=fact.partner_order, kind="held", opened_at=AT, fact=fact) for fact in facts
    )
    ServiceRecord.objects.bulk_create(
        ServiceRecord(
            customer=shop.harbour, reference=f"SVC-{item.pk}", item=item, offering=shop.fttp, place_text="Somewhere",
            postcode=CODE, active_from=AT, **common,
        )
        for item in items
    )  # fmt: skip


@pytest.mark.parametrize(
    "url", ["/orders/", "/orders/?open=true&holder=partner&silent=true", "/orders/board/", "/services/"]
)
def test_the_number_of_queries_does_not_grow_with_the_orders(shop: Any, url: str) -> None:
    alice = shop.client("alice")
    alice.get(url)
    counts = []
    for more in (10, 190):
        many(shop, more)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert alice.get(url).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_list_narrows_by_what_people_type(shop: Any, order_for: Make) -> None:
    order = order_for()
    other = Organisation.objects.create(kind="customer", name="Quill Ink", slug="quill", provider=shop.brightwave)
    order_for(customer=other)
    alice = shop.client("alice")
    for text in (order.reference.lower(), "sw1a 1", "harbour", order.reference):
        assert order.reference in alice.get("/orders/", {"q": text}).content.decode(), text
    assert order.reference not in alice.get("/orders/", {"q": "quill"}).content.decode()
    assert order.reference not in alice.get("/orders/", {"customer": "quill"}).content.decode()
    assert order.reference not in shop.client("charlie").get("/orders/").content.decode()
    for nonsense in ("\x00", "'; DROP TABLE", "%", "OFX-99999999999999999999"):
        assert alice.get("/orders/", {"q": nonsense, "postcode": nonsense, "customer": nonsense}).status_code == 200


def test_the_board_shows_who_holds_what(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, news("DELAY", 1, reason="NO_ACCESS"))
    text = shop.client("alice").get("/orders/board/").content.decode()
    column = text.split('id="c-end_customer"')[1].split("</section>")[0]
    assert order.reference in column
    assert order.reference not in shop.client("alice").get("/orders/board/?operator=southlink").content.decode()
    assert shop.client("olga").get("/orders/board/").status_code == FORBIDDEN
    assert shop.client("cara").get("/orders/board/").status_code == FORBIDDEN


def test_services_are_listed_to_their_owner_only(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("COMPLETED", 2))
    url = f"/services/SVC-{part(order).item_id:06d}/"
    for name, status in (("alice", 200), ("cara", 200), ("charlie", NOT_FOUND), ("olga", NOT_FOUND)):
        assert shop.client(name).get(url).status_code == status, name
    assert "Northfibre" not in shop.client("cara").get(url).content.decode()
    assert "SVC-" in shop.client("alice").get("/services/").content.decode()
    for query in ("", "?cols=operator&cols=partner_ref", "?export=csv"):
        answer = shop.client("cara").get(f"/services/{query}")
        text = b"".join(answer).decode()
        assert "SVC-" in text
        assert "Northfibre" not in text, query


def test_rules_are_kept_by_administrators_of_their_organisation(shop: Any) -> None:
    given = {
        "name": "Router", "when_kind": "broadband", "add_offering": shop.router.pk, "quantity": 1,
        "order_dependency": "after", "active": "on",
    }  # fmt: skip
    alice = shop.client("alice")
    assert alice.post("/orders/rules/new/", {**given, "when_kind": ""}).status_code == 422
    assert alice.post("/orders/rules/new/", given).status_code == 302
    rule = DecompositionRule.objects.get()
    assert rule.organisation == shop.brightwave
    assert "Router" in alice.get("/orders/rules/").content.decode()
    assert "Router" not in shop.client("charlie").get("/orders/rules/").content.decode()
    for url in (f"/orders/rules/{rule.pk}/", f"/orders/rules/{rule.pk}/delete/"):
        assert shop.client("charlie").post(url, given).status_code == NOT_FOUND
        assert shop.client("bob").post(url, given).status_code == FORBIDDEN
    assert alice.post(f"/orders/rules/{rule.pk}/delete/").status_code == 302
    assert not DecompositionRule.objects.exists()
