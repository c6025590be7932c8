"""A live service of Cara's with a fault, and the partner that runs it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.orders.models import Order, OrderItem, ServiceRecord
from partners.mapping.canonical_faults import TicketNews
from partners.models import Endpoint
from tests.conftest import offering
from ticketing.tickets import actions
from ticketing.tickets.models import PartnerTicket, ServiceTest, Ticket

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)  # a Monday, long after the service began


def service_of(world: SimpleNamespace) -> ServiceRecord:
    """An active service of Harbour Books at Northfibre, as an order of last year left it."""
    order = Order.objects.create(
        organisation=world.brightwave,
        customer=world.harbour,
        reference="OFX-000001",
        state="accepted",
        place_text="1 Example Street, SW1A 1AA",
        postcode="SW1A1AA",
        created_at=AT - timedelta(days=400),
    )
    item = OrderItem.objects.create(order=order, position=1, action="add", offering=world.fttp, currency="GBP")
    return ServiceRecord.objects.create(
        organisation=world.brightwave,
        customer=world.harbour,
        reference="SVC-000001",
        item=item,
        operator=world.north,
        offering=world.fttp,
        partner_ref="SVC-1",
        place_text=order.place_text,
        postcode=order.postcode,
        active_from=AT - timedelta(days=390),
    )


@pytest.fixture
def desk(world: SimpleNamespace) -> SimpleNamespace:
    """The world with an active service of Harbour Books at Northfibre, its tests and a way for faults."""
    shop = world
    shop.north = world.northfibre
    shop.fttp = offering(shop.north, "fttp-500")
    shop.service = service_of(shop)
    shop.endpoint = Endpoint.objects.create(
        operator=shop.north,
        kind="tmf621",
        dialect="northfibre",
        name="Northfibre faults",
        base_url="http://127.0.0.1:9",
        inbound_key="north-faults",
        services={"tmf653": "http://127.0.0.1:9/tmf653"},
    )
    return shop


@pytest.fixture
def fault(desk: SimpleNamespace) -> Callable[..., Ticket]:
    """`fault(**fields)`: a ticket by Alice about the service."""

    def make(**fields: Any) -> Ticket:
        given: dict[str, Any] = {
            "actor": desk.alice,
            "at": AT,
            "organisation": desk.brightwave,
            "title": "Internet keeps dropping",
            "service": desk.service,
            "fault_class": "intermittent",
            "channel": "phone",
            "answers": {"SERVICE_HAS_WORKED": "no", "ONT_POWER": "yes"},
        }
        return actions.open_ticket(**{**given, **fields})

    return make


def have_tested(ticket: Ticket, colour: str = "red", code: str = "ONT_NO_LIGHT", at: datetime = AT) -> ServiceTest:
    """A finished test of the ticket's service."""
    service = ticket.service
    assert service is not None
    return ServiceTest.objects.create(
        organisation=ticket.organisation,
        service=service,
        operator=service.operator,
        ticket=ticket,
        our_key=f"ST-{colour}-{at.timestamp()}-{ServiceTest.objects.count()}",
        state="completed",
        colour=colour,
        code=code,
        requested_at=at,
        done_at=at,
    )


def raised(ticket: Ticket, actor: Any, at: datetime = AT, **more: Any) -> PartnerTicket:
    """The ticket, have_tested red, at its partner."""
    have_tested(ticket, at=at)
    return actions.raise_to_partner(ticket=ticket, actor=actor, at=at, **more)


def told(update_type: str, minutes: float = 10, **fields: Any) -> dict[str, Any]:
    """A piece of partner news."""
    key = fields.pop("dedupe_key", f"{update_type}:{fields.get('state', '')}:{minutes}")
    at = AT + timedelta(minutes=minutes)
    return TicketNews(update_type=update_type, dedupe_key=key, issued_at=at, **fields).as_json()


def apply(row: PartnerTicket, *pieces: dict[str, Any], hours: float = 24) -> PartnerTicket:
    """Apply news as the subscriber does."""
    actions.apply_news(partner_ticket_id=row.pk, news=pieces, message_id=None, at=AT + timedelta(hours=hours))
    return PartnerTicket.objects.select_related("ticket", "operator").get(pk=row.pk)
