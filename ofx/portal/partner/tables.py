"""Lists of the partner portal."""

from typing import Any

import django_filters as filters
from django.utils.html import format_html

from ofx.core.ui.display import NOTHING, day, due, mark, state_chip
from ofx.core.ui.tables import Column, Table
from ofx.orders.models import Fact, PartnerOrder
from ofx.orders.vocabulary import State
from ofx.portal.partner.queries import ACTIONS, ASKS, STATE_LOOK
from ofx.portal.partner.story import DOORS, SAID, door_of, said_of, who_of, words_of
from partners.coverage.normalise import display

ANSWERED = [(name, words) for name, words in SAID.items()]


class OrdersFilter(filters.FilterSet):
    """By state, need, place and whether it is open."""

    state = filters.MultipleChoiceFilter(
        choices=[(state, STATE_LOOK[state][0]) for state in State.values[2:] if state != "failed_to_send"],
        distinct=False,
    )
    needs = filters.MultipleChoiceFilter(
        field_name="ask", label="Needs", choices=[(name, words) for name, (words, _) in ASKS.items()]
    )
    open = filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull", label="Open")
    postcode = filters.CharFilter(method="by_postcode", label="Postcode starts with", max_length=12)

    class Meta:
        model = PartnerOrder
        fields: list[str] = []

    def by_postcode(self, rows: Any, name: str, value: str) -> Any:
        """Any spacing and case."""
        plain = "".join(value.replace("\x00", "").upper().split())
        return rows.filter(order__postcode__startswith=plain)


def _product(row: PartnerOrder) -> Any:
    name = row.item.offering.name
    name = f"{ACTIONS[row.item.action]}: {name}" if row.item.action in ACTIONS else name
    return f"{name} × {row.item.quantity}" if row.item.quantity > 1 else name


def _target(row: PartnerOrder) -> Any:
    if row.target_date is None:
        return NOTHING
    return day(row.target_date) if row.ended_at or row.completed_at else due(row.target_date)


def _state(row: PartnerOrder) -> Any:
    chip = state_chip(*STATE_LOOK[row.state])
    return format_html("{} {}", chip, mark("simulated")) if row.simulated else chip


class OrdersTable(Table):
    """Every order placed with the operator."""

    columns = (
        Column("product", "Product", accessor=_product, link=True, width=190),
        Column("place", "Place", accessor="order.place_text", width=210),
        Column("postcode", "Postcode", accessor=lambda row: display(row.order.country, row.order.postcode),
               sort="order__postcode", width=100),
        Column("state", "State", render=_state, sort="state", export=lambda row: STATE_LOOK[row.state][0], width=140),
        Column("needs", "Needs", accessor=lambda row: ASKS[row.ask][0] if row.ask else "", width=170),
        Column("requested", "Wanted by", accessor="crd", sort="crd", nulls_last=True, width=100),
        Column("committed", "Committed", accessor="committed_date", sort="committed_date", nulls_last=True, width=100),
        Column("target", "Target", accessor="target_date", render=_target, sort="target_date", nulls_last=True,
               width=100),
        Column("reference", "Your reference", accessor="partner_ref", width=120),
        Column("provider", "Provider", accessor="order.organisation.name", width=150),
        Column("sent", "Ordered", accessor="submitted_at", sort="submitted_at", nulls_last=True, width=90),
        Column("our_key", "Our key", sort="our_key", hidden=True),
        Column("ended", "Ended", accessor="ended_at", sort="ended_at", nulls_last=True, hidden=True),
    )  # fmt: skip
    default_order = "-submitted_at"
    filterset_class = OrdersFilter
    search = ("our_key__istartswith", "partner_ref__iexact", "order__reference__iexact")
    search_hint = "Our key or your reference"
    sentences = {"state": "{}", "needs": "{}", "open": "open: {}", "postcode": "postcode {}…"}
    noun = "order"
    empty_title = "No orders yet"
    empty_text = "Orders that service providers place with you appear here."
    empty_icon = "package"

    def url_for(self, row: PartnerOrder) -> str:
        """The operator's page of it."""
        return f"/partner/orders/{row.our_key}/"

    def tone_for(self, row: Any) -> str:
        """What needs an answer is marked."""
        return "soon" if row.ask else ""


class SaidFilter(filters.FilterSet):
    """By what was said and by which door."""

    said = filters.MultipleChoiceFilter(field_name="update_type", label="Said", choices=ANSWERED)
    door = filters.ChoiceFilter(field_name="data__channel", label="Door", choices=list(DOORS.items()))
    since = filters.DateFilter(field_name="issued_at", lookup_expr="date__gte", label="Since")

    class Meta:
        model = Fact
        fields: list[str] = []


class SaidTable(Table):
    """Every answer, whichever door it came through."""

    columns = (
        Column("at", "When", accessor="issued_at", width=100),
        Column("said", "Said", accessor=said_of, link=True, width=160),
        Column("words", "In detail", accessor=words_of),
        Column("product", "Product", accessor="partner_order.item.offering.name", width=170),
        Column("place", "Place", accessor="partner_order.order.place_text", width=200),
        Column("door", "Door", accessor=door_of, width=110),
        Column("who", "Who", accessor=who_of, width=130),
        Column("key", "Our key", accessor="partner_order.our_key", hidden=True),
    )
    default_order = "-pk"
    filterset_class = SaidFilter
    search = ("partner_order__our_key__istartswith", "partner_order__partner_ref__iexact")
    search_hint = "Our key or your reference"
    sentences = {"said": "{}", "door": "by {}", "since": "since {}"}
    noun = "answer"
    empty_title = "Nothing was said yet"
    empty_text = "Your answers appear here, from the portal, mails, files and the API alike."
    empty_icon = "history"

    def url_for(self, row: Fact) -> str:
        """Its order."""
        return f"/partner/orders/{row.partner_order.our_key}/"
