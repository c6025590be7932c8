"""What the other slices know about a ticket or a caller's services: outages now. One query a page each."""

from collections.abc import Iterable
from typing import Any

from django import template

from ofx.core.clock import now
from ticketing.outages.models import Outage, OutageChild
from ticketing.outages.queries import covering, mother_of
from ticketing.outages.vocabulary import HELD
from ticketing.tickets.models import Ticket

register = template.Library()


@register.simple_tag
def mother(ticket: Ticket) -> OutageChild | None:
    """The outage that holds this ticket back from its partner: `{% mother ticket as child %}`."""
    return mother_of(ticket)


@register.simple_tag
def outage_near(ticket: Ticket) -> Outage | None:
    """An open outage that the ticket's service or place falls under, though it is no child of it."""
    if ticket.ended or not (ticket.service_id or ticket.postcode):
        return None
    at, ours = now(), ticket.organisation
    if ticket.service is not None:
        return covering(organisation=ours, service=ticket.service, at=at)
    return covering(organisation=ours, country=ticket.country, postcode=ticket.postcode, at=at)


@register.simple_tag
def mark_outages(callers: Iterable[Any]) -> str:
    """Give every service of every caller its `outage`, or None; writes nothing."""
    services = [service for caller in callers for service in caller.services]
    rows = OutageChild.objects.filter(service__in=services, state__in=HELD, outage__state__in=["open", "clearing"])
    known = {row.service_id: row.outage for row in rows.select_related("outage")}
    for service in services:
        service.outage = known.get(service.pk)
    return ""
