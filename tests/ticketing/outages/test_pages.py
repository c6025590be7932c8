"""Pages of outages: the desk's, the customer's, everybody's."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template

from ofx.core.clock import now
from tests.conftest import AT, person, signed_in
from tests.ticketing.outages.conftest import fault, settle
from ticketing.outages import actions
from ticketing.outages.models import MaintenanceNotice, Outage, OutageReceipt, ServiceTopology

pytestmark = pytest.mark.django_db


def test_the_desk_works_an_outage_from_declaring_to_closing(net: SimpleNamespace) -> None:
    service, _ = net.services(2)
    desk = net.client("alice")
    asked = {"title": "No internet in SW1A 1", "sectors": "sw1a 1", "operator": net.north.pk, "severity": "significant",
             "impact": "down", "on_status_page": "on"}  # fmt: skip
    refused = desk.post("/outages/new/", {**asked, "sectors": ""})
    assert (refused.status_code, "Say what is affected" in refused.content.decode()) == (422, True)
    page = desk.post("/outages/new/", asked, follow=True)
    outage = Outage.objects.get()
    settle()
    page = desk.get(outage.get_absolute_url())
    text = page.content.decode()
    assert service.reference in text
    assert "100 %" in text
    news = {"public_text": "Engineers are on site.", "partner_text": "Fibre cut at the bridge."}
    shown = desk.post(f"/outages/{outage}/preview/", news).content.decode()
    assert "Engineers are on site." in shown
    assert "Fibre cut at the bridge." in shown
    assert outage.updates.count() == 1, "a preview sends nothing"
    desk.post(f"/outages/{outage}/update/", news)
    settle()
    assert OutageReceipt.objects.filter(update__number=2, channel="mail").count() == 2
    ticket = fault(net, net.services(1, code="SW1A9ZZ")[0])
    desk.post(f"/outages/{outage}/attach/", {"ticket": ticket.reference.lower()})
    child = outage.children.get(ticket=ticket)
    desk.post(f"/outages/{outage}/children/{child.pk}/detach/", {"why": "another street"})
    child.refresh_from_db()
    assert child.state == "detached"
    desk.post(f"/outages/{outage}/clear/", {"cause": "Cut fibre"})
    settle()
    desk.post(f"/outages/{outage}/close/")
    outage.refresh_from_db()
    assert (outage.state, outage.cause) == ("closed", "Cut fibre")


def test_the_queue_shows_evidence_and_takes_a_decision(net: SimpleNamespace) -> None:
    outage = actions.propose(
        at=AT, organisation=net.brightwave, key=("sector", "SW1A1"), operator=net.north, title="No service in SW1A1",
        evidence={"kind": "sector", "value": "SW1A1", "count": 7, "minutes": 9.0, "expected": 0.01, "chance": 1e-11,
                  "spark": [0, 1, 6], "tickets": [1], "tests": []},
        tickets=[], started_at=AT,
    )  # fmt: skip
    text = net.client("alice").get("/outages/proposals/").content.decode()
    assert "7 services failed within 9 minutes" in text
    assert "<rect" in text
    assert "100,000,000,000" in text
    net.client("alice").post(f"/outages/{outage}/reject/", {"why": "a firmware test"})
    assert Outage.objects.get().reason == "a firmware test"


def test_a_customer_reads_plain_words_and_is_marked_as_having_seen_it(net: SimpleNamespace, declared: Callable) -> None:
    service = net.services(1)[0]
    outage = declared(public_text="A cable is cut.", internal_text="Northfibre is late again")
    user = service.customer.memberships.get().user
    text = signed_in(user).get(outage.get_absolute_url()).content.decode()
    assert "A cable is cut." in text
    assert "late again" not in text
    assert "Northfibre" not in text
    assert OutageReceipt.objects.get(channel="portal").state == "seen"
    banner = Template("{% load outages %}{% outage_banner service %}").render(Context({"service": service}))
    assert "No internet in SW1A 1" in banner


def test_the_status_page_tells_everybody_what_is_public_and_nothing_else(
    net: SimpleNamespace, declared: Callable, client: Any
) -> None:
    net.services(1)
    declared(public_text="A cable is cut.", internal_text="secret", partner_ref="NF-77")
    declared(title="Hidden", on_status_page=False)
    actions.declare(
        actor=net.alice, at=AT, organisation=net.brightwave, title="New amplifier", keys=[("sector", "SW1A1")],
        planned=True, window_start=now() + timedelta(days=2), window_end=now() + timedelta(days=3),
    )  # fmt: skip
    text = client.get("/status/brightwave/").content.decode()
    for word in ("A cable is cut.", "SW1A 1", "Planned work", "New amplifier"):
        assert word in text, word
    for word in ("secret", "Northfibre", "NF-77", "Hidden", "OUT-"):
        assert word not in text, word
    assert "No known faults" in client.get("/status/cobalt/").content.decode()
    assert client.get("/status/harbour-books/").status_code == 404


def test_a_customers_administrator_reports_many_at_once(net: SimpleNamespace) -> None:
    boss = person("boss@example.com", net.harbour, "admin")
    net.services(2, customer=net.harbour)
    page = signed_in(boss).post("/outages/report/", {"title": "Shops are down", "postcodes": "SW1A 1AA"})
    assert page.status_code == 302
    outage = Outage.objects.get()
    assert (outage.state, outage.source, outage.organisation) == ("candidate", "customer", net.brightwave)


def test_works_are_added_read_by_a_person_and_planned(net: SimpleNamespace) -> None:
    desk = net.client("alice")
    desk.post("/outages/works/add/", {"file": SimpleUploadedFile("a.eml", b"Subject: Works\n\nWe dig.")})
    notice = MaintenanceNotice.objects.get()
    assert "We dig." in desk.get(notice.get_absolute_url()).content.decode()
    begins, ends = (f"{now() + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (2, 3))
    given = {"operator": net.north.pk, "title": "Digging", "sectors": "SW1A 1"}
    given |= {"window_start": begins, "window_end": ends}
    assert desk.post(notice.get_absolute_url(), {**given, "window_end": ""}).status_code == 422
    desk.post(notice.get_absolute_url(), given)
    outage = Outage.objects.get()
    assert (outage.planned, outage.title) == (True, "Digging")
    assert "Digging" in desk.get("/outages/works/").content.decode()


def test_the_header_follows_the_live_part_and_works_are_planned_then_under_way(net: SimpleNamespace) -> None:
    desk = net.client("alice")
    values = {"actor": net.alice, "at": AT, "organisation": net.brightwave, "keys": [("sector", "SW1A1")]}
    coming, going = (
        actions.declare(
            **values, title="New amplifier", planned=True, window_start=now() + timedelta(hours=begins),
            window_end=now() + timedelta(hours=9),
        )
        for begins in (2, -1)
    )  # fmt: skip
    fault_ = actions.declare(**values, title="Cut cable")
    for row, chip in ((coming, "Planned"), (going, "Under way"), (fault_, "Open")):
        text = desk.get(row.get_absolute_url()).content.decode()
        head = text.split('id="outage-head"')[1].split("</span>")[0]
        assert f">{chip}<" in f"{head}<", head
        live = desk.get(f"{row.get_absolute_url()}live/").content.decode()
        assert live.startswith('<template data-head data-state="open">')
        assert f">{chip}<" in live.split("</template>")[0]
    actions.clear(outage=fault_, actor=net.alice, at=AT + timedelta(hours=1))
    live = desk.get(f"{fault_.get_absolute_url()}live/").content.decode().split("</template>")[0]
    assert ('data-state="clearing"' in live, "Re-testing" in live) == (True, True)


def test_topology_is_loaded_from_a_file(net: SimpleNamespace) -> None:
    service = net.services(1)[0]
    rows = f"service,kind,value\n{service.reference},olt,OLT-1\nnobody,olt,OLT-2\n".encode()
    text = net.client("alice").post("/outages/topology/", {"file": SimpleUploadedFile("t.csv", rows)}).content.decode()
    assert "nobody: no such service" in text
    assert ServiceTopology.objects.get().value == "OLT-1"
    broken = net.client("alice").post("/outages/topology/", {"file": SimpleUploadedFile("t.csv", b"one\n")})
    assert broken.status_code == 422


def test_tickets_of_the_queue_are_put_under_an_outage_together(net: SimpleNamespace) -> None:
    first, second = (fault(net, service) for service in net.services(2, code="SW1A9ZZ"))
    outage = actions.declare(
        actor=net.alice, at=AT, organisation=net.brightwave, title="Cut", keys=[("sector", "SW1A1")], operator=net.north
    )
    settle()
    desk, url = net.client("alice"), "/outages/attach/"
    chosen = {"selected": [first.pk, second.pk, "x", 10**17], "next": "/tickets/?open=true"}
    assert "OUT-000123" in desk.post(url, {**chosen, "text": "OUT-999"}, follow=True).content.decode()
    done = desk.post(url, {**chosen, "text": outage.reference.lower()}, follow=True)
    assert "2 put under" in done.content.decode()
    desk.post(url, {**chosen, "text": outage.reference})
    assert outage.children.filter(ticket__in=[first, second]).count() == 2
    assert "Put under outage" in desk.get("/tickets/").content.decode()
    assert net.client("bob").post(url, {**chosen, "text": outage.reference}).status_code == 403
    net.client("charlie").post(url, {**chosen, "text": outage.reference})
    assert outage.children.filter(ticket__in=[first, second]).count() == 2
