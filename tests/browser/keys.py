"""Hands on the keyboard: every control is reached with Tab or a shortcut, no pointer is touched."""

import re

from playwright.sync_api import Locator, Page, expect

# Whether the focus is on the control, or on the link that leaps over the navigation to where the control is.
STANDS = """one => one === document.activeElement ? "there"
  : document.activeElement.matches("a.skip") && one.closest("main") ? "skip" : "elsewhere" """
MOST = 90  # stops of Tab on the longest page


def reach(page: Page, wanted: Locator) -> None:
    """Tab until the control has the focus; a control that cannot be reached, or a trap on the way, fails."""
    expect(wanted).to_be_visible()
    for _ in range(MOST):
        stands = wanted.evaluate(STANDS)
        if stands == "there":
            return
        page.keyboard.press("Enter" if stands == "skip" else "Tab")
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


def control(page: Page, name: str | re.Pattern[str]) -> Locator:
    """The button or link of that name."""
    return page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).locator("visible=true").first


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Reach a button or link and press Enter."""
    reach(page, control(page, name))
    page.keyboard.press("Enter")


def news(page: Page, wanted: Locator, milliseconds: int = 40_000) -> None:
    """Wait for what a live part of the page brings; it asks at once whenever somebody comes back to the page."""
    for _ in range(milliseconds // 400):
        if wanted.is_visible():
            return
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(400)
    expect(wanted).to_be_visible(timeout=1)


def unfold(page: Page, words: str) -> None:
    """Reach a summary and open it."""
    reach(page, page.locator("summary", has_text=words).locator("visible=true").first)
    page.keyboard.press("Enter")


def write(page: Page, label: str | re.Pattern[str], text: str) -> None:
    """Reach a field by its label and write into it instead of what stands there."""
    reach(page, page.get_by_label(label).locator("visible=true").first)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def choose(page: Page, group: str, answer: str) -> None:
    """Choose a radio button of a group: Tab into it, arrows within it, Space."""
    wanted = page.get_by_role("group", name=group).get_by_role("radio", name=answer)
    stops = page.get_by_role("group", name=group).get_by_role("radio")
    for _ in range(MOST):
        if stops.evaluate_all("all => all.includes(document.activeElement)"):
            break
        page.keyboard.press("Tab")
    for _ in range(stops.count()):
        if wanted.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(wanted).to_be_checked()
