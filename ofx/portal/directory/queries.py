"""Operators with their record of delivery, their reach and their ways of working, in one query."""

from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from ofx.search.models import Promise
from partners.coverage.listing import with_coverage
from partners.models import Endpoint, Operator
from partners.operators.queries import directory
from partners.reach.queries import with_reach

RECORD = ("sample", "p50_days", "p80_days", "on_time", "fallout", "organisation_id")


def market(user: Any) -> QuerySet[Operator]:
    """Every visible operator with all that the directory shows."""
    return with_ways(with_record(with_reach(with_coverage(directory(user))), user), user)


def with_record(operators: QuerySet[Operator], user: Any) -> QuerySet[Operator]:
    """`record_*`: the tenant's own delivery history with the operator, else the pooled one (ARCHITECTURE 9)."""
    own = Q(organisation=user.acting.organisation_id) | Q(organisation=None)
    rows = Promise.objects.filter(own, operator=OuterRef("pk"), technology="", area="")
    best = rows.order_by(F("organisation").asc(nulls_last=True))
    return operators.annotate(**{f"record_{name}": Subquery(best.values(name)[:1]) for name in RECORD})


def with_ways(operators: QuerySet[Operator], user: Any) -> QuerySet[Operator]:
    """`ways`: kinds of active endpoints; `answers_live` and `books_visits`: by the Open APIs that they name."""
    rows = Endpoint.objects.visible_to(user).filter(operator=OuterRef("pk")).order_by().values("operator")
    live = Q(services__has_key="tmf679") | Q(services__has_key="tmf645")
    return operators.annotate(
        ways=Subquery(rows.annotate(kinds=ArrayAgg("kind", distinct=True)).values("kinds")[:1]),
        answers_live=Subquery(rows.annotate(some=BoolOr(live)).values("some")[:1]),
        books_visits=Subquery(rows.annotate(some=BoolOr(Q(services__has_key="tmf646"))).values("some")[:1]),
    )
