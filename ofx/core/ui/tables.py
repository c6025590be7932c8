"""THE table: declare columns, hand over a queryset; sort, filter, page, choose columns, export and save views."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import F, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django_filters import FilterSet

from ofx.core.accounts.models import SavedView
from ofx.core.ui.columns import Column
from ofx.core.ui.export import csv_response
from ofx.core.ui.sentence import Chip, chips

__all__ = ["Column", "Row", "Table", "table_page"]
OWN_PARAMS = ("page", "export")
SEARCH_LIMIT = 100


@dataclass(frozen=True)
class Cell:
    """One cell as HTML."""

    column: Column
    html: SafeString
    link: bool


@dataclass(frozen=True)
class Row:
    """One row: the object, where a click goes, its cells."""

    obj: Any
    url: str
    cells: list[Cell]
    tone: str


class Table:
    """Declare `columns` and the rest as class attributes; see docs/ui.md for a whole list page in ten lines."""

    columns: ClassVar[Sequence[Column]] = ()
    per_page: ClassVar[int] = 50
    max_page: ClassVar[int] = 200
    count_limit: ClassVar[int] = 10_000
    default_order: ClassVar[str] = "-pk"
    filterset_class: ClassVar[type[FilterSet] | None] = None
    # Lookups that the search box (`?q=`) joins with OR, e.g. ("number__istartswith", "customer__name__icontains").
    search: ClassVar[Sequence[str]] = ()
    search_hint: ClassVar[str] = "Filter this list"
    # Filter name → how its chip reads, `{}` standing for the value: {"older": "older than {} d"}.
    sentences: ClassVar[dict[str, str]] = {}
    noun: ClassVar[str] = "row"
    nouns: ClassVar[str] = ""
    empty_title: ClassVar[str] = ""
    empty_text: ClassVar[str] = ""
    empty_url: ClassVar[str] = ""
    empty_label: ClassVar[str] = ""
    empty_icon: ClassVar[str] = "list"
    # A template with buttons (`formaction`) for the selected rows; they post as `selected` ids.
    bulk_template: ClassVar[str] = ""
    # A row click opens the side panel with this address instead of leaving the list.
    panel: ClassVar[bool] = False

    def __init__(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.request = request
        self.params = request.GET
        self.base = queryset
        self.filterset = self._filterset()

    def url_for(self, row: Any) -> str:
        """Where a row opens; empty for nowhere."""
        target = getattr(row, "get_absolute_url", None)
        return target() if target else ""

    def tone_for(self, row: Any) -> str:
        """`late`, `soon` or nothing: a thin mark at the row's left edge."""
        return ""

    # -- what was asked for -------------------------------------------------------------------------------------
    def _filterset(self) -> FilterSet | None:
        if self.filterset_class is None:
            return None
        return self.filterset_class(self.params, queryset=self.base, request=self.request)

    @property
    def query(self) -> str:
        """The text of the search box, cut to a sane length."""
        return self.params.get("q", "").replace("\x00", "").strip()[:SEARCH_LIMIT] if self.search else ""

    @cached_property
    def sort(self) -> str:
        """The asked-for sort key (`-key` for descending) where it names a sortable column, else an empty text."""
        asked = self.params.get("sort", "")
        return asked if any(column.sort and column.key == asked.removeprefix("-") for column in self.columns) else ""

    @cached_property
    def shown(self) -> list[Column]:
        """The chosen columns in their own order; the default ones when none was chosen."""
        asked = {key for text in self.params.getlist("cols") for key in text.split(",")}
        chosen = [column for column in self.columns if column.key in asked]
        return chosen or [column for column in self.columns if not column.hidden]

    @cached_property
    def chips(self) -> list[Chip]:
        """What the list is narrowed to, as removable chips that read as a sentence."""
        return chips(self.params, self.filterset, self.query, self.sentences)

    @cached_property
    def filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.chips)

    # -- rows ----------------------------------------------------------------------------------------------------
    @cached_property
    def queryset(self) -> QuerySet[Any]:
        """Filtered and ordered; the primary key breaks ties so that pages do not overlap."""
        rows = self.filterset.qs if self.filterset else self.base
        if self.query:
            rows = rows.filter(reduce(or_, (Q(**{lookup: self.query}) for lookup in self.search)))
        return rows.order_by(*self._order())

    def _order(self) -> list[Any]:
        key = self.sort
        if not key:
            order = self.default_order
            return [order, "-pk" if order.startswith("-") else "pk"] if order.lstrip("-") != "pk" else [order]
        column = next(column for column in self.columns if column.key == key.removeprefix("-"))
        if not key.startswith("-"):
            return [column.sort, "pk"]
        return [F(column.sort).desc(nulls_last=True) if column.nulls_last else f"-{column.sort}", "-pk"]

    @cached_property
    def page(self) -> int:
        """The page asked for, from 1; nonsense is the first."""
        text = self.params.get("page", "1")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
        return min(max(number, 1), self.max_page)

    @cached_property
    def count(self) -> int:
        """How many rows, counted up to `count_limit` + 1 so that a long list costs no more than that."""
        return self.queryset.order_by()[: self.count_limit + 1].count()

    @property
    def count_words(self) -> str:
        """`1 order`, `1,234 orders`, `10,000+ orders`."""
        if self.count > self.count_limit:
            return f"{self.count_limit:,}+ {self.plural}"
        return f"{self.count:,} {self.noun if self.count == 1 else self.plural}"

    @property
    def plural(self) -> str:
        """The noun of many rows."""
        return self.nouns or f"{self.noun}s"

    @cached_property
    def _window(self) -> list[Any]:
        start = (self.page - 1) * self.per_page
        return list(self.queryset[start : start + self.per_page + 1])

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of this page, their cells ready."""
        return [self._row(obj) for obj in self._window[: self.per_page]]

    def _row(self, obj: Any) -> Row:
        columns = self.shown
        linked = next((column for column in columns if column.link), columns[0])
        cells = [Cell(column, column.html(obj), column is linked) for column in columns]
        return Row(obj, self.url_for(obj), cells, self.tone_for(obj))

    # -- pages ---------------------------------------------------------------------------------------------------
    @property
    def first(self) -> int:
        """The ordinal of the first row shown; 0 when there is none."""
        return (self.page - 1) * self.per_page + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The ordinal of the last row shown."""
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def previous_url(self) -> str:
        """The page before, or an empty text."""
        return self.url(page=str(self.page - 1) if self.page > 2 else None) if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        """The page after, or an empty text."""
        more = len(self._window) > self.per_page and self.page < self.max_page
        return self.url(page=str(self.page + 1)) if more else ""

    @property
    def deep(self) -> bool:
        """Whether this is the last page that is offered although more rows follow: narrow the list or export it."""
        return self.page == self.max_page and len(self._window) > self.per_page

    def url(self, **changes: str | None) -> str:
        """This list with parameters changed (None removes one); the page starts anew unless given."""
        params = self.params.copy()
        for name in {*OWN_PARAMS, *(name for name, values in self.params.lists() if not any(values))}:
            params.pop(name, None)
        for name, value in changes.items():
            params.pop(name, None)
            if value is not None:
                params[name] = value
        query = params.urlencode()
        return f"{self.request.path}?{query}" if query else self.request.path

    # -- for the template ----------------------------------------------------------------------------------------
    @property
    def heads(self) -> list[dict[str, Any]]:
        """Column headings with their sort link and state (`ascending`, `descending` or nothing)."""
        return [self._head(column) for column in self.shown]

    def _head(self, column: Column) -> dict[str, Any]:
        order = self.sort or self._default_key()
        state = {column.key: "ascending", f"-{column.key}": "descending"}.get(order, "")
        target = f"-{column.key}" if state == "ascending" else column.key
        return {"column": column, "state": state, "url": self.url(sort=target) if column.sort else ""}

    def _default_key(self) -> str:
        sign, field = ("-", self.default_order[1:]) if self.default_order.startswith("-") else ("", self.default_order)
        return next((sign + column.key for column in self.columns if column.sort == field), "")

    @property
    def choices(self) -> list[dict[str, Any]]:
        """Every column with whether it is shown, for the column menu."""
        return [{"column": column, "on": column in self.shown} for column in self.columns]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters that the filter form must carry along: sort and columns."""
        return [(name, value) for name in ("sort", "cols") for value in self.params.getlist(name) if value]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Parameters that the column form must carry along: everything but columns, page and export."""
        own = {*OWN_PARAMS, "cols"}
        return [(name, value) for name, values in self.params.lists() if name not in own for value in values]

    @property
    def export_url(self) -> str:
        """The same list as CSV."""
        return self.url(export="csv")

    @property
    def clear_url(self) -> str:
        """The list without any filter; sort and columns stay."""
        kept = self.params.copy()
        for name in set(kept) - {"sort", "cols"}:
            kept.pop(name)
        query = kept.urlencode()
        return f"{self.request.path}?{query}" if query else self.request.path

    @property
    def saved_query(self) -> str:
        """What a saved view keeps."""
        return self.url().partition("?")[2]

    @cached_property
    def saved_views(self) -> list[SavedView]:
        """The person's saved views of this list in the organisation they act for, then those that colleagues share."""
        rows = SavedView.objects.visible_to(self.request.user).filter(path=self.request.path).select_related("user")
        return sorted(rows, key=lambda view: view.user_id != self.request.user.pk)

    def export(self) -> HttpResponseBase:
        """Every row of the filtered list, streamed."""
        name = f"{self.plural}".replace(" ", "-")
        return csv_response(name, self.shown, self.queryset.iterator(chunk_size=500))


def table_page(
    request: HttpRequest,
    table_class: type[Table],
    queryset: QuerySet[Any, Any] | QuerySet[Model],
    template: str = "core/table_page.html",
    context: dict[str, Any] | None = None,
) -> HttpResponseBase:
    """A whole list view: the page, its `#rows` for htmx, or the CSV. `context` should hold `title` and `question`."""
    table = table_class(request, queryset)
    if request.GET.get("export") == "csv":
        return table.export()
    htmx: Any = getattr(request, "htmx", None)
    part = bool(htmx) and htmx.target == "rows" and not htmx.history_restore_request
    name = "core/table_rows.html" if part else template
    response: HttpResponse = render(
        request, name, {"title": table.plural.capitalize(), **(context or {}), "table": table}
    )
    if part:  # the address bar shows the list without the empty fields of the filter form
        response.headers["HX-Push-Url"] = table.url(page=str(table.page) if table.page > 1 else None)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
