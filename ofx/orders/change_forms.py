"""What people type about visits, charges and changes; every error names its field and the fix."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from ofx.orders.validation import FIELDS
from ofx.orders.visits import FAILED
from ofx.orders.vocabulary import REASON_LABELS
from partners.models import Offering

SCENARIOS = ("cease_refused_once", "cease", "modify")


def _date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SlotForm(forms.Form):
    """One of the slots that the partner offers, as `start/end`."""

    slot = forms.CharField(max_length=80, error_messages={"required": "Choose a slot."})

    def clean_slot(self) -> tuple[datetime, datetime]:
        """Two moments with their zone."""
        parts = str(self.cleaned_data["slot"]).split("/")
        try:
            start, end = (datetime.fromisoformat(part) for part in parts)
        except ValueError:
            raise forms.ValidationError("Choose one of the slots shown.") from None
        if start.tzinfo is None or end.tzinfo is None:
            raise forms.ValidationError("Choose one of the slots shown.")
        return start, end

    def period(self) -> tuple[datetime, datetime]:
        """From when until when."""
        start, end = self.cleaned_data["slot"]
        return start, end


class HandForm(forms.Form):
    """A slot that people agreed with the partner by telephone or mail."""

    day = forms.DateField(widget=_date_input())
    begins = forms.TimeField(label="From", widget=forms.TimeInput(attrs={"type": "time"}), initial=time(8))
    ends = forms.TimeField(label="To", widget=forms.TimeInput(attrs={"type": "time"}), initial=time(13))

    def clean(self) -> dict[str, Any]:
        """A slot ends after it begins."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("begins") and data.get("ends") and data["ends"] <= data["begins"]:
            self.add_error("ends", "A slot ends later than it begins.")
        return data

    def period(self) -> tuple[datetime, datetime]:
        """From when until when, in the reader's zone."""
        day: date = self.cleaned_data["day"]
        zone = timezone.get_current_timezone()
        begins, ends = (datetime.combine(day, self.cleaned_data[name], zone) for name in ("begins", "ends"))
        return begins, ends


class OutcomeForm(forms.Form):
    """What came of a visit."""

    outcome = forms.ChoiceField(
        label="The visit",
        choices=[
            ("completed", "took place"),
            ("missed", "was missed by the partner: nobody came"),
            ("failed", "failed on our side: the engineer could not work"),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(
        required=False,
        label="Why it failed",
        choices=[("", "not needed"), *((code, REASON_LABELS[code]) for code in sorted(FAILED))],
    )
    text = forms.CharField(required=False, max_length=500, label="In words")

    def clean(self) -> dict[str, Any]:
        """A failed visit has a reason: it says whose clock it was."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("outcome") == "failed" and not data.get("reason"):
            self.add_error("reason", "Say why: it decides whose clock it was.")
        return data


class ConsentForm(forms.Form):
    """Who at the customer agreed to a charge, and where that is written."""

    consent_by = forms.CharField(
        max_length=120, required=False, label="Who at the customer agreed", help_text="Leave empty if we pay ourselves"
    )
    consent_reference = forms.CharField(
        max_length=80, required=False, label="Their reference", help_text="An order number, a mail, a call"
    )


class ChangeForm(forms.Form):
    """What is to be another way at a partner; only what it lets us change under way."""

    requested_date = forms.DateField(required=False, label="New date", widget=_date_input())
    contact_name = forms.CharField(required=False, max_length=120, label="Site contact")
    contact_phone = forms.CharField(required=False, max_length=40, label="Contact's phone")
    contact_email = forms.EmailField(required=False, label="Contact's e-mail")
    access_notes = forms.CharField(
        required=False, max_length=1000, label="Access notes", widget=forms.Textarea(attrs={"rows": 3})
    )
    requester = forms.ChoiceField(label="Who asked for it", choices=[("customer", "The customer"), ("us", "We")])
    reason = forms.CharField(max_length=300, label="Why")

    def __init__(self, *args: Any, allowed: Iterable[str], limits: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(FIELDS) - set(allowed):
            del self.fields[name]
        for name in set(self.fields) & set(limits):
            self.fields[name].widget.attrs["maxlength"] = limits[name]

    def wanted(self) -> dict[str, Any]:
        """Arguments of the action."""
        data = self.cleaned_data
        changes = {name: data[name] for name in FIELDS if name != "requested_date" and name in self.changed_data}
        day = data.get("requested_date") if "requested_date" in self.changed_data else None
        return {
            "requested_date": day,
            "changes": changes,
            "requester": data["requester"],
            "reason": data["reason"],
        }


class CeaseForm(forms.Form):
    """When and why a live service ends."""

    requested_date = forms.DateField(required=False, label="Last day", widget=_date_input())
    reason = forms.CharField(max_length=200, label="Why", help_text="The partner gets to read it")
    scenario = forms.ChoiceField(required=False, help_text="Simulated partners only: what is to happen")

    def __init__(self, *args: Any, simulated: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scenario: Any = self.fields["scenario"]
        scenario.choices = [("", "At random"), *((name, name.replace("_", " ")) for name in SCENARIOS)]
        if not simulated:
            del self.fields["scenario"]


class ModifyForm(CeaseForm):
    """Another product of the same operator in the place of a live one."""

    offering = forms.ModelChoiceField(queryset=Offering.objects.none(), label="New product")
    field_order = ("offering", "requested_date", "reason", "scenario")

    def __init__(self, *args: Any, offerings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offering: Any = self.fields["offering"]
        offering.queryset = offerings
        self.fields["requested_date"].label = "From"
