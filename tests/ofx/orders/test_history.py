"""What our own history teaches: how long stages last, and how long operators really take."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ofx.orders.history import recompute_due, recompute_promises, recompute_stages
from ofx.orders.models import Order, StageExpectation
from ofx.search.models import Promise
from tests.conftest import agreement, organisation
from tests.ofx.orders.conftest import AT, hear, news, part

Make = Callable[..., Order]
NOW = AT + timedelta(days=60)


def done(order: Order, days: float) -> None:
    hear(order, news("ACKNOWLEDGED", 1, 10), news("COMPLETED", 2, days * 24), hours=days * 24)


def test_promises_are_percentiles_of_completed_orders(shop: Any, order_for: Make) -> None:
    for days in (10, 12, 14, 16, 30):
        done(order_for(), days)
    order = order_for()
    hear(order, news("TERMINATED", 1, 5, outcome="rejected"))
    recompute_promises(at=NOW)
    own = Promise.objects.get(organisation=shop.brightwave, operator=shop.north, technology="", area="")
    assert (own.sample, own.p50_days) == (5, 14)
    assert own.p80_days == pytest.approx(18.8)
    assert own.fallout == pytest.approx(1 / 6)
    finest = Promise.objects.get(organisation=shop.brightwave, technology="FTTP", area="SW")
    assert finest.sample == 5


def test_simulated_orders_never_enter_the_promises(shop: Any, order_for: Make) -> None:
    shop.north.provenance = "simulated"
    shop.north.save()
    for _ in range(6):
        done(order_for(), 1)
    recompute_promises(at=NOW)
    recompute_stages(at=NOW)
    assert not Promise.objects.exists()
    assert not StageExpectation.objects.exists()


def test_history_is_pooled_only_from_three_tenants_and_thirty_cases(shop: Any, order_for: Make) -> None:
    for _ in range(30):
        done(order_for(), 10)
    recompute_promises(at=NOW)
    assert not Promise.objects.filter(organisation=None).exists()
    for number in range(2):
        other = organisation("service_provider", f"Other {number}", slug=f"other-{number}")
        agreement(other, shop.north)
        rows = list(Order.objects.filter(organisation=shop.brightwave).order_by("pk")[:5])
        for row in rows:
            row.partner_orders.update(organisation=other)
            Order.objects.filter(pk=row.pk).update(organisation=other)
    recompute_promises(at=NOW)
    pooled = Promise.objects.get(organisation=None, technology="", area="")
    assert pooled.sample == 30


def test_a_stage_that_usually_takes_long_is_not_silent_early(shop: Any, order_for: Make) -> None:
    for _ in range(12):
        done(order_for(), 20)
    recompute_stages(at=NOW)
    stage = StageExpectation.objects.get(operator=shop.north, state="acknowledged")
    assert stage.sample == 12
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, 10))
    row = part(order)
    assert row.silent_from - row.last_news_at == timedelta(hours=stage.p90_hours)
    assert row.silent_from - row.last_news_at > timedelta(days=15)


def test_history_is_read_at_most_hourly(shop: Any, order_for: Make) -> None:
    done(order_for(), 10)
    assert recompute_due(at=NOW) > 0
    assert recompute_due(at=NOW + timedelta(minutes=30)) == 0
    assert recompute_due(at=NOW + timedelta(minutes=61)) > 0
