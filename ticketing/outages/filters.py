"""How lists of outages and children are narrowed."""

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from ticketing.outages.models import MaintenanceNotice, Outage, OutageChild, OutageReceipt
from ticketing.outages.vocabulary import RUNNING, ChildState, Source, State

CHECK = forms.Select(choices=[("", "---------"), ("true", "Yes"), ("false", "No")])


class OutageFilter(filters.FilterSet):
    """By state, source, and whether it is planned or under way."""

    state = filters.MultipleChoiceFilter(choices=State.choices, distinct=False)
    source = filters.ChoiceFilter(choices=Source.choices, label="Known from")
    planned = filters.BooleanFilter(label="Planned work", widget=CHECK)
    running = filters.BooleanFilter(label="Under way", widget=CHECK, method="by_running")

    class Meta:
        model = Outage
        fields: list[str] = []

    def by_running(self, rows: QuerySet[Outage], name: str, value: bool) -> QuerySet[Outage]:
        """Proposed, open or clearing."""
        wanted = Q(state__in=RUNNING)
        return rows.filter(wanted) if value else rows.exclude(wanted)


class ChildFilter(filters.FilterSet):
    """By state, and whether the customer called or was told."""

    state = filters.MultipleChoiceFilter(choices=ChildState.choices, distinct=False)
    called = filters.BooleanFilter(label="Called", widget=CHECK, method="by_called")
    told = filters.BooleanFilter(
        field_name="informed_at", lookup_expr="isnull", exclude=True, label="Told", widget=CHECK
    )

    class Meta:
        model = OutageChild
        fields: list[str] = []

    def by_called(self, rows: QuerySet[OutageChild], name: str, value: bool) -> QuerySet[OutageChild]:
        """A ticket that we opened for a service that stayed down is no call."""
        wanted = Q(ticket__isnull=False) & ~Q(ticket__channel="outage")
        return rows.filter(wanted) if value else rows.filter(Q(ticket=None) | Q(ticket__channel="outage"))


class ReceiptFilter(filters.FilterSet):
    """By update, channel and state."""

    update = filters.NumberFilter(field_name="update__number", label="Update")
    channel = filters.ChoiceFilter(choices=OutageReceipt.Channel.choices, label="Channel")
    state = filters.ChoiceFilter(choices=OutageReceipt.State.choices, label="State")

    class Meta:
        model = OutageReceipt
        fields: list[str] = []


class NoticeFilter(filters.FilterSet):
    """By state."""

    state = filters.ChoiceFilter(choices=MaintenanceNotice.State.choices, label="State")

    class Meta:
        model = MaintenanceNotice
        fields: list[str] = []
