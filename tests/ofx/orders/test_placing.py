"""From a chosen offer to messages in the queue."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from ofx.orders import actions
from ofx.orders.models import DecompositionRule, Order, ServiceRecord
from partners.models import Endpoint, FootprintRow, Message, Price
from tests.ofx.orders.conftest import AT, hear, names, news, part, run_events


def test_an_order_is_placed_and_one_message_waits_for_its_partner(shop: Any, order_for: Callable[..., Order]) -> None:
    order = order_for()
    row = part(order)
    assert (order.state, row.state, row.holder) == ("submitted", "submitted", "partner")
    assert order.reference == f"OFX-{order.pk:06d}"
    message = Message.objects.get(direction="out")
    assert (message.verb, message.state, message.leg.our_key) == ("create", "queued", row.our_key)
    assert message.canonical["items"][0]["offering_code"] == "fttp-500"
    assert "order.submitted" in names(f"partner_order:{row.pk}")
    assert order.next_action == "Wait for Northfibre to acknowledge"


def test_a_second_click_places_no_second_order(shop: Any, order_for: Callable[..., Order]) -> None:
    first = order_for(idempotency_key="abc")
    again = order_for(idempotency_key="abc")
    assert first.pk == again.pk
    assert Message.objects.filter(direction="out").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_place_one_order(shop: Any, order_for: Callable[..., Order]) -> None:
    found: list[int] = []

    def click() -> None:
        try:
            found.append(order_for(idempotency_key="race").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert Message.objects.filter(direction="out").count() == 1


def problems(order: Order, shop: SimpleNamespace) -> dict[str, list[str]]:
    with pytest.raises(actions.OrderInvalid) as caught:
        actions.submit_order(actor=shop.alice, order=order, at=AT)
    assert Order.objects.get(pk=order.pk).state == "draft"
    assert not Message.objects.exists()
    return caught.value.by_field()


def test_the_partners_rules_name_field_and_fix(shop: Any, order_for: Callable[..., Order]) -> None:
    shop.north.order_rules = {
        "required": ["contact_phone"], "max_length": {"access_notes": 10}, "lead_working_days": 5,
    }  # fmt: skip
    shop.north.save()
    order = order_for(
        submit=False, contact_name="", contact_phone="", access_notes="Ring twice, then wait",
        requested_date=date(2026, 3, 5),
    )  # fmt: skip
    found = problems(order, shop)
    assert "engineer" in found["contact_name"][0]
    assert "Northfibre needs it" in found["contact_phone"][0]
    assert "at most 10" in found["access_notes"][0]
    assert "Earliest: Mon 09 Mar 2026" in found["requested_date"][0]


def test_an_order_needs_an_agreement_a_served_place_and_the_right_price(
    shop: Any, order_for: Callable[..., Order]
) -> None:
    order = order_for(submit=False)
    shop.brightwave.agreements.update(state="suspended")
    FootprintRow.objects.all().delete()
    Price.objects.filter(offering=shop.fttp).update(monthly=Decimal("35"))
    text = " ".join(problems(order, shop)["items"])
    assert "No agreement with Northfibre" in text
    assert "no longer offers" in text
    assert "is now 35.00 GBP" in text


def test_a_draft_takes_new_prices(shop: Any, order_for: Callable[..., Order]) -> None:
    order = order_for(submit=False)
    Price.objects.filter(offering=shop.fttp).update(monthly=Decimal("35"))
    actions.refresh_prices(actor=shop.alice, order=order, at=AT)
    actions.submit_order(actor=shop.alice, order=order, at=AT)
    assert Order.objects.get().value_monthly == Decimal("35")


def test_only_those_who_may_order_do(shop: Any, order_for: Callable[..., Order]) -> None:
    order = order_for(submit=False)
    for person in (shop.bob, shop.charlie, shop.olga, shop.cara):
        with pytest.raises(PermissionDenied):
            actions.submit_order(actor=person, order=order, at=AT)


def test_an_order_for_another_providers_customer_is_refused(shop: Any, order_for: Callable[..., Order]) -> None:
    from tests.conftest import organisation

    foreign = organisation("customer", "Foreign Foods", provider=shop.cobalt)
    with pytest.raises(PermissionDenied):
        order_for(customer=foreign)


def rule(shop: SimpleNamespace, **fields: Any) -> DecompositionRule:
    defaults = {
        "name": "Router",
        "organisation": shop.brightwave,
        "when_kind": "broadband",
        "add_offering": shop.router,
    }
    return DecompositionRule.objects.create(**{**defaults, **fields})


def test_a_rule_adds_the_related_item_and_an_optional_one_only_when_ticked(
    shop: Any, order_for: Callable[..., Order]
) -> None:
    rule(shop)
    cable = shop.router.__class__.objects.create(operator=shop.south, code="cable", name="Cable", kind="device")
    optional = rule(shop, name="Cable", add_offering=cable, optional=True)
    plain = order_for(submit=False)
    assert [item.offering.code for item in plain.items.all()] == ["fttp-500", "router"]
    ticked = order_for(submit=False, ticked=[optional.pk])
    assert [item.offering.code for item in ticked.items.all()] == ["fttp-500", "router", "cable"]


def test_an_item_waits_for_the_one_that_it_depends_on(shop: Any, order_for: Callable[..., Order]) -> None:
    rule(shop, order_dependency="after")
    order = order_for()
    assert [part(order, n).state for n in (1, 2)] == ["submitted", "validated"]
    assert Message.objects.filter(direction="out").count() == 1
    hear(order, news("ACKNOWLEDGED", 1), news("COMPLETED", 2))
    run_events()
    assert part(order, 2).state == "submitted"
    assert Message.objects.filter(direction="out").count() == 2
    order.refresh_from_db()
    assert order.state == "submitted"


def test_an_order_over_two_operators_is_done_when_both_are(shop: Any, order_for: Callable[..., Order]) -> None:
    order = order_for(shop.fttp, shop.other)
    hear(order, news("ACKNOWLEDGED", 1, partner_ref="1"), news("COMPLETED", 2), position=1)
    order.refresh_from_db()
    assert (order.state, order.closed_at) == ("submitted", None)
    hear(order, news("ACKNOWLEDGED", 1, partner_ref="1"), news("COMPLETED", 2), position=2)
    order.refresh_from_db()
    assert (order.state, order.holder) == ("accepted", "")
    assert ServiceRecord.objects.filter(item__order=order).count() == 2
    assert names(f"order:{order.pk}")[-1] == "product_order.accepted"


def test_an_item_on_our_own_network_sends_nothing_and_is_completed_by_hand(
    shop: Any, order_for: Callable[..., Order]
) -> None:
    order = order_for(shop.onnet)
    assert not Message.objects.exists()
    assert (order.state, order.holder, order.next_action) == (
        "submitted", "us", "Do the work, then mark the item completed",
    )  # fmt: skip
    actions.complete_by_hand(actor=shop.alice, partner_order=part(order), at=AT)
    assert part(order).state == "accepted"


def test_a_new_customer_of_the_same_name_is_the_same_customer(shop: Any) -> None:
    given = {"actor": shop.alice, "organisation": shop.brightwave, "at": AT}
    first = actions.create_customer(name="Quill & Ink", **given)
    assert actions.create_customer(name="quill & ink", **given) == first
    assert first.provider == shop.brightwave


def test_an_operator_without_a_connection_is_told_by_people_who_record_its_news(
    shop: Any, order_for: Callable[..., Order]
) -> None:
    Endpoint.objects.all().delete()
    shop.olga.memberships.all().delete()  # nobody there could answer in the portal
    order = order_for()
    assert not Message.objects.exists()
    assert (order.state, order.holder, part(order).silent_from) == ("submitted", "us", None)
    assert order.next_action == "Place it with Northfibre by hand, then record the answer"
    alice, url = shop.client("alice"), f"{order.get_absolute_url()}items/1/news/"
    assert "Record its answer" in alice.get(order.get_absolute_url()).content.decode()
    assert alice.post(url, {"update_type": "COMMITTED"}).status_code == 422
    for given in (
        {"update_type": "ACKNOWLEDGED", "partner_ref": "NF 17"},
        {"update_type": "COMMITTED", "day": "2026-03-20"},
        {"update_type": "DELAY", "day": "2026-03-27", "reason": "WAYLEAVE"},
    ):
        assert alice.post(url, given).status_code == 302
    row = part(order)
    assert (row.state, row.holder, row.partner_ref) == ("held", "third_party", "NF 17")
    assert (row.icdd, row.target_date) == (date(2026, 3, 20), date(2026, 3, 27))
    for name, status in (("bob", 403), ("charlie", 404)):
        assert shop.client(name).post(url, {"update_type": "COMPLETED"}).status_code == status
    alice.post(url, {"update_type": "COMPLETED"})
    assert part(order).state == "accepted"


def test_news_of_a_connected_operator_cannot_be_made_up(shop: Any, order_for: Callable[..., Order]) -> None:
    order = order_for()
    answer = shop.client("alice").post(f"{order.get_absolute_url()}items/1/news/", {"update_type": "COMPLETED"})
    assert answer.status_code == 422
    assert part(order).state == "submitted"
