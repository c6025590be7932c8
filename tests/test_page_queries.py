"""Every page costs as many queries with 200 things on it as with 10: order, message, endpoint, version, all of them.

The pages are those of the table of permissions, so a new one cannot be forgotten; what grows is listed in `grow`.
"""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django.db import connection, reset_queries, transaction
from django.test.utils import CaptureQueriesContext

from ofx.core.audit.models import LogEntry
from ofx.core.models import ApiToken, Membership, Organisation, SavedView
from ofx.orders.models import (
    Attachment,
    CancelRequest,
    DateChange,
    DecompositionRule,
    Fact,
    Flag,
    Note,
    Order,
    OrderItem,
    PartnerOrder,
)
from ofx.portal.models import WidgetKey
from partners.models import (
    Agreement,
    Attempt,
    Contact,
    Endpoint,
    Footprint,
    Import,
    Leg,
    Message,
    Offering,
    Price,
    RejectedRow,
)
from tests.conftest import AT, THOROUGH
from tests.ofx.orders.conftest import order_for, shop
from tests.ofx.orders.test_pages import many
from tests.portal.customer.estate import grow_customer
from tests.test_permissions import PEOPLE, address, estate, rows
from tests.ticketing.desk.estate import grow_desk
from tests.ticketing.guides.estate import grow_guides
from tests.ticketing.known_errors.estate import grow_knowledge
from ticketing.models import (
    MaintenanceNotice,
    Outage,
    OutageChild,
    OutageKey,
    OutageReceipt,
    OutageUpdate,
    Ticket,
)

__all__ = ["estate", "order_for", "shop"]

# Whose page may be longer than its list: nothing. Routes that answer something else than a page of stored rows.
NO_ROWS = {
    "healthz": "signs of life of processes; it waits for each of them",
    "api/v1/schema/": "the API's description, made once from the code",
}


def grow_order(order: Order, first: int, last: int) -> None:
    """More of everything that stands on one order's page, its conversation and its messages."""
    span = range(first, last)
    row = order.partner_orders.select_related("operator", "item__offering").order_by("pk")[0]
    leg = Leg.objects.get(our_key=row.our_key)
    person = order.created_by
    facts = Fact.objects.bulk_create(
        Fact(
            partner_order=row, source="partner", update_type="UPDATE", actor=person, received_at=AT,
            issued_at=AT + timedelta(minutes=n), dedupe_key=f"more-{n}", data={"text": f"remark {n}"},
        )
        for n in span
    )  # fmt: skip
    Flag.objects.bulk_create(
        Flag(partner_order=row, kind="jeopardy", opened_at=AT, closed_at=AT, text="risk", fact=fact) for fact in facts
    )
    DateChange.objects.bulk_create(
        DateChange(
            partner_order=row, field="target_date", old=date(2026, 3, 9), new=date(2026, 3, 10), requester="partner",
            at=AT, fact=fact,
        )
        for fact in facts
    )  # fmt: skip
    CancelRequest.objects.bulk_create(
        CancelRequest(partner_order=row, state="refused", reason="r", requested_by=person, requested_at=AT)
        for _ in span
    )
    Note.objects.bulk_create(Note(order=order, text=f"note {n}", author=person, at=AT, internal=n % 2) for n in span)
    Attachment.objects.bulk_create(
        Attachment(order=order, file="x", name=f"{n}.pdf", content_type="a/b", size=1, sha256="", author=person, at=AT)
        for n in span
    )
    subjects = [f"order:{order.pk}", f"partner_order:{row.pk}"]
    LogEntry.objects.bulk_create(
        LogEntry(at=AT - timedelta(days=1), actor=person, organisation=order.organisation, subject=one, verb=f"did {n}")
        for one in subjects
        for n in span
    )
    grow_messages(leg, first, last)
    items = OrderItem.objects.bulk_create(
        OrderItem(order=order, position=100 + n, offering=row.item.offering) for n in span
    )
    parts = PartnerOrder.objects.bulk_create(
        PartnerOrder(
            order=order, item=item, our_key=f"more-{item.pk}", created_at=AT, state="held", operator=row.operator,
            organisation=order.organisation,
        )
        for item in items
    )  # fmt: skip
    Leg.objects.bulk_create(
        Leg(
            conversation=leg.conversation, endpoint=leg.endpoint, subject=f"partner_order:{part.pk}",
            our_key=part.our_key, external_id=f"more-{part.pk}",
        )
        for part in parts
    )  # fmt: skip


