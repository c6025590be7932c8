"""What is owed, for the pages of faults and orders."""

from typing import Any

from django import template

from ofx.core.clock import now
from ofx.orders.models import Order
from sla.compensation import queries
from sla.compensation.engine import money
from sla.compensation.facts import calendars, local_day
from ticketing.models import Ticket

register = template.Library()
register.filter("pounds", money)


@register.simple_tag
def compensation_on(user: Any) -> bool:
    """Whether the person's company is in the scheme: `{% compensation_on request.user as on %}`."""
    acting = getattr(user, "acting", None)
    return acting is not None and acting.organisation.kind == "customer" and queries.covered(acting.organisation)


@register.simple_tag
def compensation_for_fault(ticket: Ticket) -> queries.Case | None:
    """What is owed for a fault's repair: `{% compensation_for_fault ticket as due %}`. None where nothing is."""
    lost = ticket.impact == "down" or ticket.fault_class in ("no_connection", "ethernet_down")
    if not lost or ticket.state in ("rejected", "cancelled") or ticket.country != queries.COUNTRY:
        return None
    if not queries.covered(ticket.customer):
        return None
    case = queries.of_ticket(ticket, queries.rates(), local_day(now()), calendars())
    return case if case and case.owed.total else None


@register.simple_tag
def compensation_for_order(order: Order) -> list[queries.Case]:
    """What is owed for an order's late start and its missed visits: `{% compensation_for_order order as dues %}`."""
    if order.country != queries.COUNTRY or not queries.covered(order.customer):
        return []
    known, today = queries.rates(), local_day(now())
    parts = list(queries.with_facts(order.partner_orders.filter(item__action="add")))
    found = [queries.of_part(part, known, today) for part in parts]
    for part in parts:
        for visit in part.appointments.all():
            ours = visit.state == "cancelled" and visit.outcome_owner in ("partner", "us")
            if visit.state == "missed" or ours:
                found.append(queries.of_visit(visit, known))
    return [case for case in found if case and case.owed.total]
