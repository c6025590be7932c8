"""The board's entries follow the fold, and narrow it to operators and products."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.orders.board import Board, board
from ofx.orders.entries import narrowing
from ofx.orders.models import BoardEntry, Order
from ofx.orders.refold import refold
from tests.ofx.orders.conftest import AT, hear, news

pytestmark = pytest.mark.django_db
Make = Callable[..., Order]
LATER = AT + timedelta(days=3)


def held(shop: Any, **narrow: Any) -> dict[str, list[str]]:
    """References on the board, by who holds them."""
    found = read(shop, **narrow)
    return {column.owner: [card.order.reference for card in column.cards] for column in found.columns if column.cards}


def read(shop: Any, **narrow: Any) -> Board:
    return board(shop.alice, LATER, LATER.date(), **narrow)


def test_an_order_at_two_operators_stands_under_each_and_under_its_products(shop: Any, order_for: Make) -> None:
    order = order_for(shop.fttp, shop.router)
    hear(order, news("DELAY", 1, reason="NO_ACCESS"))
    here = {"end_customer": [order.reference]}
    for narrow in (
        {},
        {"operator": shop.north.pk},
        {"operator": shop.south.pk},
        {"kind": shop.fttp.kind},
        {"operator": shop.south.pk, "kind": "device"},
    ):
        assert held(shop, **narrow) == here, narrow
    assert held(shop, operator=shop.own.pk) == {}
    assert held(shop, operator=shop.north.pk, kind="device") == {}
    column = next(one for one in read(shop, operator=shop.north.pk).columns if one.owner == "end_customer")
    assert column.count == 1


def test_a_part_that_ended_narrows_no_more_and_an_order_that_is_over_leaves_nothing(shop: Any, order_for: Make) -> None:
    order = order_for(shop.fttp, shop.router)
    keys = set(BoardEntry.objects.filter(order=order).values_list("narrowing", flat=True))
    assert narrowing(shop.south.pk, "") in keys
    assert len(keys) == 6
    assert hear(order, news("TERMINATED", 1, reason="OTHER"), position=2).ended_at
    keys = set(BoardEntry.objects.filter(order=order).values_list("narrowing", flat=True))
    assert narrowing(shop.south.pk, "") not in keys
    assert len(keys) == 3
    hear(order, news("TERMINATED", 1, reason="OTHER"))
    assert Order.objects.get(pk=order.pk).closed_at
    assert not BoardEntry.objects.exists()


def test_folding_again_writes_no_entry_anew(shop: Any, order_for: Make) -> None:
    order = order_for()
    before = list(BoardEntry.objects.order_by("pk").values())
    refold(order.partner_orders.values_list("pk", flat=True))
    assert list(BoardEntry.objects.order_by("pk").values()) == before
    assert before


def test_narrowing_asks_as_often_however_many_orders(shop: Any, order_for: Make) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            read(shop, operator=shop.north.pk)
        return len(seen)

    hear(order_for(), news("DELAY", 1, reason="NO_ACCESS"))
    few = asked()
    for _ in range(6):
        hear(order_for(), news("DELAY", 1, reason="NO_ACCESS"))
    assert asked() == few
