"""Two operators without a project: one answers from its mails and by CSV, the other by the commands of the API's pages.

Nothing of theirs is connected beforehand. The mailbox is the one that the sandbox's mail server keeps for strangers.
"""

import email
import email.policy
import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Product, shot
from tests.browser.test_story_order import fill_order, offer, place_order, search

pytestmark = pytest.mark.browser
PATIENCE = 60_000
DAY = (date.today() + timedelta(days=20)).isoformat()
LATER = (date.today() + timedelta(days=27)).isoformat()
WORDS = {"mailwick": "Mailwick Broadband", "curlew": "Curlew Fibre"}
MAKE = """
import json
from datetime import date
from django.utils import timezone
from ofx.core.accounts.actions import issue_token
from ofx.core.models import Membership, Organisation, User
from partners.models import Agreement, Endpoint, Footprint, FootprintRow, Offering, Operator, Price
at = timezone.now()
for code, name in {words!r}.items():
    org, _ = Organisation.objects.get_or_create(slug="op-" + code, defaults={{"kind": "operator", "name": name}})
    operator, fresh = Operator.objects.get_or_create(
        code=code, defaults={{"organisation": org, "name": name, "provenance": "synthetic"}})
    if fresh:
        offering = Offering.objects.create(
            operator=operator, code=code, name=name + " 300", kind="broadband", technology="FTTP", down_mbps=300)
        Price.objects.create(offering=offering, monthly="21.00", starts=date(2025, 1, 1))
        provider = Organisation.objects.get(slug="brightwave")
        Agreement.objects.create(organisation=provider, operator=operator, state="active", starts=date(2025, 1, 1))
        footprint = Footprint.objects.create(
            operator=operator, number=1, state="active", published_at=at, created_at=at, synthetic=True)
        FootprintRow.objects.create(
            footprint=footprint, country="GB", level="postcode", key="SW1A1AA", technology="FTTP", status="live")
mailwick = Operator.objects.get(code="mailwick")
Endpoint.objects.get_or_create(operator=mailwick, kind="email", defaults={{
    "name": "Mailwick by mail", "address": "orders@mailwick.example", "inbound_key": "mailwick", "poll_seconds": 1,
    "next_poll_at": at}})
curlew = Organisation.objects.get(slug="op-curlew")
user = User.objects.filter(email="curt@example.com").first() or User.objects.create_user(
    "curt@example.com", {password!r}, name="Curt Curlew")
membership, _ = Membership.objects.get_or_create(user=user, organisation=curlew, defaults={{"role": "admin"}})
_, secret = issue_token(membership=membership, label="story", actor=None, at=at)
endpoint = Endpoint.objects.get(operator=mailwick)
print(json.dumps({{"TOKEN": secret, "MAILBOX": str(endpoint.pk)}}))
"""


@pytest.fixture(scope="module")
def operators(product: Product) -> dict[str, str]:
    """Mailwick, which has an address for mails, and Curlew, which has one person and a token."""
    made: dict[str, str] = product.ask(MAKE.format(words=WORDS, password=product.env["OFX_DEMO_PASSWORD"]))
    return made


@pytest.fixture
def nobody(product: Product, chrome: Browser) -> Iterator[Callable[..., Page]]:
    """`nobody(width)`: a page of a browser in which nobody has signed in."""
    contexts = []

    def page(width: int = 390) -> Page:
        contexts.append(chrome.new_context(viewport={"width": width, "height": 844}, base_url=product.url))
        made = contexts[-1].new_page()
        made.set_default_timeout(15_000)
        return made

    yield page
    for context in contexts:
        context.close()


def order_at(page: Page, operator: str) -> str:
    """Alice orders the operator's product at a place that it serves; the order's reference."""
    search(page, "sw1a1aa")
    offer(page, operator, f"{operator} 300").get_by_role("link", name="Order").click()
    fill_in(page)
    return place_order(page)


