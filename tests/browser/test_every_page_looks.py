"""Every page of the product, for those who use it, at 1440 and 390 pixels, light and dark.

Each must answer, have one heading, fit its window, report no error and break no serious rule of accessibility. A new
page fails `test_every_page_is_looked_at` until it is in PAGES, or in NOT_PAGES with the reason. Run with OFX_SHOTS=1 to
keep a picture of each (tests/browser/screenshots/pages), and then look at them.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.browser.conftest import SHOTS, Product
from tests.test_architecture import all_urls

pytestmark = pytest.mark.browser

SIZES = ((1440, 900), (390, 844))
KEEP = os.environ.get("OFX_SHOTS") == "1"
# name of the URL, whose page, its address: {words} come from tests/browser/estate.py
PAGES = """
home               alice      /
home               bob        /
home               cara       /
home               olga       /
home               admin      /
home               nell       /
find               alice      /find/?q=harbour
find               alice      /find/?q=nothing-like-it
find               cara       /find/?q=OFX
account_login      nobody     /accounts/login/
account_inactive   nobody     /accounts/inactive/
account_logout     alice      /accounts/logout/
account_reauthenticate alice  /accounts/reauthenticate/
account_change_password alice /accounts/password/
account_change_password cara  /accounts/password/
account_me         alice      /accounts/me/
account_me         cara       /accounts/me/
account_me         olga       /accounts/me/
account_tokens     alice      /accounts/tokens/
account_tokens     nell       /accounts/tokens/
account_reset_password nobody /accounts/reset/
account_reset_password_done nobody /accounts/reset/sent/
account_reset_password_from_key nobody /accounts/reset/zz-0-0/
account_reset_password_from_key_done nobody /accounts/reset/done/
organisation_sign_in nobody   /accounts/sso/
organisation_sign_in nobody   /accounts/sso/?email=bob@elsewhere.example
invitation         nobody     /accounts/invitation/{invitation_link}/
invitation         alice      /accounts/invitation/{invitation_link}/
mfa_index          alice      /accounts/second-factor/
mfa_index          cara       /accounts/second-factor/
mfa_activate_totp  cara       /accounts/second-factor/on/
account_email_change alice    /accounts/email/
account_email_confirm cara    /accounts/email/nonsense/
account_sessions   alice      /accounts/sessions/
account_sessions   cara       /accounts/sessions/
personal_data      alice      /accounts/data/
personal_data      cara       /accounts/data/
people             alice      /people/
people             admin      /people/
person             alice      /people/{person}/
person             alice      /people/{program}/
invite             alice      /people/invite/
invitations        alice      /people/invitations/
one_invitation     alice      /people/invitations/{invitation}/
all_tokens         alice      /people/tokens/
new_program        alice      /people/tokens/program/
security           alice      /people/sign-in/brightwave/
audit              alice      /audit/
audit              admin      /audit/
ui-kit             admin      /ui/
search             alice      /search/
search             alice      /search/?q=SW1A1AA
search             alice      /search/?q={unserved}
search             alice      /search/?country=US&q=22201
search             alice      /search/?q=not+a+place+at+all
search             nell       /search/?q=SW1A1AA
search             olga       /search/
search-compare     alice      /search/compare/?place={place}&{compared}
search-compare     alice      /search/compare/
order-new          alice      /orders/new/
order-new          alice      /orders/new/?place={place}&{offers}
order-new          bob        /orders/new/
tickets            alice      /tickets/
tickets            bob        /tickets/?open=true
ticket-board       alice      /tickets/board/
ticket-lookup      alice      /tickets/caller/?q={caller}
ticket-lookup      alice      /tickets/caller/
ticket-new         alice      /tickets/new/?service={fault_service}
ticket-handover    alice      /tickets/handover/
ticket-minutes     alice      /tickets/minutes/
ticket-setup       alice      /tickets/setup/
ticket-macro-new   alice      /tickets/setup/macros/new/
ticket-macro       alice      /tickets/setup/macros/{macro}/
ticket-checklist   alice      /tickets/setup/steps/intermittent/
ticket-rules       alice      /tickets/setup/partners/northfibre/
ticket-mails       alice      /tickets/mail/
ticket-mail        alice      /tickets/mail/{fault_mail}/
ticket             alice      /tickets/{ticket}/
ticket             bob        /tickets/{ticket}/
ticket-assign      alice      /tickets/{ticket}/assign/
ticket-change      alice      /tickets/{ticket}/change/
ticket-wait        alice      /tickets/{ticket}/wait/
ticket-resolve     alice      /tickets/{ticket}/resolve/
ticket-tsc         alice      /tickets/{ticket}/tsc/
ticket-merge       alice      /tickets/{ticket}/merge/
ticket-split       alice      /tickets/{ticket}/split/
ticket-link        alice      /tickets/{ticket}/link/
ticket-raise       alice      /tickets/{fresh_ticket}/raise/
ticket-test        alice      /tickets/{ticket}/test/
ticket-partner-withdraw alice /tickets/{ticket}/partner/withdraw/
ticket-why         alice      /tickets/{ticket}/why/cancel/
partner-faults     olga       /partner/faults/
partner-fault      olga       /partner/faults/{fault_key}/
orders             alice      /orders/
orders             bob        /orders/?open=true
orders             admin      /orders/
orders             nell       /orders/
order-board        alice      /orders/board/
order-board        admin      /orders/board/
order-board        nell       /orders/board/
order-rules        alice      /orders/rules/
order-rules        bob        /orders/rules/
order-rules        nell       /orders/rules/
order-rule-new     alice      /orders/rules/new/
order-rule         alice      /orders/rules/{rule}/
order              alice      /orders/{order}/
order              alice      /orders/{draft}/
order              alice      /orders/{held_order}/
order              alice      /orders/{pending_order}/
order              alice      /orders/{assessing_charge_order}/
order              alice      /orders/{accepted_order}/
order              alice      /orders/{cancelled_order}/
order              bob        /orders/{held_order}/
order              admin      /orders/{held_order}/
order              cara       /orders/{cara_order}/
order-edit         alice      /orders/{draft}/edit/
order-cancel       alice      /orders/{held_order}/cancel/
order-judge        alice      /orders/{claim_order}/claims/{claim}/
order-answer       alice      /orders/{pending_order}/items/{pending_item}/answer/
order-news         alice      /orders/{held_order}/items/{held_item}/news/
order-amend        alice      /orders/{held_order}/items/{held_item}/amend/
order-visit        alice      /orders/{visit_order}/items/1/visit/
order-visit-outcome alice     /orders/{visit_order}/items/1/visit/outcome/
order-consent      alice      /orders/{charge_order}/items/{charge_item}/charges/{charge}/
order-owner        alice      /orders/{held_order}/owner/
service-cease      alice      /services/{service}/cease/
service-modify     alice      /services/{service}/modify/
my-work            alice      /my-work/
my-work            nell       /my-work/
alerts             alice      /alerts/
alerts             olga       /alerts/
known-errors       alice      /knowledge/
known-errors       admin      /knowledge/?state=approved
known-error-new    alice      /knowledge/new/
candidates         alice      /knowledge/candidates/
candidate          alice      /knowledge/candidates/{candidate}/
known-error        alice      /knowledge/{known_error}/
known-error-edit   alice      /knowledge/{known_error}/edit/
known-error-version alice     /knowledge/{known_error}/versions/1/
my-orders          cara       /my/orders/
my-services        cara       /my/connections/
my-service         cara       /my/connections/{cara_service}/
my-faults          cara       /my/faults/
my-faults          cara       /my/faults/?over=1
my-fault           cara       /my/faults/{cara_asked}/
my-fault           cara       /my/faults/{cara_fixed}/
my-fault           cara       /my/faults/{cara_closed}/
complaints         alice      /complaints/
complaints         cara       /complaints/
complaint-new      cara       /complaints/new/
complaint          cara       /complaints/{complaint}/
complaint          alice      /complaints/{complaint}/
help-articles      cara       /help/articles/
help-articles      cara       /help/articles/?q=red+light
help-article       cara       /help/articles/{known_error}/
help               cara       /help/
help-what          cara       /help/what/
help-run           cara       /help/runs/{cara_run}/
help-run           cara       /help/runs/{cara_report}/
guides             alice      /guides/
guide-runs         alice      /guides/runs/
guide-deflection   alice      /guides/deflection/
guide-new          alice      /guides/new/
guide              alice      /guides/{shipped_guide}/
guide-version      alice      /guides/{own_guide}/versions/1/
guide-edit         alice      /guides/{own_guide}/edit/
guide-node-new     alice      /guides/{own_guide}/edit/nodes/?type=question
guide-node         alice      /guides/{own_guide}/edit/nodes/outage/
guide-run          alice      /guides/runs/{cara_run}/
outages            alice      /outages/
outages            nell       /outages/
outage-new         alice      /outages/new/
outage-proposals   alice      /outages/proposals/
outage-works       alice      /outages/works/
outage-notice      alice      /outages/works/{notice}/
outage-topology    alice      /outages/topology/
outage             alice      /outages/{outage}/
outage             cara       /outages/{outage}/
outage             alice      /outages/{proposed}/
outage-receipts    alice      /outages/{outage}/receipts/
status-page        nobody     /status/brightwave/
customers          alice      /customers/
customers          nell       /customers/
customer-whole     alice      /customers/harbour-books/
site-whole         alice      /sites/GB/SW1A1AA/
service-whole      alice      /services/{service}/whole/
operator-whole     alice      /operators/northfibre/whole/
agreements         alice      /agreements/
agreements         olga       /agreements/
agreement          alice      /agreements/{agreement}/
agreement          olga       /agreements/{request}/
agreement-new      alice      /agreements/new/moorland/
agreement-ask      alice      /agreements/{agreement}/ask/
agreement-offer    olga       /agreements/{request}/offer/
reach              alice      /reach/
reach              nell       /reach/
bulk               alice      /search/bulk/
bulk               nell       /search/bulk/
bulk-new           alice      /search/bulk/new/
bulk-run           alice      /search/bulk/{run}/
bulk-order         alice      /search/bulk/{run}/order/
batch              alice      /search/batches/{batch}/
tmf-subscriptions  alice      /messages/subscriptions/
tmf-subscription   alice      /messages/subscriptions/{subscription}/
widget             alice      /widget/
partner-home       olga       /partner/
partner-orders     olga       /partner/orders/
partner-order      olga       /partner/orders/{olga_order}/
partner-answer     olga       /partner/orders/{olga_order}/delay/
partner-history    olga       /partner/history/
partner-answers    olga       /partner/answers/
my-compensation    cara       /my/compensation/
compensation-terms alice      /compensation/
my-notifications   cara       /my/notifications/
notice-stop        nobody     /notices/{stop_link}/
fault-fixed        nobody     /fixed/{fix_link}/
partner-link       nobody     /partner/link/{answer_link}/?answer=commit
partner-fault-link nobody     /partner/fault-link/{fault_link}/?answer=resolve
error-404          nobody     /partner/link/nonsense/
services           alice      /services/
services           cara       /services/
services           nell       /services/
service            alice      /services/{service}/
operators          alice      /operators/
operators          olga       /operators/
operators          nell       /operators/
operator           alice      /operators/northfibre/
operator           alice      /operators/caledon/
operator           olga       /operators/northfibre/
coverage           alice      /coverage/
coverage           olga       /coverage/
coverage           admin      /coverage/
coverage-import    alice      /coverage/import/
coverage-import    admin      /coverage/import/
coverage-import-page admin    /coverage/import/{columns}/
coverage-import-page admin    /coverage/import/{import}/
coverage-version   alice      /coverage/{footprint}/
coverage-version   admin      /coverage/{footprint}/
messages           alice      /messages/
messages           admin      /messages/
messages           nell       /messages/
message            alice      /messages/{message}/
message            bob        /messages/{message}/
conversation       alice      /conversations/{conversation}/
endpoints          alice      /endpoints/
endpoints          admin      /endpoints/
endpoint           alice      /endpoints/{endpoint}/
endpoint           alice      /endpoints/{own_endpoint}/
endpoint           admin      /endpoints/{endpoint}/
endpoint-edit      alice      /endpoints/{own_endpoint}/edit/
error-400          alice      /looked-at/page_400
error-403          bob        /orders/{draft}/edit/
error-403-csrf     nobody     /looked-at/page_403_csrf
error-404          alice      /no/such/page/
error-404          cara       /no/such/page/
error-404          nobody     /no/such/page/
error-429          nobody     /looked-at/page_429
error-500          nobody     /looked-at/page_500
"""
# Names of URLs that are no page for people, and why
NOT_PAGES = {
    "a part of a page, asked for by a script": {
        *("outage-live", "outage-preview", "known-errors-found", "known-errors-for-ticket"),
        *("find-suggest", "search-suggest", "search-addresses", "search-around", "order-live", "order-timeline"),
        *("coverage-import-live", "ui-kit-part", "order-customers", "personal_data_live", "alerts-bell"),
        *("help-run-live", "guide-run-live"),
        *("my-fault-live", "search-live", "bulk-progress", "batch-progress", "ticket-live", "ticket-timeline"),
    },
    "takes a POST and leads back to a page": {
        *("known-error-act", "known-error-restore", "known-error-use", "known-error-from-ticket", "candidate-act"),
        *("help-run-act", "guide-run-act", "guide-run-start", "guide-act"),
        *("outage-works-add", "outage-update", "outage-clear", "outage-attach", "outage-act", "outage-child"),
        *("account_switch", "account_token_revoke", "saved_view_add", "saved_view_delete", "search-weights"),
        *("order-rule-delete", "order-submit", "order-reprice", "order-note", "order-attach", "order-refresh"),
        *("order-charge", "order-item", "coverage-restore", "message-act", "leg-settle", "leg-refresh"),
        *("endpoint-suspend", "endpoint-resume", "endpoint-test", "endpoint-upload"),
        *("account_sessions_end_others", "account_session_end", "resend_invitation", "revoke_invitation"),
        *("revoke_tokens", "require_factor", "configure_sign_on", "remove_sign_on", "person_act"),
        *("personal_data_ask", "partner-answers-send", "alerts-read", "watch", "bulk-act", "batch-act"),
        *("ticket-take", "ticket-note", "ticket-step", "ticket-time", "ticket-simple", "tickets-bulk"),
        *("ticket-partner-answer", "ticket-macro-delete", "ticket-mail-settle", "ticket-handover-taken"),
        *("partner-fault-answer", "my-fault-write", "my-fault-works", "my-fault-still", "complaint-act"),
        *("widget-key-new", "widget-key-revoke", "my-visit-confirm", "outage-attach-many"),
        *("agreement-act", "order-visit-fix", "tmf-subscription-resend", "tmf-subscription-delete"),
    },
    "leads to or comes from another site, or belongs to a half-finished sign-in": {
        *("openid_connect_login", "openid_connect_callback", "mfa_authenticate", "mfa_reauthenticate"),
    },
    "needs a second factor; seen in the story of accounts": {
        *("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
    },
    "needs an administrator of a customer; seen in its own tests": {"outage-report"},
    "needs an order that came by TMF622 and fell out; seen in its own tests": {"order-complete"},
    "needs a visit at a partner with free slots; looked at and driven in its own tests": {"my-visit"},
    "leads on to what an alert is about": {"alert"},
    "a file": {
        "bulk-csv",
        "bulk-xlsx",
        "agreement-price-file",
        "partner-download",
        "order-attachment",
        "ticket-file",
        "my-fault-file",
        "coverage-rejected",
        "personal_data_download",
    },
    "for programs": {"healthz", "hook", "metrics"},
    "a third party's page": {"api-docs"},
}
# All four pictures of a page are taken when they are kept to be looked at; the suite has ten minutes in all.
COLOURS = {1440: ("light", "dark"), 390: ("light", "dark")} if KEEP else {1440: ("light",), 390: ("dark",)}
# Staff pages are checked once; those of customers, operators and before sign-in in both layouts.
WATCHED = {"nobody", "cara", "olga"}
CHECKED = {False: (1440,), True: (1440, 390)}
REFUSED = {"order-new": {"bob"}}
# Where the accessibility checker runs, and its rules: all of them once, the dark colours on the phone's layout
RULES = {
    (1440, "light"): "['wcag2a', 'wcag2aa', 'wcag21aa']",
    (390, "dark"): "{type: 'rule', values: ['color-contrast', 'scrollable-region-focusable', 'link-in-text-block']}",
}
STILL = "*, ::before, ::after { transition: none !important; animation: none !important; caret-color: transparent }"


def pages() -> Iterator[tuple[str, str, str]]:
    """(name of the URL, person, address with words in braces) of the list."""
    for line in PAGES.strip().splitlines():
        name, who, path = line.split()
        yield name, who, path


def test_every_page_is_looked_at() -> None:
    listed = {name for name, _, _ in pages()} | {name for names in NOT_PAGES.values() for name in names}
    served = {name for route, name, _ in all_urls() if name and not route.startswith(("api/", "tmf-api/"))}
    assert served - listed == set(), "add them to PAGES, or to NOT_PAGES with the reason"
    gone = {name for name in listed - served if not name.startswith(("error-", "api-"))}
    assert gone == set()


@pytest.fixture(scope="module")
def estate(product: Product) -> dict[str, Any]:
    """Something of everything, made once, and where it is."""
    found: dict[str, Any] = product.ask("from tests.browser.estate import prepare; prepare()")
    return found


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility checker's source."""
    return (settings.BASE_DIR / "static/vendor/axe/axe.min.js").read_text()


