"""Columns of THE table: where a cell's value comes from, how it is shown, sorted and exported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.template import Context, Engine, Template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from ofx.core.ui.display import NOTHING, age, day

LONG = 60  # characters: a longer text is cut to two lines, and whole in its title


@dataclass(frozen=True)
class Column:
    """One column.

    `accessor`: dotted path or function of the row (default: the key). What is shown: `render(row)` (text or safe
    HTML), or `template` (a template text with `row` and `value`), or the value itself. `sort`: database field.
    `nulls_last`: keep empty values at the end of a descending sort. `width`: px. `hidden`: offered, off at first.
    `export(row)`: what the CSV holds, default the value.
    """

    key: str
    label: str
    accessor: str | Callable[[Any], Any] = ""
    render: Callable[[Any], Any] | None = None
    template: str = ""
    sort: str = ""
    nulls_last: bool = False
    numeric: bool = False
    width: int | None = None
    hidden: bool = False
    link: bool = False
    export: Callable[[Any], Any] | None = None
    help: str = ""

    def value(self, row: Any) -> Any:
        """The raw value; None where a step of the path is missing."""
        if callable(self.accessor):
            return self.accessor(row)
        for step in (self.accessor or self.key).split("."):
            row = getattr(row, step, None)
            if row is None:
                return None
            row = row() if callable(row) and not hasattr(row, "all") else row
        return row

    def html(self, row: Any) -> SafeString:
        """The cell, escaped unless it was marked safe."""
        if self.render:
            return conditional_escape(self.render(row))
        value = self.value(row)
        if self.template:
            return _compiled(self.template).render(Context({"row": row, "value": value}))
        return conditional_escape(_shown(value))

    def plain(self, row: Any) -> Any:
        """The value for the CSV."""
        return self.export(row) if self.export else self.value(row)


@cache
def _compiled(text: str) -> Template:
    return Engine.get_default().from_string(text)


def _shown(value: Any) -> Any:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        return age(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and len(value) > LONG:
        return format_html('<span class="clamp" title="{}">{}</span>', value, value)
    return value
