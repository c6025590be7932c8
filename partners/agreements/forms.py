"""Forms of agreements: what a provider asks for, what an operator offers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from partners.agreements.actions import Proposal, Wish
from partners.agreements.models import Terms
from partners.agreements.queries import list_prices, sold_by
from partners.agreements.regions import BadRegion, as_text, read_regions
from partners.agreements.sheet import Lines, Sheet, read_prices
from partners.coverage.models import Offering, Price
from partners.coverage.rows import CURRENCIES
from partners.operators.models import Operator

REGIONS_HELP = "postcode areas, outcodes or a country, separated by commas: SW, M1, GB; empty: everywhere"
DATE = {"type": "date"}


class RegionsField(forms.CharField):
    """Regions as people write them; cleans to their codes. `country` is that of codes without one."""

    def __init__(self, *, country: str, **options: Any) -> None:
        self.country = country
        super().__init__(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}), **options)

    def clean(self, value: Any) -> list[str]:
        """Codes of the regions. Raises ValidationError that says which one makes no sense."""
        try:
            return read_regions(super().clean(value), self.country)
        except BadRegion as error:
            raise forms.ValidationError(str(error)) from None


class AskForm(forms.Form):
    """What a provider wants of an operator."""

    products = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, help_text="none ticked: everything it sells"
    )
    starts = forms.DateField(
        label="From",
        required=False,
        widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
        help_text="empty: as soon as possible",
    )
    at_list = forms.BooleanField(
        label="I take your list terms",
        required=False,
        help_text="An answer with these products and regions and no price above list is in force at once.",
    )
    note = forms.CharField(
        required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text="the operator reads it"
    )
    round = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=10**6)

    def __init__(self, *args: Any, operator: Operator, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.sold = {str(row.pk): row for row in sold_by(operator)[:500]}
        self.fields["products"].choices = [(key, _named(row)) for key, row in self.sold.items()]  # type: ignore[attr-defined]
        regions = RegionsField(country=operator.country, label="Regions", help_text=REGIONS_HELP)
        self.fields = {"products": self.fields["products"], "regions": regions, **self.fields}  # type: ignore[assignment]

    def clean_starts(self) -> date | None:
        """Not a day that is past."""
        starts: date | None = self.cleaned_data["starts"]
        if starts is not None and starts < self.today:
            raise forms.ValidationError("This day is past. Choose today or a later one, or leave it empty.")
        return starts

    def wish(self) -> Wish:
        """What was asked for, as the action takes it."""
        data = self.cleaned_data
        return Wish(
            products=[self.sold[key] for key in data["products"]],
            regions=data["regions"],
            starts=data["starts"],
            at_list=data["at_list"],
            note=data["note"],
        )


def _named(row: Offering) -> str:
    speed = f" · {row.down_mbps:g} Mbit/s" if row.down_mbps else ""
    return f"{row.name} · {row.technology or row.get_kind_display()}{speed}"


@dataclass
class PriceRow:
    """A product's line in the form."""

    offering: Offering
    listed: Price | None
    asked: bool
    monthly: BoundField
    one_off: BoundField


