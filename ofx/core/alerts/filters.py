"""Filters of the alerts."""

import django_filters
from django import forms
from django.db.models import QuerySet

from ofx.core.alerts.models import Alert


class AlertFilter(django_filters.FilterSet):
    """Only new ones."""

    unread = django_filters.BooleanFilter(
        method="only_unread", label="Only new ones", widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )

    class Meta:
        model = Alert
        fields = ["unread"]

    def only_unread(self, rows: QuerySet[Alert], name: str, value: bool) -> QuerySet[Alert]:
        """Those not read yet."""
        return rows.filter(read_at=None) if value else rows
