"""The home page's figures, and the 360° pages of customer, site, service and operator."""

from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ofx.core import clock
from ofx.orders.models import Appointment, ServiceRecord
from ofx.portal.home.actions import refresh_figures
from ofx.portal.home.models import DayFigures
from tests.conftest import AT, organisation
from tests.ofx.orders.conftest import hear, news, order_for, part, run_events, shop
from tests.ofx.orders.test_pages import many

__all__ = ["order_for", "shop"]

NOT_FOUND = 404


def figures_of(shop: Any, at: Any = AT) -> DayFigures:
    return DayFigures.objects.get(organisation=shop.brightwave, day=timezone.localdate(at))


def test_a_days_figures_are_counted_from_the_orders(shop: Any, order_for: Any) -> None:
    done, slipped, held = order_for(), order_for(), order_for()
    hear(done, news("COMMITTED", 1, committed_date=date(2026, 3, 5)), news("COMPLETED", 2, hours=2), hours=3)
    hear(slipped, news("COMMITTED", 1, committed_date=date(2026, 3, 5)), hours=3)
    hear(slipped, news("DELAY", 2, 2, reason="CAPACITY", target_date=date(2026, 3, 9)), hours=3)
    hear(held, news("DELAY", 1, reason="WAYLEAVE"), hours=3)
    assert refresh_figures(at=AT + timedelta(hours=4)) >= 1
    row = figures_of(shop)
    assert (row.ordered, row.completed, row.committed, row.slipped) == (3, 1, 2, 1)
    assert row.standing["blocked"] == sum(sum(ages) for ages in row.ages.values()) == 2
    assert set(row.ages) == {"partner", "third_party"}
    assert row.open_orders == 2  # the completed one was accepted by rule


def test_what_stood_yesterday_stays_and_what_was_open_is_worked_out_backwards(shop: Any, order_for: Any) -> None:
    order_for()
    refresh_figures(at=AT)
    order_for(at=AT + timedelta(days=1))
    refresh_figures(at=AT + timedelta(days=1, hours=1))
    before, after = figures_of(shop), figures_of(shop, AT + timedelta(days=1))
    assert (before.open_orders, before.ordered) == (1, 1)
    assert (after.open_orders, after.ordered) == (2, 1)
    assert before.standing != {}


def test_a_tenant_that_nothing_happened_to_is_not_counted_again(shop: Any, order_for: Any) -> None:
    order_for()
    at = clock.now()
    refresh_figures(at=at)
    assert refresh_figures(at=at + timedelta(minutes=1)) == 0


def test_home_shows_charts_and_news_of_its_own_tenant_only(shop: Any, order_for: Any) -> None:
    at = clock.now()
    order = order_for(at=at - timedelta(hours=3), requested_date=at.date() + timedelta(days=40))
    row = order.partner_orders.get()
    told = news("DELAY", 1, reason="WAYLEAVE")
    told["issued_at"] = (at - timedelta(hours=1)).isoformat()
    hear(order, told, hours=(at - AT).total_seconds() / 3600)
    run_events()
    refresh_figures(at=at)
    page = shop.client("alice").get("/").content.decode()
    assert "Blocked orders by who holds them" in page
    assert f"{row.operator} reports a delay" in page or f"{row.operator} put it on hold" in page
    other = shop.client("charlie").get("/").content.decode()
    assert order.reference not in other


def test_a_customers_page_holds_its_orders_services_visits_charges_people_and_money(shop: Any, order_for: Any) -> None:
    live, going = order_for(), order_for(shop.other)
    hear(live, news("ACKNOWLEDGED", 1), news("COMPLETED", 2))
    hear(going, news("CHARGE_RAISED", 1, charge={"id": "c1", "amount": "120.00", "currency": "GBP"}))
    row = part(going)
    Appointment.objects.create(
        organisation=shop.brightwave, customer=shop.harbour, partner_order=row, operator=row.operator, our_key="a-1",
        place_text="x", postcode="SW1A1AA", slot_start=clock.now() + timedelta(days=2), state="confirmed",
        slot_end=clock.now() + timedelta(days=2, hours=5), created_at=AT, changed_at=AT,
    )  # fmt: skip
    service = ServiceRecord.objects.get()
    page = shop.client("alice").get(f"/customers/{shop.harbour.slug}/").content.decode()
    for wanted in (going.reference, service.reference, "Confirmed", "Cara Example"):
        assert wanted in page, wanted
    site = shop.client("alice").get("/sites/gb/sw1a 1aa/").content.decode()
    assert service.reference in site
    assert going.reference in site
    one = shop.client("alice").get(f"/services/{service.reference}/whole/").content.decode()
    assert live.reference in one
    assert going.reference not in one


def test_an_operators_page_holds_what_needs_us_and_its_connection(shop: Any, order_for: Any) -> None:
    stuck, elsewhere = order_for(), order_for(shop.other)
    hear(stuck, news("DELAY", 1, reason="CAPACITY"))
    hear(elsewhere, news("DELAY", 1, reason="CAPACITY"))
    page = shop.client("alice").get("/operators/northfibre/whole/").content.decode()
    assert stuck.reference in page
    assert elsewhere.reference not in page
    assert "Northfibre TMF622" in page


def test_nobody_sees_a_page_of_another_tenants_customer_or_place(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("COMPLETED", 2))
    stranger = organisation("customer", "Cobalt Cafe", provider=shop.cobalt)
    charlie = shop.client("charlie")
    for path in ("/customers/harbour-books/", "/sites/GB/SW1A1AA/", f"/services/{ServiceRecord.objects.get()}/whole/"):
        assert charlie.get(path).status_code == NOT_FOUND, path
    assert order.reference not in charlie.get("/operators/northfibre/whole/").content.decode()
    assert shop.client("alice").get(f"/customers/{stranger.slug}/").status_code == NOT_FOUND
    assert "Harbour" not in charlie.get("/customers/").content.decode()


def test_places_that_nobody_ordered_at_and_nonsense_are_404(shop: Any) -> None:
    for path in ("/sites/GB/ZZ999ZZ/", "/sites/xx/%00/", "/customers/no-such/", "/services/X/whole/"):
        assert shop.client("alice").get(path).status_code == NOT_FOUND, path


def test_a_360_page_costs_the_same_with_10_orders_and_with_200(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("COMPLETED", 2))
    alice = shop.client("alice")
    paths = ["/customers/harbour-books/", "/sites/GB/SW1A1AA/", "/operators/northfibre/whole/", "/customers/"]
    for path in paths:
        alice.get(path)
    counts = []
    for more in (10, 190):
        many(shop, more)
        seen = []
        for path in paths:
            with CaptureQueriesContext(connection) as queries:
                assert alice.get(path).status_code == 200
            seen.append(len(queries))
        counts.append(seen)
    assert counts[0] == counts[1]