def enter(page: Page, who: str, password: str) -> None:
    """Sign in, unless it is nobody."""
    if who == "nobody":
        return
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(f"{who}@example.com")
    page.locator("input[type=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def expected(name: str, who: str) -> range:
    """The statuses that the page may answer with."""
    if name.startswith("error-"):
        return range(400, 500)
    return range(403, 404) if who in REFUSED.get(name, set()) else range(200, 300)


def faults_of(page: Page, axe: str, who: str, label: str) -> Iterator[str]:
    """What is wrong with the page that is open, in each size and colour. No `axe`: its rules were checked before."""
    page.add_style_tag(content=STILL)
    if axe:
        page.evaluate(axe)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for colours in COLOURS[width]:
            page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
            where = f"{label} at {width} {colours}"
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                yield f"{where}: {wide} px too wide"
            if axe and (KEEP or width in CHECKED[who in WATCHED]) and (width, colours) in RULES:
                yield from broken_rules(page, where, RULES[width, colours])
            if KEEP:
                keep(page, where)


def broken_rules(page: Page, where: str, rules: str) -> Iterator[str]:
    """What the accessibility checker calls serious or critical."""
    found = page.evaluate(f"axe.run(document, {{runOnly: {rules}, resultTypes: ['violations']}})")
    for rule in found["violations"]:
        if rule["impact"] in ("serious", "critical"):
            yield f"{where}: {rule['id']}: {rule['nodes'][0]['html'][:160]}"


def first_of_its_kind(name: str, who: str, words: str) -> bool:
    """Whether the accessibility checker runs: for customers, operators and before sign-in; for staff with pictures."""
    if who in WATCHED:
        return True
    return KEEP and next(row for row in pages() if row[0] == name) == (name, who, words)


def keep(page: Page, where: str) -> None:
    """A picture of the page."""
    folder = SHOTS / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(letter if letter.isalnum() else "-" for letter in where)[:120]
    page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


def open_page(page: Page, name: str, who: str, path: str) -> Iterator[str]:
    """Go there; what is wrong already with the answer."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})
    answer = page.goto(path)
    status = answer.status if answer else 0
    if status not in expected(name, who):
        yield f"{who} {path}: status {status}"
    if page.locator("h1").count() != 1:
        yield f"{who} {path}: {page.locator('h1').count()} h1"


def serve_rendered(page: Page, estate: dict[str, Any]) -> None:
    """Pages that no ordinary request leads to come from the estate."""
    page.route(
        "**/looked-at/*",
        lambda route: route.fulfill(
            status=400, body=estate[route.request.url.rpartition("/")[2]], content_type="text/html"
        ),
    )


# Those who see the same pages with less on them are looked at when pictures are kept.
PEOPLE = ["nobody", "alice", "cara", "olga", *(["bob", "admin", "nell"] if KEEP else [])]


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_of(who: str, product: Product, chrome: Browser, estate: dict[str, Any], axe: str) -> None:
    context = chrome.new_context(base_url=product.url, bypass_csp=True, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    serve_rendered(page, estate)
    enter(page, who, product.env["OFX_DEMO_PASSWORD"])
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    seen: set[str] = set()
    for name, person, words in pages():
        if person == who and (KEEP or name not in seen):  # other states of a page only when pictures are kept
            seen.add(name)
            path = words.format(**estate)
            faults += open_page(page, name, who, path)
            checker = axe if first_of_its_kind(name, person, words) else ""
            faults += faults_of(page, checker, who, f"{who} {name} {words.split('?q=')[-1]}")
    context.close()
    assert [fault for fault in faults if "Failed to load resource" not in fault] == []
