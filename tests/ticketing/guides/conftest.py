"""Cara's service, the shipped guides, and short ways to walk them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.orders.models import Order, ServiceRecord
from partners.models import Endpoint
from tests.conftest import AT
from tests.ofx.orders.conftest import hear, news, order_for, shop
from ticketing.guides import actions
from ticketing.guides.models import Guide, GuideRun
from ticketing.guides.path import node_of
from ticketing.guides.walking import open_step
from ticketing.tickets.models import ServiceTest

__all__ = ["order_for", "shop"]


@pytest.fixture
def line(shop: SimpleNamespace, order_for: Callable[..., Order]) -> ServiceRecord:
    """A live line of Cara's at Northfibre, whose system runs tests."""
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, external_id="P-1"), news("COMPLETED", 2))
    service = ServiceRecord.objects.get(item__order=order)
    ServiceRecord.objects.filter(pk=service.pk).update(partner_ref="NF-77")
    way = {"kind": "tmf621", "dialect": "northfibre", "name": "faults", "base_url": "http://127.0.0.1:9"}
    tests = {"tmf653": "http://127.0.0.1:9/tmf653"}
    Endpoint.objects.create(operator=shop.north, inbound_key="north-faults", services=tests, **way)
    service.refresh_from_db()
    actions.load_shipped(at=AT)
    return service


@pytest.fixture
def take(shop: SimpleNamespace, line: ServiceRecord) -> Callable[..., GuideRun]:
    """`take("intermittent")`: Cara begins a shipped guide."""

    def begin(slug: str = "intermittent", at: datetime = AT, **fields: Any) -> GuideRun:
        guide = Guide.objects.get(slug=slug)
        given = {"actor": shop.cara, "organisation": shop.brightwave, "customer": shop.harbour, "service": line}
        return actions.start(guide=guide, at=at, **{**given, **fields})

    return begin


def node(run: GuideRun) -> str:
    """Where a run waits."""
    step = open_step(run)
    return step.node if step else ""


def say(run: GuideRun, value: str = "", at: datetime = AT, actor: Any = None, **fields: Any) -> GuideRun:
    """Answer the step that waits."""
    step = open_step(run)
    assert step is not None
    given = {"value": value, **fields}
    return actions.answer(run=run, actor=actor or run.user, at=at, position=step.position, given=given)


def ran(run: GuideRun, colour: str, code: str = "", at: datetime = AT, **fields: Any) -> GuideRun:
    """The test that the run waits for ends."""
    step = open_step(run)
    assert step is not None
    assert node_of(step)["type"] == "test"
    state = fields.pop("state", "completed")
    done = {"state": state, "colour": colour, "code": code, "done_at": at + timedelta(seconds=40), **fields}
    ServiceTest.objects.filter(pk=step.test_id).update(**done)
    return actions.settle(run=run, at=at + timedelta(seconds=41))
