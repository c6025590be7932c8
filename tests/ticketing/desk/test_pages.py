"""Pages of the desk, asked for as people do."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.orders.models import Order
from tests.ticketing.tickets.conftest import AT, have_tested, raised, told
from tests.ticketing.tickets.conftest import apply as hear_partner
from ticketing.tickets import actions
from ticketing.tickets.models import DeskTime, FaultRules, Macro, PartnerTicket, SopTemplate, Ticket

Fault = Callable[..., Ticket]


def text_of(client: Any, path: str, **data: Any) -> str:
    """The page's text."""
    response = client.get(path, data)
    assert response.status_code == 200, (path, response.status_code)
    return str(response.content.decode())


@pytest.fixture
def alice(desk: SimpleNamespace) -> Any:
    """Alice's browser."""
    return desk.client("alice")


def test_a_new_fault_stands_among_the_unassigned_and_moves_to_whoever_takes_it(alice: Any, fault: Fault) -> None:
    ticket = fault(severity="extensive", impact="down")
    board = text_of(alice, "/tickets/board/")
    unassigned = board.split('id="q-unassigned"')[1].split("<section")[0]
    assert ticket.reference in unassigned
    assert "P1" in unassigned
    alice.post(f"/tickets/{ticket.reference}/take/")
    board = text_of(alice, "/tickets/board/")
    assert ticket.reference in board.split('id="q-mine"')[1].split("<section")[0]


def test_every_open_ticket_is_in_exactly_one_queue(alice: Any, desk: Any, fault: Fault) -> None:
    mine, waits, resolved, free = fault(), fault(), fault(), fault()
    for ticket in (mine, waits, resolved):
        actions.take(ticket=ticket, actor=desk.alice, at=AT)
    actions.wait(ticket=waits, actor=desk.alice, at=AT, owner="end_customer", reason="INFORMATION")
    actions.resolve(ticket=resolved, actor=desk.alice, at=AT, fix="restarted")
    found = {}
    for queue in ("mine", "unassigned", "tsc", "partner", "customer", "resolved", "colleagues"):
        page = text_of(alice, "/tickets/", queue=queue)
        for ticket in (mine, waits, resolved, free):
            if f"/tickets/{ticket.reference}/" in page:
                found.setdefault(ticket.reference, []).append(queue)
    assert found == {
        mine.reference: ["mine"], waits.reference: ["customer"], resolved.reference: ["resolved"],
        free.reference: ["unassigned"],
    }  # fmt: skip


def test_the_list_finds_by_reference_customer_postcode_and_words(alice: Any, fault: Fault) -> None:
    ticket = fault(title="Light on the box is red", external_id="HB-77")
    for words in (ticket.reference, "harbour", "SW1A", "box is red", "HB-77"):
        assert ticket.reference in text_of(alice, "/tickets/", q=words), words
    assert ticket.reference not in text_of(alice, "/tickets/", q="nothing like it")


def test_the_ticket_page_shows_what_was_said_tested_and_answered_by_the_partner(
    alice: Any, desk: Any, fault: Fault
) -> None:
    ticket = fault(description="It drops every ten minutes")
    row = raised(ticket, desk.alice)
    hear_partner(row, told("QUESTION", text="Which light is on?"))
    page = text_of(alice, f"/tickets/{ticket.reference}/")
    for words in ("It drops every ten minutes", "ONT_NO_LIGHT", "Which light is on?", "Harbour Books", "Answer North"):
        assert words in page, words
    alice.post(f"/tickets/{ticket.reference}/partner/answer/", {"text": "The red one"})
    assert PartnerTicket.objects.get(pk=row.pk).question == ""
    assert "The red one" in text_of(alice, f"/tickets/{ticket.reference}/")


def test_raising_asks_for_what_the_partner_demands_and_names_what_is_missing(
    alice: Any, desk: Any, fault: Fault
) -> None:
    FaultRules.objects.create(operator=desk.north, required=["ONT_POWER", "CPE_CHECKED"], test_required=False)
    ticket = fault(answers={"ONT_POWER": "yes"})
    page = text_of(alice, f"/tickets/{ticket.reference}/raise/")
    assert "1 is known" in page.replace("\n", " ") or "1 are known" in page
    response = alice.post(f"/tickets/{ticket.reference}/raise/", {"ONT_POWER": "yes"})
    assert response.status_code == 422
    assert "Has the router been checked?" in response.content.decode()
    response = alice.post(f"/tickets/{ticket.reference}/raise/", {"ONT_POWER": "yes", "CPE_CHECKED": "yes"})
    assert response.status_code == 302
    assert ticket.partner_tickets.get().characteristics["CPE_CHECKED"] == "yes"


