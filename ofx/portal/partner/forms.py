"""The fields of each answer. What they may hold is judged by the answer itself, the same for every door."""

from typing import Any

from django import forms

from ofx.orders.answers import REASONS, VERBS, AnswerInvalid
from ofx.orders.models import PartnerOrder

CURRENCIES = ("GBP", "EUR", "USD")
CONFIRM = {
    "complete": "This tells {provider} that {product} at {place} is done. It cannot be taken back.",
    "reject": "This tells {provider} that you will not deliver {product} at {place}. It cannot be taken back.",
    "accept_cancel": "This cancels {product} at {place}. It cannot be taken back.",
}
# What an answer is taken back by.
UNDO = {"hold": "resume", "delay": "resume"}


def _day(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def _text(**options: Any) -> forms.CharField:
    return forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}), **options)


MAKERS: dict[str, Any] = {
    "reference": lambda **options: forms.CharField(max_length=120, label="Your reference", **options),
    "date": lambda **options: _day(label="Date", **options),
    "reason": lambda **options: forms.ChoiceField(
        choices=[("", "Choose a reason"), *REASONS.items()], label="Reason", **options
    ),
    "text": lambda **options: _text(label="In your words", **options),
    "amount": lambda **options: forms.DecimalField(max_digits=9, decimal_places=2, label="Amount, once", **options),
    "currency": lambda **options: forms.ChoiceField(
        choices=[(one, one) for one in CURRENCIES], label="Currency", **options
    ),
}


class AnswerForm(forms.Form):
    """The values of one answer."""

    def __init__(self, verb: str, row: PartnerOrder, data: Any = None) -> None:
        self.verb, self.row, self.kind = verb, row, VERBS[verb]
        super().__init__(data, prefix=None, auto_id=f"{verb}-{row.pk}-%s", initial=self._initial(verb, row))
        for name in self.kind.fields:
            self.fields[name] = MAKERS[name](required=name in self.kind.needs)

    @staticmethod
    def _initial(verb: str, row: PartnerOrder) -> dict[str, Any]:
        """What is most likely meant: the wanted day, the order's currency."""
        day = {"commit": row.crd, "accept_change": None}.get(verb)
        return {"date": day, "currency": row.item.currency}

    @property
    def confirm(self) -> str:
        """What is asked before an answer that cannot be taken back."""
        return confirm_of(self.verb, self.row)

    def refuse(self, error: AnswerInvalid) -> None:
        """Show at each field what is wrong with it."""
        for name, text in error.fields.items():
            if text not in self.errors.get(name, []):
                self.add_error(name if name in self.fields else None, text)


def confirm_of(verb: str, row: PartnerOrder) -> str:
    """The question before an answer that cannot be taken back; empty for others."""
    words = {"provider": row.order.organisation, "product": row.item.offering, "place": row.order.place_text}
    return CONFIRM.get(verb, "").format(**words)


class AnswersFileForm(forms.Form):
    """A file of answers."""

    file = forms.FileField(label="File", help_text="CSV or XLSX with the columns our_key and answer", max_length=200)
