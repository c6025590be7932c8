"""What base.html needs on every page."""

from typing import Any

from django.http import HttpRequest

from ofx.core.alerts.queries import unread
from ofx.core.scoping import may
from ofx.core.ui.navigation import links, resolve

STAFF_KINDS = {"exchange", "service_provider", "operator"}
BUYERS = {"exchange", "service_provider"}  # operators have their own first page


def staff_of_provider(user: Any) -> bool:
    """Whether the person answers a service provider's telephone."""
    acting = user.acting
    return bool(acting) and acting.organisation.kind == "service_provider" and may(user, "ticket.report")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: who acts, the rail, and the addresses that exist. One query, none when signed out.

    The database is asked only when a template reads `shell.memberships`, so an error page works without it.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"shell": {"acting": None, "rail": [], "staff": False}}
    acting = user.acting
    return {
        "shell": {
            "acting": acting,
            "staff": bool(acting) and acting.organisation.kind in STAFF_KINDS,
            "rail": links(request, acting) if acting else [],
            "memberships": lambda: user.memberships.select_related("organisation").order_by("organisation__name"),
            "unread": lambda: unread(user),
            "find": resolve("find"),
            "suggest": resolve("find-suggest"),
            "lookup": resolve("ticket-lookup") if staff_of_provider(user) else "",
            "my_work": resolve("my-work") if acting and acting.organisation.kind in BUYERS else "",
        }
    }
