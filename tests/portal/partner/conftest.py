"""Orders at Northfibre, where Olga answers, and a copy of the rows that she sees."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.orders.actions import operator_answers as answers
from ofx.orders.actions.operator_answers import Channel
from ofx.orders.models import Fact, Order
from tests.conftest import AT
from tests.ofx.orders.conftest import order_for, part, shop

__all__ = ["order_for", "shop"]
PORTAL = Channel(kind="portal")


@pytest.fixture
def say(shop: SimpleNamespace) -> Callable[..., bool]:
    """`say(order, "commit", hours=2, date=…)`: an answer by Olga."""

    def give(order: Order, verb: str, hours: float = 1, **values: Any) -> bool:
        actor, via = values.pop("actor", shop.olga), values.pop("via", PORTAL)
        at = AT + timedelta(hours=hours)
        return answers.give(verb=verb, actor=actor, partner_order=part(order), at=at, via=via, **values)

    return give


def told(order: Order) -> list[str]:
    """Update types of what the operator said, oldest first."""
    rows = Fact.objects.filter(partner_order__order=order, source="partner").order_by("pk")
    return list(rows.values_list("update_type", flat=True))
