"""Forms of a bulk qualification: the file, then which column is which."""

from typing import Any

from django import forms

from ofx.search.bulk.columns import BY_KEY, COLUMNS, problems
from partners.coverage.columns import Mapping
from partners.coverage.forms import TableFileForm


class PlacesForm(TableFileForm):
    """A file of places."""

    country = forms.CharField(label="Country", max_length=3, initial="GB", help_text="of rows that name none")
    file = forms.FileField(
        label="File",
        help_text="CSV (any usual encoding and delimiter) or XLSX, first line with column names, up to 100,000 rows",
        max_length=200,
    )


class ColumnsForm(forms.Form):
    """For each of our columns, which of theirs."""

    def __init__(self, *args: Any, header: list[str], mapping: Mapping, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.header = header
        theirs = [("", "not in the file"), *((name, name) for name in header)]
        for column in COLUMNS:
            self.fields[column.key] = forms.ChoiceField(
                label=column.label,
                help_text=column.help,
                required=False,
                choices=theirs,
                initial=mapping.get(column.key, ""),
            )

    def mapping(self) -> Mapping:
        """What was chosen."""
        return {key: self.cleaned_data[key] for key in BY_KEY if self.cleaned_data.get(key)}

    def clean(self) -> dict[str, Any]:
        """What is missing is said at its column."""
        cleaned = super().clean() or {}
        for key, text in problems(self.mapping(), self.header).items():
            self.add_error(key if key in self.fields else None, text)
        return cleaned