class OfferForm(forms.Form):
    """What an operator offers: a price for each product, by hand or from a file."""

    file = forms.FileField(
        label="Prices from a file", required=False, max_length=200, help_text="CSV or XLSX; it fills the rows below"
    )
    currency = forms.CharField(max_length=3, min_length=3)
    starts = forms.DateField(label="From", widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    ends = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
        help_text="first day without it; empty: open",
    )
    at_list = forms.BooleanField(
        label="Everything else at list price", required=False, help_text="also what you will sell later"
    )
    note = forms.CharField(required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    round = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**6)

    def __init__(
        self, *args: Any, operator: Operator, asked: Terms | None, held: Terms | None, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.operator, self.today = operator, today
        self.sold = list(sold_by(operator)[:500])
        self.listed = list_prices(self.sold, today)
        self.asked = {line.offering_id for line in asked.lines.all()} if asked else set()
        self.sheet: Sheet | None = None
        self._row_fields(self._known(held))
        from_ = asked or held
        country = operator.country
        self.fields["regions"] = RegionsField(country=country, label="Regions", help_text=REGIONS_HELP)
        self.initial.setdefault("regions", as_text(from_.regions, country) if from_ else "")
        self.initial.setdefault("currency", held.currency if held else CURRENCIES.get(country, "EUR"))
        self.initial.setdefault("starts", max((asked.starts if asked else None) or today, today))

    def _known(self, held: Terms | None) -> Lines:
        """Prices to begin with: those in force, else list, of what was asked for, else of everything."""
        if held is not None and held.lines.exists():
            return {line.offering_id: (line.one_off, line.monthly) for line in held.lines.all()}  # type: ignore[misc]
        wanted = self.asked or {row.pk for row in self.sold}
        return {pk: (price.one_off, price.monthly) for pk, price in self.listed.items() if pk in wanted}

    def _row_fields(self, known: Lines) -> None:
        for row in self.sold:
            one_off, monthly = known.get(row.pk, (None, None))
            for name, value in (("monthly", monthly), ("one_off", one_off)):
                self.fields[f"{name}_{row.pk}"] = forms.DecimalField(
                    label=f"{row.name}, {name.replace('_', '-')}",
                    required=False,
                    min_value=Decimal(0),
                    max_digits=10,
                    decimal_places=2,
                    initial=value,
                    widget=forms.NumberInput(attrs={"step": "0.01", "class": "form-control form-control-sm"}),
                )

    def rows(self) -> Iterator[PriceRow]:
        """The products as the page shows them."""
        for row in self.sold:
            yield PriceRow(
                row,
                self.listed.get(row.pk),
                row.pk in self.asked,
                self[f"monthly_{row.pk}"],
                self[f"one_off_{row.pk}"],
            )

    def clean_currency(self) -> str:
        """Three letters."""
        code = self.cleaned_data["currency"].upper()
        if not (code.isascii() and code.isalpha()):
            raise forms.ValidationError("Three letters are needed. Example: GBP.")
        return str(code)

    def clean(self) -> dict[str, Any]:
        """Prices of the file, or of the rows; every error of a file is said with its row."""
        data = super().clean() or {}
        starts, ends = data.get("starts"), data.get("ends")
        if starts and starts < self.today:
            self.add_error("starts", "This day is past. Choose today or a later one.")
        if starts and ends and ends <= starts:
            self.add_error("ends", "This is not after the first day. Choose a later one, or leave it empty.")
        if data.get("file"):
            self._read_file(data)
        elif not self.errors and not self._typed(data) and not data.get("at_list"):
            raise forms.ValidationError("Give at least one product a monthly price, or offer everything at list price.")
        return data

    def _read_file(self, data: dict[str, Any]) -> None:
        self.sheet = read_prices(data["file"], self.sold, self.operator.country)
        for error in self.sheet.errors:
            self.add_error("file", str(error))
        if self.sheet.currency and data.get("currency") and self.sheet.currency != data["currency"]:
            if "currency" in self.changed_data:
                self.add_error("currency", f"The file says {self.sheet.currency}. One currency an agreement.")
            data["currency"] = self.sheet.currency

    def _typed(self, data: dict[str, Any]) -> Lines:
        found: Lines = {}
        for row in self.sold:
            monthly = data.get(f"monthly_{row.pk}")
            if monthly is not None:
                found[row.pk] = (data.get(f"one_off_{row.pk}") or Decimal(0), monthly)
        return found

    def lines(self) -> Lines:
        """Offering id → (one-off, monthly)."""
        return self.sheet.lines if self.sheet else self._typed(self.cleaned_data)

    def proposal(self) -> Proposal:
        """What is offered, as the action takes it."""
        data = self.cleaned_data
        return Proposal(
            lines=self.lines(),
            currency=data["currency"],
            starts=data["starts"],
            ends=data["ends"],
            regions=data["regions"],
            at_list=data["at_list"],
            note=data["note"],
        )

    def filled(self) -> dict[str, Any]:
        """The form's values with the file's prices in the rows, to be looked at before they are sent."""
        values = {name: self.data.get(name, "") for name in ("regions", "starts", "ends", "note", "round", "at_list")}
        lines = self.lines()
        for row in self.sold:
            one_off, monthly = lines.get(row.pk, ("", ""))
            values |= {f"monthly_{row.pk}": monthly, f"one_off_{row.pk}": one_off}
        return {**values, "currency": self.cleaned_data["currency"]}


class WhyForm(forms.Form):
    """A word to the other side, for acts that end something."""

    why = forms.CharField(required=False, max_length=1000)
    round = forms.IntegerField(min_value=0, max_value=10**6, required=False)
    on = forms.DateField(required=False)
