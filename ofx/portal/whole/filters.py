"""Filters of customers."""

import django_filters
from django import forms

from ofx.core.models import Organisation

CHECK = forms.Select(choices=[("", "---------"), ("true", "Yes"), ("false", "No")])


class CustomerFilter(django_filters.FilterSet):
    """By country, and whether they are active."""

    country = django_filters.CharFilter(lookup_expr="iexact", label="Country", max_length=2)
    active = django_filters.BooleanFilter(label="Active", widget=CHECK)

    class Meta:
        model = Organisation
        fields = ["country", "active"]
