"""Lists of outages, children, receipts and notices."""

from typing import ClassVar

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_filters import FilterSet

from ofx.core.clock import now
from ofx.core.ui.display import NOTHING, age, due, mark, state_chip, state_of
from ofx.core.ui.tables import Column, Table
from ticketing.outages.filters import ChildFilter, NoticeFilter, OutageFilter, ReceiptFilter
from ticketing.outages.models import MaintenanceNotice, Outage, OutageChild, OutageReceipt


def _reference(row: Outage) -> SafeString | str:
    return format_html("{} {}", row.reference, mark("simulated")) if row.simulated else row.reference


def state_chips(row: Outage) -> SafeString:
    """Its state. Approved works are planned, then under way: what is open is a fault that somebody has to mend."""
    claim = state_chip("Partner says fixed", "amber") if row.partner_cleared_at and row.state == "open" else ""
    if not row.planned:
        return format_html("{} {}", state_of(row), claim)
    if row.state != "open":
        return format_html("{} {}", state_of(row), state_chip("Planned work", "blue"))
    coming = row.window_start is not None and row.window_start > now()
    return format_html("{} {}", state_chip("Planned", "blue") if coming else state_chip("Under way", "amber"), claim)


def _expected(row: Outage) -> SafeString:
    return due(row.expected_at) if row.expected_at and row.state == "open" else NOTHING


class OutageTable(Table):
    """Outages of a tenant."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            "reference", "Outage", render=_reference, link=True, sort="pk", width=120, export=lambda row: row.reference
        ),
        Column("title", "What", width=290),
        Column("operator", "Operator", accessor=lambda row: str(row.operator or ""), width=130),
        Column(
            "state", "State", render=state_chips, sort="state", width=200, export=lambda row: row.get_state_display()
        ),
        Column("started", "From", accessor="started_at", sort="started_at", width=95),
        Column(
            "expected", "Expected", accessor="expected_at", render=_expected, sort="expected_at", nulls_last=True,
            width=110,
        ),
        Column("source", "Known from", accessor="get_source_display", width=140),
        Column("partner_ref", "Partner's reference", hidden=True),
    )  # fmt: skip
    default_order = "-started_at"
    filterset_class: ClassVar[type[FilterSet] | None] = OutageFilter
    search = ("reference__istartswith", "title__icontains", "partner_ref__istartswith")
    search_hint = "Reference, title or the partner's reference"
    sentences = {"state": "{}", "source": "from {}", "planned": "planned: {}", "running": "under way: {}"}
    noun = "outage"
    empty_title = "No outages"
    empty_text = "An outage appears here when faults share a cause: proposed by itself, reported, or declared by you."
    empty_icon = "circle-check"

    def tone_for(self, row: Outage) -> str:
        """Open ones are marked."""
        return "late" if row.state == "open" and not row.planned else "soon" if row.state == "candidate" else ""


def _service(row: OutageChild) -> str:
    return row.service.reference if row.service else (row.ticket.reference if row.ticket else "")


def _place(row: OutageChild) -> str:
    thing = row.service or row.ticket
    return thing.place_text or thing.postcode if thing else ""


def _called(row: OutageChild) -> SafeString | str:
    if row.ticket is None:
        return "Not called"
    if row.ticket.channel == "outage":
        return format_html(
            'Not called; <a href="/tickets/{}/">{}</a> by us', row.ticket.reference, row.ticket.reference
        )
    return format_html('<a href="/tickets/{}/">{}</a>', row.ticket.reference, row.ticket.reference)


class ChildTable(Table):
    """Who is affected, and how each stands."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("service", "Service", accessor=_service, width=125, link=True),
        Column("customer", "Customer", accessor=lambda row: str(row.customer or ""), sort="customer__name", width=170),
        Column("place", "Place", accessor=_place, width=220),
        Column("state", "State", render=state_of, sort="state", width=120, export=lambda row: row.get_state_display()),
        Column("ticket", "Called", render=_called, width=110, export=lambda row: str(row.ticket or "")),
        Column(
            "told", "Told", accessor="informed_at", render=lambda row: age(row.informed_at), sort="informed_at",
            nulls_last=True, width=90,
        ),
        Column("since", "Without since", accessor="started_at", sort="started_at", width=110),
        Column("ended", "Works since", accessor="ended_at", sort="ended_at", nulls_last=True, width=100),
        Column("reason", "Remark", width=220),
        Column("act", "Decide", template="{% include 'ticketing/outages/child_act.html' %}", width=180),
    )  # fmt: skip
    default_order = "pk"
    filterset_class: ClassVar[type[FilterSet] | None] = ChildFilter
    search = ("service__reference", "ticket__reference", "service__postcode__istartswith")
    search_hint = "Service, ticket or postcode"
    sentences = {"state": "{}", "called": "called: {}", "told": "told: {}"}
    noun, nouns = "child", "children"
    empty_title = "Nobody is affected yet"
    empty_text = "Services with one of its keys, and tickets about its places, become children when it is approved."
    empty_icon = "plug"

    def url_for(self, row: OutageChild) -> str:
        """The service, else the ticket."""
        if row.service is not None:
            return row.service.get_absolute_url()
        return row.ticket.get_absolute_url() if row.ticket else ""

    def tone_for(self, row: OutageChild) -> str:
        """Still down is marked."""
        return "late" if row.state == "still_down" else ""


