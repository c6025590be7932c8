"""Alice finds an operator, asks for an agreement, Olga answers with prices from a file, Alice orders a minute later.

`PICTURES=1` keeps the pictures of docs/agreements.md.
"""

import os
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Product, shot

pytestmark = pytest.mark.browser
PATIENCE = 90_000  # milliseconds


def picture(page: Page, name: str) -> None:
    """A picture for the documentation where it was asked for, else one to look at."""
    if os.environ.get("PICTURES"):
        page.screenshot(path=str(ROOT / "docs" / "pictures" / f"{name}.png"))
    else:
        shot(page, name)


def ask_for_an_agreement(page: Page) -> None:
    """From the directory to a request."""
    page.goto("/operators/?agreement=none")
    page.get_by_role("link", name="Moorland Broadband").first.click()
    page.wait_for_url(re.compile("/operators/moorland/"))
    page.get_by_role("link", name="Ask for an agreement").first.click()
    page.get_by_label("Regions").fill("M, SW1A")
    page.get_by_label("Note").fill("Two dozen shops in Manchester.")
    page.get_by_role("button", name="Ask for an agreement").click()
    page.wait_for_url(re.compile(r"/agreements/\d+/$"))
    expect(page.locator("header.page-line")).to_contain_text("Asked for")


def answer_with_a_file(page: Page) -> None:
    """Olga, who works for two operators, answers for Moorland: template out, prices in, looked at, sent."""
    page.locator(".topbar details summary, .topbar [data-bs-toggle=dropdown]").last.click()
    page.get_by_role("button", name=re.compile("Moorland")).click()
    page.goto("/agreements/")
    expect(page.locator("main")).to_contain_text("needs your answer")
    page.get_by_role("link", name="Brightwave Telecom").first.click()
    page.get_by_role("link", name="Answer with an offer").click()
    bad = b"product code,monthly,one-off,currency\nmb-fttp-100,cheap,0,GBP\nmb-fttp-7,20,0,GBP\n"
    page.get_by_label("Prices from a file").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": bad})
    page.get_by_role("button", name="Fill the rows from the file").click()
    expect(page.locator(".form-summary")).to_contain_text("Row 2, monthly")
    expect(page.locator(".form-summary")).to_contain_text("Row 3, product code")
    good = b"product code,monthly,one-off,currency\nmb-fttp-100,19.50,80,GBP\nmb-fttp-900,31.00,80,GBP\n"
    page.get_by_label("Prices from a file").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": good})
    page.get_by_role("button", name="Fill the rows from the file").click()
    expect(page.get_by_label("Fibre 100/100, monthly")).to_have_value("19.50")
    picture(page, "agreement-offer")
    page.get_by_role("button", name="Send the offer").click()
    expect(page.locator("header.page-line")).to_contain_text("Offered")


def order_from_it(page: Page) -> str:
    """Search, order at the agreed price; the order's reference."""
    page.goto("/search/?q=M1+1AE")
    row = page.locator("tr", has_text="Moorland").filter(has_text="Fibre 100/100").first
    expect(row).to_contain_text("£19.50")
    row.get_by_role("link", name="Order").click()
    page.select_option("#id_customer", label="Ashdown Bakery", force=True)
    page.get_by_label("Site contact").fill("Ada Example")
    page.get_by_label("Contact's phone").fill("020 7946 0000")
    page.get_by_label("Access notes").fill("Ring twice")
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url(re.compile(r"/orders/OFX-\d+/"))
    found = re.search(r"OFX-\d+", page.url)
    assert found
    return found.group()


def test_from_a_stranger_in_the_directory_to_an_order_within_a_minute(
    product: Product, sign_in: Callable[..., Page]
) -> None:
    alice, olga = sign_in("alice"), sign_in("olga")
    ask_for_an_agreement(alice)
    address = alice.url
    answer_with_a_file(olga)
    alice.goto(address)
    expect(alice.locator("main")).to_contain_text("£19.50")
    picture(alice, "agreement")
    alice.get_by_role("button", name="Accept the offer").click()
    expect(alice.locator("header.page-line")).to_contain_text("Active")

    reference = order_from_it(alice)
    expect(alice.locator("header.page-line")).to_contain_text(re.compile("Submitted|Acknowledged"), timeout=PATIENCE)
    olga.goto("/partner/")
    expect(olga.locator("main")).to_contain_text(reference, timeout=PATIENCE)

    charlie = sign_in("charlie")
    answer = charlie.goto(address)
    assert answer is not None
    assert answer.status == 404
    charlie.goto("/search/?q=M1+1AE")
    expect(charlie.locator("main")).not_to_contain_text("£19.50")


def test_reach_shows_what_one_more_agreement_adds(sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    page.goto("/reach/")
    page.wait_for_function("document.querySelectorAll('#reach-map .dot').length > 0", timeout=PATIENCE)
    page.get_by_label("With one more agreement").select_option(label="Lagan Link")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("more postcodes")
    page.wait_for_function("document.querySelectorAll('#reach-map .dot-adds').length > 0")
    picture(page, "reach")
    page.goto("/operators/?sort=-reach_postcodes")
    expect(page.locator("main")).to_contain_text("areas")
    picture(page, "directory")
