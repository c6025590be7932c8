"""What an operator's people fill in about a fault: as little as the answer needs."""

from typing import Any

from django import forms

from ofx.orders.answers import REASON_CHOICES
from ofx.orders.vocabulary import ClockOwner

TEXT = forms.Textarea(attrs={"rows": 3})
# Answer → (label of its button, what was done, tells a danger).
ANSWERS: dict[str, tuple[str, str, str]] = {
    "acknowledge": ("Take it", "Taken", ""),
    "start": ("Start work", "In work", ""),
    "question": ("Ask", "Asked", ""),
    "hold": ("Put on hold", "On hold", ""),
    "resolve": ("Resolved", "Resolved", ""),
    "note": ("Note", "Noted", ""),
    "reject": ("Refuse", "Refused", "This refuses the fault. The provider is told why."),
}
OWNERS = [("partner", "us"), *(one for one in ClockOwner.choices if one[0] not in ("us", "partner"))]


class FaultAnswerForm(forms.Form):
    """The few fields of one kind of answer."""

    FIELDS: dict[str, tuple[str, ...]] = {
        "acknowledge": ("partner_ref", "expected_at"),
        "start": ("expected_at", "text"),
        "question": ("text",),
        "hold": ("reason", "clock_owner", "text", "expected_at"),
        "resolve": ("fix", "clear_code", "cause", "chargeable"),
        "note": ("text",),
        "reject": ("text",),
    }
    NEEDED = {"question": ("text",), "hold": ("text",), "resolve": ("fix",), "note": ("text",), "reject": ("text",)}

    partner_ref = forms.CharField(label="Your reference", max_length=120)
    text = forms.CharField(label="In words", max_length=4000, widget=TEXT)
    reason = forms.ChoiceField(label="Reason", choices=[("", "Choose"), *REASON_CHOICES])
    clock_owner = forms.ChoiceField(label="It waits on", choices=OWNERS)
    fix = forms.CharField(label="What was done", max_length=4000, widget=TEXT)
    clear_code = forms.CharField(label="Clear code", max_length=40)
    cause = forms.CharField(label="Cause", max_length=300)
    chargeable = forms.BooleanField(label="The visit is charged: no fault of ours was found")
    expected_at = forms.DateTimeField(
        label="Expected to work", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, kind: str, data: Any = None) -> None:
        super().__init__(data, auto_id=f"{kind}_%s")
        self.kind = kind
        self.label, self.said, self.confirm = ANSWERS[kind]
        for name in list(self.fields):
            if name not in self.FIELDS[kind]:
                del self.fields[name]
            else:
                self.fields[name].required = name in self.NEEDED.get(kind, ())
        self.order_fields(self.FIELDS[kind])

    def values(self) -> dict[str, Any]:
        """What was given, as the action takes it."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", False)}
