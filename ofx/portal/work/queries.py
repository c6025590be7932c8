"""What one person looks after."""

from typing import Any

from django.db.models import QuerySet

from ofx.core.alerts.models import Alert, Watch
from ofx.core.alerts.subjects import Seen, seen
from ofx.orders.models import Order
from ofx.orders.queries import order_list

MOST_WATCHED = 100
MOST_ALERTS = 10


def owned(user: Any) -> QuerySet[Order]:
    """The person's own orders that have not ended."""
    return order_list(user).filter(closed_at=None, owner=user.pk)


def watched(user: Any) -> list[Seen]:
    """What the person watches and may still see, the latest first: one query a kind of thing."""
    rows = Watch.objects.visible_to(user).order_by("-created_at", "-pk")
    subjects = list(rows.values_list("subject", flat=True)[:MOST_WATCHED])
    known = {one.subject: one for one in seen(user, subjects)}
    return [known[subject] for subject in subjects if subject in known]


def latest_alerts(user: Any) -> list[Alert]:
    """The latest that the person was told."""
    return list(Alert.objects.visible_to(user)[:MOST_ALERTS])
