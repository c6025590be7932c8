"""Live services are ceased and modified by orders, ours or the partner's own."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ofx.core.events.models import Event
from ofx.core.models import Alert
from ofx.core.transitions import IllegalTransition
from ofx.orders import actions
from ofx.orders.models import Order, ServiceRecord
from partners.conversations.inbox import read_due
from partners.conversations.ingest import store
from partners.mapping.canonical import OutboundOrder
from partners.mapping.dialects import mapping_for
from partners.models import Agreement, Endpoint, Leg, Message
from tests.conftest import offering
from tests.ofx.orders.conftest import AT, hear, names, news, part, run_events

Make = Callable[..., Order]
HOUR = timedelta(hours=1)


@pytest.fixture
def service(shop: Any, order_for: Make) -> ServiceRecord:
    """A live service of Harbour Books at Northfibre."""
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, 1, partner_ref="NF-17"), news("COMPLETED", 2, 2), hours=3)
    return ServiceRecord.objects.get()


def cease(shop: Any, service: ServiceRecord, hours: float = 10, **more: Any) -> Order:
    return actions.cease_service(actor=shop.alice, service=service, at=AT + hours * HOUR, reason="Moved away", **more)


def test_a_cease_is_an_order_that_names_the_service_and_ends_it_when_completed(
    shop: Any, service: ServiceRecord
) -> None:
    order = cease(shop, service, requested_date=date(2026, 3, 9))
    item = order.items.get()
    assert (item.action, item.changes_service, item.monthly, order.customer) == ("delete", service, 0, shop.harbour)
    wire = mapping_for("northfibre", "tmf622").outbound("create", _outgoing())
    assert wire["productOrderItem"][0]["product"]["id"] == "NF-17"
    hear(order, news("ACKNOWLEDGED", 1, 11), news("COMPLETED", 2, 12), hours=13)
    service.refresh_from_db()
    assert (service.state, service.ceased_at) == ("ceased", AT + 12 * HOUR)
    assert ServiceRecord.objects.count() == 1, "a cease makes no service"
    assert names(f"service:{service.pk}") == ["service.ceased"]
    with pytest.raises(IllegalTransition, match="ceased"):
        cease(shop, service, 14)


def _outgoing() -> Any:
    return OutboundOrder.from_json(Message.objects.filter(verb="create").latest("pk").canonical)


def test_a_refused_cease_leaves_the_service_and_the_next_one_ends_it(shop: Any, service: ServiceRecord) -> None:
    first = cease(shop, service)
    with pytest.raises(IllegalTransition, match=first.reference):
        cease(shop, service, 11)
    hear(first, news("TERMINATED", 1, 12, outcome="rejected", text="In contract"), hours=13)
    service.refresh_from_db()
    assert service.state == "active"
    second = cease(shop, service, 14)
    hear(second, news("COMPLETED", 1, 15), hours=16)
    service.refresh_from_db()
    assert service.state == "ceased"


def test_a_customer_may_leave_without_agreement_contact_or_lead_time(shop: Any, service: ServiceRecord) -> None:
    shop.north.order_rules = {"required": ["contact_email"], "lead_working_days": 10}
    shop.north.save()
    Agreement.objects.update(state="ended")
    Order.objects.update(contact_name="")
    assert cease(shop, service, requested_date=date(2026, 3, 3)).state == "submitted"


def test_a_modify_changes_the_product_of_the_service(shop: Any, service: ServiceRecord) -> None:
    faster = offering(shop.north, "fttp-900")
    order = actions.modify_service(actor=shop.alice, service=service, offering=faster, at=AT + 10 * HOUR)
    assert (order.items.get().action, order.items.get().monthly) == ("modify", 30)
    hear(order, news("COMPLETED", 1, 11), hours=12)
    service.refresh_from_db()
    assert (service.state, service.offering, ServiceRecord.objects.count()) == ("active", faster, 1)
    with pytest.raises(actions.OrderInvalid, match="another product"):
        actions.modify_service(actor=shop.alice, service=service, offering=shop.other, at=AT + 13 * HOUR)


def test_mail_partners_get_a_row_that_says_cease(shop: Any, service: ServiceRecord) -> None:
    cease(shop, service)
    row = mapping_for("mailtel", "email").outbound("create", _outgoing())["rows"][0]
    assert (row["action"], row["partner_ref"]) == ("cease", "NF-17")


def test_only_the_tenant_that_may_write_orders_changes_its_services(shop: Any, service: ServiceRecord) -> None:
    with pytest.raises(Exception, match="role"):
        actions.cease_service(actor=shop.bob, service=service, at=AT + 10 * HOUR)
    with pytest.raises(Exception, match="organisation|customer|tenant"):  # noqa: RUF043
        actions.cease_service(actor=shop.charlie, service=service, at=AT + 10 * HOUR)


# -- the partner ends it by itself
def told(endpoint: Endpoint, body: bytes, **headers: str) -> Message:
    """Something arrives at the endpoint and is read."""
    key, verb = f"k{Message.objects.count()}", headers.get("kind", "notification")
    store(endpoint=endpoint, raw=body, headers=headers, dedupe_key=key, verb=verb, at=AT + 20 * HOUR)
    read_due(lambda: datetime.now(UTC))
    run_events()
    read_due(lambda: datetime.now(UTC))
    run_events()
    return Message.objects.latest("pk")


def partner_order(state: str, sequence: int, external_id: str = "NF-99", product: str = "NF-17") -> bytes:
    body = {
        "id": external_id,
        "state": state,
        "sequence": sequence,
        "orderDate": "2026-03-03T05:00:00Z",
        "lastUpdate": f"2026-03-03T0{4 + sequence}:00:00Z",
        "description": "Unsolicited cease",
        "productOrderItem": [{"id": "1", "action": "delete", "product": {"id": product}}],
        "stateChange": [{"state": state, "changeDate": f"2026-03-03T0{4 + sequence}:00:00Z", "sequence": sequence}],
    }
    return json.dumps({"eventType": "ProductOrderCreateEvent", "event": {"productOrder": body}}).encode()


def test_a_cease_that_the_partner_makes_becomes_an_order_of_ours_and_its_owner_is_told(
    shop: Any, service: ServiceRecord
) -> None:
    endpoint = Endpoint.objects.get(operator=shop.north)
    last = told(endpoint, partner_order("acknowledged", 1))
    order = Order.objects.latest("pk")
    item = order.items.get()
    assert (item.action, item.changes_service, order.owner) == ("delete", service, shop.alice)
    assert Leg.objects.get(subject=f"partner_order:{part(order).pk}").external_id == "NF-99"
    assert last.state == "routed", "the same message was read again and found its order"
    event = Event.objects.get(name="order.unsolicited")
    assert (event.payload["owner_id"], event.payload["service_id"]) == (shop.alice.pk, service.pk)
    words = f"{order.reference}: Northfibre ceases a service of ours by itself"
    assert Alert.objects.filter(user=shop.alice, text__contains=words).exists()
    assert not Message.objects.filter(direction="out", leg__external_id="NF-99").exists(), "nothing is sent"
    told(endpoint, partner_order("completed", 3))
    service.refresh_from_db()
    assert (service.state, part(order).state) == ("ceased", "accepted")
    assert Order.objects.count() == 2


def test_an_unknown_order_about_no_service_of_ours_stays_for_a_person(shop: Any, service: ServiceRecord) -> None:
    endpoint = Endpoint.objects.get(operator=shop.north)
    assert told(endpoint, partner_order("acknowledged", 1, product="NF-nobody")).state == "unrouted"
    assert Order.objects.count() == 1


def test_another_operators_cease_touches_nothing(shop: Any, service: ServiceRecord) -> None:
    endpoint = Endpoint.objects.get(operator=shop.south)
    assert told(endpoint, partner_order("acknowledged", 1)).state == "unrouted"


def test_a_cease_of_the_partners_own_comes_by_mail_too(shop: Any, service: ServiceRecord) -> None:
    endpoint = Endpoint.objects.get(operator=shop.north)
    Endpoint.objects.filter(pk=endpoint.pk).update(kind="email", dialect="mailtel")
    endpoint.refresh_from_db()
    lines = (
        "our_key,partner_ref,sequence,issued_at,update_type,text\r\n"
        ',NF-99,1,2026-03-03T05:00:00Z,CREATED,"We cease service NF-17; this is our own order"\r\n'
    )
    told(endpoint, lines.encode(), kind="upload")
    assert Order.objects.latest("pk").items.get().changes_service == service