def test_a_green_test_bars_raising_until_a_reason_is_given(alice: Any, desk: Any, fault: Fault, settings: Any) -> None:
    ticket = fault()
    have_tested(ticket, colour="green", code="OK", at=AT)
    FaultRules.objects.create(operator=desk.north, test_max_age_minutes=10_000_000)
    path = f"/tickets/{ticket.reference}/raise/"
    assert "green" in text_of(alice, path)
    assert alice.post(path, {}).status_code == 422
    assert alice.post(path, {"override_reason": "the customer showed us the red light"}).status_code == 302
    assert ticket.partner_tickets.get().override_reason


def test_a_note_goes_to_whom_it_is_meant_for_and_a_question_makes_it_wait(alice: Any, fault: Fault) -> None:
    ticket = fault()
    path = f"/tickets/{ticket.reference}/note/"
    alice.post(path, {"text": "for us only"})
    alice.post(path, {"text": "Is the light on?", "audience": "customer", "is_question": "on"})
    ticket.refresh_from_db()
    assert [note.audience for note in ticket.notes.order_by("pk")] == ["internal", "customer"]
    assert (ticket.state, ticket.holder) == ("pending", "end_customer")
    alice.post(path, {"text": "?", "audience": "internal", "is_question": "on"})
    assert ticket.notes.count() == 2


def test_a_macro_fills_its_placeholders_without_javascript(alice: Any, desk: Any, fault: Fault) -> None:
    macro = Macro.objects.create(
        organisation=desk.brightwave, name="Ask light", key="l", audience="customer", then_state="pending",
        text="Hello {contact}, about {reference}: which light is on at {place}?",
    )  # fmt: skip
    ticket = fault(contact={"name": "Paula Placeholder", "phone": "", "email": ""})
    page = text_of(alice, f"/tickets/{ticket.reference}/", macro=macro.pk)
    composer = page.split('id="composer"')[1].split("</form>")[0]
    assert f"Hello Paula, about {ticket.reference}: which light is on at 1 Example Street" in composer
    assert 'value="customer" checked' in composer


def test_a_macro_with_a_placeholder_that_means_nothing_is_refused(alice: Any) -> None:
    body = {"name": "x", "text": "Dear {nobody}", "audience": "customer", "key": "", "then_state": ""}
    response = alice.post("/tickets/setup/macros/new/", body)
    assert response.status_code == 422
    assert "{nobody} means nothing here" in response.content.decode()
    assert alice.post("/tickets/setup/macros/new/", {**body, "text": "Dear {contact}"}).status_code == 302
    assert Macro.objects.get().text == "Dear {contact}"


def test_a_checklist_is_drafted_published_and_taken_by_new_tickets(alice: Any, fault: Fault) -> None:
    path = "/tickets/setup/steps/intermittent/"
    alice.post(path, {"do": "begin"})
    steps = {"title": "Dropping", "step": ["Look at the light", "", "Ask when"], "help": ["", "", "since when"],
             "evidence": ["text", "none", "none"], "mandatory": ["0"]}  # fmt: skip
    alice.post(path, {**steps, "do": "keep"})
    assert fault().sop_steps.count() == 0
    alice.post(path, {**steps, "do": "publish"})
    ticket = fault()
    assert [(step.title, step.mandatory) for step in ticket.sop_steps.all()] == [
        ("Look at the light", True), ("Ask when", False),
    ]  # fmt: skip
    assert "Look at the light" in text_of(alice, f"/tickets/{ticket.reference}/")
    alice.post(f"/tickets/{ticket.reference}/steps/1/", {"evidence": "it blinks"})
    assert ticket.sop_steps.get(position=1).done_by is not None
    alice.post(path, {**steps, "do": "publish"})
    assert SopTemplate.objects.filter(published_at__isnull=False).count() == 2


def test_the_call_finds_the_caller_by_name_phone_postcode_service_and_reference(
    alice: Any, desk: Any, fault: Fault
) -> None:
    ticket = fault(contact={"name": "Quentin Quill", "phone": "+44 20 7946 0001", "email": "q@example.com"})
    Order.objects.update(contact_phone="(020) 7946-0000")
    ways = (
        "harbour",
        "020 7946 0001",
        "SW1A 1AA",
        desk.service.reference,
        ticket.reference,
        "Quentin",
        "020 7946 0000",
    )
    for words in ways:
        page = text_of(alice, "/tickets/caller/", q=words)
        assert "Harbour Books" in page, words
        assert f"{ticket.reference} is open" in page, words
    assert "Nobody found" in text_of(alice, "/tickets/caller/", q="Zebedee")


