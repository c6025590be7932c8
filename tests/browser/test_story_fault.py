"""Story (b) of faults: a red test raises a complete partner ticket; the partner asks, Dora answers, it is mended.

She sits before a phone's screen and uses keys alone. The partner is the sandbox, played by its scenario "question".
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Product, shot
from tests.browser.keys import choose, control, news, press, reach, write
from tests.browser.looks import looks_well
from tests.browser.test_story_outage import Sandbox

pytestmark = pytest.mark.browser
PATIENCE = 40_000  # milliseconds: the worker and the sandbox take their time


def test_a_red_test_is_raised_asked_answered_mended_tested_and_closed(
    product: Product, sign_in: Callable[..., Page]
) -> None:
    line = product.ask("from tests.browser.lines import line; line('dora')")
    Sandbox(product).line(line["ref"], "ONT_NO_LIGHT")
    page = sign_in("dora", width=390, height=844, checked=True)
    reference = reported(page, line["reference"])
    asked_and_answered(page, reference)
    mended(page, reference)
    found = product.ask(f"from tests.browser.lines import at_partner; at_partner('{reference}')")
    assert found["known"]
    assert found["test"] == ["red", "ONT_NO_LIGHT"]
    told = {name: found["told"].get(name) for name in ("ONT_POWER", "SERVICE_HAS_WORKED", "24HR_ACCESS", "SYNC_LIGHT")}
    assert told == {"ONT_POWER": "yes", "SERVICE_HAS_WORKED": "no", "24HR_ACCESS": "yes", "SYNC_LIGHT": "off"}
    assert found["again"] == ["green"]
    assert found["who"] == "dora@example.com"
    assert found["states"][1] == "closed"


def title(page: Page, words: str) -> Locator:
    """The step that is asked just now."""
    return page.get_by_role("heading", name=words, exact=True)


def reported(page: Page, line: str) -> str:
    """From "no internet" through the guide and its test to a ticket at the partner; returns its number."""
    page.goto(f"/my/connections/{line}/")
    press(page, "Report a problem")
    expect(page.get_by_label("In your own words")).to_be_visible()
    write(page, "In your own words", "Dead since this morning [scenario:question]")
    press(page, "No internet at all")
    for heading, answer in (
        ("Is the Power light of the fibre box on?", "Yes, it is on"),
        ("What does the LOS light show?", "Steady red"),
        ("Look at the thin fibre cable", "Done"),
    ):
        expect(title(page, heading)).to_be_visible()
        press(page, answer)
    expect(title(page, "Has this connection worked before?")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("there is a fault on it, outside your premises")).to_be_visible()
    press(page, re.compile("^No$"))
    expect(title(page, "If an engineer has to come, when would suit you?")).to_be_visible()
    looks_well(page, "guide-times")
    press(page, re.compile(r"\d\d:00 to \d\d:00"))
    expect(title(page, "We take it from here")).to_be_visible()
    choose(page, "Have you looked at the cables of your router, and switched it off and on?", "Yes")
    write(page, "What does the light marked PON, DSL or Broadband do?", "off")
    choose(page, "Can an engineer get in at any time, also at night?", "Yes")
    looks_well(page, "guide-form")
    press(page, "Send the report")
    expect(page.get_by_text("It has gone to the network's engineers at once")).to_be_visible()
    looks_well(page, "guide-escalated")
    found = re.search(r"TT-\d+", page.locator(".guide-done").inner_text())
    assert found
    return found.group()


def asked_and_answered(page: Page, reference: str) -> None:
    """The partner's question reaches the open page; she answers it there."""
    press(page, "Follow it here")
    page.wait_for_url(f"**/my/faults/{reference}/")
    news(page, control(page, "Answer now").or_(page.locator(".my-question")))
    if control(page, "Answer now").is_visible():
        press(page, "Answer now")
    expect(page.locator(".my-question")).not_to_be_empty()
    press(page, "Send")
    expect(page.get_by_role("alert")).to_be_visible()
    looks_well(page, "fault-answer-error")
    write(page, "Your message", "Any morning, from eight on")
    press(page, "Send")
    expect(page.locator("#fault-story")).to_contain_text("Any morning, from eight on")
    shot(page, "fault-answered")


def mended(page: Page, reference: str) -> None:
    """The partner mends it, the line is tested again, and she confirms."""
    news(page, page.get_by_text("We tested the line after the fix: it is good."))
    news(page, control(page, "Tell us whether it works"))
    press(page, "Tell us whether it works")
    expect(title(page, "Does it work again?")).to_be_visible()
    looks_well(page, "fault-check")
    press(page, "Yes, it works again")
    expect(page.locator("#fault-live")).to_contain_text("This is closed.")
    looks_well(page, "fault-closed")
    reach(page, control(page, "It came back: report it again"))
