"""The widget on a page of somebody else: a plain page with its own look and its own content policy, on another port."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import expect, sync_playwright

from ofx.core.clock import now
from ofx.embedded import browser as chromium
from ofx.portal.widget import actions
from ofx.portal.widget.models import WidgetKey
from ofx.portal.widget.tokens import sign
from tests.portal.widget.conftest import WHO, key_of
from ticketing.guides.actions import load_shipped

pytestmark = [pytest.mark.browser]
HTML = """<!doctype html><html lang="en"><title>My provider</title>
<style>* { color: red !important; font-size: 40px } button, h2 { display: none !important }</style>
<main><h1>My account</h1><script src="{ofx}/static/js/widget.js" defer></script>
<ofx-help provider="brightwave" token-url="/help-token"></ofx-help></main></html>"""


class Portal(ThreadingHTTPServer):
    """The provider's own portal. `key`: what its server signs with; `asked`: tokens that it gave out."""

    key: WidgetKey
    ofx: str
    asked = 0


class Handler(BaseHTTPRequestHandler):
    """A page, and the address where the page gets its token. The first token has run out already."""

    server: Portal

    def do_GET(self) -> None:
        token = self.path == "/help-token"
        body = self._token() if token else HTML.replace("{ofx}", self.server.ofx)
        self.send_response(200)
        self.send_header("Content-Type", "application/json" if token else "text/html; charset=utf-8")
        policy = (
            f"default-src 'none'; script-src {self.server.ofx}; img-src {self.server.ofx}; style-src 'unsafe-inline'"
        )
        self.send_header("Content-Security-Policy", f"{policy}; connect-src 'self' {self.server.ofx}")
        self.end_headers()
        self.wfile.write(body.encode())

    def _token(self) -> str:
        self.server.asked += 1
        old = {"iat": 1, "exp": 2} if self.server.asked == 1 else {}
        return json.dumps({"token": sign({**WHO, **old}, key=self.server.key, at=now())})

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def portal(live_server: Any, world: SimpleNamespace) -> Iterator[Portal]:
    """The running portal; its origin is listed."""
    server = Portal(("127.0.0.1", 0), Handler)
    server.key, server.ofx = key_of(world.brightwave), live_server.url
    server.key.organisation  # noqa: B018  read here: the server's thread asks no database
    origins = [f"http://127.0.0.1:{server.server_port}"]
    actions.allow_origins(organisation=world.brightwave, origins=origins, actor=None, at=now())
    load_shipped(at=now())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_it_works_by_keyboard_on_a_foreign_page_and_keeps_its_own_look(portal: Portal) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium.find()), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(8_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"http://127.0.0.1:{portal.server_port}/account")
        help_ = page.locator("ofx-help")
        expect(help_.get_by_role("heading", name="How can we help?")).to_be_visible()
        assert portal.asked == 2  # the first had run out: it asked for another by itself
        assert (
            help_.get_by_role("heading", name="How can we help?").evaluate("e => getComputedStyle(e).fontSize")
            == "20px"
        )
        help_.get_by_role("searchbox").fill("wifi is weak upstairs")
        expect(help_.get_by_role("status")).not_to_be_empty()
        help_.get_by_role("button", name="Wi-Fi").focus()
        page.keyboard.press("Enter")
        expect(help_.get_by_role("button", name="Report it now instead")).to_be_enabled()
        help_.get_by_role("button", name="Report it now instead").press("Enter")
        help_.get_by_label("On which telephone?").fill("soon")
        help_.get_by_role("button", name="Send the report").press("Enter")
        expect(help_.get_by_role("alert")).to_contain_text("digits")
        help_.get_by_label("On which telephone?").fill("020 7946 0000")
        help_.get_by_role("button", name="Send the report").press("Enter")
        expect(help_.get_by_role("heading", name="Your report is with us")).to_be_focused()
        help_.get_by_role("button", name="See how it stands").press("Enter")
        expect(help_.get_by_text("We have your report.", exact=True).first).to_be_visible()
        width = page.evaluate("document.querySelector('ofx-help').scrollWidth <= innerWidth")
        page.evaluate((settings.BASE_DIR / "static/vendor/axe/axe.min.js").read_text())
        found = page.evaluate("axe.run(document.querySelector('ofx-help'), {resultTypes: ['violations']})")
        browser.close()
    assert [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")] == []
    assert width
    assert wrong == []
