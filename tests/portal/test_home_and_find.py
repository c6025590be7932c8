"""The first page of each kind of user, and the one box that finds anything."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import AT
from tests.ofx.orders.conftest import hear, news, order_for, shop
from tests.ofx.orders.test_pages import many
from ticketing.known_errors.models import KnownError
from ticketing.models import Outage, PartnerTicket, Ticket

__all__ = ["order_for", "shop"]


def test_staff_see_first_what_is_blocked_and_on_whom(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("DELAY", 2, reason="CAPACITY"))
    page = shop.client("alice").get("/").content.decode()
    assert order.reference in page
    assert 'href="/orders/?holder=partner"' in page
    assert "no capacity" in page.lower()


def test_another_provider_sees_none_of_it(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("DELAY", 1, reason="CAPACITY"))
    page = shop.client("charlie").get("/").content.decode()
    assert order.reference not in page
    assert "No orders yet" in page


def test_an_operator_sees_its_orders_without_the_customers_name(shop: Any, order_for: Any) -> None:
    order = order_for()
    page = shop.client("olga").get("/", follow=True).content.decode()
    assert order.partner_orders.get().our_key in page
    assert "Harbour Books" not in page


def test_a_customer_reads_plain_words_and_no_code(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("DELAY", 1, reason="CAPACITY"))
    page = shop.client("cara").get("/").content.decode()
    assert order.reference in page
    assert "waiting for a date" in page
    assert "CAPACITY" not in page


def test_a_person_without_an_organisation_is_told_what_to_do(shop: Any) -> None:
    shop.bob.memberships.all().delete()
    response = shop.client("bob").get("/")
    assert response.status_code == 403
    assert "belong to no organisation" in response.content.decode()


@pytest.mark.parametrize("who", ["alice", "cara", "ada"])
def test_home_costs_as_many_queries_at_200_orders_as_at_10(shop: Any, who: str) -> None:
    caller = shop.client(who)
    counts = []
    for more in (10, 190):
        many(shop, more)
        with CaptureQueriesContext(connection) as seen:
            assert caller.get("/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_one_exact_id_leads_straight_to_its_page(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, partner_ref="NF-77"))
    alice = shop.client("alice")
    for text in (order.reference, order.reference.lower(), order.partner_orders.get().our_key, "NF-77"):
        assert alice.get("/find/", {"q": text}).headers.get("Location") == order.get_absolute_url(), text
    assert alice.get("/find/", {"q": "sw1a 1aa"}).headers["Location"].startswith("/search/?q=SW1A+1AA")
    assert alice.get("/find/", {"q": "southlink"}).headers["Location"] == "/operators/southlink/"
    assert alice.get("/find/", {"q": "harbour books"}).headers["Location"] == "/orders/?customer=Harbour+Books"


def test_nobody_finds_what_is_not_theirs(shop: Any, order_for: Any) -> None:
    order = order_for()
    for who in ("charlie", "olga"):
        page = shop.client(who).get("/find/suggest/", {"q": order.reference}).content.decode()
        assert "Nothing found" in page, who
    assert "Harbour" not in shop.client("charlie").get("/find/suggest/", {"q": "harb"}).content.decode()


def faults_of(shop: Any, first: int, last: int) -> None:
    """Faults of every urgency and queue, those raised with Northfibre, outages in every state, and known errors."""
    span, ours = range(first, last), shop.brightwave
    holders = ("us", "partner", "end_customer")
    tickets = Ticket.objects.bulk_create(
        Ticket(
            organisation=ours, customer=shop.harbour, reference=f"TT-80{n:04d}", title=f"Down {n}", created_at=AT,
            state="resolved" if n % 7 == 0 else "in_progress", holder=holders[n % 3], priority=1 + n % 4,
            tier="tsc" if n % 6 == 0 else "l1", tsc_at=AT, operator=shop.north, resolved_at=AT if n % 7 == 0 else None,
        )
        for n in span
    )  # fmt: skip
    PartnerTicket.objects.bulk_create(
        PartnerTicket(
            organisation=ours, ticket=row, operator=shop.north, our_key=f"P-{row.pk}", raised_at=AT, holder="partner",
            state="submitted" if row.priority == 1 else "in_progress",
        )
        for row in tickets
    )  # fmt: skip
    states = ("candidate", "open", "cleared")
    Outage.objects.bulk_create(
        Outage(
            organisation=ours, reference=f"OUT-80{n:04d}", title=f"No internet {n}", state=states[n % 3], started_at=AT,
            created_at=AT, idempotency_key=f"home-{n}", approved_at=AT,
        )
        for n in span
    )  # fmt: skip
    KnownError.objects.bulk_create(
        KnownError(
            organisation=ours, reference=f"KE-H{n}", title=f"Error {n}", state="waiting", created_at=AT, updated_at=AT
        )
        for n in span
    )


def numbers_of(page: str) -> dict[str, str]:
    """The figures of a page: what stands under each number."""
    found = re.findall(r"stat-value[^>]*>([^<]*)<.*?stat-label[^>]*>([^<]*)<", page, re.DOTALL)
    return {label.strip(): value.strip() for value, label in found}


ROLES = {"bob": "fault_desk", "alice": "admin", "olga": "assurance", "cara": "admin"}


@pytest.mark.parametrize("who", ROLES)
def test_each_role_sees_its_own_fault_figures_at_a_cost_that_does_not_grow(shop: Any, who: str) -> None:
    getattr(shop, who).memberships.update(role=ROLES[who])
    caller, counts, pages = shop.client(who), [], []
    for first, last in ((0, 10), (10, 200)):
        faults_of(shop, first, last)
        with CaptureQueriesContext(connection) as seen:
            pages.append(numbers_of(caller.get("/", follow=True).content.decode()))
        counts.append(len(seen))
    assert counts[0] == counts[1]
    wanted = {
        "bob": {"faults of priority 1": "2", "outages proposed": "4", "outages open": "3"},
        "alice": {"faults of priority 1": "2", "known errors to approve": "10"},
        "olga": {"new: take them": "3", "of priority 1 or 2": "6"},
        "cara": {"faults being mended": "8", "wait for your answer": "3", "fixed: please confirm": "2"},
    }[who]
    assert wanted.items() <= pages[0].items()
    assert "known errors to approve" not in pages[0] or who == "alice"


def test_another_providers_faults_are_nobodys_figures(shop: Any) -> None:
    faults_of(shop, 0, 10)
    page = shop.client("charlie").get("/").content.decode()
    assert numbers_of(page)["faults of priority 1"] == "0"
    assert "TT-80" not in page
    assert "OUT-80" not in page
