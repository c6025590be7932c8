"""Outages and maintenance notices can be named in alerts and the audit."""

from typing import Any

from ofx.core.alerts.subjects import Seen, watchable
from ticketing.outages.models import MaintenanceNotice, Outage


@watchable("outage")
def outages_seen(user: Any, numbers: list[int]) -> list[Seen]:
    """The outages that the user may see."""
    rows = Outage.objects.visible_to(user).filter(pk__in=numbers)
    return [Seen(f"outage:{row.pk}", row.reference, row.get_absolute_url()) for row in rows]


@watchable("notice")
def notices_seen(user: Any, numbers: list[int]) -> list[Seen]:
    """The notices that the user may see."""
    acting = getattr(user, "acting", None)
    if acting is None or acting.organisation.kind not in ("service_provider", "exchange"):
        return []
    rows = MaintenanceNotice.objects.visible_to(user).filter(pk__in=numbers)
    return [Seen(f"notice:{row.pk}", str(row), row.get_absolute_url()) for row in rows]
