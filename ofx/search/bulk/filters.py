"""Filters of the result of a bulk qualification."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from ofx.search.bulk.models import BulkPlace
from partners.models import Operator

OUTCOMES = (
    ("orderable", "Can be ordered"),
    ("served", "Served"),
    ("unserved", "Not served"),
    ("bad", "Could not be read"),
)


class PlaceFilter(django_filters.FilterSet):
    """By outcome, operator, technology and price."""

    outcome = django_filters.ChoiceFilter(choices=OUTCOMES, label="Outcome", method="by_outcome")
    operator = django_filters.ModelChoiceFilter(
        queryset=lambda request: Operator.objects.visible_to(request.user) if request else Operator.objects.none(),
        label="Operator",
        method="by_operator",
    )
    technology = django_filters.CharFilter(label="Technology", method="by_technology")
    max_monthly = django_filters.NumberFilter(field_name="monthly", lookup_expr="lte", label="A month, at most")

    class Meta:
        model = BulkPlace
        fields: list[str] = []

    def by_outcome(self, rows: QuerySet[BulkPlace], name: str, value: str) -> QuerySet[BulkPlace]:
        """Bad rows are in no other outcome."""
        if value == "bad":
            return rows.exclude(error="")
        tests: dict[str, Any] = {
            "orderable": {"orderable": True},
            "served": {"served": True},
            "unserved": {"served": False, "error": ""},
        }
        return rows.filter(**tests[value])

    def by_operator(self, rows: QuerySet[BulkPlace], name: str, value: Operator) -> QuerySet[BulkPlace]:
        """Live there."""
        return rows.filter(operators__contains=[value.pk])

    def by_technology(self, rows: QuerySet[BulkPlace], name: str, value: str) -> QuerySet[BulkPlace]:
        """Live there."""
        return rows.filter(technologies__contains=[value.strip().upper()])
