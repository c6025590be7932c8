"""Story (c): a charge, a visit, a change and a cease, each with the partner refusing once; and a likely duplicate.

Story (d): the 360° page of that one customer shows all of it. The stories share the customer and are told in order.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product, shot
from tests.browser.keys import press, reach
from tests.browser.looks import looks_well
from tests.browser.test_story_order import PATIENCE, offer, search

pytestmark = pytest.mark.browser
# What its customer reads of a visit: state, words
VISIT_STATES = {
    "reserved": "The network holds this time for you until",
    "asked": "We asked the network to change it and wait for its answer.",
    "expired": "The time that was held for you has run out.",
    "missed": "The engineer did not come.",
    "failed": "The engineer could not do the work.",
    "completed": "This visit is over.",
}


CUSTOMER = "Aardvark Stories"  # the first of the list, so that the chooser shows it


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """What the stories did: word → reference of the order. The last story looks for all of it."""
    return {}


def choose(page: Page, customer: str) -> None:
    """The customer by name; a new one the first time."""
    known = page.locator("#id_customer option", has_text=customer)
    if known.count():
        page.select_option("#id_customer", label=known.first.inner_text(), force=True)
    else:
        page.get_by_label("Or a new customer").fill(customer)


def order(page: Page, scenario: str, customer: str = CUSTOMER) -> str:
    """Order Fibre 150/150 at Northfibre for the customer, whatever it has there already; the reference."""
    search(page, "sw1a1aa")
    offer(page, "Northfibre", "Fibre 150/150").get_by_role("link", name="Order").click()
    choose(page, customer)
    page.get_by_label("Site contact").fill("Sam Sample")
    page.get_by_label("Contact's phone").fill("020 7946 0000")
    page.get_by_label("Scenario").select_option(label=scenario)
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_function("location.pathname.match(/OFX-\\d+/) || document.querySelector('#alike')")
    if page.locator("#alike").count():
        page.get_by_label("It is meant: order anyway").check()
        page.get_by_role("button", name="Place the order").click()
    page.wait_for_url(re.compile(r"/orders/OFX-\d+/"))
    found = re.search(r"OFX-\d+", page.url)
    assert found
    return found.group()


def head(page: Page, words: str) -> None:
    """Wait until the order's header says so."""
    expect(page.locator("header.page-line")).to_contain_text(words, timeout=PATIENCE)


def confirm(page: Page) -> None:
    """Say yes to the question that an irreversible act asks."""
    page.locator("dialog[open], .modal.show").get_by_role("button").filter(has_not_text="Cancel").last.click()


def test_a_charge_is_consented_to_once_more_after_the_partner_refused(
    product: Product, sign_in: Callable[..., Page], told: dict[str, str]
) -> None:
    page = sign_in("alice")
    reference = told["charge"] = order(page, "charge refused once")
    head(page, "Charge awaits our answer")
    page.goto(f"/orders/{reference}/")
    for turn in (1, 2):
        page.get_by_role("link", name="Answer the charge of").first.click()
        page.get_by_label("Who at the customer agreed").fill("Paula Placeholder")
        page.get_by_label("Their reference").fill(f"PO-{turn}")
        shot(page, f"charge-consent-{turn}-desktop")
        page.get_by_role("button", name=re.compile("^Accept")).last.click()
        confirm(page)
        if turn == 1:
            expect(page.locator("main")).to_contain_text("did not take our answer", timeout=PATIENCE)
    head(page, "In progress")
    page.reload()
    expect(page.locator("main")).to_contain_text("PO-2")
    shot(page, "charge-accepted-desktop")


def test_a_visit_is_rebooked_before_it_lapses_although_the_first_slot_was_taken(
    product: Product, sign_in: Callable[..., Page], told: dict[str, str]
) -> None:
    page = sign_in("alice")
    reference = told["visit"] = order(page, "rebook refused once")
    head(page, "In progress")
    page.goto(f"/orders/{reference}/items/1/visit/")
    page.locator("input[name=slot]").first.check()
    shot(page, "visit-slots-desktop")
    page.get_by_role("button", name="Reserve").click()
    page.wait_for_url(re.compile(rf"/orders/{reference}/$"))
    main = page.locator("main")
    expect(main).to_contain_text("Reserved")
    expect(main).to_contain_text("Confirm or re-book the visit", timeout=PATIENCE)
    shot(page, "visit-lapsing-desktop")
    page.goto(f"/orders/{reference}/items/1/visit/")
    page.locator("input[name=slot]").nth(3).check()
    page.get_by_role("button", name="Move the visit").click()
    expect(main).to_contain_text("SLOT_TAKEN")
    shot(page, "visit-refused-desktop")
    page.locator("input[name=slot]").nth(4).check()
    page.get_by_role("button", name="Move the visit").click()
    page.wait_for_url(re.compile(rf"/orders/{reference}/$"))
    expect(main).to_contain_text("Visit moved")
    page.get_by_role("button", name="Confirm the visit").first.click()
    expect(main.locator(".order-item")).to_contain_text("Confirmed")
    shot(page, "visit-confirmed-desktop")
    product.ask(f"from tests.browser.lines import person_of; person_of('abe', '{CUSTOMER}')")
    abe = sign_in("abe", width=390, height=844, checked=True)
    moved_by_its_customer(abe, reference)
    seen_in_every_state(abe, product)


