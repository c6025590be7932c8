"""The section of outages on every 360° page: what is out now, and what was lately."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from ofx.portal.whole.parts import kind_of
from ofx.portal.whole.sections import Asked, Section, cut, section
from ticketing.models import Outage, OutageChild

MOST = 6


def outages_of(user: Any, kind: str, thing: Any) -> QuerySet[Outage]:
    """The outages that a page is about."""
    rows = Outage.objects.visible_to(user)
    if kind == "operator":
        return rows.filter(operator=thing)
    children = OutageChild.objects.exclude(state="detached")
    if kind == "customer":
        return rows.filter(pk__in=children.filter(customer=thing).values("outage"))
    if kind == "service":
        return rows.filter(pk__in=children.filter(service=thing).values("outage"))
    here = children.filter(service__country=thing.country, service__postcode=thing.postcode)
    return rows.filter(pk__in=here.values("outage"))


@section("customer", "site", "service", "operator", position=16)
def outages(asked: Asked) -> Section | None:
    """The latest outages; None where there never was one."""
    rows = outages_of(asked.user, kind_of(asked.thing), asked.thing).exclude(state="rejected")
    found = cut(rows.order_by("-started_at", "-pk"), MOST)
    if not found:
        return None
    going = sum(row.state in ("open", "clearing") for row in found)
    count = f"{going} now" if going else ""
    template = "ticketing/outages/section.html"
    return Section("Outages", template, {"outages": found}, "alert-triangle", count, reverse("outages"))
