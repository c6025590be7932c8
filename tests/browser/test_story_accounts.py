"""A new colleague in a real browser: invited, in, safe with a second factor, and out again."""

import mailbox
import re
import time
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Product, shot

pytestmark = pytest.mark.browser
PHRASE = "nine quiet boats at noon"


def link_to(product: Product, address: str, patience: float = 60) -> str:
    """The path of the link in the newest mail to an address, once the worker has sent it."""
    folder = product.home / "mailbox" / "other"
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if folder.exists():
            mails = sorted(mailbox.Maildir(str(folder)).items(), key=lambda item: item[0])
            for _, letter in reversed(mails):
                if address in str(letter["To"]):
                    plain = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
                    text = (plain.get_payload(decode=True) or b"").decode()
                    found = re.search(r"^https?://[^/\s]+(/\S+)$", text, re.MULTILINE)
                    assert found, text
                    return found.group(1)
        time.sleep(0.3)
    raise AssertionError(f"no mail to {address} arrived")


@pytest.fixture
def new_browser(product: Product, chrome: Browser) -> Iterator[Callable[[], Page]]:
    """A page of a browser that nobody is signed in with."""
    contexts = []

    def open_page() -> Page:
        contexts.append(chrome.new_context(viewport={"width": 1440, "height": 900}, base_url=product.url))
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_page
    for context in contexts:
        context.close()


def sign_in_with(page: Page, email: str) -> None:
    """By the page, with the phrase of the story."""
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.locator("input[type=password]").fill(PHRASE)
    page.get_by_role("button", name="Sign in").click()


def set_up_second_factor(page: Page) -> str:
    """By the pages; the key that the app would keep."""
    page.goto("/accounts/second-factor/")
    page.get_by_role("link", name="Set it up").click()
    page.locator("input[type=password]").fill(PHRASE)
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("No camera? Type the key").click()
    key = page.locator("#factor-key").inner_text()
    shot(page, "second-factor-desktop")
    page.get_by_label("code").fill(code_of(key))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(page.locator("#codes")).to_contain_text(re.compile(r"\d{8}"))
    return key


def code_of(key: str, step: int = 0) -> str:
    """What an authenticator app shows."""
    return format_hotp_value(hotp_value(key, int(time.time()) // 30 + step))


def test_invited_accepted_second_factor_and_a_leavers_session_ends(
    product: Product, sign_in: Callable[..., Page], new_browser: Callable[[], Page]
) -> None:
    alice = sign_in("alice")
    alice.goto("/people/")
    expect(alice.get_by_role("cell", name="Bob").first).to_be_visible()
    shot(alice, "people-desktop")
    alice.get_by_role("link", name="Invite somebody").click()
    alice.get_by_label("E-mail").fill("ida@example.com")
    alice.get_by_label("Role").select_option(label="Order desk")
    alice.get_by_label("A word with it").fill("Welcome to the order desk.")
    alice.get_by_role("button", name="Send the invitation").click()
    expect(alice.locator("#toasts")).to_contain_text("on its way to ida@example.com")

    ida = new_browser()
    link = link_to(product, "ida@example.com")
    ida.goto(link)
    expect(ida.locator("main")).to_contain_text("Act for Brightwave")
    shot(ida, "invitation-desktop")
    ida.get_by_label("Your name").fill("Ida Invented")
    ida.get_by_label("Password").fill(PHRASE)
    ida.get_by_role("button", name="Accept and sign in").click()
    ida.wait_for_url(lambda url: "/accounts/" not in url)
    ida.goto("/orders/")
    expect(ida.get_by_role("heading", name="Orders")).to_be_visible()

    key = set_up_second_factor(ida)
    again = new_browser()
    sign_in_with(again, "ida@example.com")
    expect(again.get_by_role("heading", name="Your code")).to_be_visible()
    again.get_by_label("code").fill(code_of(key, 1))
    again.get_by_role("button", name="Sign in").click()
    again.wait_for_url(lambda url: "/accounts/" not in url)
    again.goto("/accounts/sessions/")
    expect(again.get_by_role("button", name="End it")).to_have_count(1)
    shot(again, "sessions-desktop")

    alice.goto("/people/")
    alice.get_by_role("link", name="Ida Invented").click()
    expect(alice.locator("main")).to_contain_text("set up a second factor")
    shot(alice, "person-desktop")
    alice.get_by_role("button", name="Remove from the organisation").click()
    alice.get_by_role("button", name="Remove them").click()
    expect(alice.locator("#toasts")).to_contain_text("signed out everywhere")
    for page in (ida, again):
        page.goto("/orders/")
        expect(page).to_have_url(re.compile(r"/accounts/login/"))
    alice.goto("/audit/?kind=user")
    expect(alice.locator("main")).to_contain_text("removed a member")
    ida.goto(link)
    expect(ida.get_by_role("heading", name="accepted already")).to_be_visible()
