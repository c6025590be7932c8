"""The directory as a list."""

from typing import Any

from django.utils.html import format_html

from ofx.core.ui.display import age, compact, state_chip
from ofx.core.ui.tables import Column, Table
from partners.operators.filters import OperatorFilter
from partners.operators.models import Agreement, Operator


def _agreement(row: Any) -> Any:
    if row.my_agreement == "none":
        return format_html('<span class="muted">{}</span>', "none")
    return state_chip(*Agreement.STATE_LOOK[row.my_agreement])


class OperatorTable(Table):
    """Who there is, and where we stand with them. Rows carry what directory_rows adds."""

    columns = [
        Column(
            "name",
            "Operator",
            sort="name",
            link=True,
            template="{{ value }} {% if row.provenance != 'real' %}{% mark row.provenance %}{% endif %}",
        ),
        Column("reach", "Reach", accessor=lambda row: "own network" if row.on_net_of_id else "partner", width=110),
        Column("country", "Country", sort="country", width=90),
        Column("my_agreement", "My agreement", sort="my_agreement", render=_agreement, width=140),
        Column("technologies", "Technologies", accessor=lambda row: ", ".join(row.technologies or [])),
        Column("products", "Products", numeric=True, sort="products", width=100),
        Column("rows_total", "Coverage rows", numeric=True, sort="rows_total", nulls_last=True, width=130,
               render=lambda row: compact(row.rows_total) if row.rows_total else "none"),
        Column("published_at", "Published", sort="published_at", nulls_last=True, width=120,
               render=lambda row: age(row.published_at) if row.published_at else "never"),
        Column("code", "Code", sort="code", hidden=True),
        Column("provenance", "Provenance", sort="provenance", hidden=True),
    ]  # fmt: skip
    default_order = "name"
    filterset_class = OperatorFilter
    search = ("name__icontains", "code__istartswith")
    search_hint = "Name or code"
    sentences = {
        "country": "in {}",
        "reach": "{}",
        "technology": "sells {}",
        "agreement": "agreement: {}",
        "provenance": "{}",
    }
    noun = "operator"
    empty_title = "No operators yet"
    empty_text = "An operator appears here once it publishes its coverage or an agreement is made."
    empty_icon = "building-store"

    def url_for(self, row: Operator) -> str:
        """Its page."""
        return row.get_absolute_url()
