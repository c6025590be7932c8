"""What comes from outside: the parameters of the API, the search page and the weights."""

import re
from typing import Any

from django import forms
from django.http import QueryDict

from ofx.search.ranking import LABELS, PARTS, Weights
from partners.coverage.normalise import BadPlace, country_code
from partners.models import Offering

TECHNOLOGY_HELP = "Only this technology, such as FTTP."


class QualificationForm(forms.Form):
    """Parameters of GET /api/v1/qualifications."""

    country = forms.CharField(required=False, max_length=3)
    postcode = forms.CharField(required=False, max_length=20)
    address = forms.CharField(required=False, max_length=250)
    uprn = forms.CharField(required=False, max_length=40)
    technology = forms.CharField(required=False, max_length=20, help_text=TECHNOLOGY_HELP)
    kind = forms.ChoiceField(required=False, choices=[("", "any"), *Offering.Kind.choices])
    limit = forms.IntegerField(required=False, min_value=1, max_value=500)
    live = forms.ChoiceField(required=False, choices=[("", "as known"), ("ask", "ask"), ("wait", "ask and wait")])
    seconds = forms.FloatField(required=False, min_value=0, max_value=5)

    def clean_country(self) -> str:
        """ISO code; empty where none was given."""
        text = self.cleaned_data["country"]
        try:
            return country_code(text) if text else ""
        except BadPlace as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """One way to name the place: a postcode (also together with an address), an address, or a UPRN."""
        values = super().clean() or {}
        given = [name for name in ("postcode", "address", "uprn") if values.get(name)]
        if not given and not any(name in self.errors for name in ("postcode", "address", "uprn")):
            self.add_error(
                "postcode", "Name the place by postcode=, address= or uprn=. Example: ?country=GB&postcode=SW1A1AA"
            )
        if "uprn" in given and len(given) > 1:
            self.add_error("uprn", "A UPRN names one address: leave out postcode= and address=.")
        return values


PLAIN = re.compile(r"[A-Za-z0-9 ]{1,20}")
NOTHING = {
    **dict.fromkeys(("country", "postcode", "address", "uprn", "technology", "kind", "live"), ""),
    "limit": None,
    "seconds": None,
}


def read_parameters(data: QueryDict) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Clean parameters and, where they cannot be used, errors by field.

    A form costs as much as the search itself: a plain country and postcode, what nearly everybody sends, need none.
    """
    country, postcode = str(data.get("country", "")), str(data.get("postcode", ""))
    if data.keys() <= {"country", "postcode"} and PLAIN.fullmatch(postcode) and re.fullmatch("([A-Z]{2})?", country):
        return {**NOTHING, "country": country, "postcode": postcode.strip()}, {}
    form = QualificationForm(data)
    valid = form.is_valid()
    return form.cleaned_data, {} if valid else {name: list(map(str, errors)) for name, errors in form.errors.items()}


class WeightsForm(forms.Form):
    """The five sliders. Out of range or missing: a field error when saving; the saved value when trying in the URL."""

    price = forms.IntegerField(min_value=0, max_value=100, label=LABELS["price"])
    speed = forms.IntegerField(min_value=0, max_value=100, label=LABELS["speed"])
    lead_time = forms.IntegerField(min_value=0, max_value=100, label=LABELS["lead_time"])
    reliability = forms.IntegerField(min_value=0, max_value=100, label=LABELS["reliability"])
    confidence = forms.IntegerField(min_value=0, max_value=100, label=LABELS["confidence"])

    def clean(self) -> dict[str, Any]:
        """At least one reason must count."""
        values = super().clean() or {}
        if not self.errors and not any(values.get(part) for part in PARTS):
            self.add_error("price", "At least one weight must be above 0.")
        return values

    def weights(self) -> Weights:
        """The weights of a valid form."""
        return Weights(**{part: self.cleaned_data[part] for part in PARTS})


def weights_in(data: Any, saved: Weights) -> Weights:
    """Weights tried in a URL (`w_price=50` …) over the saved ones; what makes no sense is left as saved."""
    tried = {part: _number(data.get(f"w_{part}", ""), getattr(saved, part)) for part in PARTS}
    return Weights(**tried) if any(tried.values()) else saved


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 100 else default


class NarrowForm(forms.Form):
    """Filters of the result grid; nonsense in the URL is ignored field by field."""

    technology = forms.CharField(required=False, max_length=20)
    kind = forms.ChoiceField(required=False, choices=[("", "Any kind"), *Offering.Kind.choices])
    net = forms.ChoiceField(required=False, choices=[("", "On-net and off-net"), ("on", "On-net"), ("off", "Off-net")])
    max_monthly = forms.FloatField(required=False, min_value=0)
    min_down = forms.FloatField(required=False, min_value=0)
    orderable = forms.BooleanField(required=False)

    def chosen(self) -> dict[str, Any]:
        """The filters that hold, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None, False)}
