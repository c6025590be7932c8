"""Filters of the audit."""

import django_filters
from django import forms
from django.db.models import QuerySet

from ofx.core.audit.models import LogEntry

KINDS = [
    ("user", "people and sign-in"),
    ("invitation", "invitations"),
    ("organisation", "organisations"),
    ("order", "orders"),
    ("partner_order", "orders at operators"),
    ("agreement", "agreements"),
    ("endpoint", "connections"),
    ("message", "messages"),
    ("footprint", "footprints"),
    ("import", "imports"),
    ("rule", "rules"),
]


class AuditFilter(django_filters.FilterSet):
    """By person, kind of thing, and day."""

    person = django_filters.CharFilter(label="Person", method="by_person")
    kind = django_filters.ChoiceFilter(label="About", method="by_kind", empty_label="About anything", choices=KINDS)
    since = django_filters.DateFilter(
        field_name="at", lookup_expr="date__gte", label="From", widget=forms.DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        field_name="at", lookup_expr="date__lte", label="To", widget=forms.DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = LogEntry
        fields: list[str] = []

    def by_person(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Who did it, by a part of the name or the whole e-mail."""
        text = value.replace("\x00", "").strip()[:100]
        return rows.filter(actor__email__iexact=text) if "@" in text else rows.filter(actor_name__icontains=text)

    def by_kind(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """What it was about."""
        return rows.filter(subject__startswith=f"{value}:")
