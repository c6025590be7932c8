"""The main job in a real browser: find who serves a place, order it, watch it arrive by itself."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product, shot

pytestmark = pytest.mark.browser
PATIENCE = 90_000  # milliseconds: the sandbox's working day lasts 0.4 s in these tests


def offer(page: Page, operator: str, product: str) -> Any:
    """The row of one offer in the result."""
    return page.locator("tr", has_text=operator).filter(has_text=product).first


def search(page: Page, text: str) -> None:
    """Type into the search box and press Enter."""
    page.goto("/search/")
    box = page.get_by_role("combobox").and_(page.locator("main *")).or_(page.locator("main input[name=q]")).first
    box.fill(text)
    box.press("Enter")
    page.wait_for_url(re.compile(r"q="))


def fill_order(page: Page, scenario: str) -> None:
    """Customer, contact and the simulated partner's scenario."""
    page.select_option("#id_customer", label="Ashdown Bakery", force=True)
    page.get_by_label("Site contact").fill("Ada Example")
    page.get_by_label("Contact's phone").fill("020 7946 0000")
    page.get_by_label("Contact's e-mail").fill("ada@example.com")
    page.get_by_label("Access notes").fill("Ring twice")
    page.get_by_label("Scenario").select_option(label=scenario)


def place_order(page: Page) -> str:
    """Submit the form; the reference of the order that the browser lands on."""
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_load_state()
    if page.locator("#alike").count():  # an earlier story ordered the like for the same customer
        page.get_by_label("It is meant: order anyway").check()
        page.get_by_role("button", name="Place the order").click()
    page.wait_for_url(re.compile(r"/orders/OFX-\d+/"))
    found = re.search(r"OFX-\d+", page.url)
    assert found
    return found.group()


def test_alice_finds_compares_orders_and_watches_it_arrive(product: Product, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    search(page, "22201")
    expect(page.locator("main")).to_contain_text("22201")
    search(page, "Buckingham")
    expect(page.locator("main")).to_contain_text("SW1A")
    search(page, "sw1a1aa")
    expect(page.get_by_role("heading", name="SW1A 1AA")).to_be_visible()
    shot(page, "search-desktop")

    for product_name in ("Fibre 150/150", "Fibre 500/500"):
        offer(page, "Northfibre", product_name).get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare").or_(page.get_by_role("link", name="Compare")).first.click()
    page.wait_for_url(re.compile("/search/compare/"))
    expect(page.locator("main")).to_contain_text("Fibre 500/500")
    shot(page, "compare-desktop")

    search(page, "sw1a1aa")
    offer(page, "Northfibre", "Fibre 150/150").get_by_role("link", name="Order").click()
    fill_order(page, "delay")
    shot(page, "order-new-desktop")
    reference = place_order(page)
    header = page.locator("header.page-line")
    expect(header).to_contain_text("Accepted", timeout=PATIENCE)
    page.reload()
    main = page.locator("main")
    for words in ("Acknowledged (KCI1)", "Committed (KCI2)", "Delayed", "moved the target date", "Completed (KCI3)"):
        expect(main).to_contain_text(words)
    shot(page, "order-done-desktop")

    page.goto("/services/")
    expect(page.locator("main")).to_contain_text("SW1A 1AA")
    page.goto(f"/find/?q={reference}")
    expect(page).to_have_url(re.compile(f"/orders/{reference}/"))


def test_one_order_over_two_operators_shows_both_and_is_done_when_both_are(
    product: Product, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    search(page, "SW1A 1AA")
    offer(page, "Southlink", "Fibre 100/100").get_by_role("link", name="Order").click()
    fill_order(page, "clean")
    page.get_by_label(re.compile("Business router")).check()
    reference = place_order(page)
    main = page.locator("main")
    expect(main).to_contain_text("Southlink")
    expect(main).to_contain_text("Mailtel")
    expect(page.locator("header.page-line")).to_contain_text("Accepted", timeout=PATIENCE)
    page.reload()
    for channel in ("Southlink (simulated)", "Mailtel (simulated)"):
        expect(main).to_contain_text(channel)
    shot(page, "order-two-operators-desktop")

    for who, path in (("charlie", ""), ("charlie", "live/"), ("charlie", "timeline/"), ("olga", "")):
        other = sign_in(who)
        answer = other.goto(f"/orders/{reference}/{path}")
        assert answer is not None
        assert answer.status == 404, (who, path)

    bob = sign_in("bob")
    bob.goto(f"/orders/{reference}/")
    expect(bob.get_by_role("button", name="Keep")).to_have_count(0)
    token = bob.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    refused = bob.request.post(
        f"/orders/{reference}/note/",
        form={"text": "let me in", "csrfmiddlewaretoken": token},
        headers={"Referer": f"{product.url}/orders/{reference}/"},
    )
    assert refused.status == 403
