"""Each journey around a fault by keyboard alone, and what the accessibility checker says of every state on its way.

What is not here is in the stories: reporting, guides, the partner's question and the confirmation in `test_story_fault`
and `test_story_guide`, the desk's own ticket in `test_story_desk`.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Product
from tests.browser.keys import control, press, reach, unfold, write
from tests.browser.looks import looks_well
from tests.browser.test_every_page_looks import enter, pages

pytestmark = pytest.mark.browser
People = Callable[..., Page]
NAMES = str.maketrans("/?=+&", "-----")


@pytest.fixture(scope="module")
def found(product: Product) -> dict[str, str]:
    """What the journeys begin with."""
    made: dict[str, str] = product.ask("from tests.browser.journeys import begin, blank; blank(); begin()")
    return made


@pytest.fixture(scope="module")
def people(product: Product, chrome: Browser) -> Iterator[People]:
    """`people("cara")`: her page, signed in once."""
    known: dict[str, Page] = {}

    def page(name: str, width: int = 1440) -> Page:
        if name not in known:
            size = {"width": width, "height": 900}
            context = chrome.new_context(base_url=product.url, viewport=size, bypass_csp=True)  # type: ignore[arg-type]
            known[name] = context.new_page()
            enter(known[name], name, product.env["OFX_DEMO_PASSWORD"])
        return known[name]

    yield page
    for one in known.values():
        one.context.close()


def confirm(page: Page) -> None:
    """Say yes to the question that is asked before what cannot be undone: it stands on "Go back" first."""
    expect(page.locator("#confirm")).to_be_visible()
    expect(control(page, "Go back").last).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_be_hidden()


def test_a_customer_says_that_it_still_does_not_work_and_complains(
    product: Product, people: People, found: dict[str, str]
) -> None:
    page = people("cara", width=390)
    page.goto("/my/faults/")
    press(page, "Lamp on the box is off")
    unfold(page, "No, it still does not work")
    lax(page)
    press(page, "Tell us, and we go on")
    expect(page.get_by_role("alert")).to_be_visible()
    looks_well(page, "fault-still-error")
    write(page, "What still does not work?", "The lamp is off again")
    press(page, "Tell us, and we go on")
    expect(page.locator("#fault-live")).to_contain_text("We are working on it.")
    looks_well(page, "fault-reopened")
    press(page, "Not content with how we handle it? Complain")
    expect(page.get_by_label("What went wrong?")).to_be_visible()
    lax(page)
    press(page, "Send the complaint")
    expect(page.get_by_role("alert")).to_be_visible()
    looks_well(page, "complaint-error")
    write(page, "What went wrong?", "It was said to be mended, twice")
    press(page, "Send the complaint")
    expect(page.get_by_role("heading", name="Your complaint")).to_be_visible()
    looks_well(page, "complaint-received")
    product.ask("from tests.browser.journeys import answer_last_complaint; answer_last_complaint()")
    page.reload()
    unfold(page, "It does not put it right")
    looks_well(page, "complaint-answered")
    write(page, "Why does our answer not put it right?", "It is still off")
    press(page, "Take it to a manager")
    expect(page.get_by_text("A manager looks at it.")).to_be_visible()
    looks_well(page, "complaint-escalated")


def test_a_customer_chooses_what_to_be_told_and_reads_what_is_due(people: People) -> None:
    page = people("cara", width=390)
    page.goto("/my/notifications/")
    first = page.locator("main input[type=checkbox]").first
    was = first.is_checked()
    reach(page, first)
    page.keyboard.press("Space")
    press(page, "Keep these choices")
    expect(page.get_by_text("Kept. It holds from the next news on.")).to_be_visible()
    expect(first).to_be_checked(checked=not was)
    looks_well(page, "notifications-kept")
    page.goto("/my/compensation/")
    expect(page.locator("main h1, main h2").first).to_be_visible()
    looks_well(page, "compensation")


def lax(page: Page) -> None:
    """Let what is incomplete reach the server, as browsers without these checks do."""
    page.evaluate("document.querySelectorAll('form').forEach((one) => { one.noValidate = true; })")


def test_the_desk_raises_a_fault_at_the_partner_and_publishes_a_known_error(
    people: People, found: dict[str, str]
) -> None:
    page = people("alice")
    page.goto(f"/tickets/{found['waiting']}/")
    page.keyboard.press("a")
    expect(page.locator("#ticket-head")).to_contain_text("In progress")
    page.keyboard.press("r")
    light = page.get_by_label("What does the PON or broadband light show?")
    expect(light).to_be_visible()
    lax(page)
    press(page, "Raise it at Northfibre")
    expect(page.get_by_role("alert")).to_be_visible()
    write(page, "What does the PON or broadband light show?", "off")
    press(page, "Raise it at Northfibre")
    expect(page.locator("#ticket-head")).to_contain_text("held by partner")
    page.goto(f"/knowledge/{found['article']}/")
    press(page, "Publish to customers")
    confirm(page)
    expect(page.get_by_role("heading", name="What customers read")).to_be_visible()
    expect(page.get_by_role("link", name="As they see it")).to_be_visible()


def test_an_operators_people_ask_about_a_fault_and_mend_it(people: People, found: dict[str, str]) -> None:
    page = people("ash", width=390)
    page.goto("/partner/faults/")
    looks_well(page, "partner-faults")
    reach(page, page.locator(f"tr[data-href*='{found['theirs']}'] [data-answer]"))
    page.keyboard.press("Enter")
    row = page.locator(f"tr[data-href*='{found['theirs']}']")
    expect(row).to_contain_text("Taken")
    page.wait_for_load_state()
    reach(page, row.locator("a.row-link"))
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body")).to_contain_text("What happened")
    unfold(page, "Ask")
    lax(page)
    press(page, re.compile("^Ask$"))
    expect(page.get_by_role("alert")).to_be_visible()
    looks_well(page, "partner-fault-error")
    write(page, "In words", "Which light is on?")
    press(page, re.compile("^Ask$"))
    expect(page.get_by_text("You asked: “Which light is on?”")).to_be_visible()
    looks_well(page, "partner-fault-asked")


def test_an_outage_is_approved_told_and_cleared(people: People, found: dict[str, str]) -> None:
    page, cara = people("alice"), people("cara", width=390)
    page.goto("/outages/proposals/")
    box = page.locator("[data-proposal]", has_text="No service in ZE3 8")
    for _ in range(page.locator("[data-proposal]").count()):
        page.keyboard.press("j")
        if box.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("a")
    confirm(page)
    expect(page.locator("header.page-line")).to_contain_text("Open")
    told_of_the_outage(cara, found["line"])
    write(page, "For customers and the status page", "A crew is splicing.")
    press(page, "Tell everybody")
    expect(page.locator(".outage-update", has_text="A crew is splicing.")).to_be_visible()
    unfold(page, "It is over: clear and test again")
    write(page, "What was it?", "A burnt cabinet")
    press(page, "Clear")
    confirm(page)
    expect(page.get_by_text("A burnt cabinet").first).to_be_visible()
    expect(page.locator("header.page-line")).to_contain_text(re.compile("Re-testing|Cleared"))


def told_of_the_outage(page: Page, line: str) -> None:
    """Cara reports what is known already, and is kept informed."""
    page.goto(f"/help/what/?service={line}")
    page.evaluate("document.querySelector('main form').submit()")  # without a choice, as no button of ours does
    expect(page.get_by_role("alert")).to_be_visible()
    looks_well(page, "what-error")
    press(page, "No internet at all")
    expect(page.get_by_role("heading", name="There is an outage at your place")).to_be_visible()
    looks_well(page, "guide-outage")
    press(page, "Keep me informed")
    expect(page.get_by_role("heading", name="We keep you informed")).to_be_visible()
    looks_well(page, "guide-informed")


@pytest.mark.parametrize(("name", "like", "portal"), [("fern", "cara", "/"), ("otto", "olga", "/partner/")])
def test_pages_with_nothing_on_them_say_what_comes_next(
    people: People, found: dict[str, str], name: str, like: str, portal: str
) -> None:
    page = people(name, width=390)
    for word, who, path in pages():
        if who == like and "{" not in path and path.startswith(portal) and not path.startswith(("/accounts/", "/no/")):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            looks_well(page, f"empty-{word}-{path.strip('/').translate(NAMES)}")
