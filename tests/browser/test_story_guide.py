"""Story (a) of faults: Cara's internet keeps dropping; on a phone's screen and by keyboard alone she mends it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product, shot
from tests.browser.keys import control, press, write
from tests.browser.looks import looks_well
from tests.browser.test_story_outage import Sandbox

pytestmark = pytest.mark.browser
TITLE = "The internet keeps dropping"


@pytest.fixture
def cara(sign_in: Callable[..., Page]) -> Page:
    """Cara on her phone."""
    return sign_in("cara", width=390, height=844, checked=True)


def counted(page: Page, *heads: str) -> list[int]:
    """Figures of the guide's row on the deflection page."""
    page.goto("/guides/deflection/?days=28")
    row = page.locator("tr", has=page.get_by_role("rowheader", name=TITLE, exact=True))
    if not row.count():
        return [0 for _ in heads]
    names = [name.strip().casefold() for name in page.locator("table", has=row).locator("thead th").all_text_contents()]
    return [int(row.locator("td").nth(names.index(head) - 1).inner_text()) for head in heads]


def test_cara_mends_it_herself_and_is_counted_a_week_later(
    product: Product, cara: Page, sign_in: Callable[..., Page]
) -> None:
    line = product.ask("from tests.browser.lines import judge_all, line; judge_all(); line('cara')")
    Sandbox(product).line(line["ref"], "UNIPORT_ERRORS")
    desk = sign_in("alice")
    provisional, confirmed = counted(desk, "provisional", "confirmed")
    through_the_guide(cara, line["reference"])
    assert counted(desk, "provisional", "confirmed") == [provisional + 1, confirmed]
    expect(desk.get_by_text("not counted yet")).to_be_visible()
    said = product.ask(f"from tests.browser.lines import week_passes; week_passes('{line['reference']}')")
    assert said == ["provisional", "confirmed"]
    assert counted(desk, "confirmed") == [confirmed + 1]
    expect(desk.get_by_text("nobody called about the same fault within 7 days").first).to_be_visible()
    shot(desk, "guide-deflection")


def through_the_guide(page: Page, line: str) -> None:
    """From “get help” to “it works again”; each state is looked at."""
    page.goto("/help/")
    press(page, line)
    expect(page.get_by_label("In your own words")).to_be_visible()
    write(page, "In your own words", "It drops every few minutes")
    press(page, TITLE)
    expect(page.get_by_role("heading", name="We test your line")).to_be_visible()
    looks_well(page, "guide-busy")
    expect(page.get_by_role("heading", name="What drops when it happens?")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("it works, but not as well as it should")).to_be_visible()
    looks_well(page, "guide-tested")
    press(page, "Everything, also what hangs on a cable")
    expect(page.get_by_role("heading", name="Look at the LAN light of the fibre box")).to_be_visible()
    looks_well(page, "guide-pictures")
    press(page, "Off, or it comes and goes")
    expect(page.get_by_role("heading", name="Push the cables in until they click")).to_be_visible()
    looks_well(page, "guide-guidance")
    press(page, "Back")
    expect(page.get_by_text("your answer before")).to_be_visible()
    press(page, "Off, or it comes and goes")
    expect(page.get_by_role("heading", name="Push the cables in until they click")).to_be_visible()
    press(page, "Yes, it works now")
    expect(page.get_by_role("heading", name="It works again")).to_be_visible()
    looks_well(page, "guide-fixed")


def test_a_report_that_lacks_something_says_what_keeps_what_was_written_and_is_sent(cara: Page) -> None:
    cara.goto("/help/what/")
    press(cara, "The phone does not work")
    expect(cara.get_by_role("heading", name="The phone over fibre")).to_be_visible()
    if control(cara, "Report it now instead").count():  # not where an earlier try is gone on with
        press(cara, "Report it now instead")
    write(cara, "On which telephone?", "later")
    write(cara, "Anything else that we should know?", "It crackles")
    press(cara, "Send the report")
    expect(cara.get_by_role("alert")).to_contain_text("Write the number with digits")
    number = cara.get_by_label("On which telephone?")
    expect(number).to_have_value("later")
    expect(number).to_have_accessible_description(re.compile("Write the number with digits"))
    expect(cara.get_by_label("Anything else that we should know?")).to_have_value("It crackles")
    looks_well(cara, "guide-error")
    write(cara, "On which telephone?", "020 7946 0000")
    press(cara, "Send the report")
    expect(cara.get_by_role("heading", name="Your report is with us")).to_be_visible()
    looks_well(cara, "guide-reported")
