"""The partner portal for faults: an operator's people answer in seconds."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.models import Membership
from tests.conftest import operator
from tests.ticketing.tickets.conftest import AT, apply, raised, told
from ticketing.tickets import actions
from ticketing.tickets.models import PartnerTicket, Ticket

Fault = Callable[..., Ticket]


@pytest.fixture
def row(desk: SimpleNamespace, fault: Fault) -> PartnerTicket:
    """A fault raised at Olga's operator; she works in assurance."""
    Membership.objects.filter(user=desk.olga).update(role="assurance")
    ticket = fault(description="It drops", title="Keeps dropping at Harbour")
    actions.add_note(ticket=ticket, actor=desk.alice, at=AT, text="they owe us money")
    return raised(ticket, desk.alice)


@pytest.fixture
def olga(desk: SimpleNamespace, row: PartnerTicket) -> Any:
    """Olga's browser."""
    return desk.client("olga")


def page(client: Any, path: str) -> str:
    """The page's text."""
    response = client.get(path)
    assert response.status_code == 200, path
    return str(response.content.decode())


def test_a_new_fault_is_taken_in_the_list_with_a_reference(olga: Any, row: PartnerTicket) -> None:
    assert "New fault: take it" in page(olga, "/partner/faults/")
    body = {"partner_ref": "NF-77", "next": "partner-faults"}
    response = olga.post(f"/partner/faults/{row.our_key}/acknowledge/", body)
    assert response.url == "/partner/faults/"
    row.refresh_from_db()
    assert (row.state, row.partner_ref) == ("acknowledged", "NF-77")
    assert "In work: tell how it goes" in page(olga, "/partner/faults/")


def test_a_question_waits_for_the_provider_whose_answer_is_read_here(olga: Any, desk: Any, row: PartnerTicket) -> None:
    olga.post(f"/partner/faults/{row.our_key}/question/", {"text": "Which light is on?"})
    row.refresh_from_db()
    assert row.question == "Which light is on?"
    desk.client("alice").post(f"/tickets/{row.ticket.reference}/partner/answer/", {"text": "The red one"})
    assert "The red one" in page(olga, f"/partner/faults/{row.our_key}/")


def test_a_resolved_fault_resolves_the_ticket_and_its_refusal_names_the_field(olga: Any, row: PartnerTicket) -> None:
    refused = olga.post(f"/partner/faults/{row.our_key}/resolve/", {"clear_code": "C1"})
    assert refused.status_code == 422
    assert "What was done" in refused.content.decode()
    olga.post(f"/partner/faults/{row.our_key}/resolve/", {"fix": "Spliced the fibre", "clear_code": "C1"})
    row.ticket.refresh_from_db()
    assert (row.ticket.state, row.ticket.resolved_tier) == ("resolved", "partner")
    again = olga.post(f"/partner/faults/{row.our_key}/hold/", {"text": "later"})
    assert again.status_code == 422


def test_the_operator_sees_nothing_internal_and_no_fault_of_another(olga: Any, desk: Any, row: PartnerTicket) -> None:
    shown = page(olga, f"/partner/faults/{row.our_key}/")
    assert "It drops" in shown
    assert "they owe us money" not in shown
    PartnerTicket.objects.filter(pk=row.pk).update(operator=operator("southlink"))
    assert olga.get(f"/partner/faults/{row.our_key}/").status_code == 404
    assert row.our_key not in page(olga, "/partner/faults/")


def test_each_operator_reads_its_own_words_and_not_another_ones(olga: Any, desk: Any, row: PartnerTicket) -> None:
    olga.post(f"/partner/faults/{row.our_key}/note/", {"text": "We splice tonight"})
    south = PartnerTicket.objects.create(
        organisation=row.organisation,
        ticket=row.ticket,
        operator=operator("southlink"),
        our_key="SOUTH-1",
        raised_at=AT,
    )
    apply(south, told("NOTE", text="Their duct is ours to dig"))
    assert row.ticket.notes.filter(author="partner").count() == 2
    shown = page(olga, f"/partner/faults/{row.our_key}/")
    assert shown.count("We splice tonight") == 1
    assert "Their duct" not in shown


def test_people_of_fulfilment_read_but_do_not_answer(olga: Any, desk: Any, row: PartnerTicket) -> None:
    Membership.objects.filter(user=desk.olga).update(role="fulfilment")
    other = desk.client("olga")
    assert "Take it" not in page(other, "/partner/faults/")
    assert other.post(f"/partner/faults/{row.our_key}/acknowledge/", {}).status_code == 403