class ReceiptTable(Table):
    """Who was told of which update, and how."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("update", "Update", accessor="update.number", sort="update__number", numeric=True, width=80),
        Column("customer", "Customer", accessor=lambda row: str(row.customer or ""), width=200),
        Column("channel", "Through", accessor="get_channel_display", sort="channel", width=110),
        Column("recipient", "Whom", accessor=lambda row: row.recipient if row.channel == "mail" else "", width=240),
        Column("state", "State", render=state_of, sort="state", width=120, export=lambda row: row.get_state_display()),
        Column("at", "Queued", accessor="at", sort="at", width=100),
        Column("sent", "Sent", accessor="sent_at", sort="sent_at", nulls_last=True, width=100),
        Column("seen", "Seen", accessor="seen_at", sort="seen_at", nulls_last=True, width=100),
    )
    default_order = "pk"
    filterset_class: ClassVar[type[FilterSet] | None] = ReceiptFilter
    search = ("recipient__istartswith", "customer__name__istartswith")
    search_hint = "E-mail or customer"
    sentences = {"update": "update {}", "channel": "by {}", "state": "{}"}
    noun = "receipt"
    empty_title = "Nobody was told yet"
    empty_text = "A receipt appears here for each recipient as soon as an update goes out."
    empty_icon = "mail"

    def url_for(self, row: OutageReceipt) -> str:
        """A receipt has no page of its own."""
        return ""


class NoticeTable(Table):
    """Partners' notices of works."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("subject", "Notice", accessor=lambda row: str(row), link=True, width=320),
        Column("sender", "From", width=220),
        Column("state", "State", render=state_of, sort="state", width=130, export=lambda row: row.get_state_display()),
        Column("problem", "Why a person", width=280),
        Column("outage", "Became", accessor=lambda row: str(row.outage or ""), width=110),
        Column("received", "Received", accessor="received_at", sort="received_at", width=100),
    )
    default_order = "-received_at"
    filterset_class: ClassVar[type[FilterSet] | None] = NoticeFilter
    search = ("subject__icontains", "sender__icontains")
    sentences = {"state": "{}"}
    noun = "notice"
    empty_title = "No notices of works"
    empty_text = "Mails and calendar files of partners about planned works appear here; add one that reached you."
    empty_icon = "mail"

    def tone_for(self, row: MaintenanceNotice) -> str:
        """What waits for a person is marked."""
        return "soon" if row.state == "waiting" else ""