def fill_in(page: Page) -> None:
    """Customer and contact; these operators play no scenario."""
    if page.get_by_label("Scenario").count():
        fill_order(page, "clean")
        return
    page.select_option("#id_customer", label="Ashdown Bakery", force=True)
    page.get_by_label("Site contact").fill("Ada Example")
    page.get_by_label("Contact's phone").fill("020 7946 0000")
    page.get_by_label("Contact's e-mail").fill("ada@example.com")
    page.get_by_label("Access notes").fill("Ring twice")


def mail_to(product: Product, address: str, words: str) -> EmailMessage:
    """The first mail to an address that holds these words, once it has come."""
    box = Path(product.env.get("OFX_MAILBOX") or product.home / "mailbox") / "other" / "new"
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        for path in sorted(box.iterdir()) if box.is_dir() else []:
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if address in str(mail["To"]) and words in f"{mail['Subject']} {text_of(mail)}":
                return mail
        time.sleep(0.3)
    raise AssertionError(f"no mail to {address} came")


def text_of(mail: EmailMessage) -> str:
    """Its plain text."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def links_of(mail: EmailMessage) -> dict[str, str]:
    """Answer → address."""
    return {answer: url for url, answer in re.findall(r"(http://\S+/partner/link/\S+\?answer=(\w+))", text_of(mail))}


def reply(product: Product, endpoint: str, mail: EmailMessage, rows: str) -> None:
    """The operator's own mail program answers with a CSV file."""
    box = Path(product.env.get("OFX_MAILBOX") or product.home / "mailbox") / f"endpoint-{endpoint}"
    for part in ("tmp", "new", "cur"):
        (box / part).mkdir(parents=True, exist_ok=True)
    answer = EmailMessage()
    answer["From"], answer["To"] = "Mailwick <orders@mailwick.example>", str(mail["From"])
    answer["Subject"], answer["Message-ID"] = f"Re: {mail['Subject']}", "<story-1@mailwick.example>"
    answer["In-Reply-To"] = answer["References"] = str(mail["Message-ID"])
    answer.set_content("See the file.\n")
    answer.add_attachment(rows.encode(), maintype="text", subtype="csv", filename="updates.csv")
    (box / "tmp" / "story").write_bytes(answer.as_bytes())
    os.rename(box / "tmp" / "story", box / "new" / "story.1")


def key_of(mail: EmailMessage) -> str:
    """Our key, as the mail's last line says it."""
    found = re.search(r"Our key: (\S+)", text_of(mail))
    assert found
    return found[1]


def test_an_operator_with_mail_only_commits_by_a_link_and_completes_by_csv(
    product: Product, operators: dict[str, str], sign_in: Callable[..., Page], nobody: Callable[..., Page]
) -> None:
    alice = sign_in("alice")
    reference = order_at(alice, "Mailwick Broadband")
    mail = mail_to(product, "orders@mailwick.example", reference)
    links = links_of(mail)
    assert {"acknowledge", "commit", "delay", "complete", "reject"} <= set(links)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["order.csv"]

    desk = nobody()
    desk.goto(links["commit"])
    expect(desk.get_by_role("heading", name="Commit to a date")).to_be_visible()
    expect(desk.locator("main")).to_contain_text("Ring twice")
    shot(desk, "partner-link-phone")
    desk.get_by_label("Date").fill(DAY)
    desk.get_by_role("button", name="Commit to a date").click()
    expect(desk.locator("main")).to_contain_text("Committed")
    shot(desk, "partner-link-done-phone")
    desk.goto(links["commit"])
    expect(desk.locator("main")).to_contain_text("nothing was sent again")

    header = alice.locator("header.page-line")
    expect(header).to_contain_text("In progress", timeout=PATIENCE)
    alice.reload()
    expect(alice.locator("main")).to_contain_text("Committed (KCI2)")

    head = "our_key,partner_ref,sequence,issued_at,update_type,reason_code,committed_date,target_date,text"
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    reply(product, operators["MAILBOX"], mail, f"{head}\n{key_of(mail)},MW-1,,{stamp},COMPLETED,,,,Fitted\n")
    expect(header).to_contain_text("Accepted", timeout=PATIENCE)
    alice.reload()
    expect(alice.locator("main")).to_contain_text("Completed (KCI3)")
    shot(alice, "partner-mail-order-desktop")