def test_a_ticket_is_opened_for_the_caller_once_and_taken(alice: Any, desk: Any) -> None:
    page = text_of(alice, "/tickets/new/", service=desk.service.reference, name="Quentin Quill")
    assert "Quentin Quill" in page
    body = {
        "service": desk.service.reference, "title": "No light", "fault_class": "no_connection",
        "severity": "significant", "impact": "down", "channel": "phone", "take": "on", "once": "k1",
    }  # fmt: skip
    first = alice.post("/tickets/new/", body)
    second = alice.post("/tickets/new/", body)
    assert first.status_code == second.status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.assigned_to, ticket.service, ticket.channel) == (desk.alice, desk.service, "phone")
    again = text_of(alice, "/tickets/new/", service=desk.service.reference)
    assert "has an open ticket already" in again
    assert ticket.reference in again


def test_several_tickets_are_taken_told_and_resolved_at_once(alice: Any, desk: Any, fault: Fault) -> None:
    rows = [fault(), fault()]
    chosen = [str(row.pk) for row in rows]
    alice.post("/tickets/bulk/take/", {"selected": chosen})
    alice.post("/tickets/bulk/tell/", {"selected": chosen, "text": "We work on it"})
    alice.post("/tickets/bulk/resolve/", {"selected": chosen, "text": "mended"})
    assert {row.state for row in Ticket.objects.all()} == {"resolved"}
    assert {row.assigned_to for row in Ticket.objects.all()} == {desk.alice}
    assert all(row.notes.filter(audience="customer").exists() for row in rows)
    answer = alice.post("/tickets/bulk/assign/", {"selected": chosen, "text": "Zebedee"}, follow=True)
    assert "No colleague is called" in answer.content.decode()


def test_tickets_merge_by_reference(alice: Any, fault: Fault) -> None:
    stays, gone = fault(), fault()
    alice.post(f"/tickets/{gone.reference}/merge/", {"into": stays.reference.lower()})
    gone.refresh_from_db()
    assert gone.merged_into == stays
    assert gone.reference in text_of(alice, f"/tickets/{stays.reference}/")
    refused = alice.post(f"/tickets/{stays.reference}/merge/", {"into": "TT-999999"})
    assert refused.status_code == 422
    assert "There is no ticket" in refused.content.decode()


def test_desk_seconds_are_clamped_to_the_minute_and_summed_over_people(alice: Any, desk: Any, fault: Fault) -> None:
    ticket = fault()
    path = f"/tickets/{ticket.reference}/time/"
    for _ in range(3):
        assert alice.post(path, {"seconds": 45}).status_code == 204
    ticket.refresh_from_db()
    spent = list(DeskTime.objects.values_list("seconds", flat=True))
    assert max(spent) <= 60
    assert ticket.desk_seconds == sum(spent)
    for bad in ("", "0", "61", "-1", "x", "1e9", "٣"):
        assert alice.post(path, {"seconds": bad}).status_code == 400, bad
    assert desk.client("bob").post(path, {"seconds": 15}).status_code == 403


def test_the_minutes_report_gives_medians_by_class_and_tier_with_n(alice: Any, desk: Any, fault: Fault) -> None:
    for seconds in (60, 120, 600):
        ticket = fault()
        actions.resolve(ticket=ticket, actor=desk.alice, at=AT, fix="mended")
        Ticket.objects.filter(pk=ticket.pk).update(desk_seconds=seconds)
    page = text_of(alice, "/tickets/minutes/", days=365)
    row = page.split("<tbody>")[1]
    for words in ("Keeps dropping", "Fault desk", ">3<", ">2.0<", ">4.3<"):
        assert words in row, words


def test_a_shift_is_handed_over_with_the_queue_and_taken_once(alice: Any, desk: Any, fault: Fault) -> None:
    mine = fault(severity="extensive", impact="down")
    Ticket.objects.filter(pk=mine.pk).update(tier="tsc", assigned_to=desk.alice)
    alice.post("/tickets/handover/", {"text": "Watch the harbour"})
    assert "Watch the harbour" in text_of(alice, "/tickets/handover/")
    row = desk.brightwave.handovers.get()
    assert (row.figures["urgent"], row.figures["tsc"]) == (1, 1)
    alice.post(f"/tickets/handover/{row.pk}/")
    row.refresh_from_db()
    assert row.taken_by == desk.alice
    assert desk.client("charlie").post(f"/tickets/handover/{row.pk}/").status_code == 404


@pytest.mark.parametrize(
    "kind", ["assign", "change", "wait", "resolve", "tsc", "merge", "split", "link", "raise", "test"]
)
def test_each_small_form_opens_and_refuses_an_empty_answer_in_words(alice: Any, fault: Fault, kind: str) -> None:
    path = f"/tickets/{fault().reference}/{kind}/"
    assert alice.get(path).status_code == 200
    if kind not in ("assign", "raise"):
        refused = alice.post(path, {})
        assert refused.status_code == 422
        assert "form-error" in refused.content.decode()
