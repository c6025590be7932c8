"""What each kind of user needs to see first."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from ofx.core.models import Failing, LogEntry
from ofx.orders.board import board
from ofx.orders.models import Order, PartnerOrder
from partners.models import Endpoint, Message, Operator


def provider_board(user: Any, at: datetime, today: date) -> dict[str, Any]:
    """The board's numbers, its riskiest cards whoever holds them, and the latest orders. Bounded like the board."""
    found = board(user, at, today)
    cards = sorted((card for column in found.columns for card in column.cards), key=lambda card: -card.score)
    return {
        "board": found,
        "holders": [column for column in found.columns if column.count],
        "risky": cards[:8],
        "latest": Order.objects.visible_to(user).select_related("customer").order_by("-created_at", "-pk")[:8],
    }


def operator_orders(user: Any) -> QuerySet[PartnerOrder]:
    """What an operator's people have open with us, what needs an answer first."""
    rows = PartnerOrder.objects.visible_to(user).filter(ended_at=None)
    return rows.select_related("item__offering", "order").order_by("submitted_at")[:50]


def customer_orders(user: Any) -> QuerySet[Order]:
    """A customer's own orders, newest first."""
    return Order.objects.visible_to(user).order_by("-created_at")[:20]


def exchange_state(user: Any, now: datetime) -> dict[str, Any]:
    """How the exchange itself is doing."""
    day = now - timedelta(days=1)
    return {
        "operators": Operator.objects.visible_to(user).count(),
        "endpoints": Endpoint.objects.visible_to(user).select_related("operator")[:50],
        "waiting": Message.objects.visible_to(user).filter(state__in=["queued", "stored"]).count(),
        "failed": Message.objects.visible_to(user)
        .filter(state__in=["failed", "rule_failed"], created_at__gte=day)
        .count(),
        "failing": Failing.objects.order_by("next_attempt_at")[:20],
        "log": LogEntry.objects.visible_to(user).order_by("-at")[:10],
    }
