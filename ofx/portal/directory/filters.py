"""The directory narrowed by what operators do, and how well."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from partners.models import Operator, ReachMap
from partners.operators.filters import OperatorFilter

WAYS = [("tmf622", "API"), ("email", "e-mail"), ("portal", "portal only"), ("live", "live answers"),
        ("visits", "appointments")]  # fmt: skip


class MarketFilter(OperatorFilter):
    """Also by area served, way of working and record of delivery."""

    area = django_filters.CharFilter(method="by_area", label="Serves area")
    way = django_filters.ChoiceFilter(choices=WAYS, method="by_way", label="Way of working")
    on_time_min = django_filters.NumberFilter(method="by_on_time", label="On time, at least %", min_value=0)

    class Meta:
        model = Operator
        fields = ["country", "reach", "area", "technology", "agreement", "way", "on_time_min", "provenance"]

    def by_area(self, rows: Any, name: str, value: Any) -> QuerySet[Operator]:
        """Live somewhere in a postcode area or US state."""
        here = ReachMap.objects.filter(operator=OuterRef("pk"), technology="", area=str(value).upper()[:10])
        return rows.filter(Exists(here))

    def by_way(self, rows: Any, name: str, value: Any) -> QuerySet[Operator]:
        """How orders reach it, or what else it answers."""
        if value == "live":
            return rows.filter(answers_live=True)
        if value == "visits":
            return rows.filter(books_visits=True)
        return rows.filter(ways=None) if value == "portal" else rows.filter(ways__contains=[value])

    def by_on_time(self, rows: Any, name: str, value: Any) -> QuerySet[Operator]:
        """Share of orders completed by the committed date."""
        return rows.filter(record_on_time__gte=float(value) / 100)
