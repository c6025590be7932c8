"""What begins elsewhere and comes by the hub: a customer's own tickets, a partner's mails; from a real sandbox."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.events.actions import handle_due
from ofx.core.models import Alert, Event
from partners.models import Endpoint, Leg, Message
from sandbox.care.open import services
from sandbox.process import Running
from tests.conftest import agreement, offering, operator
from tests.partners.connectors.conftest import endpoint_at, mail, sandbox, work
from tests.partners.connectors.test_sandbox import until
from tests.ticketing.tickets.conftest import AT, service_of
from ticketing.outages.models import MaintenanceNotice, Outage
from ticketing.outages.subscribers import works_are_announced
from ticketing.tickets import actions
from ticketing.tickets.actions.reported import reported_before
from ticketing.tickets.models import Ticket
from ticketing.tickets.subscribers import raised_there

__all__ = ["mail", "sandbox"]
pytestmark = pytest.mark.django_db
ITSM = "harbour-itsm"


def settle(way: Endpoint) -> None:
    """Worker and scheduler, until nothing is left."""
    for _ in range(6):
        work(way)
        if not handle_due(older_than=timedelta(seconds=-1)):
            return


@pytest.fixture
def itsm(world: Any, sandbox: Running) -> SimpleNamespace:
    """Harbour Books' own service desk, a service of theirs, and what its people do."""
    world.north, world.fttp = world.northfibre, offering(world.northfibre)
    system = sandbox.config.system(ITSM)
    way = Endpoint.objects.create(
        organisation=world.brightwave, customer=world.harbour, kind="tmf621", name="Harbour desk", token=system.token,
        base_url=services(sandbox.url, ITSM)["tmf621"], inbound_secret=system.webhook_secret,
        inbound_key="hook-itsm-told-by-others", simulated=True, timeout_seconds=2, poll_seconds=1,
        rate_per_minute=60_000,
    )  # fmt: skip

    def act(name: str, **fields: Any) -> dict[str, Any]:
        found: dict[str, Any] = sandbox.control("itsm", {"system": ITSM, "act": name, **fields})["result"]
        return found

    return SimpleNamespace(world=world, way=way, act=act, service=service_of(world), sandbox=sandbox)


def ticket_of(itsm: SimpleNamespace, theirs: str) -> Ticket:
    """Ours of theirs, as soon as it is here."""
    until(lambda: Ticket.objects.filter(external_id=theirs).exists(), lambda: settle(itsm.way))
    settle(itsm.way)
    return Ticket.objects.select_related("customer", "service").get(external_id=theirs)


def test_a_ticket_raised_in_a_customers_own_system_is_ours_too_and_is_heard_and_told_from_then_on(
    itsm: SimpleNamespace,
) -> None:
    theirs = itsm.act("raise", title="Till is down", text="All tills", service="SVC-000001", severity="extensive")["id"]
    itsm.act("note", id=theirs, text="The shop opens at ten")
    ticket = ticket_of(itsm, theirs)
    assert (ticket.organisation, ticket.customer) == (itsm.world.brightwave, itsm.world.harbour)
    assert (ticket.title, ticket.service, ticket.channel) == ("Till is down", itsm.service, "api")
    assert (ticket.simulated, Leg.objects.get(subject=f"customer_ticket:{ticket.pk}").external_id) == (True, theirs)
    assert [note.text for note in ticket.notes.filter(author="customer")] == ["The shop opens at ten"]
    assert not Message.objects.filter(direction="in", state="unrouted").exists(), "each was read again and found it"

    for event in Event.objects.filter(name="ticket.reported"):
        raised_there(event)
    settle(itsm.way)
    assert Ticket.objects.filter(external_id=theirs).count() == 1
    itsm.act("note", id=theirs, text="It is urgent")
    until(lambda: ticket.notes.filter(text="It is urgent").exists(), lambda: settle(itsm.way))
    actions.resolve(ticket=ticket, actor=itsm.world.alice, at=AT + timedelta(days=400), fix="A new plug")
    settle(itsm.way)
    held = {row["doc"]["id"]: row for row in itsm.sandbox.cases(ITSM)}
    assert held[theirs]["state"] == "resolved"
    assert not [row for row in held.values() if str(row["externalId"]).startswith(ticket.reference)], "no second there"


def test_what_is_over_there_already_is_not_opened_here(itsm: SimpleNamespace) -> None:
    over, open_one = (itsm.act("raise", title=title)["id"] for title in ("Solved itself", "Still down"))
    itsm.act("status", id=over, status="closed")
    assert ticket_of(itsm, open_one).title == "Still down"
    assert not Ticket.objects.filter(external_id=over).exists()


def test_one_that_their_system_also_brings_itself_is_the_same(itsm: SimpleNamespace) -> None:
    theirs = itsm.act("raise", title="Twice on its way")["id"]
    ticket = ticket_of(itsm, theirs)
    assert reported_before(customer=itsm.world.harbour, external_id=theirs) == ticket
    assert reported_before(customer=itsm.world.harbour, external_id="") is None


@pytest.fixture
def works(world: Any, sandbox: Running) -> SimpleNamespace:
    """Mailtel, which two providers use, and a live line of Brightwave's at it."""
    way = endpoint_at(sandbox, "mailtel", services={"mail_from": "planned-works@mailtel.example"})
    world.north = operator("mailtel") if way.operator is None else way.operator
    world.fttp = offering(world.north)
    for provider in (world.brightwave, world.cobalt):
        agreement(provider, world.north)
    service = service_of(world)
    service.partner_ref = "MT-000001"
    service.save()
    body = {"partner": "mailtel", "start": "2027-12-01T22:00:00Z", "end": "2027-12-02T04:00:00Z"}

    def announce(**fields: Any) -> None:
        before = Event.objects.filter(name="maintenance.received").count()
        sandbox.control("works", {**body, **fields})
        until(lambda: Event.objects.filter(name="maintenance.received").count() > before, lambda: work(way))
        settle(way)

    return SimpleNamespace(world=world, announce=announce, service=service)


def test_a_mail_about_works_is_planned_work_of_the_tenant_whose_line_it_names(works: SimpleNamespace) -> None:
    works.announce(id="MW-77", circuits=["MT-000001"], status="CONFIRMED", impact="OUTAGE")
    outage = Outage.objects.get()
    assert (outage.state, outage.planned, outage.partner_ref) == ("candidate", True, "MW-77")
    assert (outage.organisation, outage.operator, outage.simulated) == (works.world.brightwave, works.world.north, True)
    assert [key.value for key in outage.keys.all()] == [works.service.reference]
    assert MaintenanceNotice.objects.get().state == "read"
    works_are_announced(Event.objects.get(name="maintenance.received"))
    assert (Outage.objects.count(), MaintenanceNotice.objects.count()) == (1, 1)


def test_one_that_no_program_reads_waits_for_a_person_of_each_tenant(works: SimpleNamespace) -> None:
    works.announce(id="MW-78", circuits=["MT-000001"], readable=False)
    assert not Outage.objects.exists()
    waiting = MaintenanceNotice.objects.filter(state="waiting")
    assert {row.organisation for row in waiting} == {works.world.brightwave, works.world.cobalt}
    assert "MW-78" in waiting[0].subject
    assert Alert.objects.filter(text__contains="MW-78").exists()
