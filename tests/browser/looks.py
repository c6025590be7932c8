"""What the accessibility checker says of a page as it stands, in both layouts. OFX_SHOTS=1 keeps pictures."""

import os
from functools import cache

from django.conf import settings
from playwright.sync_api import Page

from tests.browser.conftest import shot

KEEP = os.environ.get("OFX_SHOTS") == "1"
SIZES = ((390, 844), (1440, 900))
RULES = "{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}"


@cache
def checker() -> str:
    """The source of the checker; pages take it only where their content policy is put aside (`bypass_csp`)."""
    return (settings.BASE_DIR / "static/vendor/axe/axe.min.js").read_text()


def looks_well(page: Page, state: str) -> None:
    """No serious violation and nothing wider than the window, on a phone and on a desk."""
    stood = page.viewport_size
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(checker())
    found: list[str] = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{state} at {width}: {one}" for one in faults(page)]
        if KEEP:
            shot(page, f"state-{state}-{width}")
    if stood:
        page.set_viewport_size(stood)
    assert found == []


def faults(page: Page) -> list[str]:
    """What is serious or critical, and what is too wide."""
    told = page.evaluate(f"axe.run(document, {{runOnly: {RULES}, resultTypes: ['violations']}})")
    bad = [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in told["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*bad, *([f"{wide} px too wide"] if wide > 0 else [])]
