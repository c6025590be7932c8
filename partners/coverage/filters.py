"""Filters of coverage, in pages and API alike."""

import django_filters

from partners.coverage.models import Footprint, Offering


class FootprintFilter(django_filters.FilterSet):
    """Publications by operator, state and whether they are invented."""

    operator = django_filters.CharFilter(field_name="operator__code", label="Operator")
    state = django_filters.ChoiceFilter(choices=Footprint.State.choices, label="State")
    synthetic = django_filters.BooleanFilter(label="Synthetic")

    class Meta:
        model = Footprint
        fields = ["operator", "state", "synthetic"]


class OfferingFilter(django_filters.FilterSet):
    """Offerings by operator, kind, technology and speed."""

    operator = django_filters.CharFilter(field_name="operator__code", label="Operator")
    kind = django_filters.ChoiceFilter(choices=Offering.Kind.choices, label="Kind")
    technology = django_filters.CharFilter(lookup_expr="iexact", label="Technology")
    down_mbps_min = django_filters.NumberFilter(field_name="down_mbps", lookup_expr="gte", label="At least Mbit/s")

    class Meta:
        model = Offering
        fields = ["operator", "kind", "technology", "down_mbps_min"]
