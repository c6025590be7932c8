"""Story (c) of faults: twelve calls from one sector, one outage; everybody is told, everybody is tested again.

The partner has it as a problem of TMF656, the customer's own service desk as a ticket of TMF621; both are real
processes of the sandbox, and what they hold is read from them.
"""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from sandbox import config as sandbox
from tests.browser.conftest import Product, shot
from tests.browser.test_story_changes import confirm

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # milliseconds
NEWS = "A cabinet burnt down. A crew is splicing a new cable; it takes until the evening."


class Sandbox:
    """What the simulated partners hold, and what their lines are like."""

    def __init__(self, product: Product) -> None:
        self.plan = sandbox.load(product.home, product.env)
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["Authorization"] = f"Bearer {self.plan.admin_token}"

    def line(self, service: str, code: str) -> None:
        """What a test of this line will find."""
        body = {"partner": "northfibre", "service": service, "code": code}
        self.http.post(f"{self.plan.url}/_control/line", json=body, timeout=30).raise_for_status()

    def held(self, where: str, key: str) -> dict[str, Any] | None:
        """The case there whose external id begins so; one at most."""
        found = self.http.get(f"{self.plan.url}/_journal/{where}", timeout=30).json()
        mine = [row for row in found if str(row["externalId"]).startswith(key)]
        assert len(mine) <= 1, "told twice"
        return mine[0] if mine else None


def until(look: Callable[[], Any], what: str) -> Any:
    """Ask until it answers; the partners are other processes, which tell nobody when they are done."""
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"in vain: {what}")


def told(product: Product, call: str) -> Any:
    """What tests.browser.sector prints."""
    code = f"from tests.browser.sector import prepare, receipts; {call}"
    return product.ask(code)


def stat(page: Page, words: str) -> Any:
    """A figure of the outage's live part."""
    return page.locator("#outage-live .stat", has_text=words)


def test_twelve_calls_become_one_outage_that_everybody_hears_of(product: Product, sign_in: Callable[..., Page]) -> None:
    world = Sandbox(product)
    area = told(product, "prepare()")
    down = {area["refs"][3], area["refs"][30]}  # one who calls and one who does not
    for service in area["refs"]:
        world.line(service, "ONT_NO_LIGHT" if service in down else "LINE_OK")

    page = sign_in("alice")
    reference = approved(page, area["sector"])
    expect(stat(page, "affected")).to_contain_text("52", timeout=PATIENCE)
    expect(stat(page, "have not called")).to_contain_text("40")
    expect(stat(page, "told")).to_contain_text("100 %", timeout=PATIENCE)
    problem, ticket = f"{reference}-at-", f"{reference}-for-"
    until(lambda: world.held("northfibre/problems", problem), "the problem at Northfibre")
    until(lambda: world.held("harbour-itsm/tickets", ticket), "the ticket at Harbour Books' own service desk")

    page.reload()
    page.get_by_label("For customers and the status page").fill(NEWS)
    page.get_by_role("button", name="Tell everybody").click()
    expect(page.locator(".outage-update", has_text=NEWS)).to_be_visible()
    until(lambda: says(world.held("northfibre/problems", problem)), "the update at Northfibre")
    until(lambda: says(world.held("harbour-itsm/tickets", ticket)), "the update at Harbour Books")
    page.reload()
    shot(page, "outage-told-desktop")

    cleared(page)
    expect(stat(page, "still down")).to_contain_text("2", timeout=PATIENCE)
    expect(stat(page, "work again")).to_contain_text("50", timeout=PATIENCE)
    expect(page.locator("header.page-line")).to_contain_text("Cleared")
    expect(page.get_by_text("It is back")).to_be_visible()  # what can be done follows as well, without a reload
    page.reload()
    shot(page, "outage-cleared-desktop")
    page.goto(f"/outages/{reference}/?state=still_down")
    for number, name in enumerate(area["references"]):
        expect(page.locator("table tbody tr", has_text=name)).to_have_count(1 if number in (3, 30) else 0)
    for where, key in (("northfibre/problems", problem), ("harbour-itsm/tickets", ticket)):
        until(lambda where=where, key=key: over(world.held(where, key)), f"the end at {where}")  # type: ignore[misc]

    found = told(product, f"receipts('{reference}')")
    assert found["twice"] == 0
    assert {number: (row["not_called"], row["called"], row["parties"]) for number, row in found["told"].items()} == {
        "1": (40, 12, 2), "2": (40, 12, 2), "3": (40, 12, 2),
    }  # fmt: skip


def approved(page: Page, sector: str) -> str:
    """See the proposal with its evidence and approve it; the outage's reference, on whose page we are then."""
    box = page.locator("[data-proposal]", has_text=f"No service in {sector[:-1]} {sector[-1]}")

    def proposed() -> bool:
        page.goto("/outages/proposals/")
        return bool(box.count())

    until(proposed, "a proposal")
    expect(box).to_contain_text(re.compile(r"\d+ services failed within [\d.]+ minutes"))
    expect(box).to_contain_text("52 services of 52 customers would be told")
    expect(box).to_contain_text("Northfibre")
    shot(page, "outage-proposed-desktop")
    box.get_by_role("button", name="Approve").click()
    confirm(page)
    page.wait_for_url(re.compile(r"/outages/OUT-\d+/$"))
    found = re.search(r"OUT-\d+", page.url)
    assert found
    return found.group()


def cleared(page: Page) -> None:
    """The cause is gone."""
    page.get_by_text("It is over: clear and test again").click()
    page.get_by_label("What was it?").fill("A burnt cabinet")
    page.get_by_role("button", name="Clear").click()
    confirm(page)
    expect(page.locator("header.page-line")).to_contain_text(re.compile("Re-testing|Cleared"))


def says(case: dict[str, Any] | None) -> bool:
    """Whether a case has the update among its notes, once."""
    notes = [note["text"] for note in (case or {"doc": {}})["doc"].get("note", [])]
    assert notes.count(NEWS) < 2
    return NEWS in notes


def over(case: dict[str, Any] | None) -> bool:
    """Whether a case is known to be solved."""
    return case is not None and case["state"] == "resolved"
