"""Lists of order batches."""

from typing import Any

import django_filters

from ofx.core.ui.tables import Column, Table
from ofx.portal.bulk.models import BatchRow


class RowFilter(django_filters.FilterSet):
    """Rows of a batch by what became of them."""

    state = django_filters.ChoiceFilter(choices=BatchRow.State.choices, label="State")

    class Meta:
        model = BatchRow
        fields = ["state"]


class BatchTable(Table):
    """What became of each row."""

    columns = [
        Column("line", "Row", numeric=True, sort="line", width=70),
        Column("given", "Place", link=True),
        Column("reference", "Your reference"),
        Column("state", "State", template="{% state row %}", sort="state", width=120, export=lambda row: row.state),
        Column("order", "Order", accessor="order.reference", width=120),
        Column("customer", "Customer", accessor=lambda row: row.order.customer.name if row.order else row.customer),
        Column("problem", "Problem"),
    ]
    default_order = "line"
    filterset_class = RowFilter
    sentences = {"state": "{}"}
    search = ("given__icontains", "reference__istartswith", "order__reference__istartswith")
    search_hint = "Place, reference or order"
    noun = "row"

    def url_for(self, row: Any) -> str:
        """The order, where there is one."""
        return row.order.get_absolute_url() if row.order else ""

    def tone_for(self, row: Any) -> str:
        """Rows without an order need somebody."""
        return "late" if row.state == "failed" else ""
