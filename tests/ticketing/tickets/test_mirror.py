"""A customer's own system has every ticket of theirs, is told of everything, and nothing echoes."""

import base64
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from partners.models import Endpoint, Leg, Message
from tests.ticketing.tickets.conftest import AT, raised, told
from ticketing.tickets import actions
from ticketing.tickets.models import Ticket

LATER = AT + timedelta(hours=1)


@pytest.fixture
def itsm(desk: SimpleNamespace) -> Endpoint:
    """The system of Harbour Books."""
    return Endpoint.objects.create(
        customer=desk.harbour, organisation=desk.brightwave, kind="tmf621", name="Harbour ITSM", inbound_key="itsm"
    )


def sent(ticket: Ticket) -> list[tuple[str, str, str]]:
    rows = Message.objects.filter(leg__subject=f"customer_ticket:{ticket.pk}", direction="out").order_by("pk")
    return [(row.verb, row.canonical["state"], row.canonical["text"]) for row in rows]


def hear(ticket: Ticket, *pieces: dict[str, Any]) -> Ticket:
    actions.apply_customer_news(ticket_id=ticket.pk, news=pieces, at=LATER)
    return Ticket.objects.get(pk=ticket.pk)


def test_whatever_happens_here_is_told_there_and_what_they_told_is_not(
    itsm: Endpoint, desk: SimpleNamespace, fault: Callable[..., Ticket], settle: Callable[[], int]
) -> None:
    ticket = fault()
    settle()
    actions.add_note(ticket=ticket, actor=desk.alice, at=AT, text="Hidden")
    actions.add_note(ticket=ticket, actor=desk.alice, at=AT, text="We are at it", audience="customer")
    for _ in range(2):
        ticket = hear(ticket, told("NOTE", text="Please hurry"))
    actions.resolve(ticket=ticket, actor=desk.alice, at=LATER, fix="Port reset")
    settle()
    ticket = hear(ticket, told("STATE", 60, state="in_progress", text="Still drops"))
    settle()
    assert (ticket.state, ticket.reopened) == ("in_progress", 1)
    assert sent(ticket) == [("create", "", ""), ("note", "", "We are at it"), ("status", "resolved", "")]
    assert ticket.notes.filter(author="customer").count() == 1


def test_their_answer_ends_the_wait_and_their_closing_confirms(
    itsm: Endpoint, desk: SimpleNamespace, fault: Callable[..., Ticket], settle: Callable[[], int]
) -> None:
    ticket = fault()
    settle()
    asked = {"text": "Which light?", "audience": "customer", "is_question": True}
    actions.add_note(ticket=ticket, actor=desk.alice, at=AT, **asked)
    assert hear(ticket, told("NOTE", text="LOS is red")).state == "in_progress"
    assert hear(ticket, told("STATE", 61, state="closed", text="Works again")).state == "closed"
    settle()
    assert ("status", "closed", "") not in sent(ticket), "they told us"
    assert hear(ticket, told("STATE", 62, state="in_progress", text="Or not")).state == "closed"
    assert "Their ticket is in_progress, ours is closed" in ticket.notes.get(author="system").text


def test_one_that_was_raised_there_is_bound_and_not_created_again(
    itsm: Endpoint, desk: SimpleNamespace, fault: Callable[..., Ticket], settle: Callable[[], int]
) -> None:
    ticket = fault(channel="api", external_id="INC0001", actor=None)
    settle()
    assert Leg.objects.get(subject=f"customer_ticket:{ticket.pk}").external_id == "INC0001"
    assert sent(ticket) == []


def test_the_number_of_a_providers_own_tool_is_no_number_of_the_customers(
    itsm: Endpoint, fault: Callable[..., Ticket], settle: Callable[[], int]
) -> None:
    ticket = fault(channel="api", external_id="DESK-7")
    settle()
    assert Leg.objects.get(subject=f"customer_ticket:{ticket.pk}").external_id == ""
    assert sent(ticket) == [("create", "", "")]


def test_a_file_of_theirs_goes_on_to_the_partner(
    itsm: Endpoint, desk: SimpleNamespace, fault: Callable[..., Ticket]
) -> None:
    ticket = fault()
    row = raised(ticket, desk.alice)
    file = {"name": "box.txt", "base64": base64.b64encode(b"The light is red").decode()}
    for _ in range(2):
        hear(ticket, told("ATTACHMENT", attachment=file))
    told_there = Message.objects.filter(leg__subject=f"partner_ticket:{row.pk}", verb="attach")
    assert told_there.get().canonical["attachment"]["name"] == "box.txt"
