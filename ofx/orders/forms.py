"""What people type about orders; every error names its field and the fix."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.orders.actions import BY_HAND
from ofx.orders.decomposition import optional_rules
from ofx.orders.models import DecompositionRule, Flag, Order
from ofx.orders.queries import customers_of
from ofx.orders.validation import FIELDS, earliest_of, limit_of, partner_problems, rules_in_words
from ofx.orders.vocabulary import REASON_LABELS, ClockOwner
from partners.models import Offering, Operator

FEW = 200  # customers offered without typing
SCENARIOS = (
    "clean", "delay", "held_customer", "appointment_missed", "rejected", "excess_charge", "silence", "unknown_code",
    "error_5xx", "timeout_after_commit", "reset_after_commit", "html_200", "charge_refused_once",
    "rebook_refused_once", "no_slots_once", "amend_refused_once", "cancel_charge", "unsolicited_cease",
)  # fmt: skip


class OrderForm(forms.Form):
    """For whom, when, and what the engineer must know."""

    customer = forms.ModelChoiceField(
        queryset=Organisation.objects.none(), required=False, empty_label="Choose a customer"
    )
    new_customer = forms.CharField(max_length=120, required=False, label="Or a new customer")
    requested_date = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    contact_name = forms.CharField(max_length=120, required=False, label="Site contact", help_text="Who opens the door")
    contact_phone = forms.CharField(max_length=40, required=False, label="Contact's phone")
    contact_email = forms.EmailField(required=False, label="Contact's e-mail")
    access_notes = forms.CharField(
        max_length=1000,
        required=False,
        label="Access notes",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="How to get in, hazards, parking",
    )
    related = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label="Add as well", widget=forms.CheckboxSelectMultiple
    )
    scenario = forms.ChoiceField(required=False, help_text="Simulated partners only: what is to happen")
    external_id = forms.CharField(max_length=80, required=False, label="Your own reference")
    idempotency_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, organisation: Organisation, offerings: list[Offering], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offerings = offerings
        operators = list({one.operator_id: one.operator for one in offerings}.values())
        self.earliest = earliest_of(operators, today)
        self._offer_customers(organisation)
        self._offer_related(organisation)
        self._offer_scenarios(operators)
        self._show_rules(operators, today)
        self.operators, self.today = operators, today
        if not self.is_bound:
            self.initial.setdefault("idempotency_key", uuid.uuid4().hex)
            self._mark_needed()

    def _offer_customers(self, organisation: Organisation) -> None:
        field: Any = self.fields["customer"]
        every = customers_of(organisation)
        field.queryset = every
        chosen = str(self.data.get("customer") or self.initial.get("customer") or "")
        rows = list(every[:FEW])
        if chosen.isdigit() and not any(row.pk == int(chosen) for row in rows):
            rows += list(every.filter(pk=int(chosen)))
        field.widget.choices = [("", field.empty_label), *((row.pk, row.name) for row in rows)]
        field.widget.attrs["data-customers"] = "/orders/customers/"

    def _offer_related(self, organisation: Organisation) -> None:
        self.rules = optional_rules(organisation, self.offerings)
        related: Any = self.fields["related"]
        related.choices = [(rule.pk, str(rule.add_offering)) for rule in self.rules]
        if not self.rules:
            del self.fields["related"]

    def _offer_scenarios(self, operators: list[Operator]) -> None:
        if any(operator.provenance == "simulated" for operator in operators):
            words = [(name, name.replace("_", " ")) for name in SCENARIOS]
            scenario: Any = self.fields["scenario"]
            scenario.choices = [("", "At random"), *words]
        else:
            del self.fields["scenario"]

    def _show_rules(self, operators: list[Operator], today: date) -> None:
        for name, lines in rules_in_words(operators, today).items():
            field = self.fields[name]
            field.help_text = ". ".join([str(part) for part in (field.help_text, *lines) if part]) + "."
        date_field = self.fields["requested_date"]
        date_field.widget.attrs["min"] = self.earliest.isoformat()
        if not date_field.help_text:
            date_field.help_text = f"Earliest: {self.earliest:%a %-d %b %Y}."
        for name in ("access_notes", "contact_name"):
            limit = limit_of(self.offerings, name)
            if limit:
                self.fields[name].widget.attrs["maxlength"] = limit

    def clean(self) -> dict[str, Any]:
        """One customer, old or new."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("customer") and not data.get("new_customer") and "customer" not in self.errors:
            self.add_error("customer", "Choose a customer, or write a new one's name beside it.")
        for name, value in data.items():
            if isinstance(value, str):
                data[name] = value.strip()
        if self.data.get("act") != "draft":
            self._apply_rules(data)
        self._mark_needed()
        return data

    def _apply_rules(self, data: dict[str, Any]) -> None:
        """Say all at once what is missing and what the partners will not take; a draft may be incomplete."""
        if not data.get("contact_name") and "contact_name" not in self.errors:
            self.add_error("contact_name", "Say who is on site: the engineer needs a name.")
        order = Order(
            **{name: data.get(name) or None if name == "requested_date" else data.get(name) or "" for name in FIELDS}
        )
        for operator in self.operators:
            for problem in partner_problems(order, operator, self.today):
                if problem.field not in self.errors:
                    self.add_error(problem.field, problem.message)

    def _mark_needed(self) -> None:
        """For the eye only, after validation: what is needed is not called optional."""
        self.fields["contact_name"].required = True
        for operator in self.operators:
            for name in operator.order_rules.get("required", ()):
                if name in FIELDS:
                    self.fields[name].required = True