def seen_in_every_state(page: Page, product: Product) -> None:
    """The visit as it stands while it is held, asked about, run out, missed, failed and over."""
    visit = page.url.rstrip("/").rsplit("/", 1)[-1].partition("?")[0]
    for state, words in VISIT_STATES.items():
        product.ask(f"from tests.browser.lines import visit_is; visit_is({visit}, '{state}')")
        page.goto(f"/my/visits/{visit}/")
        expect(page.get_by_text(words)).to_be_visible()
        looks_well(page, f"visit-{state}")
    product.ask(f"from tests.browser.lines import visit_is; visit_is({visit}, 'confirmed')")


def moved_by_its_customer(page: Page, reference: str) -> None:
    """Abe, on a phone and by keyboard alone, moves his visit once more."""
    page.goto(f"/orders/{reference}/")
    press(page, "Move this visit")
    expect(page.get_by_role("heading", name="Move this visit")).to_be_visible()
    before = page.locator("h2#now").inner_text()
    looks_well(page, "visit-fixed")
    page.evaluate("document.querySelector('fieldset.slots').closest('form').noValidate = true")
    press(page, "Move it to this time")
    expect(page.get_by_role("alert")).to_contain_text("Choose one of the times shown.")
    looks_well(page, "visit-error")
    times = page.locator("input[name=slot]")
    reach(page, times.first)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(times.nth(2)).to_be_checked()
    press(page, "Move it to this time")
    expect(page.get_by_text("Your visit is moved.")).to_be_visible()
    expect(page.locator("h2#now")).not_to_have_text(before)
    expect(page.get_by_text("This time is fixed. Somebody should be there")).to_be_visible()
    looks_well(page, "visit-moved")


def test_an_order_is_amended_after_a_refusal_and_a_duplicate_is_ordered_anyway(
    product: Product, sign_in: Callable[..., Page], told: dict[str, str]
) -> None:
    page = sign_in("alice")
    reference = told["amend"] = order(page, "amend refused once")
    main = page.locator("main")
    expect(main).to_contain_text("committed", timeout=PATIENCE)
    for turn, words in ((1, "no crew is free"), (2, "Accepted")):
        page.goto(f"/orders/{reference}/items/1/amend/")
        page.get_by_label("New date").fill((date.today() + timedelta(days=40 + turn)).isoformat())
        page.get_by_label("Why").fill("Customer on holiday")
        shot(page, f"amend-{turn}-desktop")
        page.get_by_role("button", name="Ask for the change").click()
        page.wait_for_url(re.compile(rf"/orders/{reference}/$"))
        expect(main.locator(".order-item")).to_contain_text(words, timeout=PATIENCE)
    shot(page, "amended-desktop")

    search(page, "sw1a1aa")
    offer(page, "Northfibre", "Fibre 150/150").get_by_role("link", name="Order").click()
    choose(page, CUSTOMER)
    page.get_by_label("Site contact").fill("Sam Sample")
    page.get_by_label("Contact's phone").fill("020 7946 0000")
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator("#alike")).to_contain_text(reference)
    shot(page, "order-alike-desktop")
    page.get_by_label("It is meant: order anyway").check()
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url(re.compile(r"/orders/OFX-\d+/"))


def service_of(page: Page, reference: str) -> str:
    """The address of the service that an order created: the newest services are looked through."""
    page.goto("/services/")
    links = page.get_by_role("link", name=re.compile("SVC-")).all()[:8]
    for path in [link.get_attribute("href") or "" for link in links]:
        page.goto(path)
        if reference in page.locator("main").inner_text():
            return page.url
    raise AssertionError(f"no service of {reference} among the newest")


def test_a_service_is_ceased_after_a_refusal(
    product: Product, sign_in: Callable[..., Page], told: dict[str, str]
) -> None:
    page = sign_in("alice")
    reference = told["live"] = order(page, "clean")
    head(page, "Accepted")
    service = service_of(page, reference)
    for turn, words in ((1, "Rejected"), (2, "Accepted")):
        page.goto(f"{service}cease/")
        page.get_by_label("Why").fill("The customer moves out")
        page.get_by_label("Scenario").select_option(label="cease refused once")
        shot(page, f"cease-{turn}-desktop")
        page.get_by_role("button", name="Order the cease").click()
        confirm(page)
        page.wait_for_url(re.compile(r"/orders/OFX-\d+/$"))
        head(page, words)
    page.goto(service)
    expect(page.locator("header.page-line")).to_contain_text("Ceased")
    expect(page.locator("main")).to_contain_text(reference)
    shot(page, "service-ceased-desktop")
    told["cease"] = page.locator("main").get_by_role("link", name=re.compile("OFX-")).last.inner_text()


def test_the_customers_360_page_shows_all_of_it(sign_in: Callable[..., Page], told: dict[str, str]) -> None:
    assert set(told) == {"charge", "visit", "amend", "live", "cease"}, (
        "the stories above come first: run the whole file"
    )
    page = sign_in("alice")
    page.goto("/customers/?q=Aardvark")
    page.get_by_role("link", name=CUSTOMER).first.click()
    main = page.locator("main")
    for heading in ("Orders", "Services", "Appointments", "Extra charges", "News and messages", "Money, a month"):
        expect(main.get_by_role("heading", name=heading).first).to_be_visible()
    page.get_by_text("Ended lately").click()
    for word in ("charge", "visit", "amend", "live"):
        expect(main).to_contain_text(told[word])
    for words in ("Excess construction", "Confirmed", "Accepted"):
        expect(main).to_contain_text(words)
    shot(page, "customer-360-desktop")
    phone = sign_in("alice", width=390, height=844, dark=True)
    phone.goto(page.url)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shot(phone, "customer-360-phone")
