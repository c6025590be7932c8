"""What people type about outages; every error names its field and the fix."""

import re
from typing import Any

from django import forms
from django.db.models import QuerySet

from ofx.core.models import Organisation
from partners.models import Operator
from ticketing.outages.keys import Key
from ticketing.tickets.vocabulary import Impact, Severity

LARGEST = 2_000_000
LISTS = (("sectors", "sector"), ("postcodes", "postcode"), ("exchanges", "exchange"), ("olts", "olt"))
MORE_LISTS = (("handovers", "handover"), ("services", "service"))


def moment(label: str, *, required: bool = False, help_text: str = "") -> forms.DateTimeField:
    """A date and time in the reader's zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    return forms.DateTimeField(
        label=label, required=required, help_text=help_text, widget=widget, input_formats=formats
    )


def area(rows: int = 3) -> forms.Textarea:
    """A text box of some lines."""
    return forms.Textarea(attrs={"rows": rows})


class ScopeForm(forms.Form):
    """What is affected."""

    operator = forms.ModelChoiceField(
        Operator.objects.none(), required=False, label="Operator", empty_label="Any (a place, whoever serves it)"
    )
    sectors = forms.CharField(required=False, max_length=2000, label="Postcode sectors", help_text="SW1A 1, SW1A 2")
    postcodes = forms.CharField(required=False, max_length=4000, label="Postcodes")
    exchanges = forms.CharField(required=False, max_length=2000, label="Exchanges")
    olts = forms.CharField(required=False, max_length=2000, label="OLTs")
    handovers = forms.CharField(required=False, max_length=2000, label="Handovers")
    services = forms.CharField(
        required=False, max_length=20_000, label="Services", help_text="our references or the partner's"
    )
    whole = forms.BooleanField(required=False, label="All services of this operator")

    def __init__(self, *args: Any, operators: QuerySet[Operator] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if operators is not None:
            self.fields["operator"].queryset = operators  # type: ignore[attr-defined]

    def keys(self) -> list[Key]:
        """The keys that were named."""
        found: list[Key] = []
        for field, kind in (*LISTS, *MORE_LISTS):
            parts = re.split(r"[,;\n]+", self.cleaned_data.get(field) or "")
            found += [(kind, part.strip()) for part in parts if part.strip()]
        operator = self.cleaned_data.get("operator")
        if self.cleaned_data.get("whole"):
            found.append(("partner", operator.code if operator else ""))
        return found

    def blame(self, problems: dict[str, str]) -> None:
        """Put what the action refused where the form shows it."""
        for field, text in problems.items():
            self.add_error(field if field in self.fields else ("sectors" if field == "keys" else None), text)


class DeclareForm(ScopeForm):
    """An outage or planned work that our desk knows of."""

    title = forms.CharField(max_length=160, label="Title", help_text="customers read it: No internet in SW1A 1")
    public_text = forms.CharField(max_length=2000, required=False, label="For customers", widget=area())
    internal_text = forms.CharField(max_length=4000, required=False, label="For us only", widget=area())
    severity = forms.ChoiceField(choices=Severity.choices, initial="significant")
    impact = forms.ChoiceField(choices=Impact.choices, initial="down")
    started_at = moment("Since", help_text="empty: now")
    expected_at = moment("Expected to work again by")
    partner_ref = forms.CharField(max_length=120, required=False, label="The partner's reference")
    planned = forms.BooleanField(required=False, label="Planned work")
    window_start = moment("Window from")
    window_end = moment("Window to")
    on_status_page = forms.BooleanField(required=False, initial=True, label="Show it on the public status page")
    field_order = [
        "title", "operator", "sectors", "postcodes", "exchanges", "olts", "handovers", "services", "whole",
        "public_text", "internal_text", "severity", "impact", "started_at", "expected_at", "partner_ref", "planned",
        "window_start", "window_end", "on_status_page",
    ]  # fmt: skip

    def values(self) -> dict[str, Any]:
        """Arguments of actions.declare."""
        scope = {field for field, _ in (*LISTS, *MORE_LISTS)} | {"whole"}
        given = {name: value for name, value in self.cleaned_data.items() if name not in scope}
        if not given["planned"]:
            given["window_start"] = given["window_end"] = None
        return {**given, "keys": self.keys()}


class ReportForm(forms.Form):
    """A customer's administrator says that many are down."""

    title = forms.CharField(max_length=160, label="What is wrong?", help_text="No internet at our three shops")
    postcodes = forms.CharField(max_length=4000, label="Where?", help_text="postcodes, one after the other")
    text = forms.CharField(max_length=4000, required=False, label="Anything that helps us", widget=area())

    def keys(self) -> list[Key]:
        """The postcodes."""
        parts = re.split(r"[,;\n]+", self.cleaned_data["postcodes"])
        return [("postcode", part.strip()) for part in parts if part.strip()]


class UpdateForm(forms.Form):
    """News, written once."""

    public_text = forms.CharField(max_length=2000, label="For customers and the status page", widget=area(4))
    partner_text = forms.CharField(
        max_length=2000, required=False, label="For partners", help_text="empty: the same", widget=area(2)
    )
    internal_text = forms.CharField(max_length=4000, required=False, label="For us only", widget=area(2))
    expected_at = moment("Expected to work again by", help_text="empty: as before")


class ClearForm(forms.Form):
    """The cause is gone."""

    public_text = forms.CharField(
        max_length=2000, required=False, label="For customers", widget=area(2), help_text="empty: our usual words"
    )
    cause = forms.CharField(max_length=300, required=False, label="What was it?", help_text="kept with each ticket")
    cleared_at = moment("Since when does it work?", help_text="empty: now")


class NoticeForm(ScopeForm):
    """A notice that a person reads: what it says."""

    title = forms.CharField(max_length=160, label="Title")
    window_start = moment("Window from", required=True)
    window_end = moment("Window to", required=True)
    field_order = ["operator", "title", "window_start", "window_end", "services", "sectors", "postcodes"]

    def __init__(self, *args: Any, reported: bool = False, **values: Any) -> None:
        super().__init__(*args, **values)
        if reported:  # an outage that goes on has no window
            del self.fields["window_start"], self.fields["window_end"]


class FileForm(forms.Form):
    """One file."""

    file = forms.FileField(label="File", error_messages={"required": "Choose a file."})

    def clean_file(self) -> Any:
        """At most two megabytes."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("At most 2 MB; send the mail or calendar file itself.")
        return file


def operators_of(organisation: Organisation) -> QuerySet[Operator]:
    """Operators that this provider has an agreement with, or owns."""
    rows = Operator.objects.filter(agreements__organisation=organisation) | Operator.objects.filter(
        on_net_of=organisation
    )
    return rows.distinct().order_by("name")
