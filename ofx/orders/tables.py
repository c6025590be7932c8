"""Lists of orders and services."""

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_filters import FilterSet

from ofx.core.clock import now
from ofx.core.ui.display import NOTHING, day, due, mark, money, owner_chip, state_chip, state_of
from ofx.core.ui.tables import Column, Table
from ofx.orders.filters import OrderFilter, ServiceFilter, search_orders, starting
from ofx.orders.models import Order, ServiceRecord


def _state(row: Order) -> SafeString:
    chips = [state_of(row)]
    if row.in_jeopardy and not row.closed_at:
        chips.append(state_chip("Jeopardy", "amber"))
    if row.silent_from and row.silent_from <= now() and not row.closed_at:
        chips.append(state_chip("Silent", "amber"))
    return format_html("{} " * len(chips), *chips)


def _reference(row: Order) -> Any:
    return format_html("{} {}", row.reference, mark("simulated")) if row.simulated else row.reference


def _target(row: Order) -> SafeString:
    return day(row.target_date) if row.closed_at or row.state == "completed" else due(row.target_date)


class OrderTable(Table):
    """Orders of a tenant."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            "reference", "Order", render=_reference, sort="pk", link=True, width=120, export=lambda row: row.reference
        ),
        Column("customer", "Customer", accessor="customer.name", width=150),
        Column("place", "Place", accessor="place_text", width=170),
        Column("state", "State", render=_state, sort="state", width=150, export=lambda row: row.get_state_display()),
        Column("holder", "Held by", render=lambda row: owner_chip(row.holder) if row.holder else NOTHING, width=100),
        Column("blocked", "Blocked", accessor="blocked_since", sort="blocked_since", nulls_last=True, width=90),
        Column("next_action", "Next action", width=290),
        Column("committed", "Committed", accessor="committed_date", width=95),
        Column("target", "Target", accessor="target_date", render=_target, sort="target_date", nulls_last=True),
        Column("created", "Ordered", accessor="created_at", sort="created_at", width=90),
        Column(
            "value", "A month", accessor="value_monthly", numeric=True, width=90,
            render=lambda row: money(row.value_monthly, row.currency), hidden=True,
        ),
        Column("requested", "Requested", accessor="requested_date", hidden=True),
        Column("owner", "Owner", accessor=lambda row: str(row.owner or ""), hidden=True),
        Column("external", "Buyer's reference", accessor="external_id", hidden=True),
        Column("postcode", "Postcode", hidden=True),
    )  # fmt: skip
    default_order = "-created_at"
    filterset_class: ClassVar[type[FilterSet] | None] = OrderFilter
    search = ("reference",)
    search_hint = "Reference, customer or postcode"
    sentences = {
        "state": "{}", "holder": "held by {}", "operator": "at {}", "postcode": "postcode {}…", "customer": "for {}",
        "silent": "silent: {}", "jeopardy": "in jeopardy: {}", "open": "open: {}", "blocked": "blocked: {}",
        "late": "late: {}", "due_today": "due today: {}",
    }  # fmt: skip
    noun = "order"
    empty_title = "No orders yet"
    empty_text = "Find out who serves a place, choose an offer, and order it in under a minute."
    empty_url = "/search/"
    empty_label = "Search a place"
    empty_icon = "package"

    @cached_property
    def queryset(self) -> QuerySet[Order]:
        """The search box means one thing at a time, so that an index serves it."""
        rows = self.filterset.qs if self.filterset else self.base
        if self.query:
            acting: Any = self.request.user.acting  # type: ignore[union-attr]
            provider = acting.organisation_id if acting.organisation.kind == "service_provider" else None
            rows = search_orders(rows, self.query, provider)
        return rows.order_by(*self._order())

    def tone_for(self, row: Order) -> str:
        """Late and failed orders are marked."""
        if row.closed_at or row.state == "completed":
            return ""
        late = row.state == "failed_to_send" or (row.target_date and row.target_date < timezone.localdate(now()))
        return "late" if late else "soon" if row.in_jeopardy else ""


class ServiceTable(Table):
    """Inventory."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("reference", "Service", link=True, sort="pk", width=120),
        Column("customer", "Customer", accessor="customer.name", width=180),
        Column("offering", "Product", accessor="offering.name", width=180),
        Column("operator", "Operator", accessor="operator.name", width=150),
        Column("place", "Place", accessor="place_text", width=240),
        Column("state", "State", template="{% state row %}", export=lambda row: row.get_state_display(), width=90),
        Column(
            "from", "Active from", accessor="active_from", sort="active_from", render=lambda row: day(row.active_from)
        ),
        Column("partner_ref", "Partner's reference", accessor="partner_ref", hidden=True),
    )
    default_order = "-active_from"
    filterset_class: ClassVar[type[FilterSet] | None] = ServiceFilter
    search = ("reference",)
    search_hint = "Reference or postcode"
    sentences = {"state": "{}", "operator": "at {}", "postcode": "postcode {}…", "customer": "for {}"}
    noun = "service"
    empty_title = "No services yet"
    empty_text = "A service appears here when an item of an order is completed."
    empty_url = "/orders/"
    empty_label = "See the orders"
    empty_icon = "plug"

    @cached_property
    def queryset(self) -> QuerySet[ServiceRecord]:
        """By reference or postcode."""
        rows = self.filterset.qs if self.filterset else self.base
        if self.query:
            text = "".join(self.query.upper().split())
            rows = rows.filter(starting("reference" if text.startswith("SVC") else "postcode", text))
        return rows.order_by(*self._order())


class CustomerServiceTable(ServiceTable):
    """A customer's own services: neither the operator behind them nor its reference."""

    columns = tuple(
        column for column in ServiceTable.columns if column.key not in ("customer", "operator", "partner_ref")
    )
    filterset_class = None
    empty_text = "A service appears here when its installation is finished."
    empty_url = "/"
