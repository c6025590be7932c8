"""The embedded help: whose tokens count, on whose pages, and that a person reaches their own company's things only."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from ofx.core.clock import now
from ofx.core.models import LogEntry, Membership, User
from ofx.orders.models import ServiceRecord
from ofx.portal.widget import actions
from ofx.portal.widget.models import WidgetKey
from ofx.portal.widget.snippets import snippets
from ofx.portal.widget.tokens import sign
from tests.conftest import organisation
from tests.portal.widget.conftest import PAGE, WHO, call, key_of
from tests.ticketing.guides.conftest import ran
from ticketing.guides.models import GuideRun
from ticketing.tickets import actions as tickets
from ticketing.tickets.models import Ticket

Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def _fresh(db: Any) -> None:
    cache.clear()


def test_a_person_is_led_through_a_guide_to_a_ticket_that_they_can_follow(ask: Ask, line: ServiceRecord) -> None:
    first = ask("start/").data
    assert (first["provider"], first["person"], first["tickets"]) == ("Brightwave Telecom", "Wanda Widget", [])
    assert [one["reference"] for one in first["services"]] == [line.reference]
    assert first["services"][0]["complaints"][0]["words"]
    begun = ask("runs/", {"fault_class": "intermittent", "service": line.reference})
    assert (begun.status_code, begun.data["screen"]["kind"]) == (201, "busy")
    run = GuideRun.objects.get()
    assert (run.channel, run.email, run.trial) == ("widget", "wanda@harbour.example", False)
    ran(run, "green")
    path = f"runs/{run.token}/"
    assert ask(path).data["screen"]["kind"] == "question"
    last = ask(f"{path}report/", {}).data["screen"]
    body = {"position": last["position"], "fields": {one["name"]: "yes" for one in last["fields"]} | {"phone": ""}}
    ended = ask(f"{path}answer/", body).data
    ticket = Ticket.objects.get(reference=ended["ticket"])
    assert (ticket.channel, ticket.contact_email, ticket.customer) == ("widget", "wanda@harbour.example", line.customer)
    shown = ask(f"tickets/{ticket.reference}/").data
    assert (shown["says"], shown["steps"][0]["state"]) == ("We have your report.", "done")
    assert ask("tickets/").data["results"][0]["reference"] == ticket.reference
    tickets.resolve(ticket=ticket, actor=None, at=now(), fix="Plug pushed in")
    assert ask(f"tickets/{ticket.reference}/").data["need"] == "check"
    ask(f"tickets/{ticket.reference}/", {"act": "still", "text": "Drops again"})
    ticket.refresh_from_db()
    assert ticket.reopened == 1


def test_known_errors_are_found_in_words_for_customers_only(ask: Ask, line: ServiceRecord) -> None:
    assert ask("known-errors/?q=drops").data["results"] == []
    assert ask("known-errors/?limit=x&q=drops").status_code == 400


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": 1, "iat": 0}, "expired"),
        ({"exp": 9_999_999_999}, "too long"),
        ({"iat": 9_999_999_000, "exp": 9_999_999_600}, "future"),
        ({"iat": "now"}, "seconds"),
        ({"exp": True}, "seconds"),
        ({"aud": "https://elsewhere.example"}, "`aud`"),
        ({"iss": "cobalt"}, "`iss`"),
        ({"customer": "nobody"}, "no customer of yours"),
        ({"customer": ["x"]}, "text"),
        ({"sub": " "}, "empty"),
        ({"email": "x"}, "e-mail"),
        ({"name": "a\x00b"}, "text"),
    ],
)
def test_a_token_that_says_something_wrong_is_refused_with_the_reason(ask: Ask, changes: Any, why: str) -> None:
    answer = ask("start/", **changes)
    assert answer.status_code == 401
    assert why in answer.data["reason"]


def test_what_another_signed_or_nobody_is_refused(shop: SimpleNamespace, key: WidgetKey) -> None:
    good = sign(WHO, key=key, at=now())
    head, body, mark = good.split(".")
    said = jwt.decode(good, options={"verify_signature": False})
    forged = jwt.encode(said, "x" * 40, algorithm="HS256", headers={"kid": key.key_id})
    unsigned = jwt.encode(said, None, algorithm="none", headers={"kid": key.key_id})
    nameless = jwt.encode(said, key.secret, algorithm="HS256")
    theirs = sign({**WHO, "iss": "brightwave"}, key=key_of(shop.cobalt), at=now())
    for token in (
        forged,
        unsigned,
        nameless,
        theirs,
        f"{head}.{body}.",
        f"{head}.{body}.{mark[:-2]}AA",
        "x",
        "ofx_abc",
    ):
        assert call(token, "start/").status_code == 401, token
    assert call("", "start/").status_code == 401
    assert call(good, "start/", provider="cobalt", origin="").status_code == 401
    assert call(good, "start/", provider="nobody", origin="").status_code == 401
    assert call(good, "start/").status_code == 200


def test_another_tenants_key_reaches_none_of_our_customers(shop: SimpleNamespace, line: ServiceRecord) -> None:
    theirs = key_of(shop.cobalt)
    organisation("customer", "Cobalt Cafe", provider=shop.cobalt)
    mine = sign({**WHO, "customer": "cobalt-cafe"}, key=theirs, at=now())
    assert call(sign(WHO, key=theirs, at=now()), "start/", provider="cobalt", origin="").status_code == 401
    seen = call(mine, "start/", provider="cobalt", origin="")
    assert (seen.status_code, seen.data["services"]) == (200, [])
    wanted = {"fault_class": "wifi", "service": line.reference}
    assert "service" in call(mine, "runs/", wanted, provider="cobalt", origin="").data["fields"]


def test_colleagues_do_not_see_each_others_faults(shop: SimpleNamespace, ask: Ask, line: ServiceRecord) -> None:
    run = ask("runs/", {"fault_class": "wifi", "service": line.reference}).data
    ticket = tickets.open_ticket(
        actor=shop.cara, at=now(), organisation=shop.brightwave, title="Slow", customer=shop.harbour
    )
    other = {"sub": "8", "email": "other@harbour.example"}
    assert ask(f"runs/{run['token']}/", **other).status_code == 404
    assert ask(f"tickets/{ticket.reference}/").status_code == 404
    mine = ask(f"tickets/{ticket.reference}/", email=shop.cara.email)
    assert (mine.status_code, mine.data["title"]) == (200, "Slow")
    assert ask("tickets/", email=shop.alice.email).data["results"] == []  # no person of this customer


def test_a_token_for_one_connection_shows_no_other(ask: Ask, line: ServiceRecord) -> None:
    run = ask("runs/", {"fault_class": "wifi", "service": line.reference}).data
    assert ask("start/", service="SVC-999").data["services"] == []
    assert ask(f"runs/{run['token']}/", service="SVC-999").status_code == 404
    assert ask("runs/", {"fault_class": "wifi", "service": line.reference}, service="SVC-999").status_code == 400
    assert ask("runs/", {"fault_class": "wifi"}, service=line.reference).status_code == 201
    assert set(GuideRun.objects.values_list("service", flat=True)) == {line.pk}


def test_only_listed_pages_may_ask_and_are_told_so_by_name(shop: SimpleNamespace, key: WidgetKey) -> None:
    good = sign(WHO, key=key, at=now())
    answer = call(good, "start/")
    assert (answer.headers["Access-Control-Allow-Origin"], answer.headers["Vary"]) == (PAGE, "Origin")
    assert "Access-Control-Allow-Credentials" not in answer.headers
    url = "/api/v1/widget/brightwave/runs/"
    asked = {"HTTP_ORIGIN": PAGE, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}
    preflight = Client().options(url, **asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
    for origin in ("https://evil.example", f"{PAGE}.evil.example", "null", PAGE.replace("https", "http")):
        refused = call(good, "start/", origin=origin)
        assert (refused.status_code, refused.json()["code"]) == (403, "origin_not_listed")
        assert "Access-Control-Allow-Origin" not in refused.headers
        assert Client().options(url, HTTP_ORIGIN=origin).status_code == 403
    assert call(good, "start/", origin=PAGE, provider="cobalt").status_code == 403


def test_a_session_of_our_own_pages_opens_nothing_here(shop: SimpleNamespace, key: WidgetKey) -> None:
    assert shop.client("cara").get("/api/v1/widget/brightwave/start/").status_code == 401
    assert call(sign(WHO, key=key, at=now()), "start/").status_code == 200
    token = sign(WHO, key=key, at=now())
    assert Client().get("/api/v1/tickets/", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_newer_key_leaves_the_old_one_a_day_and_a_revoked_one_nothing(shop: SimpleNamespace, key: WidgetKey) -> None:
    newer = key_of(shop.brightwave, shop.alice)
    key.refresh_from_db()
    assert (key.state_at(now()), key.state_at(now() + timedelta(hours=25))) == ("retiring", "ended")
    for one in (key, newer):
        assert call(sign(WHO, key=one, at=now()), "start/").status_code == 200
    WidgetKey.objects.filter(pk=key.pk).update(ends_at=now() - timedelta(seconds=1))
    actions.revoke_key(key=newer, actor=shop.alice, at=now())
    actions.revoke_key(key=newer, actor=shop.alice, at=now())
    for one in (key, newer):
        assert call(sign(WHO, key=one, at=now()), "start/").status_code == 401
    assert LogEntry.objects.filter(verb="revoked a key of the widget").count() == 1


def test_visitors_are_one_each_can_never_sign_in_and_stay_off_the_lists(shop: SimpleNamespace, ask: Ask) -> None:
    for name in ("Wanda Widget", "Wanda Newname"):
        ask("start/", name=name)
    visitor = User.objects.get(email__endswith="@visitor.invalid")
    assert (visitor.name, visitor.is_service, visitor.has_usable_password()) == ("Wanda Newname", True, False)
    assert Membership.objects.get(user=visitor).role == "user"
    assert "Wanda" not in shop.client("alice").get("/people/").content.decode()
    assert "Wanda" not in shop.client("alice").get("/people/tokens/").content.decode()


def test_in_the_preview_nothing_is_tested_counted_or_reported(ask: Ask, line: ServiceRecord) -> None:
    begun = ask("runs/", {"fault_class": "intermittent", "service": line.reference}, preview=True).data
    run = GuideRun.objects.get()
    assert (run.trial, run.steps.exclude(test=None).count()) == (True, 0)
    last = ask(f"runs/{begun['token']}/report/", {}, preview=True).data["screen"]
    fields = {one["name"]: "yes" for one in last["fields"]} | {"phone": ""}
    ended = ask(f"runs/{run.token}/answer/", {"position": last["position"], "fields": fields}, preview=True).data
    assert (ended["state"], ended["ticket"], Ticket.objects.count()) == ("escalated", None, 0)
    assert ask("start/", preview=True, email="cara@example.com").data["person"] == "Wanda Widget"


def test_nobody_begins_guides_by_the_dozen(ask: Ask, line: ServiceRecord, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "widget_run": "2/10m/key"}
    wanted = {"fault_class": "wifi", "service": line.reference}
    assert [ask("runs/", wanted).status_code for _ in range(3)] == [201, 201, 429]
    assert ask("runs/", wanted, sub="8").status_code == 201


# --- the administrator's page


def test_the_secret_is_shown_once_and_kept_encrypted(shop: SimpleNamespace) -> None:
    alice = shop.client("alice")
    made = alice.post("/widget/key/").content.decode()
    key = WidgetKey.objects.get()
    assert key.secret in made
    again = alice.get("/widget/").content.decode()
    assert key.secret not in again
    assert (key.key_id in again, f"••••{key.hint}" in again) == (True, True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM portal_widgetkey")
        assert key.secret not in cursor.fetchone()[0]


def test_pages_are_listed_as_browsers_name_them_and_bad_lines_are_refused(shop: SimpleNamespace) -> None:
    alice = shop.client("alice")
    lines = "https://Help.Example.com/\r\n\r\nhttps://help.example.com:443\nhttp://localhost:8080"
    assert alice.post("/widget/", {"origins": lines}).status_code == 302
    assert shop.brightwave.widget_site.origins == ["https://help.example.com", "http://localhost:8080"]
    for bad in (
        "http://help.example.com",
        "help.example.com",
        "https://a.example/x",
        "https://*",
        "https://a:b@c",
        "null",
    ):
        answer = alice.post("/widget/", {"origins": bad})
        assert answer.status_code == 422, bad
        assert bad in answer.content.decode()
    assert alice.post("/widget/", {"origins": "\n".join(f"https://a{n}.example" for n in range(21))}).status_code == 422


def test_the_preview_is_signed_for_one_of_our_customers(shop: SimpleNamespace, key: WidgetKey) -> None:
    organisation("customer", "Quill Ink", provider=shop.brightwave)
    organisation("customer", "Cobalt Cafe", provider=shop.cobalt)
    page = shop.client("alice").get("/widget/?customer=quill-ink").content.decode()
    token = page.split('token="')[1].split('"')[0]
    said = jwt.decode(token, options={"verify_signature": False})
    assert (said["customer"], said["preview"]) == ("quill-ink", True)
    assert "cobalt-cafe" not in page
    assert 'value="cobalt-cafe"' not in shop.client("alice").get("/widget/?customer=cobalt-cafe").content.decode()


def test_only_an_administrator_of_the_provider_and_only_their_own_keys(shop: SimpleNamespace, key: WidgetKey) -> None:
    for who in ("bob", "olga", "cara", "ada"):
        assert shop.client(who).get("/widget/").status_code == 403
        assert shop.client(who).post("/widget/key/").status_code == 403
    assert shop.client("charlie").post(f"/widget/keys/{key.pk}/revoke/").status_code == 404
    assert shop.client("alice").post(f"/widget/keys/{key.pk}/revoke/").status_code == 302


def test_the_python_that_we_offer_makes_a_token_that_we_take(
    shop: SimpleNamespace, key: WidgetKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELP_WIDGET_SECRET", key.secret)
    parts = {one.name: one.text for one in snippets(issuer="brightwave", key=key.key_id)}
    space: dict[str, Any] = {}
    exec(parts["python"], space)
    person = {"id": 5, "name": "Wanda", "email": "wanda@harbour.example"}
    assert call(space["help_token"]("harbour-books", person), "start/").status_code == 200
    assert all(key.key_id in parts[name] for name in ("python", "node", "php"))
    assert "<script src=" in parts["page"]
    assert not set(parts["node"] + parts["php"]) & {"$$"}
