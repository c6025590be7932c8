"""How a ticket's priority, marks and minutes look, the same on every page."""

from datetime import datetime

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from ofx.core.clock import now
from ofx.core.ui.display import age, due
from partners.coverage.normalise import display
from ticketing.tickets.desk_board import SOON
from ticketing.tickets.models import Ticket
from ticketing.tickets.tables import marks, priority_chip

register = template.Library()


@register.simple_tag
def priority(number: int) -> SafeString:
    """`{% priority ticket.priority %}`: P1 to P4."""
    return priority_chip(number)


@register.simple_tag
def ticket_marks(row: Ticket) -> SafeString:
    """`{% ticket_marks ticket %}`: early life, repeat, simulated."""
    return format_html_join(" ", "{}", ((one,) for one in marks(row)))


@register.filter
def act_by(moment: datetime | None) -> SafeString | str:
    """When a next action is due: red once it is late, amber within two hours, else without urgency."""
    if moment is None:
        return ""
    return due(moment) if moment < now() + SOON else age(moment)


@register.filter
def postcode(code: str, country: str) -> str:
    """A normalised postcode as people write it: `{{ ticket.postcode|postcode:ticket.country }}`."""
    return display(country, code)


@register.filter
def minutes(seconds: int | None) -> str:
    """Seconds as minutes for people: `0 min`, `under a minute`, `12 min`."""
    if not seconds:
        return "0 min"
    return "under a minute" if seconds < 60 else f"{round(seconds / 60):,} min"
