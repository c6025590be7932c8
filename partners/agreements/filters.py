"""Filters of agreements, in pages and API alike."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from partners.operators.models import Agreement


class AgreementFilter(django_filters.FilterSet):
    """By state, operator, and who has to answer."""

    state = django_filters.ChoiceFilter(choices=Agreement.State.choices, label="State")
    operator = django_filters.CharFilter(field_name="operator__code", label="Operator")
    provider = django_filters.CharFilter(field_name="organisation__slug", label="Provider")
    waits_for = django_filters.ChoiceFilter(
        choices=[("operator", "the operator"), ("provider", "the service provider")], label="Waits for"
    )
    over = django_filters.BooleanFilter(method="by_over", label="Ended or declined")

    class Meta:
        model = Agreement
        fields = ["state", "operator", "provider", "waits_for", "over"]

    def by_over(self, rows: QuerySet[Agreement], name: str, value: Any) -> QuerySet[Agreement]:
        """Ended, declined and withdrawn ones, or all others."""
        return rows.filter(state__in=Agreement.OVER) if value else rows.exclude(state__in=Agreement.OVER)
