"""A ticket from its opening to its end: whose move it is, what is next, and who may do what."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.core.events.models import Event
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import ServiceRecord
from tests.conftest import person, signed_in
from tests.ticketing.tickets.conftest import AT, have_tested, raised
from ticketing.tickets import actions
from ticketing.tickets.models import PartnerTicket, SopTemplate, Ticket

HOUR = timedelta(hours=1)


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("open=true&sort=next", "ticket_due"),
        ("open=true", "ticket_open"),
        ("state=rejected", "ticket_state"),
    ],
)
def test_a_narrowed_list_is_read_from_an_index_of_its_own(desk: SimpleNamespace, query: str, index: str) -> None:
    common = {"organisation": desk.brightwave, "customer": desk.harbour, "title": "No light", "created_at": AT}
    states = ["closed"] * 98 + ["rejected", "in_progress"]
    Ticket.objects.bulk_create(
        Ticket(
            **common, reference=f"TT-{number}", state=state, next_action_at=AT,
            resolved_at=AT if state == "closed" else None,
        )
        for number, state in enumerate(states * 30)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as seen:
        assert signed_in(desk.alice).get(f"/tickets/?{query}").status_code == 200
    listed = next(row["sql"] for row in seen if '"ticketing_ticket"."description"' in row["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off; ANALYZE ticketing_ticket")
        cursor.execute(f"EXPLAIN {listed}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"using {index} " in plan


def test_one_key_is_one_ticket(fault: Callable[..., Ticket]) -> None:
    assert fault(idempotency_key="k").pk == fault(idempotency_key="k").pk
    assert Ticket.objects.count() == 1


def test_priority_flags_and_checklist_come_with_opening(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    for version, published in ((1, AT), (2, AT), (3, None)):
        steps = [{"title": f"v{version}", "evidence": "text", "mandatory": True}]
        SopTemplate.objects.create(
            fault_class="intermittent", version=version, title="SOP", steps=steps, published_at=published, created_at=AT
        )
    ticket = fault(severity="extensive", impact="down")
    assert (ticket.priority, ticket.early_life, ticket.repeat_fault) == (1, False, False)
    assert [step.title for step in ticket.sop_steps.all()] == ["v2"]
    ServiceRecord.objects.filter(pk=desk.service.pk).update(active_from=AT - timedelta(days=27))
    desk.service.refresh_from_db()
    assert fault().early_life
    with pytest.raises(actions.TicketInvalid, match="mandatory"):
        actions.resolve(ticket=ticket, actor=desk.alice, at=AT, fix="Rebooted")
    with pytest.raises(actions.TicketInvalid):
        actions.tick_step(ticket=ticket, actor=desk.alice, at=AT, position=1)
    actions.tick_step(ticket=ticket, actor=desk.alice, at=AT, position=1, evidence="Green light")
    actions.resolve(ticket=ticket, actor=desk.alice, at=AT, fix="Rebooted")
    actions.confirm(ticket=ticket, actor=desk.alice, at=AT + HOUR)
    assert fault(at=AT + timedelta(days=27)).repeat_fault
    assert not fault(at=AT + timedelta(days=60)).repeat_fault


def test_waits_drive_the_state_and_the_holder(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    ticket = fault()
    assert (ticket.state, ticket.holder, ticket.next_action) == ("acknowledged", "us", "Somebody takes it")
    actions.take(ticket=ticket, actor=desk.alice, at=AT)
    third = actions.wait(ticket=ticket, actor=desk.alice, at=AT, owner="third_party", reason="WAYLEAVE")
    assert (again(ticket).state, again(ticket).holder) == ("held", "third_party")
    asked = {"text": "Which light is red?", "audience": "customer", "is_question": True}
    actions.add_note(ticket=ticket, actor=desk.alice, at=AT + HOUR, **asked)
    row = again(ticket)
    assert (row.state, row.holder, row.holder_since) == ("pending", "end_customer", AT + HOUR)
    assert row.next_action == "Customer to answer: Which light is red?"
    actions.answer_question(ticket=ticket, actor=None, at=AT + 2 * HOUR, text="LOS", author="customer")
    assert again(ticket).state == "held"
    for _ in range(2):
        actions.stop_waiting(ticket=ticket, actor=desk.alice, at=AT + 3 * HOUR, wait=third)
    assert (again(ticket).state, again(ticket).holder) == ("in_progress", "us")


def test_what_is_resolved_closes_by_itself_unless_somebody_objects(
    desk: SimpleNamespace, fault: Callable[..., Ticket]
) -> None:
    one, other = fault(), fault()
    for ticket in (one, other):
        for _ in range(2):
            actions.resolve(ticket=ticket, actor=desk.alice, at=AT, fix="Rebooted")
    actions.reopen(ticket=other, actor=desk.alice, at=AT + HOUR, why="Still drops")
    assert actions.close_due(at=AT + timedelta(hours=71)) == 0
    late = AT + timedelta(hours=73)
    with pytest.raises(IllegalTransition):
        actions.reopen(ticket=one, actor=desk.alice, at=late, why="Too late")
    assert (actions.close_due(at=late), actions.close_due(at=late)) == (1, 0)
    assert (again(one).state, again(other).state) == ("closed", "in_progress")


def test_a_fix_of_the_tsc_closes_only_with_its_known_error(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    ticket = fault()
    with pytest.raises(actions.TicketInvalid, match="test first"):
        actions.hand_to_tsc(ticket=ticket, actor=desk.alice, at=AT, tried="Rebooted twice")
    have_tested(ticket)
    for _ in range(2):
        actions.hand_to_tsc(ticket=ticket, actor=desk.alice, at=AT, tried="Rebooted twice")
    note = ticket.notes.get()
    assert all(said in note.text for said in ("Rebooted twice", "ONT_NO_LIGHT", "power light"))
    actions.resolve(ticket=ticket, actor=desk.alice, at=AT, fix="New firmware", tier="tsc")
    with pytest.raises(actions.TicketInvalid, match="known error"):
        actions.close(ticket=ticket, actor=desk.alice, at=AT)
    actions.confirm(ticket=ticket, actor=desk.alice, at=AT + HOUR)
    assert (again(ticket).state, again(ticket).holder) == ("resolved", "us")
    assert actions.close_due(at=AT + timedelta(days=10)) == 0
    actions.knowledge_done(ticket=ticket, reference="KE-7", actor=desk.alice, at=AT + timedelta(days=10))
    assert again(ticket).state == "closed"


def test_merged_tickets_keep_one_partner_ticket_and_lose_no_note(
    desk: SimpleNamespace, fault: Callable[..., Ticket]
) -> None:
    gone, stays = fault(), fault()
    row = raised(gone, desk.alice)
    for _ in range(2):
        actions.merge(ticket=gone, into=stays, actor=desk.alice, at=AT + HOUR)
    row.refresh_from_db()
    assert (row.ticket_id, row.state) == (stays.pk, "submitted")
    assert (again(gone).state, again(gone).merged_into_id, again(stays).holder) == ("cancelled", stays.pk, "partner")
    actions.add_note(ticket=again(gone), actor=desk.alice, at=AT + HOUR, text="One more thing")
    assert stays.notes.count() == 1
    third = fault()
    other = raised(third, desk.alice, at=AT + 2 * HOUR)
    actions.merge(ticket=third, into=stays, actor=desk.alice, at=AT + 2 * HOUR)
    other.refresh_from_db()
    assert (other.state, PartnerTicket.objects.exclude(state="cancelled").count()) == ("cancelled", 1)


def test_a_split_ticket_is_linked_and_has_the_same_contact(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    ticket = fault(contact={"name": "Paula Placeholder", "phone": "020 7946 0000"})
    made = actions.split(ticket=ticket, actor=desk.alice, at=AT, title="And the phone is dead", fault_class="voice")
    assert (made.contact_name, made.customer_id, made.digital_voice) == ("Paula Placeholder", ticket.customer_id, True)
    assert made.links.get().kind == "split"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("title", "x" * 201),
        ("severity", "huge"),
        ("fault_class", "x"),
        ("answers", {"A": "x" * 1001}),
        ("contact", {"email": "no"}),
        ("place", {"country": "Britain"}),
        ("description", "x" * 8001),
    ],
)
def test_bad_input_names_the_field(fault: Callable[..., Ticket], field: str, value: Any) -> None:
    with pytest.raises(actions.TicketInvalid) as found:
        fault(**{field: value})
    assert all(text for text in found.value.problems.values())


def test_strangers_and_read_only_people_change_nothing(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    ticket = fault()
    cases: list[tuple[Any, dict[str, Any]]] = [
        (actions.take, {}),
        (actions.add_note, {"text": "x"}),
        (actions.wait, {"owner": "us"}),
        (actions.resolve, {"fix": "x"}),
        (actions.cancel, {"why": "x"}),
        (actions.raise_to_partner, {}),
        (actions.hand_to_tsc, {"tried": "x"}),
    ]
    other = person("cosmo@example.com", desk.harbour, "user")
    for act, more in cases:
        for actor in (desk.bob, desk.charlie, desk.olga, other):
            with pytest.raises(PermissionDenied):
                act(ticket=ticket, actor=actor, at=AT, **more)
    with pytest.raises(PermissionDenied):
        fault(actor=desk.charlie)
    with pytest.raises(PermissionDenied):
        fault(actor=desk.cara, organisation=desk.cobalt)


def test_a_customer_reports_notes_and_confirms_her_own(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    ticket = fault(actor=desk.cara, channel="portal")
    assert (ticket.reported_by, ticket.customer) == (desk.cara, desk.harbour)
    note = actions.add_note(ticket=ticket, actor=desk.cara, at=AT, text="It is urgent", audience="internal")
    assert (note.audience, note.author) == ("all", "customer")
    actions.resolve(ticket=ticket, actor=desk.alice, at=AT, fix="Rebooted")
    for _ in range(2):
        actions.confirm(ticket=ticket, actor=desk.cara, at=AT + HOUR)
    assert (again(ticket).state, again(ticket).confirmed_by_customer) == ("closed", True)
    names = list(Event.objects.filter(subject=f"ticket:{ticket.pk}").order_by("pk").values_list("name", flat=True))
    assert names == ["ticket.opened", "ticket.noted", "ticket.resolved", "ticket.confirmed", "ticket.closed"]


def test_only_steps_of_the_partners_are_waived_and_only_with_a_reason_where_it_solved_it(
    desk: SimpleNamespace, fault: Callable[..., Ticket]
) -> None:
    steps = [{"title": "Test the line", "mandatory": True}, {"title": "Splice", "mandatory": True, "by": "partner"}]
    SopTemplate.objects.create(fault_class="intermittent", title="SOP", steps=steps, published_at=AT, created_at=AT)
    ticket = fault()
    given = {"ticket": ticket, "actor": desk.alice, "at": AT, "fix": "Spliced"}
    for tier in ("l1", "tsc", "self", "partner"):
        with pytest.raises(actions.TicketInvalid, match="mandatory"):
            actions.resolve(**given, tier=tier, waive="They did it all")
    actions.tick_step(ticket=ticket, actor=desk.alice, at=AT, position=1)
    with pytest.raises(actions.TicketInvalid, match="mandatory"):
        actions.resolve(**given, tier="l1", waive="no need")
    with pytest.raises(actions.TicketInvalid) as refused:
        actions.resolve(**given, tier="partner")
    assert list(refused.value.problems) == ["waive"]
    page = desk.client("alice").post(f"/tickets/{ticket.reference}/resolve/", {"fix": "Spliced", "tier": "partner"})
    assert (page.status_code, "Splice" in page.content.decode()) == (422, True)
    actions.resolve(**given, tier="partner", waive="Their duct, their splice")
    step = ticket.sop_steps.get(position=2)
    assert (step.skipped, step.evidence, step.done_by) == (True, "Their duct, their splice", desk.alice)
    assert again(ticket).state == "resolved"
