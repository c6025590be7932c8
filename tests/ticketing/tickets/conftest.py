"""A live service of Cara's with a fault, and the partner that runs it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.orders import actions as orders
from ofx.orders.models import Order, ServiceRecord
from partners.mapping.canonical_faults import TicketNews
from partners.models import Endpoint
from tests.ofx.orders.conftest import AT as ORDERED
from tests.ofx.orders.conftest import hear, news, order_for, shop
from ticketing.tickets import actions
from ticketing.tickets.models import PartnerTicket, ServiceTest, Ticket

__all__ = ["order_for", "shop"]
AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)  # a Monday, long after the service began


def completed(order: Order) -> ServiceRecord:
    """The service that an order's completion creates."""
    hear(order, news("ACKNOWLEDGED", 1), news("COMPLETED", 2, hours=40, external_id="N-1"))
    return ServiceRecord.objects.get(item__order=order)


@pytest.fixture
def desk(shop: SimpleNamespace, order_for: Callable[..., Order]) -> SimpleNamespace:
    """The shop with an active service of Harbour Books at Northfibre, its tests and a way for faults."""
    shop.service = completed(order_for())
    ServiceRecord.objects.filter(pk=shop.service.pk).update(partner_ref="SVC-1")
    shop.service.refresh_from_db()
    shop.endpoint = Endpoint.objects.get(operator=shop.north)
    shop.endpoint.services = {"tmf653": "http://127.0.0.1:9/tmf653"}
    shop.endpoint.save()
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


__all__ += ["AT", "ORDERED", "apply", "completed", "have_tested", "orders", "raised", "told"]
