"""Lists of coverage."""

from typing import Any

from ofx.core.ui.display import age, compact
from ofx.core.ui.tables import Column, Table
from partners.coverage.filters import FootprintFilter
from partners.coverage.models import Footprint


def _rejected(row: Footprint) -> Any:
    return compact(row.rows_rejected) if row.rows_rejected else ""


class FootprintTable(Table):
    """Every version that somebody published, newest first."""

    columns = [
        Column(
            "operator",
            "Operator",
            accessor="operator.name",
            sort="operator__name",
            link=True,
            template='{{ value }} {% if row.synthetic %}{% mark "synthetic" %}{% endif %}',
        ),
        Column("number", "Version", numeric=True, sort="number", width=80),
        Column("state", "State", template="{% state row %}", sort="state", width=110, export=lambda row: row.state),
        Column("rows_total", "Rows", numeric=True, sort="rows_total", width=90, render=lambda r: compact(r.rows_total)),
        Column("rows_rejected", "Rejected", numeric=True, sort="rows_rejected", width=90, render=_rejected),
        Column("published_at", "In force since", sort="published_at", nulls_last=True, width=130,
               render=lambda row: age(row.published_at) if row.published_at else "never"),
        Column("source", "Source"),
        Column("created_by", "By", accessor="created_by.name", hidden=True),
        Column("synthetic", "Synthetic", hidden=True),
    ]  # fmt: skip
    default_order = "-created_at"
    filterset_class = FootprintFilter
    search = ("operator__name__icontains", "operator__code__istartswith", "source__icontains")
    search_hint = "Operator or file"
    sentences = {"operator": "of {}", "state": "{}", "synthetic": "synthetic: {}"}
    noun = "publication"
    empty_title = "No coverage published yet"
    empty_text = "A file with postcodes and technologies becomes a footprint in three steps."
    empty_icon = "map"
