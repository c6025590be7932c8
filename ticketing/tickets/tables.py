"""The list of tickets."""

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django_filters import FilterSet

from ofx.core.ui.display import NOTHING, age, mark, owner_chip, state_chip, state_of
from ofx.core.ui.tables import Column, Table
from ticketing.tickets.filters import TicketFilter, search_tickets
from ticketing.tickets.models import Ticket

URGENT = ("", "red", "amber", "grey", "grey")


def priority_chip(number: int) -> SafeString:
    """`P1` red, `P2` amber, the others grey."""
    return state_chip(f"P{number}", URGENT[number] if 0 < number < len(URGENT) else "grey")


def marks(row: Ticket) -> list[SafeString]:
    """Early life, repeat and simulated, as small marks."""
    found = [state_chip("Early life", "amber")] if row.early_life and not row.ended else []
    if row.repeat_fault and not row.ended:
        found.append(state_chip("Repeat", "amber"))
    return [*found, mark("simulated")] if row.simulated else found


def _state(row: Ticket) -> SafeString:
    return mark_safe(" ".join([state_of(row), *marks(row)]))  # chips are safe already


def _who(row: Ticket) -> str:
    return str(row.assigned_to) if row.assigned_to_id else row.team


def _about(row: Ticket) -> SafeString:
    return format_html("{}", row.title)


class TicketTable(Table):
    """Tickets of a tenant."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("reference", "Ticket", sort="pk", link=True, width=105),
        Column("priority", "Prio", render=lambda row: priority_chip(row.priority), sort="priority", width=60),
        Column("title", "What", render=_about, width=250, export=lambda row: row.title),
        Column("customer", "Customer", accessor="customer.name", width=140),
        Column("state", "State", render=_state, sort="state", width=130, export=lambda row: row.get_state_display()),
        Column("holder", "Held by", render=lambda row: owner_chip(row.holder) if not row.ended else NOTHING, width=95,
               export=lambda row: row.get_holder_display()),
        Column("next_action", "Next action", width=210),
        Column("assigned", "Assigned to", accessor=_who, width=120),
        Column("created", "Opened", accessor="created_at", render=lambda row: age(row.created_at), sort="created_at",
               width=85),
        Column("next", "Due", accessor="next_action_at", sort="next_action_at", nulls_last=True, hidden=True),
        Column("fault_class", "Class", accessor="get_fault_class_display", hidden=True),
        Column("tier", "Tier", accessor="get_tier_display", hidden=True),
        Column("operator", "Operator", accessor="operator.name", hidden=True),
        Column("place", "Place", accessor="place_text", hidden=True),
        Column("postcode", "Postcode", hidden=True),
        Column("severity", "Severity", accessor="get_severity_display", hidden=True),
        Column("impact", "Impact", accessor="get_impact_display", hidden=True),
        Column("external", "Their reference", accessor="external_id", hidden=True),
        Column("resolved", "Resolved", accessor="resolved_at", sort="resolved_at", nulls_last=True, hidden=True),
        Column("minutes", "Desk minutes", accessor=lambda row: round(row.desk_seconds / 60), sort="desk_seconds",
               numeric=True, hidden=True),
    )  # fmt: skip
    default_order = "-created_at"
    filterset_class: ClassVar[type[FilterSet] | None] = TicketFilter
    search = ("reference",)
    search_hint = "Reference, customer, postcode or words"
    sentences = {
        "state": "{}", "fault_class": "{}", "priority": "{}", "tier": "with {}", "holder": "held by {}",
        "operator": "at {}", "assigned": "assigned to: {}", "older": "older than {} d", "early": "early life: {}",
        "repeat": "repeat: {}", "open": "open: {}", "queue": "{}",
    }  # fmt: skip
    noun = "ticket"
    empty_title = "No tickets yet"
    empty_text = "Faults that customers report, and those that you open for them, appear here."
    empty_url = "/tickets/new/"
    empty_label = "Open a ticket"
    empty_icon = "ticket"

    @cached_property
    def queryset(self) -> QuerySet[Ticket]:
        """The search box means one thing at a time, so that an index serves it."""
        rows = self.filterset.qs if self.filterset else self.base
        if self.query:
            acting: Any = self.request.user.acting  # type: ignore[union-attr]
            provider = acting.organisation_id if acting.organisation.kind == "service_provider" else None
            rows = search_tickets(rows, self.query, provider)
        return rows.order_by(*self._order())

    def tone_for(self, row: Ticket) -> str:
        """The most urgent ones that we hold are marked."""
        if row.ended or row.state == "resolved" or row.holder != "us":
            return ""
        return {1: "late", 2: "soon"}.get(row.priority, "")


class BulkTicketTable(TicketTable):
    """The same for people who work on tickets: several can be taken at once."""

    bulk_template = "ticketing/tickets/bulk.html"