def grow_messages(leg: Leg, first: int, last: int) -> None:
    """More messages both ways on a leg, and more attempts of its first."""
    span = range(first, last)
    common = {"organisation": leg.conversation.organisation, "endpoint": leg.endpoint, "leg": leg, "created_at": AT}
    eldest = leg.messages.filter(direction="out").order_by("pk")[0]
    Message.objects.bulk_create(
        Message(direction=way, state=state, verb="amend", caused_by=eldest, **common)
        for way, state in (("out", "delivered"), ("in", "routed"))
        for _ in span
    )
    Attempt.objects.bulk_create(
        Attempt(message=eldest, number=100 + n, worker="w", started_at=AT, outcome="retry") for n in span
    )


def grow_operator(estate: SimpleNamespace, first: int, last: int) -> None:
    """More of everything that an operator has: products, prices, desks, ways, versions, agreements."""
    span = range(first, last)
    north = estate.north
    products = Offering.objects.bulk_create(
        Offering(operator=north, code=f"p-{n}", name=f"Product {n}", technology="FTTP", down_mbps=100) for n in span
    )
    Price.objects.bulk_create(Price(offering=one, monthly=20, starts=date(2025, 1, 1)) for one in products)
    Contact.objects.bulk_create(Contact(operator=north, purpose="orders", name=f"Desk {n}") for n in span)
    Endpoint.objects.bulk_create(
        Endpoint(operator=north, organisation=estate.brightwave, kind="tmf622", name=f"way {n}", inbound_key=f"w-{n}")
        for n in span
    )
    version = Footprint.objects.get(operator=north, state="active")
    Footprint.objects.bulk_create(
        Footprint(operator=north, number=100 + n, state="replaced", created_at=AT, created_by=estate.alice)
        for n in span
    )
    RejectedRow.objects.bulk_create(
        RejectedRow(footprint=version, line=n, reason="no", raw=[["postcode", "?"]]) for n in span
    )
    Import.objects.bulk_create(
        Import(organisation=estate.brightwave, operator=estate.own, file_name=f"{n}.csv", created_at=AT) for n in span
    )
    providers = Organisation.objects.bulk_create(
        Organisation(kind="service_provider", name=f"Provider {n}", slug=f"provider-{n}") for n in span
    )
    Agreement.objects.bulk_create(
        Agreement(organisation=one, operator=north, state="active", starts=date(2025, 1, 1)) for one in providers
    )


def grow_outage(estate: SimpleNamespace, first: int, last: int) -> None:
    """More outages, notices and works; more of everything on the page of the one that is open."""
    span, tenant, outage = range(first, last), estate.brightwave, Outage.objects.get(reference="OUT-000001")
    news = outage.updates.get(number=1)
    tickets = Ticket.objects.bulk_create(
        Ticket(organisation=tenant, reference=f"TT-8{n:05d}", title="Down", postcode="SW1A1AA", created_at=AT)
        for n in span
    )
    children = OutageChild.objects.bulk_create(
        OutageChild(
            outage=outage, ticket=one, customer=estate.harbour, started_at=AT, attached_at=AT,
            state=("informed", "still_down")[one.pk % 2],
        )
        for one in tickets
    )  # fmt: skip
    OutageReceipt.objects.bulk_create(
        OutageReceipt(update=news, child=one, customer=estate.harbour, channel="portal", recipient=f"c:{one.pk}", at=AT)
        for one in children
    )
    OutageUpdate.objects.bulk_create(
        OutageUpdate(outage=outage, number=1 + n, public_text="n", at=AT, author=estate.alice)
        for n in range(first + 1, last)
    )
    OutageKey.objects.bulk_create(OutageKey(outage=outage, kind="postcode", value=f"SW1A1A{n}") for n in span)
    for state in ("open", "candidate"):
        made = Outage.objects.bulk_create(
            Outage(
                organisation=tenant, reference=f"OUT-{state}-{n}", title="t", state=state, started_at=AT, created_at=AT,
                operator=estate.north, planned=n % 2, window_start=AT, window_end=AT + timedelta(days=99_999),
            )
            for n in span
        )  # fmt: skip
        OutageKey.objects.bulk_create(OutageKey(outage=one, kind="sector", value="SW1A1") for one in made)
    MaintenanceNotice.objects.bulk_create(
        MaintenanceNotice(organisation=tenant, state="waiting", digest=f"d{n}", raw=b"x", received_at=AT) for n in span
    )


