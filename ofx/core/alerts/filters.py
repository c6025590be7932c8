"""Filters of the alerts."""

import django_filters
from django import forms
from django.db.models import QuerySet

from ofx.core.alerts.models import Alert

CHECK = forms.Select(choices=[("", "---------"), ("true", "Yes"), ("false", "No")])


class AlertFilter(django_filters.FilterSet):
    """New or read."""

    unread = django_filters.BooleanFilter(method="only_unread", label="New", widget=CHECK)

    class Meta:
        model = Alert
        fields = ["unread"]

    def only_unread(self, rows: QuerySet[Alert], name: str, value: bool) -> QuerySet[Alert]:
        """Those not read yet, or only those that are."""
        return rows.filter(read_at__isnull=value)
