"""Filters of the directory, in pages and API alike."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from partners.operators.models import Agreement, Operator
from partners.operators.queries import LIVING


class OperatorFilter(django_filters.FilterSet):
    """By country, reach, technology sold, my agreement and provenance."""

    country = django_filters.CharFilter(lookup_expr="iexact", label="Country")
    reach = django_filters.ChoiceFilter(
        choices=[("on_net", "own network"), ("off_net", "partner")], method="by_reach", label="Reach"
    )
    technology = django_filters.CharFilter(method="by_technology", label="Technology")
    agreement = django_filters.ChoiceFilter(
        choices=[*((state, Agreement.STATE_LOOK[state][0].lower()) for state in LIVING), ("none", "none")],
        field_name="my_agreement",
        label="My agreement",
    )
    provenance = django_filters.ChoiceFilter(choices=Operator.Provenance.choices, label="Provenance")

    class Meta:
        model = Operator
        fields = ["country", "reach", "technology", "agreement", "provenance"]

    def by_reach(self, rows: QuerySet[Operator], name: str, value: str) -> QuerySet[Operator]:
        """On-net: a network of a service provider's own."""
        return rows.filter(on_net_of__isnull=value == "off_net")

    def by_technology(self, rows: QuerySet[Operator], name: str, value: Any) -> QuerySet[Operator]:
        """Operators that sell anything of that technology."""
        return rows.filter(offerings__technology__iexact=value, offerings__active=True).distinct()
