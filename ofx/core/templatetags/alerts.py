"""The watch button."""

from typing import Any

from django import template

from ofx.core.alerts.queries import watches

register = template.Library()
STAFF = {"service_provider", "operator", "exchange"}


@register.inclusion_tag("components/watch.html", takes_context=True)
def watch_button(context: dict[str, Any], thing: Any, kind: str = "") -> dict[str, Any]:
    """`{% watch_button order %}`: watch the row or watch it no more. One query; nothing for customers."""
    subject = f"{kind or thing.SUBJECT}:{thing.pk}"
    request = context["request"]
    acting = request.user.acting
    if acting is None or acting.organisation.kind not in STAFF:
        return {}
    return {
        "subject": subject,
        "on": watches(request.user, subject),
        "next": request.path,
        "csrf_token": context.get("csrf_token"),
    }
