"""The kit page: every component with invented data, one real table over the organisations one may see."""

from datetime import datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from ofx.core.accounts.models import Organisation
from ofx.core.ui.columns import Column
from ofx.core.ui.display import MARKS, OWNERS, STATE_COLOURS
from ofx.core.ui.tables import Table
from ofx.core.ui.timeline import Entry


class KitFilter(django_filters.FilterSet):
    """Narrow organisations by kind and country."""

    kind = django_filters.MultipleChoiceFilter(choices=Organisation.Kind.choices, label="Kind")
    country = django_filters.CharFilter(lookup_expr="iexact", label="Country")
    active = django_filters.BooleanFilter(label="Active")

    class Meta:
        model = Organisation
        fields = ["kind", "country", "active"]


class KitTable(Table):
    """Organisations: enough to try sort, filter, columns, export, saved views and keys."""

    columns = [
        Column("name", "Name", sort="name", link=True),
        Column("kind", "Kind", accessor="get_kind_display", sort="kind", width=170),
        Column("country", "Country", sort="country", width=100),
        Column("provider", "Belongs to", accessor="provider.name", sort="provider__name", nulls_last=True),
        Column("account_number", "Account", hidden=True),
        Column("created_at", "Since", sort="created_at", width=110),
    ]
    default_order = "name"
    filterset_class = KitFilter
    search = ("name__icontains", "slug__icontains")
    search_hint = "Filter organisations"
    sentences = {"kind": "{}", "country": "in {}"}
    noun = "organisation"
    empty_text = "Organisations appear here once they have joined."
    bulk_template = "core/kit_bulk.html"

    @staticmethod
    def rows_for(user: Any) -> QuerySet[Organisation]:
        """Organisations that the user may see, with what the cells need."""
        return Organisation.objects.visible_to(user).select_related("provider")


class KitForm(forms.Form):
    """One of each control."""

    customer = forms.CharField(max_length=60, help_text="The name on the agreement.")
    site_email = forms.EmailField(label="Site contact e-mail")
    technology = forms.ChoiceField(choices=[("fttp", "FTTP"), ("fttc", "FTTC"), ("ee", "Ethernet")])
    wanted = forms.DateField(label="Requested date", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    half_day = forms.ChoiceField(
        label="Half day", choices=[("am", "Morning"), ("pm", "Afternoon")], widget=forms.RadioSelect, required=False
    )
    notes = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False, label="Access notes")
    keep = forms.BooleanField(required=False, label="Keep the old line until the new one works")


def context(at: datetime) -> dict[str, Any]:
    """The invented data of the kit page, placed around `at`."""
    return {
        "title": "UI kit",
        "question": "What does each component look like, and how is it used?",
        "ages": [at + timedelta(**{unit: size}) for unit, size in _AGES],
        "dates": [(at + timedelta(days=days)).date() for days in (-20, -3, -1, 0, 1, 2, 5, 30, 400)],
        "owners": [owner for owner in OWNERS if owner != "customer"],
        "colours": sorted(STATE_COLOURS),
        "marks": list(MARKS),
        "entries": _entries(at),
        "line": _line(at),
        "bar": _BAR,
    }


_AGES = [("seconds", -2), ("minutes", -4), ("hours", -5), ("days", -3), ("days", -40), ("hours", 3), ("days", 4)]
_BAR = {
    "type": "bar",
    "x": ["Northfibre", "Fenlight", "Brackwater Networks", "Harrowgate Fibre"],
    "unit": "days from order to done, P50, last 90 days",
    "series": [{"label": "FTTP", "values": [14, 9, 21, 17], "tone": "blue"}],
}


def _line(at: datetime) -> dict[str, Any]:
    days = [(at - timedelta(days=30 - day)).date().isoformat() for day in range(31)]
    return {
        "type": "line",
        "time": True,
        "x": days,
        "unit": "orders a day",
        "series": [
            {"label": "placed", "values": [20 + day % 7 * 3 + day // 3 for day in range(31)], "tone": "blue"},
            {"label": "late", "values": [max(0, 9 - day // 4 + day % 3) for day in range(31)], "tone": "red"},
        ],
    }


def _entries(at: datetime) -> list[Entry]:
    given = [
        (
            0.2,
            "message",
            "Northfibre moved the target date 3 → 11 Dec",
            "Duct blocked outside the site",
            "TMF622",
            "amber",
        ),
        (3, "note", "Customer asked for a morning visit", "", "page", "grey"),
        (20, "milestone", "KCI2: committed to 3 Dec", "", "TMF622", "green"),
        (26, "state", "Acknowledged → In progress", "", "TMF622", "blue"),
        (50, "message", "Order accepted, their number NF-204418", "", "TMF622", "grey"),
        (51, "audit", "Order placed", "", "page", "grey"),
    ]
    return [
        Entry(at=at - timedelta(hours=hours), kind=kind, title=title, body=body, channel=channel, tone=tone, who=who)
        for (hours, kind, title, body, channel, tone), who in zip(given, _WHO, strict=True)
    ]


_WHO = ["Northfibre", "Alice Archer", "Northfibre", "Northfibre", "Northfibre", "Alice Archer"]
