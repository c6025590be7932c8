"""A place where Alice can order, and helpers that order there."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.calendars.actions import publish_calendar
from ofx.core.events.actions import handle_due
from ofx.core.events.models import Event
from ofx.orders import actions
from ofx.orders.models import Order, PartnerOrder
from partners.mapping.canonical import News
from partners.models import Endpoint, Footprint, FootprintRow, Operator
from tests.conftest import agreement, offering, operator, place

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CODE = "SW1A1AA"


def endpoint(op: Operator, **fields: Any) -> Endpoint:
    """A TMF622 way to an operator that leads nowhere: messages stay queued."""
    defaults = {"kind": "tmf622", "dialect": "northfibre", "name": f"{op} TMF622", "base_url": "http://127.0.0.1:9"}
    return Endpoint.objects.create(operator=op, inbound_key=f"key-{op.code}", **{**defaults, **fields})


def serve(op: Operator, *technologies: str, code: str = CODE) -> None:
    """An active footprint that serves one postcode live."""
    footprint = Footprint.objects.create(operator=op, number=1, state="active", published_at=AT, created_at=AT)
    FootprintRow.objects.bulk_create(
        FootprintRow(footprint=footprint, country="GB", level="postcode", key=code, technology=one, status="live")
        for one in technologies
    )


@pytest.fixture
def shop(world: SimpleNamespace) -> SimpleNamespace:
    """Two operators with offers at one postcode, an agreement and an endpoint each, and an own network."""
    publish_calendar(code="england-wales", at=AT, first_year=2026, last_year=2027)
    north, south = world.northfibre, operator("southlink", "Southlink")
    own = operator("brightnet", "Brightnet", on_net_of=world.brightwave)
    for op in (north, south):
        agreement(world.brightwave, op)
        endpoint(op)
    for op in (north, south, own):
        serve(op, "FTTP")
    world.place = place(CODE)
    world.north, world.south, world.own = north, south, own
    world.fttp = offering(north, "fttp-500")
    world.other = offering(south, "sl-500")
    world.onnet = offering(own, "bn-900")
    world.router = offering(south, "router", kind="device", technology="", monthly="2.00")
    return world


@pytest.fixture
def order_for(shop: SimpleNamespace) -> Callable[..., Order]:
    """`order_for(offering, …, submit=True)`: an order by Alice at the shop's place."""

    def make(*offerings: Any, submit: bool = True, at: datetime = AT, **fields: Any) -> Order:
        site = {
            "place_text": "1 Example Street, SW1A 1AA",
            "postcode": CODE,
            "place": shop.place,
            "contact_name": "Paula Placeholder",
            "contact_phone": "020 7946 0000",
            "requested_date": date(2026, 3, 20),
        }
        extra = {name: fields.pop(name) for name in ("ticked", "idempotency_key", "external_id") if name in fields}
        order = actions.create_order(
            actor=shop.alice,
            organisation=shop.brightwave,
            customer=fields.pop("customer", shop.harbour),
            lines=[actions.Line(offering=one) for one in offerings or (shop.fttp,)],
            site=actions.Site(**{**site, **fields}),
            at=at,
            **extra,
        )
        return actions.submit_order(actor=shop.alice, order=order, at=at) if submit else order

    return make


def part(order: Order, position: int = 1) -> PartnerOrder:
    """The partner order of an item, as it is now."""
    return PartnerOrder.objects.select_related("order", "item", "operator").get(order=order, item__position=position)


def news(update_type: str, sequence: int, hours: float = 1, **fields: Any) -> dict[str, Any]:
    """A piece of partner news as events carry it."""
    at = AT + timedelta(hours=hours)
    key = fields.pop("dedupe_key", f"{update_type}:{sequence}")
    return News(update_type=update_type, dedupe_key=key, issued_at=at, sequence=sequence, **fields).as_json()


def hear(order: Order, *told: dict[str, Any], position: int = 1, hours: float = 48) -> PartnerOrder:
    """Apply news to an item's partner order as the subscriber does."""
    row = part(order, position)
    actions.apply_news(partner_order_id=row.pk, news=told, message_id=None, at=AT + timedelta(hours=hours))
    return part(order, position)


def names(subject: str) -> list[str]:
    """Event names about a subject, oldest first."""
    return list(Event.objects.filter(subject=subject).order_by("pk").values_list("name", flat=True))


def run_events() -> None:
    """Run what subscribers have to do, as the sweep does, until nothing is left."""
    while handle_due(older_than=timedelta(seconds=-1)):
        pass
