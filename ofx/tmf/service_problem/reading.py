"""Outages with what their attributes need, in a constant number of queries."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Count, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from ofx.tmf.service_problem.faces import SHOWN
from ofx.tmf.service_problem.models import BuyerProblem, ProblemLink
from ticketing.models import Outage, OutageChild, OutageParty


def visible(user: Any) -> QuerySet[Outage]:
    """What the caller may see: by the scoped door, and for a customer's administrator what it reported itself."""
    rows = Outage.objects.visible_to(user)
    if user.acting.organisation.kind != "customer" or user.acting.role != "admin":
        return rows
    mine = BuyerProblem.objects.visible_to(user).values("outage")
    return Outage.objects.filter(Q(pk__in=rows.values("pk")) | Q(pk__in=mine))


def prepared(
    rows: QuerySet[Outage], customer_id: int | None = None, reporter_id: int | None = None
) -> QuerySet[Outage]:
    """With scope, updates and children; for a customer only its own children, and with `reporter_id` of their
    tickets only those that this person reported."""
    children = OutageChild.objects.filter(outage=OuterRef("pk")).exclude(state="detached")
    if customer_id is not None:
        children = children.filter(customer=customer_id)
    counted = children.order_by().values("outage").annotate(n=Count("pk")).values("n")
    served = children.exclude(service=None).order_by("pk").values("service__reference")[:SHOWN]
    reported = children.exclude(ticket=None)
    if reporter_id is not None:
        reported = reported.filter(ticket__reported_by=reporter_id)
    told = reported.order_by("pk").values("ticket__reference")[:SHOWN]
    rows = rows.select_related("organisation", "operator", "buyer_problem", "grouping__parent").annotate(
        affected_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
        found_services=ArraySubquery(served),
        found_tickets=ArraySubquery(told),
        reader_id=Value(customer_id, BigIntegerField()),
    )
    links = ProblemLink.objects.select_related("child")
    parties = OutageParty.objects.select_related("operator", "customer")
    return rows.prefetch_related("keys", "updates", Prefetch("grouped", links), Prefetch("parties", parties))
