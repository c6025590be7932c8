"""Filters of messages and endpoints, in pages and API alike."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from ofx.core.clock import now
from partners.connectors.registry import KINDS
from partners.conversations.models import Endpoint, Message
from partners.conversations.queries import PROBLEMS, VERBS
from partners.mapping.entities import ENTITIES, word
from partners.operators.models import Operator

ABOUT = [(entity, f"{word(entity).capitalize()}s") for entity in ENTITIES]


def _endpoints(request: Any) -> QuerySet[Endpoint]:
    return Endpoint.objects.visible_to(request.user).order_by("name") if request else Endpoint.objects.none()


def _operators(request: Any) -> QuerySet[Operator]:
    return Operator.objects.visible_to(request.user).order_by("name") if request else Operator.objects.none()


class MessageFilter(django_filters.FilterSet):
    """By direction, state, way, operator, verb, age, and what needs a person."""

    direction = django_filters.ChoiceFilter(choices=Message.Direction.choices, label="Direction")
    about = django_filters.ChoiceFilter(field_name="leg__entity_type", choices=ABOUT, label="About")
    state = django_filters.MultipleChoiceFilter(choices=Message.State.choices, label="State")
    verb = django_filters.MultipleChoiceFilter(choices=list(VERBS.items()), label="Kind")
    endpoint = django_filters.ModelChoiceFilter(queryset=_endpoints, label="Way")
    operator = django_filters.ModelChoiceFilter(queryset=_operators, field_name="endpoint__operator", label="Operator")
    older = django_filters.NumberFilter(method="by_age", min_value=0, max_value=100_000, label="Older than, hours")
    needs = django_filters.BooleanFilter(method="by_need", label="Needs a person")

    class Meta:
        model = Message
        fields = ["direction", "about", "state", "verb", "endpoint", "operator", "older", "needs"]

    def by_age(self, rows: QuerySet[Message], name: str, value: Any) -> QuerySet[Message]:
        """Created longer ago than so many hours."""
        return rows.filter(created_at__lt=now() - timedelta(hours=float(value)))

    def by_need(self, rows: QuerySet[Message], name: str, value: bool) -> QuerySet[Message]:
        """What ended without being done, or whose case a person must look at."""
        needs = Q(state__in=PROBLEMS) | Q(state="queued", leg__attention__gt="")
        return rows.filter(needs) if value else rows.exclude(needs)


class EndpointFilter(django_filters.FilterSet):
    """By state, kind and operator."""

    state = django_filters.MultipleChoiceFilter(choices=Endpoint.State.choices, label="State")
    kind = django_filters.ChoiceFilter(choices=KINDS, label="Kind")
    operator = django_filters.ModelChoiceFilter(queryset=_operators, label="Operator")

    class Meta:
        model = Endpoint
        fields = ["state", "kind", "operator"]
