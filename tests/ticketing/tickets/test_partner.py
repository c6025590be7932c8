"""A fault at the partner: complete before it leaves, and whatever comes back is told once and in order."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest

from ofx.core.transitions import IllegalTransition
from partners.models import Message
from tests.ticketing.tickets.conftest import AT, apply, have_tested, raised, told
from ticketing.tickets import actions
from ticketing.tickets.models import FaultRules, PartnerTicket, Ticket


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_a_fault_is_raised_only_with_all_that_the_partner_demands(
    desk: SimpleNamespace, fault: Callable[..., Ticket]
) -> None:
    FaultRules.objects.create(
        operator=desk.north, required=["CPE_TYPE", "ONT_POWER"], max_lengths={"description": 10, "CPE_TYPE": 5}
    )
    ticket = fault(description="far too long for them")
    with pytest.raises(actions.NotReady) as found:
        actions.raise_to_partner(ticket=ticket, actor=desk.alice, at=AT, characteristics={"WRONG": "x"})
    assert set(found.value.problems) == {"CPE_TYPE", "description", "test", "WRONG"}
    have_tested(ticket)
    actions.change(ticket=ticket, actor=desk.alice, at=AT, description="short")
    row = actions.raise_to_partner(ticket=ticket, actor=desk.alice, at=AT, characteristics={"CPE_TYPE": "Box"})
    message = Message.objects.get(leg__subject=f"partner_ticket:{row.pk}")
    assert (message.verb, message.canonical["entity"], message.canonical["service_ref"]) == (
        "create",
        "ticket",
        "SVC-1",
    )
    assert message.canonical["characteristics"]["ONT_POWER"] == "yes"
    assert message.canonical["test"]["code"] == "ONT_NO_LIGHT"
    assert actions.raise_to_partner(ticket=ticket, actor=desk.alice, at=AT).pk == row.pk
    assert again(ticket).holder == "partner"


@pytest.mark.parametrize(
    ("colour", "code", "minutes", "passes"),
    [
        ("red", "X", 119, "at once"),
        ("red", "X", 121, "never"),
        ("green", "OK", 5, "by reason"),
        ("amber", "X", 5, "at once"),
        ("red", "KNOWN_INCIDENT", 5, "never"),
    ],
)
def test_the_test_gate_knows_age_colour_and_barring_codes(
    desk: SimpleNamespace, fault: Callable[..., Ticket], colour: str, code: str, minutes: int, passes: str
) -> None:
    ticket = fault()
    have_tested(ticket, colour, code)
    at = AT + timedelta(minutes=minutes)

    def goes(reason: str) -> bool:
        try:
            actions.raise_to_partner(ticket=ticket, actor=desk.alice, at=at, override_reason=reason)
        except actions.NotReady as error:
            return set(error.problems) != {"test"}
        return True

    assert goes("") is (passes == "at once")
    assert goes("Seen on site") is (passes != "never")


def test_news_in_any_order_and_twice_gives_the_same(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    pieces = [
        told("STATE", 5, state="acknowledged", sequence=1, partner_ref="NF-9"),
        told("STATE", 10, state="held", reason="CAPACITY", sequence=2),
        told("STATE", 15, state="in_progress", sequence=3),
        told("RESOLVED", 30, sequence=4, fix="Card replaced", clear_code="NTE"),
    ]
    seen = set()
    for order in list(itertools.permutations(pieces))[::7]:
        row = raised(fault(), desk.alice)
        for piece in (*order, order[0]):
            row = apply(row, piece)
        waits = tuple(row.ticket.waits.values_list("owner", "reason", "opened_at", "closed_at"))
        seen.add((row.state, row.partner_ref, row.fix, row.resolved_at, row.acknowledged_at, waits))
        assert again(row.ticket).state == "resolved"
    assert len(seen) == 1


def test_a_partners_question_waits_on_us_until_it_is_answered(
    desk: SimpleNamespace, fault: Callable[..., Ticket]
) -> None:
    row = raised(actions.take(ticket=fault(), actor=desk.alice, at=AT), desk.alice)
    row = apply(row, told("QUESTION", text="Is the power light on?"))
    ticket = again(row.ticket)
    assert (row.state, ticket.state, ticket.holder) == ("pending", "pending", "us")
    assert ticket.next_action == "Answer the question of Northfibre"
    later = AT + timedelta(hours=25)
    actions.answer_partner(partner_ticket=row, actor=desk.alice, at=later, text="Yes, green.")
    row.refresh_from_db()
    assert (row.state, row.question, again(ticket).holder) == ("in_progress", "", "partner")
    answer = Message.objects.get(leg__subject=f"partner_ticket:{row.pk}", verb="answer")
    assert answer.canonical["text"] == "Yes, green."


def test_a_customer_who_served_herself_is_asked_directly_and_her_answer_goes_to_the_partner(
    desk: SimpleNamespace, fault: Callable[..., Ticket]
) -> None:
    ticket = fault(actor=desk.cara, channel="portal")
    have_tested(ticket)
    row = actions.raise_to_partner(ticket=ticket, actor=desk.cara, at=AT)
    row = apply(row, told("QUESTION", text="When may we come?"))
    assert again(ticket).holder == "end_customer"
    later = AT + timedelta(hours=25)
    actions.answer_question(ticket=ticket, actor=desk.cara, at=later, text="Any morning.")
    row.refresh_from_db()
    assert (row.state, again(ticket).holder) == ("in_progress", "partner")
    assert Message.objects.filter(verb="answer", canonical__text="Any morning.").count() == 1


def test_resolved_by_the_partner_is_tested_again_and_a_red_test_goes_back(
    desk: SimpleNamespace, fault: Callable[..., Ticket], settle: Callable[[], int]
) -> None:
    row = apply(raised(fault(), desk.alice), told("RESOLVED", fix="Port reset", chargeable=False))
    ticket = again(row.ticket)
    assert (ticket.state, ticket.resolved_tier, ticket.fix) == ("resolved", "partner", "Port reset")
    test = ticket.tests.get(why="retest")
    assert test.state == "acknowledged"


def test_right_when_tested_is_kept_with_the_reason_to_dispute_its_charge(
    desk: SimpleNamespace, fault: Callable[..., Ticket]
) -> None:
    row = apply(raised(fault(), desk.alice), told("RESOLVED", clear_code="RWT", chargeable=True))
    ticket = again(row.ticket)
    assert (ticket.verdict, ticket.chargeable) == ("none_found", True)
    assert "test was red before" in ticket.charge_dispute


def test_a_reopened_fault_is_reopened_at_the_partner_and_closes_there_with_ours(
    desk: SimpleNamespace, fault: Callable[..., Ticket]
) -> None:
    row = apply(raised(fault(), desk.alice), told("RESOLVED", fix="Port reset"))
    later = AT + timedelta(hours=25)
    actions.reopen(ticket=row.ticket, actor=desk.alice, at=later, why="Still drops")
    row.refresh_from_db()
    assert (row.state, again(row.ticket).state, again(row.ticket).reopened) == ("in_progress", "in_progress", 1)
    row = apply(row, told("RESOLVED", 60 * 26, fix="Cable replaced"), hours=26)
    actions.confirm(ticket=row.ticket, actor=desk.alice, at=AT + timedelta(hours=27))
    row.refresh_from_db()
    assert (row.state, again(row.ticket).state) == ("closed", "closed")
    verbs = (
        Message.objects.filter(leg__subject=f"partner_ticket:{row.pk}").order_by("pk").values_list("verb", flat=True)
    )
    assert list(verbs) == ["create", "reopen", "close"]
    with pytest.raises(IllegalTransition):
        actions.reopen(ticket=row.ticket, actor=desk.alice, at=AT + timedelta(hours=28), why="Again")


def test_what_never_arrived_is_sent_again(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    row = raised(fault(), desk.alice)
    message = Message.objects.get(leg__subject=f"partner_ticket:{row.pk}")
    failed = {"message_id": message.pk, "verb": "create", "reason": "refused", "at": AT + timedelta(minutes=1)}
    for _ in range(2):
        actions.delivery_failed(partner_ticket_id=row.pk, **failed)
    row.refresh_from_db()
    assert (row.state, again(row.ticket).holder) == ("failed_to_send", "us")
    Message.objects.filter(pk=message.pk).update(state="failed")
    later = AT + timedelta(minutes=5)
    actions.raise_to_partner(ticket=row.ticket, actor=desk.alice, at=later)
    row.refresh_from_db()
    assert (row.state, PartnerTicket.objects.count()) == ("submitted", 1)


def test_a_silent_partner_is_told_of_once(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    row = raised(fault(), desk.alice)
    late = AT + timedelta(hours=60)
    assert (actions.mark_silent(at=AT + timedelta(hours=1)), actions.mark_silent(at=late)) == (0, 1)
    assert actions.mark_silent(at=late) == 0
    assert again(row.ticket).next_action.startswith("Chase Northfibre")


def test_operators_people_answer_as_their_system_would(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    desk.olga.memberships.update(role="assurance")
    row = raised(fault(), desk.alice)
    answer = {"partner_ticket": row, "actor": desk.olga, "at": AT + timedelta(minutes=5)}
    actions.operator_answer(kind="acknowledge", partner_ref="NF-3", **answer)
    actions.operator_answer(kind="hold", text="No capacity", reason="CAPACITY", **answer)
    for _ in range(2):
        row = actions.operator_answer(kind="resolve", text="Card replaced", clear_code="NTE", **answer)
    assert (row.state, row.partner_ref, again(row.ticket).state) == ("resolved", "NF-3", "resolved")
    with pytest.raises(actions.TicketInvalid):
        actions.operator_answer(kind="explode", **answer)
    with pytest.raises(IllegalTransition):
        actions.operator_answer(kind="hold", text="x", **answer)
