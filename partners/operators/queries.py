"""Reads of operators too big for a queryset method."""

from datetime import date
from typing import Any

from django.db.models import Case, CharField, OuterRef, Q, QuerySet, Subquery, Value, When

from partners.operators.models import Agreement, Operator

LIVING = (*Agreement.IN_TALKS, *Agreement.IN_BEING)


def agreements_of_mine(user: Any, day: date) -> QuerySet[Agreement]:
    """Agreements of the acting service provider that hold on the day; none for anybody else: prices are theirs."""
    acting = getattr(user, "acting", None)
    if acting is None or acting.organisation.kind != "service_provider":
        return Agreement.objects.none()
    rows = Agreement.objects.filter(organisation_id=acting.organisation_id, state__in=("active", "suspended"))
    return rows.filter(Q(ends=None) | Q(ends__gt=day), starts__lte=day)


def agreement_with(user: Any, operator: Operator) -> Agreement | None:
    """The acting service provider's own agreement with an operator that has not ended, newest first."""
    acting = user.acting
    if acting.organisation.kind != "service_provider":
        return None
    rows = Agreement.objects.filter(organisation_id=acting.organisation_id, operator=operator, state__in=LIVING)
    return rows.order_by(in_being_first(), "-starts", "-pk").first()


def in_being_first() -> Case:
    """An order in which an agreement in being comes before one that is talked about."""
    return Case(When(state__in=Agreement.IN_BEING, then=Value(0)), default=Value(1))


def directory(user: Any) -> QuerySet[Operator]:
    """Visible operators with `my_agreement` (its state, or "none") of the acting provider."""
    mine = Agreement.objects.filter(
        operator=OuterRef("pk"), organisation_id=user.acting.organisation_id, state__in=LIVING
    ).order_by(in_being_first(), "-starts", "-pk")
    rows = Operator.objects.visible_to(user).annotate(found=Subquery(mine.values("state")[:1]))
    return rows.annotate(
        my_agreement=Case(When(found=None, then=Value("none")), default="found", output_field=CharField(max_length=10))
    )