def examples_of(product: Product) -> dict[str, str]:
    """Last part of an operation's path → the command that its page gives."""
    with urllib.request.urlopen(f"{product.url}/api/v1/schema/?format=json", timeout=60) as answer:
        paths = json.load(answer)["paths"]
    found = {}
    for path, calls in paths.items():
        if path.startswith("/api/v1/partner/"):
            for method, call in calls.items():
                found[f"{method} {path.removeprefix('/api/v1/partner/')}"] = call["x-codeSamples"][0]["source"]
    return found


def pasted(command: str, product: Product, token: str, key: str = "") -> Any:
    """Run a command as it stands, with the three values that its reader fills in; what it answered."""
    env = {"PATH": os.environ["PATH"], "OFX_URL": product.url, "OFX_TOKEN": token, "OUR_KEY": key}
    done = subprocess.run(["sh", "-c", command], env=env, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_an_operator_answers_by_pasting_the_examples_of_the_api(
    product: Product, operators: dict[str, str], sign_in: Callable[..., Page], nobody: Callable[..., Page]
) -> None:
    alice = sign_in("alice")
    reference = order_at(alice, "Curlew Fibre")
    token, commands = operators["TOKEN"], examples_of(product)
    waiting = pasted(commands["get orders/"], product, token)["results"]
    [order] = [one for one in waiting if one["our_key"].startswith(reference)]
    assert (order["needs"], order["provider"]) == ("take", "Brightwave Telecom")
    key = order["our_key"]
    for verb, state in (("acknowledge", "acknowledged"), ("commit", "in_progress"), ("delay", "held"),
                        ("resume", "in_progress")):  # fmt: skip
        answer = pasted(commands[f"post orders/{{our_key}}/{verb}/"], product, token, key)
        assert answer["state"] == state, answer
    refused = pasted(commands["post orders/{our_key}/accept-cancel/"], product, token, key)
    assert refused["code"] == "conflict"
    assert "has not asked to cancel" in refused["reason"]
    header = alice.locator("header.page-line")
    expect(header).to_contain_text("In progress", timeout=PATIENCE)
    pasted(commands["post orders/{our_key}/complete/"], product, token, key)
    expect(header).to_contain_text("Accepted", timeout=PATIENCE)
    alice.reload()
    shot(alice, "partner-api-order-desktop")


def test_curlew_answers_in_its_portal_with_the_keyboard(
    product: Product, operators: dict[str, str], sign_in: Callable[..., Page]
) -> None:
    alice = sign_in("alice")
    reference = order_at(alice, "Curlew Fibre")
    mail = mail_to(product, "curt@example.com", reference)  # told by mail, with links of his own
    assert "commit" in links_of(mail)
    page = sign_in("curt")
    expect(page).to_have_url(re.compile("/partner/$"))
    row = page.locator("tr[data-row]", has_text=key_of(mail))
    shot(page, "partner-home-desktop")
    while "at" not in (row.get_attribute("class") or "").split():
        page.keyboard.press("j")
    page.keyboard.press("a")
    expect(row.get_by_label("Your reference")).to_be_focused()
    page.keyboard.type("CF-1")
    row.get_by_label("Date, if known").fill(DAY)
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_contain_text("Committed")
    shot(page, "partner-row-answered-desktop")
    page.goto(f"/partner/orders/{key_of(mail)}/")
    page.locator("#answer-delay summary").click()
    form = page.locator("#answer-delay")
    form.get_by_label("Date").fill(LATER)
    form.get_by_label("Reason").select_option(label="Our workload")
    form.get_by_role("button", name="Report a delay").click()
    expect(page.locator("#toasts")).to_contain_text("Delay reported")
    shot(page, "partner-order-desktop")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("main")).to_contain_text("Going on")
