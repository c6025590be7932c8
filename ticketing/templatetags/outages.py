"""Outages for templates: the banner, sparklines, words."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ofx.core.clock import now
from ofx.orders.models import ServiceRecord
from partners.coverage.normalise import display
from ticketing.outages.models import Outage, OutageChild, OutageReceipt
from ticketing.outages.queries import covering
from ticketing.outages.tables import state_chips

register = template.Library()
BAR, HEIGHT = 5, 24
MOST_PLACES = 12


@register.simple_tag
def outage_for(service: ServiceRecord, at: datetime | None = None) -> Outage | None:
    """The outage that a service is down under, or being tested after: `{% outage_for service as outage %}`."""
    child = OutageChild.objects.filter(service=service, outage__state="clearing").exclude(state="detached")
    first = child.select_related("outage").first()
    if first is not None:
        return first.outage
    return covering(organisation=service.organisation, service=service, at=at or now())


@register.inclusion_tag("ticketing/outages/banner.html")
def outage_banner(service: ServiceRecord) -> dict[str, Any]:
    """The line that tells a customer that we know: `{% outage_banner service %}`."""
    return {"outage": outage_for(service)}


register.simple_tag(state_chips, name="outage_state")


@register.simple_tag
def spark(values: Sequence[int]) -> SafeString:
    """Counts as a row of bars, with the same in words."""
    most = max([*values, 1])
    bars = (
        (index * (BAR + 1), HEIGHT - max(1, round(HEIGHT * value / most)), max(1, round(HEIGHT * value / most)))
        for index, value in enumerate(values)
    )
    rects = format_html_join("", '<rect x="{}" y="{}" width="5" height="{}"></rect>', bars)
    return format_html(
        '<svg class="spark" width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        len(values) * (BAR + 1), HEIGHT, len(values) * (BAR + 1), HEIGHT, f"counts: {', '.join(map(str, values))}",
        rects,
    )  # fmt: skip


@register.filter
def once_in(chance: float) -> str:
    """1e-9 as `1,000,000,000`."""
    if not chance:
        return "more than can be told"
    return f"{10 ** min(15, round(-math.log10(chance))):,}" + (" and more" if chance < 1e-15 else "")


@register.filter
def channel_word(code: str) -> str:
    """A receipt's channel in words."""
    return dict(OutageReceipt.Channel.choices).get(code, code)


@register.filter
def plain_word(code: str) -> str:
    """A party's state for people: `in_progress` as `In progress`."""
    return code.replace("_", " ").capitalize()


@register.simple_tag
def public_places(outage: Outage) -> SafeString | str:
    """Where, for everybody: sectors and postcodes only, nothing of equipment, partners or single services."""
    keys = [key for key in outage.keys.all() if key.kind in ("sector", "postcode")]
    codes = [display("GB", key.value, key.kind) for key in keys]
    if not codes:
        return ""
    shown = ", ".join(codes[:MOST_PLACES])
    more = f" and {len(codes) - MOST_PLACES} more" if len(codes) > MOST_PLACES else ""
    return format_html('<p class="small">Area: {}{}</p>', shown, more)
