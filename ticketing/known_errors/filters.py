"""How the list of known errors is narrowed."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from partners.models import Operator
from ticketing.known_errors.models import KnownError
from ticketing.known_errors.vocabulary import Confidence, State, Visibility
from ticketing.tickets.vocabulary import FaultClass

CHECK = forms.Select(choices=[("", "---------"), ("true", "Yes"), ("false", "No")])


def operators(request: Any) -> QuerySet[Operator]:
    """Operators that the user may see."""
    return Operator.objects.visible_to(request.user) if request else Operator.objects.none()


class KnownErrorFilter(filters.FilterSet):
    """By state, fault, operator, confidence, who may read it, and whether somebody has to look at it."""

    state = filters.MultipleChoiceFilter(choices=State.choices, distinct=False)
    fault_class = filters.MultipleChoiceFilter(choices=FaultClass.choices, label="Fault", distinct=False)
    operator = filters.ModelChoiceFilter(queryset=operators, label="Operator")
    confidence = filters.ChoiceFilter(choices=Confidence.choices)
    visibility = filters.ChoiceFilter(choices=Visibility.choices, label="Readable by")
    review = filters.BooleanFilter(method="by_review", label="To review", widget=CHECK)

    class Meta:
        model = KnownError
        fields: list[str] = []

    def by_review(self, rows: QuerySet[KnownError], name: str, value: bool) -> QuerySet[KnownError]:
        """Flagged: stale, failing, or like another."""
        return rows.exclude(review_reason="") if value else rows.filter(review_reason="")
