"""The desk by keyboard alone: who is calling, open, note, macro, wait, resolve; no pointer is touched."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product

pytestmark = pytest.mark.browser
MAKE = """
import json
from ofx.core.clock import now
from ofx.core.models import User
from ofx.orders.models import ServiceRecord
from ticketing.tickets.actions.desk_setup import save_macro
from ticketing.tickets.models import Macro
alice = User.objects.get(email="alice@example.com")
if not Macro.objects.filter(key="zz").exists():
    macro = Macro(name="Light, by keys", key="zz", text="Hello {contact}, which light is on?", audience="customer",
                  then_state="pending")
    save_macro(actor=alice, at=now(), macro=macro)
ours = ServiceRecord.objects.filter(organisation=alice.acting.organisation, state="active", tickets=None)
print(json.dumps(ours.latest("pk").reference))
"""


def typed(page: Page, text: str) -> None:
    """Type into whatever has the focus."""
    page.keyboard.type(text)


def test_a_fault_is_opened_noted_asked_about_and_resolved_by_keyboard_alone(
    product: Product, sign_in: Callable[..., Page]
) -> None:
    service = product.ask(MAKE)
    page = sign_in("alice")
    by_keyboard(page, service)


def by_keyboard(page: Page, service: str) -> None:
    """The story, from any page of Alice's."""
    press = page.keyboard.press
    press("c")
    expect(page.locator("#caller")).to_be_focused()
    typed(page, service)
    press("Enter")  # before the answer is there: it opens the first one that fits all that was typed
    expect(page.get_by_label("What is wrong")).to_be_focused()
    typed(page, "No light on the box")
    press("Enter")
    expect(page.locator("#ticket-head")).to_contain_text("held by us")

    press("n")
    expect(page.locator("#id_text")).to_be_focused()
    typed(page, "She sounds patient")
    press("Control+Enter")
    expect(page.locator("#ticket-timeline")).to_contain_text("She sounds patient")

    press("m")
    press("z")
    press("z")
    expect(page.locator("#id_text")).to_have_value("Hello there, which light is on?")
    press("Control+Enter")
    expect(page.locator("#ticket-head")).to_contain_text("Pending")

    press("?")
    expect(page.locator("#keys")).to_contain_text("resolve")
    press("Escape")
    press("s")
    expect(page.locator("#panel-body").get_by_label("What solved it")).to_be_visible()
    for _ in range(5):
        if page.evaluate("document.activeElement.name") == "fix":
            break
        press("Tab")
    typed(page, "The plug was loose")
    press("Control+Enter")
    expect(page.locator("#ticket-head")).to_contain_text("Resolved")
    press("s")
    expect(page.locator("#ticket-head")).to_contain_text("Closed")
