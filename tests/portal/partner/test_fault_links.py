"""Answers about a fault by signed link: no account, looking never writes, used twice is once, nobody else's hands."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from ofx.core.clock import now
from ofx.core.models import LogEntry
from partners.connectors.answer_links import Link, signed
from partners.connectors.base import Job
from partners.connectors.email.letter import letter
from partners.mapping.dialects import mapping_for
from partners.models import Contact
from tests.ticketing.tickets.conftest import desk, fault, raised
from ticketing.tickets.models import PartnerTicket
from ticketing.tickets.outbound import outbound

__all__ = ["desk", "fault"]
DESK = "noc@northfibre.example"


@pytest.fixture
def row(desk: SimpleNamespace, fault: Any) -> PartnerTicket:
    """A fault at Northfibre, whose desk is told by mail."""
    cache.clear()
    Contact.objects.create(operator=desk.north, purpose="faults", name="NOC", email=DESK)
    return raised(fault(title="Keeps dropping at Harbour"), desk.alice)


def url(row: PartnerTicket, kind: str, purpose: str = "fault:create", **fields: Any) -> str:
    """The address of an answer as a mail carries it."""
    values = {"recipient": DESK, "until": (now() + timedelta(days=9)).date(), **fields}
    token = signed(Link(our_key=row.our_key, purpose=purpose, **values))
    return f"/partner/fault-link/{token}/?answer={kind}"


def kinds(row: PartnerTicket) -> list[str]:
    """What the partner said."""
    return list(row.facts.filter(source="partner").order_by("pk").values_list("kind", flat=True))


def test_the_mail_carries_the_recipients_own_links(row: PartnerTicket) -> None:
    wire = mapping_for("", "email", "ticket").outbound("create", outbound(row))
    made = letter(Job("create", wire, row.our_key, "", "1", "ticket"), DESK, "<m@x>")
    assert "Take it: http" in made.body
    address = next(line for line in made.body.splitlines() if line.startswith("Resolved: "))
    page = Client().get("/partner/fault-link/" + address.partition("/partner/fault-link/")[2])
    assert page.status_code == 200
    assert DESK in page.content.decode()
    closing = mapping_for("", "email", "ticket").outbound("close", outbound(row))
    assert "fault-link" not in letter(Job("close", closing, row.our_key, "", "1", "ticket"), DESK, "<m@x>").body


def test_looking_writes_nothing_and_the_button_sends_it_once(row: PartnerTicket) -> None:
    client, address = Client(), url(row, "acknowledge")
    for _ in range(2):  # scanners of mails open every link
        assert client.get(address).status_code == 200
    assert kinds(row) == []
    assert "Taken" in client.post(address, {"partner_ref": "NF-9"}).content.decode()
    row.refresh_from_db()
    assert (row.state, row.partner_ref, kinds(row)) == ("acknowledged", "NF-9", ["STATE"])
    log = LogEntry.objects.get(verb="partner link: acknowledge")
    assert (log.actor, log.data["by"]) == (None, DESK)
    for again in (client.get(address), client.post(address, {"partner_ref": "NF-10"})):
        assert "nothing was sent again" in again.content.decode()
    row.refresh_from_db()
    assert (row.partner_ref, kinds(row)) == ("NF-9", ["STATE"])


def test_work_a_question_and_the_fix_are_said_by_the_same_mail(row: PartnerTicket) -> None:
    client = Client()
    client.post(url(row, "start"), {})
    client.post(url(row, "question"), {"text": "Which light is on?"})
    row.refresh_from_db()
    assert (row.state, row.question) == ("pending", "Which light is on?")
    wrong = client.post(url(row, "resolve"), {})
    assert (wrong.status_code, "form-error" in wrong.content.decode()) == (422, True)
    client.post(url(row, "resolve"), {"fix": "Spliced"})
    row.ticket.refresh_from_db()
    assert (row.ticket.state, row.ticket.resolved_tier) == ("resolved", "partner")
    late = client.post(url(row, "hold"), {"text": "later"})
    assert late.status_code == 409
    assert "This fault is resolved" in client.get(url(row, "hold")).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_forged_expired_and_orphaned_links_end_on_a_page_that_says_so(row: PartnerTicket, method: str) -> None:
    token = url(row, "start").split("/")[3]
    body, _, mark = token.rpartition("~")
    cases = {
        f"/partner/fault-link/{body[:-2]}AA~{mark}/": 404,
        "/partner/fault-link/nonsense/": 404,
        url(row, "start", purpose="create"): 404,  # an order's link
        url(row, "start", until=(now() - timedelta(days=2)).date()): 410,
        url(row, "start", recipient="left@northfibre.example"): 410,
        url(row, "start", recipient="alice@example.com"): 410,
        url(row, "start", recipient="olga@example.com"): 410,  # fulfilment answers no faults
        f"/partner/link/{token}/": 410,  # the orders' door
    }
    for address, status in cases.items():
        assert getattr(Client(), method)(address).status_code == status, address
    assert kinds(row) == []


def test_an_answer_that_the_mail_did_not_offer_and_a_form_of_another_site_are_refused(row: PartnerTicket) -> None:
    assert "<h1>Start work" in Client().get(url(row, "acknowledge", purpose="fault:note")).content.decode()
    client = Client(enforce_csrf_checks=True)
    client.get(url(row, "start"))
    assert client.post(url(row, "start"), {}).status_code == 403
    assert kinds(row) == []
