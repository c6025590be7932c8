"""Alice asks Northfibre, which sells three products at list price."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from partners.agreements import actions
from partners.agreements.actions import Proposal, Wish
from partners.models import Agreement
from tests.conftest import AT, offering, organisation, person

TODAY = AT.date()
MONTH = timedelta(days=30)


@pytest.fixture
def market(world: SimpleNamespace) -> SimpleNamespace:
    """Northfibre's three products at 30.00, its administrator Otto, and Erin of Brightwave's order desk."""
    north = world.northfibre
    world.north = north
    world.p500, world.p900, world.p10g = (offering(north, code) for code in ("nf-500", "nf-900", "nf-10g"))
    world.people["otto"] = world.otto = person("otto@example.com", north.organisation, "admin")
    world.people["erin"] = person("erin@example.com", world.brightwave, "order_desk")
    world.people["oscar"] = person("oscar@example.com", north.organisation, "assurance")
    world.people["dana"] = person("dana@example.com", organisation("service_provider", "Meridian"), "admin")
    return world


def asked(market: SimpleNamespace, **wish: Any) -> Agreement:
    """Alice's request."""
    return actions.ask(
        organisation=market.brightwave, operator=market.north, wish=Wish(**wish), actor=market.alice, at=AT
    )


def proposal(market: SimpleNamespace, monthly: str = "25.00", **more: Any) -> Proposal:
    """One product at a price, from today on."""
    lines = more.pop("lines", {market.p500.pk: (Decimal("10.00"), Decimal(monthly))})
    return Proposal(**{"lines": lines, "currency": "GBP", "starts": TODAY, **more})


def offered(market: SimpleNamespace, agreement: Agreement, **more: Any) -> Agreement:
    """Olga's answer."""
    at = more.pop("at", AT)
    return actions.offer(
        agreement=agreement, proposal=proposal(market, **more), round=agreement.round, actor=market.olga, at=at
    )


def accepted(market: SimpleNamespace, agreement: Agreement, at: Any = AT) -> Agreement:
    """Alice's yes."""
    return actions.accept(agreement=agreement, round=agreement.round, actor=market.alice, at=at)


def in_force(market: SimpleNamespace, **more: Any) -> Agreement:
    """Asked, offered and accepted."""
    return accepted(market, offered(market, asked(market), **more))


def prices(agreement: Agreement) -> list[tuple[str, str, date, date | None]]:
    """(code, monthly, starts, ends) of the agreement's prices."""
    rows = agreement.prices.select_related("offering").order_by("offering__code", "starts")
    return [(row.offering.code, str(row.monthly), row.starts, row.ends) for row in rows]