def grow(estate: SimpleNamespace, first: int, last: int) -> None:
    """From `first` to `last` of everything that can stand on a page."""
    span = range(first, last)
    many(estate, last - first)
    grow_order(Order.objects.get(reference=estate.values["reference"]), first, last)
    grow_operator(estate, first, last)
    grow_desk(estate, first, last)
    grow_outage(estate, first, last)
    grow_customer(estate, first, last)
    grow_knowledge(estate, first, last)
    grow_guides(estate, first, last)
    acting = estate.alice.acting
    Organisation.objects.bulk_create(
        Organisation(kind="customer", name=f"Customer {n}", slug=f"c-{n}", provider=estate.brightwave) for n in span
    )
    DecompositionRule.objects.bulk_create(
        DecompositionRule(
            organisation=estate.brightwave, name=f"rule {n}", when_kind="ethernet", add_offering=estate.router
        )
        for n in span
    )
    WidgetKey.objects.bulk_create(
        WidgetKey(organisation=estate.brightwave, key_id=f"wk_{n}", secret="s", created_at=AT, created_by=estate.alice)
        for n in span
    )
    ApiToken.objects.bulk_create(
        ApiToken(membership=acting, label=f"t{n}", hint="x", digest=f"d-{n}", created_at=AT) for n in span
    )
    SavedView.objects.bulk_create(
        SavedView(user=estate.alice, organisation=estate.brightwave, path="/orders/", name=f"v{n}", query="a=1")
        for n in span
    )
    customers = Organisation.objects.filter(slug__startswith="c-").exclude(memberships__user=estate.alice)
    Membership.objects.bulk_create(
        Membership(user=estate.alice, organisation=one, role="user") for one in customers[: len(span)]
    )


# One person of each kind of organisation; their colleagues' pages hold the same rows and fewer buttons.
ASKED = PEOPLE[1:] if THOROUGH else ("alice", "olga", "cara", "ada")


def pages() -> list[tuple[str, str]]:
    """(person, route) of every page and API read that the person gets."""
    return [
        (who, route)
        for method, route, statuses in rows()
        for who, status in zip(PEOPLE, statuses, strict=True)
        if method == "GET" and status == 200 and who in ASKED and route not in NO_ROWS
    ]


def cost(estate: SimpleNamespace, who: str, route: str) -> list[str]:
    """The queries of one page."""
    caller = (estate.callers if route.startswith(("api/", "tmf-api/")) else estate.browsers)[who]
    path = address(estate, route)
    reset_queries()  # the log keeps the last 9,000
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as seen,
    ):
        response = caller.get(path, READ.get(route))
        for chunk in getattr(response, "streaming_content", ()):
            del chunk
    assert response.status_code == 200, f"{who} {path}: {response.status_code}"
    return [query["sql"] for query in seen.captured_queries]


# What is asked where a page without a question shows nothing, or one query a kind of thing that it happens to show
READ: dict[str, dict[str, Any]] = {
    "audit/": {"kind": "order"},
    "search/": {"q": "SW1A1AA"},
    "tickets/caller/": {"q": "SW1A1AA"},
    "find/": {"q": "X-00"},
    "find/suggest/": {"q": "X-00"},
}


def test_every_page_costs_the_same_queries_with_10_and_with_200_things_on_it(estate: SimpleNamespace) -> None:
    asked = pages()
    assert len(asked) > 100
    for who, route in asked:  # what is kept after the first look is not counted
        cost(estate, who, route)
    grow(estate, 0, 10)
    small = {one: cost(estate, *one) for one in asked}
    grow(estate, 10, 200)
    large = {one: cost(estate, *one) for one in asked}
    grown = [
        f"{who} {route}: {len(before)} queries, then {len(after)}, such as {(after or before)[-1][:200]}"
        for (who, route), before, after in zip(asked, small.values(), large.values(), strict=True)
        if len(before) != len(after)
    ]
    assert grown == []
