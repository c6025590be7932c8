"""Customers as a list."""

from typing import Any

from django.urls import reverse

from ofx.core.ui.tables import Column, Table
from ofx.portal.whole.filters import CustomerFilter


class CustomerTable(Table):
    """Whom a tenant serves."""

    columns = [
        Column("name", "Customer", sort="name", link=True),
        Column("account_number", "Account", sort="account_number", width=160),
        Column("country", "Country", sort="country", width=100),
        Column("since", "Since", accessor="created_at", sort="created_at", width=120),
        Column("provider", "Provider", accessor="provider.name", hidden=True),
    ]
    default_order = "name"
    filterset_class = CustomerFilter
    search = ("name__icontains", "account_number__istartswith")
    search_hint = "Name or account"
    sentences = {"country": "in {}", "active": "active: {}"}
    noun = "customer"
    empty_title = "No customers yet"
    empty_text = "A customer appears here with the first order that is placed for it."
    empty_url = "/search/"
    empty_label = "Search a place"
    empty_icon = "users"

    def url_for(self, row: Any) -> str:
        """The customer's 360° page."""
        return reverse("customer-whole", args=[row.slug])
