"""Guides on other pages: `{% guides_on ticket request.user as guided %}`."""

from dataclasses import dataclass
from typing import Any

from django import template

from ticketing.guides.models import Guide, GuideRun
from ticketing.guides.queries import guide_for
from ticketing.tickets.models import Ticket

register = template.Library()
SHOWN = 5


@dataclass(frozen=True)
class Guided:
    """The runs that belong to a ticket, newest first, and the guide that the desk could take now."""

    runs: list[GuideRun]
    guide: Guide | None
    running: bool = False  # the reader is in the middle of it


@register.simple_tag
def guides_on(ticket: Ticket, reader: Any) -> Guided:
    """What a ticket's page says about guides; nothing is offered for one that is resolved or over."""
    runs = list(ticket.guide_runs.filter(trial=False).select_related("guide", "user")[:SHOWN])
    if ticket.ended or ticket.state == "resolved":
        return Guided(runs, None)
    guide = guide_for(fault_class=ticket.fault_class, organisation=ticket.organisation, audience="agent")
    mine = [run for run in runs if run.running and run.user_id == reader.pk]
    return Guided(runs, guide, any(guide is not None and run.guide_id == guide.pk for run in mine))
