"""The kit's own behaviour in a real browser: keys, dialogs, focus, double clicks, colours, live parts."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from ofx.core.models import ApiToken
from ofx.embedded import browser as chromium
from tests.conftest import PASSWORD, organisation

pytestmark = [pytest.mark.browser]


@contextmanager
def at(live_server, path: str, **options) -> Iterator[Page]:
    """Alice's browser on a page. The database may be asked again only when it is closed (one event loop a thread)."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium.find()), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=live_server.url, **options)
        page.set_default_timeout(10_000)
        page.goto("/accounts/login/?next=" + path)
        page.fill("[name=login]", "alice@example.com")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(live_server.url + path)
        yield page
        browser.close()


@pytest.fixture
def shops(live_server, world):
    for number in range(12):
        organisation("customer", f"Shop {number:02}", provider=world.brightwave)
    return world


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


def test_keys_walk_select_and_a_confirmation_can_be_declined(live_server, shops):
    with at(live_server, "/ui/") as page:
        sent = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        for key in "jjjx":
            page.keyboard.press(key)
        assert page.locator("tr.at").count() == 1
        assert page.inner_text(".bulk-count") == "1 selected"
        page.click("#bulk button:has-text('Act on them')")
        page.click("#confirm button[value=no]")
        assert sent == []
        page.click("#bulk button:has-text('Act on them')")
        with page.expect_navigation():
            page.click("#confirm-yes")
        assert len(sent) == 1
        page.keyboard.press("?")
        assert page.locator("#keys").is_visible()


def test_typing_a_filter_changes_the_rows_and_the_address_but_not_the_focus(live_server, shops):
    with at(live_server, "/ui/") as page:
        page.keyboard.press("f")
        page.keyboard.type("shop 07")
        expect(page.locator(".table-count")).to_have_text("1 organisation")
        assert focused(page) == "table-q"
        assert page.url.endswith("/ui/?q=shop+07")
        expect(page.locator("#announce")).to_have_text("1 organisation")
        page.reload()
        assert page.inner_text(".table-count") == "1 organisation"
        page.click("text=Clear all")
        page.wait_for_url(live_server.url + "/ui/")


def test_several_choices_of_a_filter_are_boxes_in_a_menu(live_server, shops):
    with at(live_server, "/ui/") as page:
        page.click("#id_kind_menu")
        page.click(".multi-menu label:has-text('Operator')")
        expect(page.locator(".table-count")).to_have_text("1 organisation")
        assert page.inner_text("#id_kind_menu .multi-words") == "Operator"
        assert page.locator(".multi-menu").is_visible()


def test_a_double_click_creates_one_token(live_server, shops):
    with at(live_server, "/accounts/tokens/") as page:
        sent = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        page.fill("[name=label]", "twice")
        page.evaluate(
            "() => { const button = document.querySelector('main form.box button');"
            " button.click(); setTimeout(() => button.click(), 5); }"
        )
        page.wait_for_selector("#secret")
        assert len(sent) == 1
    assert ApiToken.objects.count() == 1


def test_the_chosen_colours_are_there_before_the_first_paint_and_stay(live_server, shops):
    with at(live_server, "/ui/") as page:
        page.click(".me-button")
        page.click("[data-theme-choice=dark]")
        assert page.get_attribute("html", "data-bs-theme") == "dark"
        page.add_init_script(
            "document.addEventListener('DOMContentLoaded',"
            " () => { window.seen = document.documentElement.dataset.bsTheme; });"
        )
        page.reload()
        assert page.evaluate("window.seen") == "dark"


def test_the_panel_shows_a_page_beside_the_list_and_gives_the_focus_back(live_server, shops):
    with at(live_server, "/ui/") as page:
        page.click("a[data-panel]")
        page.wait_for_selector("#panel-body h2:has-text('Where I act')")
        assert page.url.endswith("/ui/")
        page.keyboard.press("Escape")
        assert page.locator("#panel").is_hidden()
        assert focused(page) == "Open the panel"


def test_a_live_part_updates_in_place_and_keeps_the_focus(live_server, shops):
    with at(live_server, "/ui/") as page:
        page.wait_for_selector("#kit-focus")
        page.focus("#kit-focus")
        before = page.inner_text("#kit-live p span")
        expect(page.locator("#kit-live p span")).not_to_have_text(before, timeout=10_000)
        assert focused(page) == "kit-focus"
        expect(page.locator("#announce")).to_contain_text("The last step was at")


def test_a_live_part_that_cannot_be_reached_says_so_and_recovers(live_server, shops):
    with at(live_server, "/ui/") as page:
        page.route("**/ui/part/", lambda route: route.abort())
        page.wait_for_selector("#kit-live[data-stale]", timeout=15_000)
        page.unroute("**/ui/part/")
        page.wait_for_selector("#kit-live:not([data-stale])", timeout=20_000)


def test_a_phone_shows_every_row_as_a_card_without_sideways_scrolling(live_server, shops):
    with at(live_server, "/ui/", viewport={"width": 390, "height": 844}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.locator("thead").first.is_hidden()
        card = page.locator("tr[data-row]").first
        assert card.bounding_box()["width"] < 390
        assert "Belongs to" in card.locator("td[data-label='Belongs to']").get_attribute("data-label")


def test_no_page_of_the_kit_breaks_an_accessibility_rule(live_server, shops, settings):
    axe = (settings.BASE_DIR / "static/vendor/axe/axe.min.js").read_text()
    with at(live_server, "/ui/", bypass_csp=True) as page:
        for path in ("/ui/?q=shop", "/ui/?q=nothing-like-it", "/accounts/me/", "/accounts/tokens/", "/no/such/page/"):
            for theme in ("light", "dark"):
                page.goto(path)
                page.evaluate("theme => localStorage.setItem('ofx-theme', theme)", theme)
                page.reload()
                page.evaluate(axe)
                found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']})")
                assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == [], (path, theme)
