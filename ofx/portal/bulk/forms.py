"""What is to be ordered for the chosen rows, for whom, and by when."""

from datetime import date
from typing import Any

from django import forms

from ofx.core.models import Organisation
from ofx.orders.queries import customers_of
from ofx.portal.bulk.models import OrderBatch
from partners.models import Operator

FEW = 500


class BatchForm(forms.Form):
    """One form for a whole batch; what a row itself says wins."""

    rule = forms.ChoiceField(label="Which offer", choices=OrderBatch.Rule.choices, initial="best")
    operator = forms.ModelChoiceField(
        Operator.objects.none(), required=False, label="Operator", help_text="only for “best of one operator”"
    )
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, label="Customer", help_text="of rows that name none"
    )
    make_customers = forms.BooleanField(required=False, label="Make a customer of each name that is not known")
    requested_date = forms.DateField(
        required=False, label="Requested date", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    contact_name = forms.CharField(
        required=False, max_length=120, label="Site contact", help_text="of rows that name none"
    )
    contact_phone = forms.CharField(required=False, max_length=40, label="Contact's phone")
    contact_email = forms.EmailField(required=False, label="Contact's e-mail")

    def __init__(self, *args: Any, user: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        organisation = user.acting.organisation
        fields: Any = self.fields
        fields["operator"].queryset = Operator.objects.visible_to(user)
        fields["customer"].queryset = customers_of(organisation)

    def clean(self) -> dict[str, Any]:
        """An operator where the rule needs one, and a date to come."""
        data = super().clean() or {}
        if data.get("rule") == "operator" and not data.get("operator"):
            self.add_error("operator", "Choose the operator that the offers are to be of.")
        if data.get("rule") != "operator":
            data["operator"] = None
        if data.get("requested_date") and data["requested_date"] < self.today:
            self.add_error("requested_date", "That day is past. Choose a later one.")
        return data
