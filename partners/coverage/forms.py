"""Forms of the upload: the file, then which column is which."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.utils import ErrorDict

from partners.coverage.actions import may_publish_for, too_large
from partners.coverage.columns import BY_KEY, COLUMNS, CONSTANT, Mapping, problems
from partners.coverage.normalise import BadPlace, country_code
from partners.operators.models import Operator

EXTENSIONS = {".csv", ".txt", ".tsv", ".xlsx", ".gz", ".xz"}
MISSING = ""
FIXED = "="


class TableFileForm(forms.Form):
    """A file with a table of places in it, with its country. `cut_off`: it was too large to be received."""

    country = forms.CharField(label="Country", max_length=3, initial="GB", help_text="two letters, as GB or US")
    file = forms.FileField(
        label="File",
        help_text="CSV (any usual encoding and delimiter, also .gz or .xz) or XLSX, first line with column names",
        max_length=200,
    )

    def __init__(self, *args: Any, cut_off: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cut_off = cut_off

    def clean_country(self) -> str:
        """ISO code, UK taken for GB."""
        try:
            return country_code(self.cleaned_data["country"])
        except BadPlace as error:
            raise forms.ValidationError(str(error)) from None

    def clean_file(self) -> Any:
        """Only kinds that we read; what is inside is looked at next."""
        file = self.cleaned_data["file"]
        if Path(file.name).suffix.lower() not in EXTENSIONS:
            raise forms.ValidationError("Choose a CSV or an XLSX file; this name ends in something else.")
        return file

    def full_clean(self) -> None:
        """A file that was cut off is missing from the form: say why instead of asking for it."""
        super().full_clean()
        if self.cut_off and self.is_bound:
            self._errors = ErrorDict({"file": self.error_class([too_large()])})


class UploadForm(TableFileForm):
    """A coverage file and whose it is."""

    operator = forms.ModelChoiceField(Operator.objects.none(), label="Operator", empty_label=None)
    field_order = ("operator", "country", "file")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = [row.pk for row in Operator.objects.visible_to(user) if may_publish_for(actor=user, operator=row)]
        choice = self.fields["operator"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Operator.objects.filter(pk__in=mine)


class MappingForm(forms.Form):
    """For each of our columns: which of theirs, or a value that holds for every row."""

    def __init__(self, *args: Any, header: list[str], mapping: Mapping, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.header = header
        theirs = [(name, name) for name in header]
        for column in COLUMNS:
            if column.key == "provider":
                continue
            chosen = mapping.get(column.key, "")
            fixed = chosen.startswith(CONSTANT)
            choices = [(MISSING, "not in the file")]
            if column.constant:
                choices.append((FIXED, "the same for every row:"))
            self.fields[column.key] = forms.ChoiceField(
                label=column.label,
                help_text=column.help,
                required=False,
                choices=choices + theirs,
                initial=FIXED if fixed else chosen,
            )
            if column.constant:
                self.fields[f"{column.key}__fixed"] = forms.CharField(
                    label=f"{column.label} for every row",
                    required=False,
                    max_length=80,
                    initial=chosen[1:] if fixed else "",
                    widget=forms.TextInput(attrs={"class": "form-control"}),
                )

    def pairs(self) -> Iterator[tuple[BoundField, BoundField | None]]:
        """Each column's choice with its fixed value's field."""
        for column in COLUMNS:
            if column.key in self.fields:
                fixed = f"{column.key}__fixed"
                yield self[column.key], self[fixed] if fixed in self.fields else None

    def mapping(self) -> Mapping:
        """What was chosen, as the importer takes it."""
        chosen: Mapping = {}
        for key in BY_KEY:
            value = self.cleaned_data.get(key, "")
            fixed = self.cleaned_data.get(f"{key}__fixed", "").strip()
            if value == FIXED and fixed:
                chosen[key] = CONSTANT + fixed
            elif value and value != FIXED:
                chosen[key] = value
        return chosen

    def clean(self) -> dict[str, Any]:
        """What is missing for a footprint is said at its column."""
        cleaned = super().clean() or {}
        for key, text in problems(self.mapping(), self.header).items():
            self.add_error(key if key in self.fields else None, text)
        return cleaned