def initial_of(order: Order) -> dict[str, Any]:
    """A draft's values for the form."""
    names = ("requested_date", "contact_name", "contact_phone", "contact_email", "access_notes", "external_id")
    items = list(order.items.all())
    return {
        **{name: getattr(order, name) for name in names},
        "customer": order.customer_id,
        "related": [item.added_by_rule_id for item in items if item.added_by_rule_id],
        "scenario": next((item.characteristics.get("scenario") for item in items), ""),
    }


class CancelForm(forms.Form):
    """Why it is cancelled."""

    reason = forms.CharField(max_length=300, label="Why", help_text="The partner gets to read it")


class AnswerForm(forms.Form):
    """What the partner asked for."""

    text = forms.CharField(max_length=2000, label="Your answer", widget=forms.Textarea(attrs={"rows": 4}))


class NewsForm(forms.Form):
    """What an operator without a connection told us."""

    update_type = forms.ChoiceField(label="What it said", choices=list(BY_HAND.items()))
    day = forms.DateField(
        required=False,
        label="Date",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Of the commitment, or the new one after a delay",
    )
    reason = forms.ChoiceField(required=False, choices=[("", "no reason"), *REASON_LABELS.items()])
    partner_ref = forms.CharField(required=False, max_length=120, label="Its reference")
    text = forms.CharField(
        required=False, max_length=500, label="In its words", widget=forms.Textarea(attrs={"rows": 2})
    )


class JudgeForm(forms.Form):
    """Our verdict on a claimed reason."""

    verdict = forms.ChoiceField(choices=[choice for choice in Flag.Verdict.choices if choice[0] != "open"])
    owner = forms.ChoiceField(
        choices=[("", "as claimed"), *ClockOwner.choices], required=False, label="Held by, in our view"
    )
    note = forms.CharField(max_length=500, required=False, label="Why", widget=forms.Textarea(attrs={"rows": 3}))


class NoteForm(forms.Form):
    """A remark."""

    text = forms.CharField(max_length=4000, label="Note", widget=forms.Textarea(attrs={"rows": 2}))
    visible = forms.BooleanField(required=False, label="The customer may read it")


class AttachForm(forms.Form):
    """A file; its type is judged by the action."""

    file = forms.FileField(label="File", help_text="PDF, PNG, JPG, TXT, CSV, XLSX, DOCX or EML")


class RuleForm(forms.ModelForm):
    """A decomposition rule of one tenant."""

    class Meta:
        model = DecompositionRule
        fields = (
            "name", "when_kind", "when_offering", "add_offering", "quantity", "order_dependency", "optional", "active",
        )  # fmt: skip
        labels = {
            "when_kind": "When this kind is ordered",
            "when_offering": "or exactly this offer",
            "add_offering": "Add",
            "order_dependency": "Sent",
        }
        help_texts = {"optional": "Offered as a box to tick, not forced."}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sellers = Operator.objects.visible_to(user).filter(Q(agreements__isnull=False) | Q(on_net_of__isnull=False))
        if user.acting.organisation.kind == "service_provider":
            mine = Q(agreements__organisation=user.acting.organisation_id) | Q(on_net_of=user.acting.organisation_id)
            sellers = sellers.filter(mine)
        offers = Offering.objects.filter(operator__in=sellers, active=True)
        for name in ("when_offering", "add_offering"):
            field: Any = self.fields[name]
            field.queryset = offers.select_related("operator").order_by("operator__name", "name")
            field.label_from_instance = lambda row: f"{row.operator} · {row.name}"

    def clean(self) -> dict[str, Any]:
        """A rule needs a condition, and may not add what it waits for."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("when_kind") and not data.get("when_offering"):
            self.add_error("when_kind", "Choose a kind, or an offer below, that starts the rule.")
        if data.get("when_offering") and data.get("when_offering") == data.get("add_offering"):
            self.add_error("add_offering", "An offer cannot add itself. Choose another one.")
        return data
