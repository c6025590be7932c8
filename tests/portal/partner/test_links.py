"""Answers by signed link: no account, looking never writes, used twice is once, and nobody else's hands."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from ofx.core.clock import now
from ofx.core.models import LogEntry
from ofx.orders.models import Fact, Order
from partners.connectors.answer_links import Link, signed
from partners.models import Contact
from tests.ofx.orders.conftest import part
from tests.portal.partner.conftest import told

DESK = "desk@northfibre.example"
SOON = (now() + timedelta(days=20)).date().isoformat()


@pytest.fixture(autouse=True)
def _desk(shop: SimpleNamespace) -> None:
    cache.clear()
    Contact.objects.create(operator=shop.north, purpose="orders", name="Desk", email=DESK)


def url(order: Order, verb: str, purpose: str = "create", **fields: Any) -> str:
    """The address of an answer as a mail carries it."""
    values = {"recipient": DESK, "until": (now() + timedelta(days=9)).date(), **fields}
    link = Link(our_key=part(order).our_key, purpose=purpose, **values)
    return f"/partner/link/{signed(link)}/?answer={verb}"


def test_looking_writes_nothing_and_the_button_sends_it(order_for: Any) -> None:
    order, client = order_for(access_notes="Ring twice"), Client()
    address = url(order, "commit")
    for _ in range(3):  # scanners of mails open every link
        page = client.get(address)
        assert page.status_code == 200
        assert client.head(address).status_code == 200
    html = page.content.decode()
    assert html.count("<button") - html.count("panel-close") - html.count('value="no"') - html.count("confirm-yes") >= 1
    for word in ("Brightwave Telecom", "Paula Placeholder", "Ring twice", 'type="date"', DESK):
        assert word in html
    assert told(order) == []
    done = client.post(address, {"date": SOON})
    assert done.status_code == 200
    assert "Committed" in done.content.decode()
    assert told(order) == ["ACKNOWLEDGED", "COMMITTED"]
    fact = Fact.objects.get(partner_order__order=order, update_type="COMMITTED")
    assert fact.data["channel"] == "link"
    log = LogEntry.objects.get(verb="partner answered")
    assert (log.actor, log.data["by"]) == (None, DESK)


def test_used_twice_it_shows_the_same_answer(order_for: Any) -> None:
    order, client = order_for(), Client()
    address = url(order, "commit")
    client.post(address, {"date": SOON})
    for again in (client.get(address), client.post(address, {"date": (now() + timedelta(days=40)).date()})):
        assert again.status_code == 200
        assert SOON in again.content.decode()
        assert "nothing was sent again" in again.content.decode()
    assert told(order) == ["ACKNOWLEDGED", "COMMITTED"]


def test_a_person_of_the_operator_is_named_in_the_log(shop: SimpleNamespace, order_for: Any) -> None:
    Client().post(url(order_for(), "acknowledge", recipient="olga@example.com"), {"reference": "N-1"})
    assert LogEntry.objects.get(verb="partner answered").actor == shop.olga


def test_a_wrong_value_is_shown_at_its_field(order_for: Any) -> None:
    order = order_for()
    for body in ({}, {"date": "2020-01-01"}, {"date": "x"}):
        answer = Client().post(url(order, "commit"), body)
        assert answer.status_code == 422
        assert "form-error" in answer.content.decode()
    assert told(order) == []


def test_what_the_order_no_longer_allows_is_said(order_for: Any, say: Any) -> None:
    order = order_for()
    say(order, "complete")
    page = Client().get(url(order, "delay"))
    assert "takes no more answers" in page.content.decode()
    assert "<form" not in re.sub(r"<dialog.*?</dialog>", "", page.content.decode(), flags=re.S)
    assert Client().post(url(order, "delay"), {"date": SOON, "reason": "CAPACITY"}).status_code == 409
    assert told(order) == ["ACKNOWLEDGED", "COMPLETED"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_forged_expired_and_orphaned_links_end_on_a_page_that_says_so(
    shop: SimpleNamespace, order_for: Any, method: str
) -> None:
    order = order_for()
    good = url(order, "complete")
    token = good.split("/")[3]
    body, _, signature = token.rpartition("~")
    cases = {
        f"/partner/link/{body[:-2]}AA~{signature}/": 404,
        f"/partner/link/{body}~{signature[:-2]}xx/": 404,
        "/partner/link/nonsense/": 404,
        url(order, "complete", until=(now() - timedelta(days=2)).date()): 410,
        url(order, "complete", recipient="left@northfibre.example"): 410,
        url(order, "complete", recipient="alice@example.com"): 410,
    }
    for address, status in cases.items():
        answer = getattr(Client(), method)(address)
        assert answer.status_code == status, address
        assert "Traceback" not in answer.content.decode()
    assert told(order) == []


def test_a_leaver_loses_the_links_that_were_sent_to_them(shop: SimpleNamespace, order_for: Any) -> None:
    address = url(order_for(), "complete", recipient="olga@example.com")
    assert Client().get(address).status_code == 200
    shop.olga.is_active = False
    shop.olga.save()
    assert Client().get(address).status_code == 410


def test_a_link_gives_no_answer_but_its_own(order_for: Any) -> None:
    mine, other = order_for(), order_for()
    client = Client()
    page = client.get(url(mine, "accept_cancel")).content.decode()  # not what the mail asked for
    assert "Take the order" in page
    client.post(url(mine, "accept_cancel"), {})
    assert told(mine) == ["ACKNOWLEDGED"]
    assert told(other) == []
    assert part(other).our_key not in page


def test_tries_are_limited(order_for: Any) -> None:
    client, address = Client(), url(order_for(), "commit")
    statuses = [client.post(address, {}).status_code for _ in range(40)]
    assert statuses[0] == 422
    assert statuses[-1] == 429


def test_a_form_of_another_site_is_refused(order_for: Any) -> None:
    order = order_for()
    client = Client(enforce_csrf_checks=True)
    client.get(url(order, "complete"))
    assert client.post(url(order, "complete"), {}).status_code == 403
    assert told(order) == []
