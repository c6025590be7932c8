"""How each connection of a customer is: the last test, an outage that it falls under, a fault that is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from ofx.orders.models import ServiceRecord
from ticketing.models import OutageChild, ServiceTest, Ticket
from ticketing.outages.models import Outage
from ticketing.tickets.vocabulary import ENDED

FRESH = timedelta(hours=24)  # planning default: an older test says nothing of how it is now
COLOURS = {"green": "green", "amber": "amber", "red": "red"}


@dataclass(frozen=True)
class Health:
    """One connection as its customer sees it. `tone`: green, amber, red, grey."""

    service: ServiceRecord
    tone: str
    text: str
    detail: str = ""
    test: ServiceTest | None = None
    outage: Outage | None = None
    ticket: Ticket | None = None


def health_of(user: Any, services: Iterable[ServiceRecord], at: datetime) -> list[Health]:
    """The health of each connection, in three queries however many there are."""
    rows = list(services)
    numbers = [row.pk for row in rows]
    tests, outages, tickets = _tests(user, numbers), _outages(numbers), _tickets(user, numbers)
    return [_health(row, tests.get(row.pk), outages.get(row.pk), tickets.get(row.pk), at) for row in rows]


def _tests(user: Any, numbers: list[int]) -> dict[int, ServiceTest]:
    rows = ServiceTest.objects.visible_to(user).filter(service_id__in=numbers, state="completed")
    return {row.service_id: row for row in rows.order_by("service_id", "-requested_at").distinct("service_id")}


def _outages(numbers: list[int]) -> dict[int, Outage]:
    """What each is a child of; those that are over, and works that have not begun, left out."""
    rows = OutageChild.objects.filter(service_id__in=numbers, outage__state__in=["open", "clearing"], ended_at=None)
    children = rows.exclude(state__in=["detached", "ok"]).select_related("outage").order_by("-pk")
    return {row.service_id: row.outage for row in children if row.service_id is not None}


def _tickets(user: Any, numbers: list[int]) -> dict[int, Ticket]:
    rows = Ticket.objects.visible_to(user).filter(service_id__in=numbers).exclude(state__in=ENDED)
    return {row.service_id: row for row in rows.order_by("-created_at", "-pk") if row.service_id is not None}


def _health(
    service: ServiceRecord, test: ServiceTest | None, outage: Outage | None, ticket: Ticket | None, at: datetime
) -> Health:
    tone, text, detail = _said(service, test, outage, ticket, at)
    return Health(service, tone, text, detail, test, outage, ticket)


def _said(
    service: ServiceRecord, test: ServiceTest | None, outage: Outage | None, ticket: Ticket | None, at: datetime
) -> tuple[str, str, str]:
    if service.state != "active":
        return "grey", _("No longer active"), ""
    if outage is not None and (outage.window_start is None or outage.window_start <= at):
        return "amber", _("Disturbed in your area"), _("We know about it. You need not report it.")
    if ticket is not None and ticket.state == "resolved":
        return "green", _("Should work again"), _("Please check, and tell us.")
    if ticket is not None:
        return "amber", _("A fault is being looked at"), ""
    if test is not None and test.done_at is not None and test.done_at >= at - FRESH:
        return _tested(test)
    return "green", _("No problem known"), ""


def _tested(test: ServiceTest) -> tuple[str, str, str]:
    said = {
        "green": _("Tested and fine"),
        "amber": _("Works, with a weakness"),
        "red": _("The last test found a fault"),
    }
    return COLOURS.get(test.colour, "grey"), said.get(test.colour, _("Tested")), ""
