"""What the reach page is narrowed to; the view applies it, since a technology chooses other rows."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from partners.reach.models import ReachLine


class ReachFilter(django_filters.FilterSet):
    """Country, technology, and the operator whose agreement is tried."""

    country = django_filters.CharFilter(method="chosen", label="Country")
    technology = django_filters.CharFilter(method="chosen", label="Technology")
    add = django_filters.CharFilter(method="chosen", label="With one more agreement")

    class Meta:
        model = ReachLine
        fields = ["country", "technology", "add"]

    def chosen(self, rows: QuerySet[ReachLine], name: str, value: Any) -> QuerySet[ReachLine]:
        """Already done where the rows were taken."""
        return rows
