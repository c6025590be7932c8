"""Live answers arrive in the page by themselves; a file of places becomes a result, and the result orders."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product, shot

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # milliseconds


def test_live_answers_arrive_in_the_page_and_nothing_jumps(product: Product, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    page.goto("/search/?q=sw1a1aa")
    box = page.locator("#live-lines")
    expect(page.get_by_role("heading", name="Live answers")).to_be_visible()
    first = page.locator("table.offer-table tbody tr").first
    order = first.get_by_role("link", name="Order")
    before = order.bounding_box()
    order.focus()
    for name in ("Northfibre", "Southlink", "Eastwave"):
        expect(box.locator("li", has_text=name)).to_contain_text("valid until", timeout=PATIENCE)
    expect(page.locator("#live-poll")).not_to_have_attribute("hx-get", re.compile("."))
    expect(order).to_be_focused()
    assert order.bounding_box() == before
    offer = page.locator("tr", has_text="Northfibre").filter(has_text="Fibre 150/150").first
    expect(offer.locator(".live-slot")).to_contain_text("live")
    shot(page, "live-answers-desktop")
    phone = sign_in("alice", 390, 844, True)
    phone.goto("/search/?q=sw1a1aa")
    expect(phone.locator("#live-lines")).to_contain_text("valid until", timeout=PATIENCE)
    wide = phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    shot(phone, "live-answers-phone")


def test_a_file_of_places_becomes_a_result_and_its_rows_orders(
    product: Product, sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = sign_in("alice")
    file = tmp_path / "sites.csv"
    rows = [f"S-{number},SW1A 1AA,Ashdown Bakery,Paula Placeholder,020 7946 0000" for number in range(1, 31)]
    file.write_text("\n".join(["Site,Post code,Customer,Contact,Phone", *rows, "S-31,nowhere,,,", ""]))
    page.goto("/search/bulk/")
    page.get_by_role("link", name="Qualify a file").click()
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name=re.compile("Next")).click()
    expect(page.locator("table.preview")).to_contain_text("SW1A1AA")
    shot(page, "bulk-columns-desktop")
    page.get_by_role("button", name="Qualify", exact=True).click()
    expect(page.locator("#bulk-live")).to_contain_text("Done", timeout=PATIENCE)
    expect(page.locator("#bulk-live")).to_contain_text("30 can be ordered")
    page.reload()
    expect(page.locator("main")).to_contain_text("Could not be read")
    shot(page, "bulk-result-desktop")
    with page.expect_download() as loaded:
        page.get_by_role("link", name="XLSX").click()
    assert loaded.value.suggested_filename.endswith(".xlsx")

    boxes = page.locator("input[name=selected]")
    for number in (0, 1, 2):
        boxes.nth(number).check()
    page.get_by_role("button", name="Order the chosen rows").click()
    expect(page.locator("main")).to_contain_text("of the 3 chosen rows can be ordered")
    page.get_by_label("Which offer").select_option("cheapest", force=True)
    shot(page, "bulk-order-desktop")
    page.get_by_role("button", name="Make drafts").click()
    page.wait_for_url(re.compile("/search/batches/"))
    expect(page.locator("#batch-live")).to_contain_text("3 drafts", timeout=PATIENCE)
    page.reload()
    expect(page.locator("main")).to_contain_text(re.compile(r"OFX-\d+"))
    shot(page, "bulk-batch-desktop")

    url = page.url
    for who in ("charlie", "olga", "cara"):
        answer = sign_in(who).goto(url)
        assert answer is not None
        assert answer.status == 404, who
