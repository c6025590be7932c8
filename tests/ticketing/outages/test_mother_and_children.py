"""Mother and children (DOMAIN 2.1 S3, 9.3): who is affected, who is told, what happens when it is over."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from ofx.core.events.actions import publish
from ofx.core.models import Mail
from ofx.core.notices.actions import choose
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import ServiceRecord
from partners.models import Endpoint, Message
from tests.conftest import AT, person
from tests.ticketing.outages.conftest import fault, settle
from ticketing.outages import actions, clearing, queries, running, telling
from ticketing.outages.keys import ScopeInvalid
from ticketing.outages.models import Outage, OutageChild, OutageReceipt
from ticketing.tickets import actions as tickets
from ticketing.tickets.models import ServiceTest, Ticket
from ticketing.tickets.running import _claim
from ticketing.tickets.testing import start_test

pytestmark = pytest.mark.django_db


def later(minutes: float) -> Any:
    return AT + timedelta(minutes=minutes)


def line_tester(net: SimpleNamespace) -> Endpoint:
    return Endpoint.objects.create(
        operator=net.north, kind="tmf622", dialect="northfibre", name="Northfibre", base_url="http://127.0.0.1:9",
        inbound_key="k1", services={"tmf653": "http://127.0.0.1:9/tmf653"},
    )  # fmt: skip


def test_customers_who_have_not_called_are_found_and_told_once(net: SimpleNamespace, declared: Callable) -> None:
    mine = net.services(5)
    net.services(2, op=net.south)
    net.services(1, code="SW1A2AA")
    outage = declared()
    assert set(outage.children.values_list("service", flat=True)) == {service.pk for service in mine}
    assert set(outage.children.values_list("state", flat=True)) == {"informed"}
    mails = Mail.objects.filter(subject__startswith="Outage:")
    assert sorted(mails.values_list("to", flat=True)) == [f"person{n}@example.com" for n in range(1, 6)]
    assert OutageReceipt.objects.filter(channel="portal").count() == 5
    assert queries.progress_of(outage).not_called == 5


def test_nobody_is_told_twice_when_everything_runs_twice(net: SimpleNamespace, declared: Callable) -> None:
    shop = net.services(1)[0]
    net.services(3, customer=shop.customer)
    outage = declared()
    for update in outage.updates.all():
        telling.inform(update=update, ids=list(outage.children.values_list("pk", flat=True)), at=later(1))
    outage.jobs.update(state="queued", cursor=0)
    settle(2)
    assert Mail.objects.count() == 1, "one person, four services: one mail"
    assert outage.children.count() == 4


def test_a_customer_without_people_is_told_at_the_contact_of_its_order(
    net: SimpleNamespace, declared: Callable
) -> None:
    net.services(1, user=False, contact="paula@example.com")
    net.services(1, user=False)
    outage = declared()
    assert list(Mail.objects.values_list("to", flat=True)) == ["paula@example.com"]
    assert sorted(outage.children.values_list("state", flat=True)) == ["attached", "informed"]
    assert queries.progress_of(outage).unreachable == 1, "the other one must be called"


def test_a_new_fault_under_an_open_outage_joins_it_at_once(net: SimpleNamespace, declared: Callable) -> None:
    called, _ = net.services(2)
    outage = declared()
    ticket = fault(net, called, 5)
    settle(6)
    child = OutageChild.objects.get(outage=outage, ticket=ticket)
    assert child.service == called, "it is the child of its service, not a second one"
    assert child.started_at == AT, "its own clock: it was without before it called"
    ticket.refresh_from_db()
    assert ticket.holder == "partner", ticket.next_action
    assert ticket.notes.filter(audience="customer", author="system").count() == 1
    with pytest.raises(tickets.NotReady) as refused:
        tickets.raise_to_partner(ticket=ticket, actor=net.alice, at=later(7), characteristics={})
    assert outage.reference in str(refused.value)


def test_an_outage_elsewhere_or_of_another_operator_takes_no_fault(net: SimpleNamespace, declared: Callable) -> None:
    declared()
    away, other = net.services(1, code="SW1A2AA")[0], net.services(1, op=net.south)[0]
    for service in (away, other):
        fault(net, service, 5)
    settle(6)
    assert OutageChild.objects.count() == 0
    assert queries.covering(organisation=net.cobalt, postcode="SW1A1AA", operator=net.north, at=later(1)) is None
    found = queries.covering(organisation=net.brightwave, postcode="SW1A1AA", operator=net.north, at=later(1))
    assert found is not None


def test_one_update_reaches_all_with_its_date(net: SimpleNamespace, declared: Callable) -> None:
    services = net.services(3)
    outage = declared()
    ticket = fault(net, services[0], 3)
    settle(4)
    actions.update(
        outage=outage, actor=net.alice, at=later(10), public_text="A cable is being mended.", expected_at=later(90)
    )
    settle(11)
    assert Mail.objects.filter(subject__startswith="Update:").count() == 3
    ticket.refresh_from_db()
    assert ticket.expected_at == later(90)
    assert ticket.notes.filter(text="A cable is being mended.").count() == 1
    with pytest.raises(ScopeInvalid, match="time is over"):
        actions.update(outage=outage, actor=net.alice, at=later(12), public_text="x", expected_at=later(1))


def test_who_wants_no_mail_reads_it_in_the_portal(net: SimpleNamespace, declared: Callable) -> None:
    service = net.services(1)[0]
    user = service.customer.memberships.get().user
    choose(actor=user, at=AT, organisation=net.brightwave, kind="outages", channel="email", wanted=False)
    outage = declared()
    assert Mail.objects.count() == 0
    assert outage.children.get().state == "informed"
    assert actions.see(outage=outage, actor=user, at=later(3)) == 1
    assert OutageReceipt.objects.get(channel="portal").state == "seen"


def test_clearing_tests_every_child_and_leaves_the_failing_open(net: SimpleNamespace, declared: Callable) -> None:
    line_tester(net)
    works, down, silent = net.services(3)
    outage = declared()
    ticket = fault(net, works, 2)
    settle(3)
    actions.clear(outage=outage, actor=net.alice, at=later(30), cause="Cut cable")
    settle(31)
    outage.refresh_from_db()
    assert outage.state == "clearing"
    assert clearing.start_due(at=later(32), seconds=5) == 3
    for service, colour in ((works, "green"), (down, "red")):
        test = ServiceTest.objects.get(service=service, why="outage")
        ServiceTest.objects.filter(pk=test.pk).update(state="completed", colour=colour, code="X", done_at=later(33))
        test.refresh_from_db()
        clearing.hear_test(test=test, at=later(33))
    outage.refresh_from_db()
    assert outage.state == "clearing", "one is still under test"
    with pytest.raises(IllegalTransition):
        actions.close(outage=outage, actor=net.alice, at=later(34))
    clearing.give_up_waiting(at=later(200))
    outage.refresh_from_db()
    ticket.refresh_from_db()
    states = dict(outage.children.values_list("service", "state"))
    assert states == {works.pk: "ok", down.pk: "still_down", silent.pk: "still_down"}
    assert (outage.state, ticket.state, ticket.cause) == ("cleared", "resolved", "Cut cable")
    still = outage.children.get(service=down)
    assert still.ticket is not None, "it has not called, and is still down: it got a ticket"
    assert still.ticket.state == "acknowledged"
    assert queries.why_not_raised(still.ticket) == {}, "from now on it may go to the partner"
    with pytest.raises(IllegalTransition, match="2 of its children"):
        actions.close(outage=outage, actor=net.alice, at=later(201))
    actions.decide_child(child=still, actor=net.alice, at=later(202), works=False, why="dead router")
    other = outage.children.get(service=silent)
    actions.decide_child(child=other, actor=net.alice, at=later(203), works=True, why="the customer said so")
    actions.close(outage=outage, actor=net.alice, at=later(204))
    other.refresh_from_db()
    assert (other.state, other.ended_at) == ("ok", later(30))


def test_a_child_whose_turn_to_be_tested_has_not_come_is_not_given_up(net: SimpleNamespace, declared: Callable) -> None:
    line_tester(net)
    net.services(2)
    outage = declared()
    actions.clear(outage=outage, actor=net.alice, at=later(30))
    settle(31)
    assert clearing.give_up_waiting(at=later(300)) == 0, "nobody has asked for their tests yet"
    assert set(outage.children.values_list("state", flat=True)) == {"retesting"}
    assert clearing.start_due(at=later(300), seconds=5) == 2
    assert clearing.give_up_waiting(at=later(330)) == 0
    assert clearing.give_up_waiting(at=later(361)) == 2


def test_who_is_down_again_after_a_reopening_has_an_open_ticket(net: SimpleNamespace, declared: Callable) -> None:
    resolved, closed = net.services(2)
    outage = declared()
    mine, gone = fault(net, resolved, 2), fault(net, closed, 2)
    settle(3)
    actions.clear(outage=outage, actor=net.alice, at=later(30))
    settle(31)
    tickets.confirm(ticket=gone, actor=net.alice, at=later(32))
    actions.reopen(outage=outage, actor=net.alice, at=later(40), why="down again")
    line_tester(net)
    actions.clear(outage=outage, actor=net.alice, at=later(60))
    settle(61)
    assert clearing.start_due(at=later(62), seconds=5) == 2
    for test in ServiceTest.objects.filter(why="outage"):
        ServiceTest.objects.filter(pk=test.pk).update(state="completed", colour="red", code="X", done_at=later(63))
        test.refresh_from_db()
        clearing.hear_test(test=test, at=later(63))
    mine.refresh_from_db()
    assert (mine.state, mine.reopened) == ("in_progress", 1)
    other = outage.children.get(service=closed).ticket
    assert other is not None
    assert (other.pk != gone.pk, other.state) == (True, "acknowledged")


def test_services_that_cannot_be_tested_end_with_the_cause(net: SimpleNamespace, declared: Callable) -> None:
    services = net.services(2)
    outage = declared()
    ticket = fault(net, services[0], 2)
    settle(3)
    actions.clear(outage=outage, actor=net.alice, at=later(30))
    actions.clear(outage=outage, actor=net.alice, at=later(31))
    settle(32)
    outage.refresh_from_db()
    ticket.refresh_from_db()
    assert (outage.state, ticket.state) == ("cleared", "resolved")
    assert set(outage.children.values_list("state", "ended_at")) == {("ok", later(30))}
    assert Mail.objects.filter(subject__startswith="Fixed:").count() == 2
    assert clearing.close_due(at=later(30 + 25 * 60), hours=24) == 1


def test_a_child_taken_out_goes_its_own_way(net: SimpleNamespace, declared: Callable) -> None:
    service = net.services(1)[0]
    outage = declared()
    ticket = fault(net, service, 5)
    settle(6)
    child = outage.children.get()
    with pytest.raises(ScopeInvalid):
        actions.detach(child=child, actor=net.alice, at=later(7), why=" ")
    actions.detach(child=child, actor=net.alice, at=later(7), why="a dead router")
    actions.detach(child=child, actor=net.alice, at=later(8), why="twice")
    ticket.refresh_from_db()
    assert ticket.holder != "partner"
    assert queries.why_not_raised(ticket) == {}
    actions.update(outage=outage, actor=net.alice, at=later(9), public_text="News.")
    settle(10)
    assert not ticket.notes.filter(text="News.").exists()


def test_it_can_come_back(net: SimpleNamespace, declared: Callable) -> None:
    net.services(1)
    outage = declared()
    actions.clear(outage=outage, actor=net.alice, at=later(30))
    settle(31)
    Outage.objects.filter(pk=outage.pk).update(partner_cleared_at=later(29))
    actions.reopen(outage=outage, actor=net.alice, at=later(40), why="down again")
    settle(41)
    child = outage.children.get()
    outage.refresh_from_db()
    assert (child.state, child.ended_at, outage.partner_cleared_at) == ("informed", None, None)
    assert Mail.objects.filter(subject__startswith="Update:").count() == 1


def test_opening_it_again_is_the_workers_work_and_meanwhile_no_test_decides(
    net: SimpleNamespace, declared: Callable
) -> None:
    line_tester(net)
    service, silent = net.services(2)
    service.customer.memberships.all().delete()  # nobody can tell this one
    outage = declared()
    actions.clear(outage=outage, actor=net.alice, at=later(30))
    settle(31)
    assert clearing.start_due(at=later(32), seconds=5) == 2
    actions.reopen(outage=outage, actor=net.alice, at=later(40), why="down again")
    assert set(outage.children.values_list("state", flat=True)) == {"retesting"}, "no child is changed in the request"
    for test in ServiceTest.objects.filter(why="outage"):
        ServiceTest.objects.filter(pk=test.pk).update(state="completed", colour="green", done_at=later(41))
        test.refresh_from_db()
        clearing.hear_test(test=test, at=later(41))
    assert set(outage.children.values_list("state", flat=True)) == {"retesting"}, "they were tested before it came back"
    settle(42)
    states = dict(outage.children.values_list("service", "state"))
    assert states == {service.pk: "attached", silent.pk: "informed"}, "whom nobody told is not told by coming back"
    assert set(outage.children.values_list("test", "test_tries", "ended_at")) == {(None, 0, None)}


def test_opened_again_before_the_clearing_was_worked_leaves_nobody_under_test(
    net: SimpleNamespace, declared: Callable
) -> None:
    service = net.services(1)[0]
    outage = declared()
    ticket = fault(net, service, 2)
    settle(3)
    actions.clear(outage=outage, actor=net.alice, at=later(30))
    actions.reopen(outage=outage, actor=net.alice, at=later(31), why="down again")
    settle(32)
    outage.refresh_from_db()
    ticket.refresh_from_db()
    assert (outage.state, outage.children.get().state, ticket.state) == ("open", "informed", "held")


def test_tickets_about_places_are_found_however_many_are_elsewhere(
    net: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_ROWS", 1)
    values = {"actor": net.alice, "at": AT, "organisation": net.brightwave, "title": "No internet"}
    for code in ("SW1A2AA", "SW1A1AA", "SW1A1AB"):
        place = {"country": "GB", "postcode": code, "text": "Example Street"}
        tickets.open_ticket(**values, place=place, fault_class="no_connection")
    outage = actions.declare(**values, keys=[("sector", "SW1A1")], operator=net.north)
    settle()
    held = Ticket.objects.filter(outage_children__outage=outage, state="held")
    assert sorted(held.values_list("postcode", flat=True)) == ["SW1A1AA", "SW1A1AB"]


def test_one_refused_message_is_the_failure_of_its_own_update_only(net: SimpleNamespace, declared: Callable) -> None:
    net.services(1)
    Endpoint.objects.create(operator=net.north, kind="tmf656", name="TMF656", inbound_key="k656")
    outage = declared()
    actions.update(outage=outage, actor=net.alice, at=later(5), public_text="News.")
    settle(6)
    party = outage.parties.get()
    first, second = Message.objects.filter(leg__subject=f"outage_party:{party.pk}").order_by("pk")

    def tell(name: str, message: Message, **more: str) -> list[str]:
        told = {"message_id": message.pk, "leg_subject": f"outage_party:{party.pk}", **more}
        publish(name, "leg:1", at=later(7), organisation_id=None, **told)
        settle(8)
        receipts = OutageReceipt.objects.filter(channel="system").order_by("update__number")
        return list(receipts.values_list("state", flat=True))

    assert tell("message.failed", second, reason="too long") == ["queued", "failed"]
    party.refresh_from_db()
    assert party.problem == "too long"
    assert tell("message.delivered", first, external_id="SP-1") == ["sent", "failed"]
    assert tell("message.delivered", second) == ["sent", "sent"], "a person had it tried again"
    assert tell("message.failed", second, reason="late") == ["sent", "sent"]
    party.refresh_from_db()
    assert (party.problem, party.external_id) == ("", "SP-1")


def test_a_test_begun_before_the_clearing_decides_nothing(net: SimpleNamespace, declared: Callable) -> None:
    line_tester(net)
    service = net.services(1)[0]
    outage = declared()
    old = start_test(service=service, actor=net.alice, at=later(29))
    actions.clear(outage=outage, actor=net.alice, at=later(30))
    settle(31)
    assert clearing.start_due(at=later(31), seconds=5) == 1
    again = outage.children.get().test
    assert again is not None
    assert (again.pk != old.pk, again.why) == (True, "outage")
    assert [test.pk for test, _ in _claim(later(31))] == [old.pk], "a line takes one test at a time"
    ServiceTest.objects.filter(pk=old.pk).update(state="completed", colour="red", done_at=later(32))
    assert [test.pk for test, _ in _claim(later(32))] == [again.pk]


def test_the_last_child_under_test_taken_out_or_not_testable_ends_the_clearing(
    net: SimpleNamespace, declared: Callable
) -> None:
    line_tester(net)
    out, unknown = net.services(2)
    outage = declared()
    ServiceRecord.objects.filter(pk=unknown.pk).update(partner_ref="")
    actions.clear(outage=outage, actor=net.alice, at=later(30))
    settle(31)
    clearing.start_due(at=later(32), seconds=5)
    assert outage.children.get(service=unknown).state == "ok"
    assert clearing.settle_due(at=later(33)) == 0, "one is under test"
    actions.detach(child=outage.children.get(service=out), actor=net.alice, at=later(34), why="ceased")
    assert clearing.settle_due(at=later(35)) == 1
    outage.refresh_from_db()
    assert outage.state == "cleared"


def test_a_childs_ticket_merged_into_another_leaves_that_one_the_child(
    net: SimpleNamespace, declared: Callable
) -> None:
    service = net.services(1)[0]
    other = fault(net, service, -2000, title="Slow")  # long before the outage: a fault of its own
    outage = declared()
    ticket = fault(net, service, 5)
    settle(6)
    tickets.merge(ticket=ticket, into=other, actor=net.alice, at=later(7))
    settle(8)
    other.refresh_from_db()
    child = outage.children.get()
    assert (child.ticket, child.service, other.state) == (other, service, "held")
    assert outage.reference in " ".join(queries.why_not_raised(other).values())
    ticket.refresh_from_db()
    with pytest.raises(IllegalTransition, match="joins nothing"):
        actions.attach(outage=outage, ticket=ticket, actor=net.alice, at=later(9))


def test_others_may_not_touch_it(net: SimpleNamespace, declared: Callable) -> None:
    net.services(1)
    outage = declared()
    for actor in (net.charlie, net.bob, net.cara, net.olga):
        with pytest.raises(PermissionDenied):
            actions.update(outage=outage, actor=actor, at=later(5), public_text="x")
    assert not Outage.objects.visible_to(net.charlie).exists()
    assert not Outage.objects.visible_to(net.cara).exists(), "none of her services is down"
    with pytest.raises(PermissionDenied):
        actions.declare(actor=net.charlie, at=AT, organisation=net.brightwave, title="x", keys=[("sector", "SW1A1")])


def test_a_customers_report_is_a_candidate_until_approved(net: SimpleNamespace) -> None:
    boss = person("boss@example.com", net.harbour, "admin")
    net.services(2, customer=net.harbour)
    outage = actions.report(
        actor=boss, at=AT, organisation=net.brightwave, customer=net.harbour, title="Shops are down",
        keys=[("postcode", "sw1a 1aa")], external_id="INC-7", idempotency_key="INC-7",
    )  # fmt: skip
    again = actions.report(
        actor=boss, at=AT, organisation=net.brightwave, customer=net.harbour, title="Shops are down",
        keys=[("postcode", "SW1A1AA")], external_id="INC-7", idempotency_key="INC-7",
    )  # fmt: skip
    assert (outage.state, again.pk) == ("candidate", outage.pk)
    assert not Outage.objects.visible_to(boss).exists(), "nothing public yet"
    with pytest.raises(PermissionDenied):
        actions.approve(outage=outage, actor=boss, at=later(1))
    actions.approve(outage=outage, actor=net.alice, at=later(1))
    actions.approve(outage=outage, actor=net.alice, at=later(2))
    settle(3)
    assert outage.children.count() == 2
    assert Outage.objects.visible_to(boss).get() == outage


def test_a_rejected_candidate_lets_its_tickets_go(net: SimpleNamespace) -> None:
    service = net.services(1)[0]
    ticket = fault(net, service)
    outage = actions.propose(
        at=AT, organisation=net.brightwave, key=("sector", "SW1A1"), operator=net.north, title="No service in SW1A1",
        evidence={}, tickets=[ticket], started_at=AT,
    )  # fmt: skip
    assert outage is not None
    assert actions.propose(
        at=AT, organisation=net.brightwave, key=("sector", "SW1A1"), operator=net.north, title="again", evidence={},
        tickets=[], started_at=AT,
    ) is None  # fmt: skip
    assert outage.children.get().ticket == ticket, "the first ticket is the first child"
    with pytest.raises(ScopeInvalid):
        actions.reject(outage=outage, actor=net.alice, at=later(1), why="")
    actions.reject(outage=outage, actor=net.alice, at=later(1), why="a coincidence")
    assert outage.children.get().state == "detached"
    assert Ticket.objects.get(pk=ticket.pk).state == "acknowledged"


def test_the_first_children_of_a_proposal_wait_as_soon_as_it_is_approved(net: SimpleNamespace) -> None:
    ticket = fault(net, net.services(1)[0])
    outage = actions.propose(
        at=AT, organisation=net.brightwave, key=("sector", "SW1A1"), operator=net.north, title="No service in SW1A1",
        evidence={}, tickets=[ticket], started_at=AT,
    )  # fmt: skip
    assert outage is not None
    actions.approve(outage=outage, actor=net.alice, at=later(1))
    settle(2)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.holder, outage.children.get().ticket) == ("held", "partner", ticket)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("keys", {"keys": []}),
        ("keys", {"keys": [("street", "x")]}),
        ("operator", {"keys": [("olt", "OLT-1")], "operator": None}),
        ("title", {"title": "  "}),
        ("window_start", {"planned": True}),
        ("window_end", {"planned": True, "window_start": later(60), "window_end": later(10)}),
    ],
)
def test_bad_input_names_its_field(net: SimpleNamespace, field: str, values: dict[str, Any]) -> None:
    given = {"title": "x", "keys": [("sector", "SW1A1")], "operator": net.north, **values}
    with pytest.raises(ScopeInvalid) as refused:
        actions.declare(actor=net.alice, at=AT, organisation=net.brightwave, **given)
    assert field in refused.value.problems


def test_equipment_finds_its_services(net: SimpleNamespace) -> None:
    services = net.services(3)
    kept, bad = actions.load_topology(
        organisation=net.brightwave, actor=net.alice, at=AT,
        lines=[(services[0].reference, "OLT", "OLT-7"), (services[1].reference, "olt", "OLT-8"),
               ("SVC-none", "olt", "x"),
               (services[2].reference, "street", "x")],
    )  # fmt: skip
    assert (kept, len(bad)) == (1 + 1, 2)
    actions.declare(
        actor=net.alice,
        at=AT,
        organisation=net.brightwave,
        title="OLT down",
        keys=[("olt", "OLT-7")],
        operator=net.north,
    )
    settle()
    assert [child.service for child in OutageChild.objects.all()] == [services[0]]
