"""What each kind of user needs to see first."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from ofx.core.models import Failing, LogEntry
from ofx.orders.models import Order, PartnerOrder
from ofx.orders.vocabulary import ClockOwner
from partners.models import Endpoint, Message, Operator


def provider_board(user: Any, today: date) -> dict[str, Any]:
    """Open orders by who holds them, today's commits and slips, silent ones, one's own latest orders."""
    orders = Order.objects.visible_to(user)
    blocked = orders.open().filter(blocked_since__isnull=False)
    held = {row["holder"]: row for row in blocked.values("holder").annotate(n=Count("pk"), oldest=Min("blocked_since"))}
    return {
        "holders": [
            {"owner": owner.value, "n": held[owner]["n"], "oldest": held[owner]["oldest"]}
            for owner in ClockOwner
            if owner in held
        ],
        "counts": orders.open().aggregate(
            open=Count("pk"),
            commits=Count("pk", filter=Q(committed_date=today)),
            late=Count("pk", filter=Q(target_date__lt=today)),
            jeopardy=Count("pk", filter=Q(in_jeopardy=True)),
        ),
        "stuck": blocked.select_related("customer").order_by("blocked_since")[:8],
        "latest": orders.select_related("customer").order_by("-created_at")[:8],
    }


def operator_orders(user: Any) -> QuerySet[PartnerOrder]:
    """What an operator's people have open with us, what needs an answer first."""
    rows = PartnerOrder.objects.visible_to(user).filter(ended_at=None)
    return rows.select_related("item__offering", "order").order_by("submitted_at")[:50]


def customer_orders(user: Any) -> QuerySet[Order]:
    """A customer's own orders, newest first."""
    return Order.objects.visible_to(user).order_by("-created_at")[:20]


def exchange_state(user: Any, now: Any) -> dict[str, Any]:
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
