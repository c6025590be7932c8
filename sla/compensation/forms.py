"""Who is in the scheme."""

from typing import Any

from django import forms

from ofx.core.models import Organisation

YES_NO = [("yes", "In the scheme"), ("no", "Not in the scheme")]


class CoverForm(forms.Form):
    """All customers, or one by its account."""

    customer = forms.ModelChoiceField(
        Organisation.objects.none(),
        required=False,
        to_field_name="slug",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        label="Customer",
        help_text="Its short name, as in the address of its page. Empty: all customers that are not named.",
    )
    covered = forms.ChoiceField(choices=YES_NO, label="Compensation")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["customer"]
        field.queryset = Organisation.objects.filter(provider=organisation)
        field.error_messages["invalid_choice"] = "You have no customer of that name: look at the address of its page."
