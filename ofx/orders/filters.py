"""How lists of orders, partner orders and services are narrowed, on pages and in the API."""

import re
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.orders.models import Order, PartnerOrder, ServiceRecord
from ofx.orders.vocabulary import ClockOwner, State
from partners.models import Operator

YES = [("true", "Yes"), ("false", "No")]
CHECK = forms.Select(choices=[("", "---------"), *YES])
DATE = forms.DateInput(attrs={"type": "date"})
REFERENCE = re.compile(r"^[A-Za-z]{3}-?\d*$")
POSTCODE = re.compile(r"^(?:[A-Z]{1,2}[0-9][A-Z0-9]{0,5}|[0-9]{3,10})$")
LARGEST = 200  # customers that a name may mean


def compact(text: str) -> str:
    """A postcode or reference as it is stored: upper case, no spaces."""
    return "".join(text.upper().split())


def starting(field: str, text: str) -> Q:
    """A prefix as a range, which an index can serve whatever the collation."""
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + "\uffff"}) if text else Q()


def search_orders(rows: QuerySet[Order], text: str, provider: int | None = None) -> QuerySet[Order]:
    """Orders by reference, partner's or own reference, postcode or customer: what the text looks like decides.

    One kind at a time: an OR over them would read every order of the tenant. `provider`: whose customers.
    """
    text = text.strip()
    if REFERENCE.match(text):
        return rows.filter(starting("reference", compact(text)))
    known = set(
        PartnerOrder.objects.filter(Q(partner_ref=text) | Q(our_key=text)).values_list("order", flat=True)[:LARGEST]
    )
    known |= set(rows.filter(external_id=text).order_by().values_list("pk", flat=True)[:LARGEST])
    if known:
        return rows.filter(pk__in=known)
    if POSTCODE.match(compact(text)):
        return rows.filter(starting("postcode", compact(text)))
    of = {"provider_id": provider} if provider else {}
    customers = Organisation.objects.filter(kind="customer", name__icontains=text, **of).values_list("pk", flat=True)
    return rows.filter(customer_id__in=list(customers[:LARGEST]))


def operators(request: Any) -> QuerySet[Operator]:
    """Operators that the user may see."""
    return Operator.objects.visible_to(request.user) if request else Operator.objects.none()


def customers(request: Any) -> QuerySet[Organisation]:
    """Customers that the user may see."""
    if request is None:
        return Organisation.objects.none()
    return Organisation.objects.visible_to(request.user).filter(kind="customer")


class OrderFilter(filters.FilterSet):
    """Orders by state, holder, operator, place, customer and dates."""

    state = filters.MultipleChoiceFilter(choices=State.choices, distinct=False)
    holder = filters.MultipleChoiceFilter(choices=ClockOwner.choices, label="Held by", distinct=False)
    operator = filters.ModelChoiceFilter(queryset=operators, method="by_operator", label="Operator")
    postcode = filters.CharFilter(method="by_postcode", label="Postcode starts with", max_length=12)
    customer = filters.CharFilter(method="by_customer", label="Customer", max_length=120)
    target_after = filters.DateFilter(field_name="target_date", lookup_expr="gte", label="Target from", widget=DATE)
    target_before = filters.DateFilter(field_name="target_date", lookup_expr="lte", label="Target to", widget=DATE)
    silent = filters.BooleanFilter(method="by_silence", label="Silent", widget=CHECK)
    jeopardy = filters.BooleanFilter(field_name="in_jeopardy", label="In jeopardy", widget=CHECK)
    open = filters.BooleanFilter(field_name="closed_at", lookup_expr="isnull", label="Open", widget=CHECK)

    blocked = filters.BooleanFilter(method="by_block", label="Blocked", widget=CHECK)
    late = filters.BooleanFilter(method="by_target", label="Late", widget=CHECK)
    due_today = filters.BooleanFilter(method="by_target", label="Due today", widget=CHECK)

    class Meta:
        model = Order
        fields: list[str] = []

    def by_block(self, rows: QuerySet[Order], name: str, value: bool) -> QuerySet[Order]:
        """Open orders that wait for somebody."""
        blocked = Q(closed_at=None, blocked_since__isnull=False)
        return rows.filter(blocked) if value else rows.exclude(blocked)

    def by_target(self, rows: QuerySet[Order], name: str, value: bool) -> QuerySet[Order]:
        """Open, not completed, and past their target or due today: as the board counts them."""
        today = timezone.localdate(now())
        dates = {"target_date__lt": today} if name == "late" else {"target_date": today}
        wanted = Q(closed_at=None, **dates) & ~Q(state="completed")
        return rows.filter(wanted) if value else rows.exclude(wanted)

    def by_operator(self, rows: QuerySet[Order], name: str, value: Operator) -> QuerySet[Order]:
        """Orders with an item at the operator."""
        return rows.filter(pk__in=PartnerOrder.objects.filter(operator=value).values("order"))

    def by_postcode(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        """Any spacing and case."""
        return rows.filter(starting("postcode", compact(value)))

    def by_customer(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        """A part of the customer's name."""
        found = customers(self.request).filter(name__icontains=value.replace("\x00", ""))
        return rows.filter(customer_id__in=list(found.values_list("pk", flat=True)[:LARGEST]))

    def by_silence(self, rows: QuerySet[Order], name: str, value: bool) -> QuerySet[Order]:
        """Open orders whose partner is silent for longer than usual."""
        silent = Q(silent_from__lte=now(), closed_at=None)
        return rows.filter(silent) if value else rows.exclude(silent)


class PartnerOrderFilter(filters.FilterSet):
    """Partner orders by state, operator and references."""

    state = filters.MultipleChoiceFilter(choices=State.choices, distinct=False)
    operator = filters.CharFilter(field_name="operator__code")
    order = filters.CharFilter(field_name="order__reference")
    partner_ref = filters.CharFilter()
    our_key = filters.CharFilter()

    class Meta:
        model = PartnerOrder
        fields: list[str] = []


class ServiceFilter(filters.FilterSet):
    """Services by state, operator, place and customer."""

    state = filters.MultipleChoiceFilter(choices=ServiceRecord.State.choices, distinct=False)
    operator = filters.ModelChoiceFilter(queryset=operators, label="Operator")
    postcode = filters.CharFilter(method="by_postcode", label="Postcode starts with", max_length=12)
    customer = filters.CharFilter(field_name="customer__name", lookup_expr="icontains", max_length=120)

    class Meta:
        model = ServiceRecord
        fields: list[str] = []

    def by_postcode(self, rows: QuerySet[ServiceRecord], name: str, value: str) -> QuerySet[ServiceRecord]:
        """Any spacing and case."""
        return rows.filter(starting("postcode", compact(value)))
