"""The section of faults on every 360° page: what is open, who has it, what comes next."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet

from ofx.portal.whole import queries
from ofx.portal.whole.parts import FOLDER, kind_of
from ofx.portal.whole.sections import Asked, Section, counted, cut, section
from ticketing.tickets.models import Ticket
from ticketing.tickets.vocabulary import ENDED

ENDED_LATELY = 5


def faults_of(user: Any, kind: str, thing: Any) -> QuerySet[Ticket]:
    """The tickets that a page is about."""
    rows = Ticket.objects.visible_to(user).select_related("customer", "operator")
    if kind == "customer":
        return rows.filter(customer=thing)
    if kind == "site":
        return rows.filter(country=thing.country, postcode=thing.postcode)
    return rows.filter(service=thing) if kind == "service" else rows.filter(operator=thing)


@section("customer", "site", "service", "operator", position=15)
def faults(asked: Asked) -> Section | None:
    """Open faults, the most urgent first, and those that ended lately. None where there never was one."""
    kind = kind_of(asked.thing)
    rows = faults_of(asked.user, kind, asked.thing)
    going = rows.exclude(state__in=ENDED)
    context = {
        "going": cut(going.order_by("priority", "created_at"), queries.MOST),
        "ended": cut(rows.filter(state__in=ENDED).order_by("-created_at", "-pk"), ENDED_LATELY),
    }
    if not context["going"] and not context["ended"]:
        return None
    count = f"{counted(going)} open"
    return Section(
        "Faults", f"{FOLDER}faults.html", context, "ticket", count, _all(kind, asked), bool(context["going"])
    )


def _all(kind: str, asked: Asked) -> str:
    thing = asked.thing
    wanted = {
        "customer": lambda: {"customer": thing.name},
        "site": lambda: {"q": thing.postcode},
        "service": lambda: {"q": thing.reference},
        "operator": lambda: {"operator": thing.pk},
    }
    return f"/tickets/?{urlencode(wanted[kind]())}"
