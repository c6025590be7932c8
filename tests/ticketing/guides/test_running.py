"""Walking a guide: what is shown next, what is remembered, how it ends."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections

from ofx.core.events.models import Event
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import ServiceRecord
from tests.conftest import AT
from tests.ticketing.guides.conftest import node, ran, say
from ticketing.guides import actions
from ticketing.guides.models import GuideRun, GuideStep
from ticketing.guides.screens import screen_of
from ticketing.tickets.models import FaultRules, PartnerTicket, ServiceTest, Ticket

Take = Callable[..., GuideRun]
LATER = AT + timedelta(minutes=5)


def names(run: GuideRun) -> list[str]:
    rows = Event.objects.filter(subject=f"guide_run:{run.pk}").order_by("pk")
    return list(rows.values_list("name", flat=True))


def test_no_outage_is_passed_over_and_the_partners_test_is_asked_for_at_once(take: Take, line: ServiceRecord) -> None:
    run = take()
    test = ServiceTest.objects.get(service=line)
    assert (node(run), test.why) == ("test", "guide")
    assert screen_of(run).kind == "busy"  # type: ignore[union-attr]


def test_the_way_branches_on_the_tests_colour_and_says_what_it_found_without_a_code(take: Take) -> None:
    run = ran(take(), "green", "LINE_OK")
    screen = screen_of(run)
    assert screen is not None
    assert node(run) == "who"
    assert "works right up to your site" in screen.news[0]
    assert "LINE_OK" not in str(screen)
    other = ran(take(at=AT + timedelta(days=2)), "red", "ONT_NO_LIGHT", at=AT + timedelta(days=2))
    assert node(other) == "los"


def test_fixed_by_the_person_is_provisional_until_seven_days_are_over(take: Take) -> None:
    run = say(say(ran(take(), "green"), "all"), "off")
    run = say(run, "fixed", at=LATER)
    assert (run.state, run.outcome, run.fixed_by) == ("fixed", "provisional", "person")
    assert run.judge_at == LATER + timedelta(days=7)
    assert names(run) == ["guide_run.started", "guide_run.fixed"]
    actions.judge_due(at=LATER + timedelta(days=6))
    run.refresh_from_db()
    assert run.outcome == "provisional"
    actions.judge_due(at=LATER + timedelta(days=7))
    run.refresh_from_db()
    assert run.outcome == "confirmed"


def test_a_red_test_that_turns_green_fixes_by_test(take: Take) -> None:
    run = ran(take(), "red")
    run = say(say(run, "red"), "done")
    assert node(run) == "retest"
    run = ran(run, "green", at=LATER)
    assert (run.state, run.fixed_by, run.outcome) == ("fixed", "test", "provisional")


def test_a_contact_about_the_same_line_within_seven_days_takes_the_fix_back(
    take: Take, shop: Any, line: ServiceRecord
) -> None:
    run = say(say(say(ran(take(), "green"), "all"), "off"), "fixed")
    ticket = {"organisation": shop.brightwave, "customer": shop.harbour, "service": line, "reference": "TT-9"}
    at = AT + timedelta(days=3)
    Ticket.objects.create(title="again", fault_class="slow_speed", channel="phone", created_at=at, **ticket)
    actions.judge_due(at=AT + timedelta(days=8))
    run.refresh_from_db()
    assert run.outcome == "recontacted"


def test_going_back_asks_again_keeps_history_and_recomputes_what_follows(take: Take) -> None:
    run = say(say(ran(take(), "green"), "all"), "off")
    assert node(run) == "cable"
    run = actions.back(run=actions.back(run=run, actor=run.user, at=LATER), actor=run.user, at=LATER)
    assert node(run) == "who"
    assert screen_of(run).before == "all"  # type: ignore[union-attr]
    run = say(run, "wifi", at=LATER)
    assert node(run) == "cabled"  # the Wi-Fi guide, which the link leads to
    kept = GuideStep.objects.filter(run=run, superseded_at__isnull=False)
    assert {(step.node, step.answer.get("value")) for step in kept if step.answered_at} == {
        ("who", "all"),
        ("lan", "off"),
    }


def test_the_same_answer_sent_twice_counts_once(take: Take) -> None:
    run = ran(take(), "green")
    position = GuideStep.objects.get(run=run, answered_at=None).position
    for _ in range(2):
        actions.answer(run=run, actor=run.user, at=AT, position=position, given={"value": "all"})
    assert node(run) == "lan"
    assert GuideStep.objects.filter(run=run, node="who").count() == 1


def test_no_restart_is_advised_to_somebody_whose_phone_hangs_on_the_line(take: Take) -> None:
    run = say(say(say(ran(take(), "green"), "all"), "on"), "not")
    assert node(run) == "voice"
    run = say(run, "yes")
    assert node(run) == "often"
    assert "leave out the restart" in screen_of(run).news[0]  # type: ignore[union-attr]


def test_what_was_answered_is_not_asked_again_after_a_link(take: Take) -> None:
    run = say(say(ran(take(), "green"), "wifi"), "unsure")
    run = say(say(run, "not"), "no")
    assert node(run) == "voice"
    run = say(say(say(run, "no"), "not"), "not")
    seen = list(GuideStep.objects.filter(run=run, node="voice").values_list("answer__value", flat=True))
    assert seen == ["no"]


def test_a_bad_answer_names_the_fix_and_changes_nothing(take: Take) -> None:
    run = ran(take(), "green")
    with pytest.raises(actions.AnswerInvalid) as refused:
        say(run, "both of them")
    assert refused.value.fields == {"value": "Choose one of the answers shown."}
    assert node(run) == "who"


def test_a_test_that_never_answers_does_not_hold_anybody_up(take: Take) -> None:
    run = actions.settle(run=take(), at=AT + timedelta(minutes=11))
    assert node(run) == "who"
    assert "go on without" in screen_of(run).news[0].lower()  # type: ignore[union-attr]


def test_a_line_that_cannot_be_tested_is_gone_on_with_in_words(take: Take, line: ServiceRecord) -> None:
    ServiceRecord.objects.filter(pk=line.pk).update(partner_ref="")
    line.refresh_from_db()
    run = take(service=line)
    assert node(run) == "who"
    assert ServiceTest.objects.count() == 0


def test_a_disruptive_test_waits_for_consent_and_records_it(take: Take, monkeypatch: Any) -> None:
    run = say(say(say(take("ethernet-tail-down"), "no"), "fine"), "down")
    screen = screen_of(run)
    assert screen is not None
    assert (screen.kind, ServiceTest.objects.count()) == ("consent", 0)
    run = say(run, "agree")
    assert screen_of(run).kind == "busy"  # type: ignore[union-attr]
    assert "Cara" in ServiceTest.objects.get().consent


def to_the_report(run: GuideRun) -> GuideRun:
    """From a red test to the last form."""
    for answer in ("off", "4", "yes", "2026-03-01", "morning"):
        run = say(run, answer)
    assert node(run) == "report"
    return run


def test_an_escalation_makes_one_complete_ticket_and_asks_only_what_is_missing(
    take: Take, shop: SimpleNamespace
) -> None:
    FaultRules.objects.create(operator=shop.north, required=["SERVICE_HAS_WORKED", "CPE_CHECKED"])
    run = to_the_report(ran(take(words="drops at night"), "red", "LOSSES"))
    asked = [field.name for field in screen_of(run).fields]  # type: ignore[union-attr]
    assert asked == ["CPE_CHECKED", "name", "phone", "more"]
    with pytest.raises(actions.AnswerInvalid) as refused:
        say(run, name="Cara", phone="later")
    assert set(refused.value.fields) == {"CPE_CHECKED", "phone"}
    run = say(run, name="Cara", phone="020 7946 0000", CPE_CHECKED="yes", at=LATER)
    ticket = Ticket.objects.get()
    assert (run.state, run.outcome, run.ticket) == ("escalated", "escalated", ticket)
    assert ticket.answers["SERVICE_HAS_WORKED"] == "yes"
    assert ticket.answers["LAST_WORKED"] == "2026-03-01"
    assert (ticket.title, ticket.impact, ticket.contact_phone) == ("drops at night", "intermittent", "020 7946 0000")
    assert "Visit: in the morning" in ticket.description
    assert ServiceTest.objects.get().ticket == ticket
    last = GuideStep.objects.filter(run=run).latest("position").position
    with pytest.raises(IllegalTransition):
        actions.answer(run=run, actor=run.user, at=LATER, position=last, given={})
    assert Ticket.objects.count() == 1


def test_when_it_last_worked_is_asked_where_it_has_worked_so_that_the_partner_takes_it(
    take: Take, shop: SimpleNamespace
) -> None:
    FaultRules.objects.create(operator=shop.north, required=["SERVICE_HAS_WORKED"])
    run = actions.give_up(run=ran(take(), "red", "LOSSES"), actor=shop.cara, at=AT)
    shown = {field.name: field.hint for field in screen_of(run).fields}  # type: ignore[union-attr]
    assert shown["LAST_WORKED"] == "Only where it has worked."
    with pytest.raises(actions.AnswerInvalid) as wrong:
        say(run, SERVICE_HAS_WORKED="yes")
    assert set(wrong.value.fields) == {"LAST_WORKED"}
    say(run, SERVICE_HAS_WORKED="yes", LAST_WORKED="2026-03-01", at=LATER)
    raised = PartnerTicket.objects.get()
    assert raised.characteristics["LAST_WORKED"] == "2026-03-01"


def test_what_was_written_stays_where_the_last_form_is_refused(take: Take, shop: SimpleNamespace) -> None:
    FaultRules.objects.create(operator=shop.north, required=["CPE_CHECKED"])
    run = to_the_report(ran(take(), "red", "LOSSES"))
    position = GuideStep.objects.filter(run=run).latest("position").position
    sent = {"position": position, "name": "Ada", "phone": "later", "more": "It crackles", "CPE_CHECKED": "no"}
    page = shop.client("cara").post(f"/help/runs/{run.token}/", sent)
    assert page.status_code == 422
    said = page.content.decode()
    assert 'value="Ada"' in said
    assert ">It crackles<" in said
    assert 'name="CPE_CHECKED" value="no" checked' in said
    assert '<a href="#f-phone">Write the number' in said
    assert 'aria-invalid="true" aria-describedby="f-phone-error f-phone-hint"' in said


def test_a_red_test_raises_the_ticket_at_the_partner_by_itself(take: Take, shop: SimpleNamespace) -> None:
    run = say(to_the_report(ran(take(), "red", "LOSSES")), name="Cara", at=LATER)
    raised = PartnerTicket.objects.get(ticket=run.ticket)
    assert raised.test == ServiceTest.objects.get()
    assert raised.characteristics["SERVICE_HAS_WORKED"] == "yes"


def test_a_green_line_goes_to_the_desk_and_not_to_the_partner(take: Take) -> None:
    run = actions.give_up(run=ran(take(), "green"), actor=take().user, at=AT)
    run = say(run, name="Cara")
    assert run.ticket is not None
    assert not PartnerTicket.objects.exists()


def test_who_leaves_within_ninety_seconds_has_abandoned_and_who_stays_silent_is_implied(take: Take) -> None:
    run = ran(take(), "green")
    actions.leave_idle(at=AT + timedelta(hours=1))
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("left", "abandoned")
    again = ran(take(at=AT + timedelta(hours=2)), "green", at=AT + timedelta(hours=2))
    say(again, "all", at=AT + timedelta(hours=2, minutes=4))
    actions.leave_idle(at=AT + timedelta(hours=3))
    actions.judge_due(at=AT + timedelta(days=8))
    again.refresh_from_db()
    assert (again.state, again.outcome) == ("left", "implied")


def test_a_run_that_was_left_is_taken_up_again_where_it_stood(take: Take) -> None:
    run = say(ran(take(), "green"), "all", at=AT + timedelta(minutes=3))
    actions.leave_idle(at=AT + timedelta(hours=1))
    run = say(run, "off", at=AT + timedelta(hours=5))
    assert (run.state, run.outcome, node(run)) == ("running", "", "cable")


def test_the_sweep_goes_on_after_a_test_although_nobody_looks(take: Take) -> None:
    run = take()
    ServiceTest.objects.update(state="completed", colour="green", done_at=AT)
    actions.settle_tests(at=LATER)
    assert node(run) == "who"


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_begin_one_run(take: Take) -> None:
    def press(_: int) -> int:
        try:
            return take().pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as many:
        assert len(set(many.map(press, range(3)))) == 1
