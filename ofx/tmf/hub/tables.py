"""Subscriptions and their notifications as lists."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from ofx.core.ui.display import age, state_chip
from ofx.core.ui.tables import Column, Table
from ofx.tmf.hub.models import Notification, Subscription


def subscription_rows(user: Any) -> QuerySet[Subscription]:
    """Visible subscriptions with what waits and what was given up."""
    rows: QuerySet[Subscription] = Subscription.objects.visible_to(user)
    waiting = Count("notifications", filter=Q(notifications__state="queued"))
    lost = Count("notifications", filter=Q(notifications__state="failed"))
    return rows.select_related("organisation").annotate(waiting=waiting, lost=lost)


def look(row: Subscription) -> tuple[str, str]:
    """How a subscription stands: label and colour."""
    if row.state == "gone":
        return Subscription.STATE_LOOK["gone"]
    return (f"Fails, {row.failures} times", "amber") if row.failures else Subscription.STATE_LOOK["active"]


class SubscriptionTable(Table):
    """Callbacks of providers' systems. Rows come from subscription_rows."""

    columns = [
        Column("callback", "Callback", sort="callback", link=True),
        Column("api", "API", accessor=lambda row: f"{row.api} {row.version}", sort="api"),
        Column("query", "Only", accessor="query", hidden=True),
        Column("state", "State", render=lambda row: state_chip(*look(row)), export=lambda row: look(row)[0], width=150),
        Column("waiting", "Waiting", numeric=True, sort="waiting", width=90),
        Column("lost", "Given up", numeric=True, sort="lost", width=90),
        Column(
            "last_success_at",
            "Last taken",
            sort="last_success_at",
            nulls_last=True,
            width=110,
            render=lambda row: age(row.last_success_at) if row.last_success_at else "never",
        ),
        Column("whose", "Whose", accessor="organisation.name", hidden=True),
        Column("last_error", "Last error", accessor="last_error"),
        Column("created_at", "Since", sort="created_at", hidden=True),
    ]
    default_order = "-pk"
    search = ("callback__icontains",)
    search_hint = "Callback"
    noun = "subscription"
    empty_title = "No subscriptions yet"
    empty_text = "A provider's system subscribes by POST …/hub of a TM Forum API; its callbacks appear here."
    empty_icon = "bell"

    def url_for(self, row: Subscription) -> str:
        """Its page."""
        return f"/messages/subscriptions/{row.pk}/"

    def tone_for(self, row: Subscription) -> str:
        """Late: something was given up, or the callback is gone."""
        return "late" if row.state == "gone" or row.lost else "soon" if row.failures else ""  # type: ignore[attr-defined]


class NotificationTable(Table):
    """What one callback was told."""

    columns = [
        Column("event_type", "Event", sort="event_type"),
        Column("resource", "About", sort="resource", width=120),
        Column("state", "State", template="{% state row %}", sort="state", export=lambda row: row.state, width=120),
        Column("attempt", "Tries", numeric=True, sort="attempt", width=80),
        Column("last_error", "Last answer", accessor=lambda row: row.last_error or row.last_status or ""),
        Column("created_at", "Age", sort="created_at", width=110),
        Column("event_id", "Event id", accessor="event_id", hidden=True),
    ]
    default_order = "-pk"
    noun = "notification"
    empty_title = "Nothing to tell yet"
    empty_text = "Each event that the subscription asks for appears here."
    empty_icon = "bell"

    def url_for(self, row: Notification) -> str:
        """The order that it is about."""
        return ""
