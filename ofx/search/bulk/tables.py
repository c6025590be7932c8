"""Lists of bulk qualification."""

from typing import Any

from django.utils.html import format_html

from ofx.core.ui.display import NOTHING, compact, money
from ofx.core.ui.tables import Column, Table
from ofx.search.bulk.filters import PlaceFilter
from ofx.search.bulk.models import BulkPlace, BulkRun


class RunTable(Table):
    """Every file of places, newest first."""

    columns = [
        Column("file_name", "File", sort="file_name", link=True),
        Column("state", "State", template="{% state row %}", sort="state", width=150, export=lambda row: row.state),
        Column("rows_done", "Rows done", numeric=True, sort="rows_done", width=110,
               render=lambda row: f"{row.rows_done:,} of {row.rows_total:,}" if row.rows_total else NOTHING),
        Column("rows_served", "Served", numeric=True, sort="rows_served", width=90,
               render=lambda row: compact(row.rows_served)),
        Column("rows_orderable", "Can be ordered", numeric=True, sort="rows_orderable", width=120,
               render=lambda row: compact(row.rows_orderable)),
        Column("rows_bad", "Unreadable", numeric=True, sort="rows_bad", width=100,
               render=lambda row: compact(row.rows_bad) if row.rows_bad else ""),
        Column("created_at", "Uploaded", sort="created_at", width=120),
        Column("created_by", "By", accessor="created_by.name"),
    ]  # fmt: skip
    default_order = "-created_at"
    search = ("file_name__icontains",)
    search_hint = "File"
    noun = "file"
    empty_title = "No bulk qualification yet"
    empty_text = "A file of up to 100,000 places becomes a list of who serves each, at which price."
    empty_icon = "list"


def _place(row: BulkPlace) -> Any:
    small = row.error or row.note
    return format_html('<span class="two"><span>{}</span><small class="muted">{}</small></span>', row.given, small)


def _outcome(row: BulkPlace) -> tuple[str, str]:
    if row.error:
        return "Could not be read", "amber"
    if row.orderable:
        return "Can be ordered", "green"
    return ("Served", "blue") if row.served else ("Not served", "grey")


def outcome(row: BulkPlace) -> str:
    """The outcome in words, as exports have it."""
    return _outcome(row)[0]


def _monthly(row: BulkPlace) -> Any:
    return money(row.monthly, row.currency or "GBP") if row.monthly is not None else NOTHING


class PlaceTable(Table):
    """The answer to each row of a file."""

    columns = [
        Column("line", "Row", numeric=True, sort="line", width=70),
        Column("given", "Place", render=_place, link=True),
        Column("reference", "Your reference", sort="reference"),
        Column("outcome", "Outcome", accessor=outcome, template="{% state_chip row.look.0 row.look.1 %}", width=140),
        Column("operators", "Operators", numeric=True, width=90, render=lambda row: len(row.operators) or ""),
        Column("best", "Best offer", template='{% if row.best %}<span class="two"><span>{{ row.best_operator.name }}'
               '</span><small class="muted">{{ row.best.name }} · {{ row.technology }}</small></span>'
               '{% else %}<span class="muted">{{ row.missing }}</span>{% endif %}',
               export=lambda row: row.best.name if row.best else ""),
        Column("monthly", "A month", numeric=True, sort="monthly", nulls_last=True, render=_monthly, width=100),
        Column("down_mbps", "Mbit/s", numeric=True, sort="down_mbps", nulls_last=True, width=80,
               render=lambda row: NOTHING if row.down_mbps is None else f"{row.down_mbps:g}"),
        Column("lead_days", "Lead, WD", numeric=True, sort="lead_days", nulls_last=True, width=80),
        Column("cheapest", "Cheapest", accessor="cheapest.name", hidden=True),
        Column("customer", "Customer", hidden=True),
        Column("missing", "Why not", hidden=True),
    ]  # fmt: skip
    default_order = "line"
    filterset_class = PlaceFilter
    search = ("given__icontains", "reference__istartswith", "postcode__istartswith")
    search_hint = "Place or reference"
    sentences = {"outcome": "{}", "operator": "by {}", "technology": "with {}", "max_monthly": "at most {} a month"}
    noun = "row"
    bulk_template = "ofx/search/bulk/choose.html"
    empty_title = "No row passes this filter"
    empty_text = "Rows appear here as they are answered."
    empty_icon = "filter"

    def _row(self, obj: Any) -> Any:
        obj.look = _outcome(obj)
        return super()._row(obj)

    def url_for(self, row: Any) -> str:
        """A search of the place."""
        if not row.place_id:
            return ""
        return f"/search/?place={row.place_id}" + (f"&address={row.address_id}" if row.address_id else "")


def places_of(run: BulkRun) -> Any:
    """The rows of a run as lists show them."""
    return run.places.select_related("best", "best_operator", "cheapest")
