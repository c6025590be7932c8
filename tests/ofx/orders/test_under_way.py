"""What happens to an order after it was sent: news, answers, cancels, failures."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from ofx.core.events.models import Event
from ofx.core.models import LogEntry
from ofx.core.transitions import IllegalTransition
from ofx.orders import actions
from ofx.orders.models import CancelRequest, DateChange, Fact, Flag, Order, ServiceRecord
from partners.models import Leg, Message
from tests.ofx.orders.conftest import AT, hear, names, news, part, run_events

DAY, LATER = date(2026, 3, 20), date(2026, 3, 27)
STORY = [
    news("ACKNOWLEDGED", 1, 1, partner_ref="NF-17"),
    news("COMMITTED", 2, 2, committed_date=DAY, target_date=DAY),
    news("DELAY", 3, 3, reason="WAYLEAVE", raw_reason="WAY", text="Landlord", target_date=LATER),
    news("RESUMED", 4, 30),
    news("COMPLETED", 5, 40),
]
Make = Callable[..., Order]


def test_news_one_by_one_or_all_at_once_or_backwards_comes_to_the_same(shop: Any, order_for: Make) -> None:
    orders = [order_for() for _ in range(3)]
    for one in STORY:
        hear(orders[0], one)
    hear(orders[1], *STORY)
    for one in reversed(STORY):
        hear(orders[2], one)
    rows = [part(order) for order in orders]
    assert {(row.state, row.partner_ref, row.icdd, row.committed_date, row.target_date) for row in rows} == {
        ("accepted", "NF-17", DAY, DAY, LATER)
    }
    for model in (Flag, DateChange):
        assert len({model.objects.filter(partner_order=row).count() for row in rows}) == 1


def test_the_same_news_twice_changes_nothing(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, *STORY[:3])
    events, revision = Event.objects.count(), part(order).revision
    hear(order, *STORY[:3])
    assert (Event.objects.count(), part(order).revision) == (events, revision)


def test_each_change_is_told_once(shop: Any, order_for: Make) -> None:
    order = order_for()
    for one in STORY:
        hear(order, one)
    assert names(f"partner_order:{part(order).pk}") == [
        "order.submitted", "order.acknowledged", "order.committed", "order.held", "order.delayed",
        "order.jeopardy_opened", "order.target_moved", "order.resumed", "order.completed", "order.jeopardy_closed",
        "order.accepted",
    ]  # fmt: skip


def test_news_reaches_its_order_by_the_event_of_the_hub(shop: Any, order_for: Make) -> None:
    order = order_for()
    leg = Leg.objects.get()
    payload = {"message_id": None, "leg_id": leg.pk, "leg_subject": leg.subject, "news": STORY[:1]}
    Event.objects.create(name="message.received", subject=f"leg:{leg.pk}", at=AT, payload=payload)
    run_events()
    assert part(order).state == "acknowledged"


def test_a_completed_item_is_inventory_once_and_accepted_by_rule(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, *STORY)
    hear(order, news("COMPLETED", 6, 41, dedupe_key="again"))
    service = ServiceRecord.objects.get()
    assert (service.customer, service.partner_ref, service.state) == (shop.harbour, "NF-17", "active")
    assert LogEntry.objects.get(verb="accepted by rule").actor is None
    assert Leg.objects.get().closed_at is not None


def test_an_item_that_must_be_tested_is_accepted_by_a_person(shop: Any, order_for: Make) -> None:
    shop.north.order_rules = {"acceptance_test": True}
    shop.north.save()
    order = order_for()
    hear(order, *STORY)
    order.refresh_from_db()
    assert (order.state, order.holder, order.next_action) == ("completed", "us", "Test the service and accept it")
    actions.accept(actor=shop.alice, partner_order=part(order), at=AT + timedelta(days=3))
    actions.accept(actor=shop.alice, partner_order=part(order), at=AT + timedelta(days=3))
    assert part(order).state == "accepted"
    assert Fact.objects.filter(update_type="ACCEPTED").count() == 1


def test_a_question_of_the_partner_is_answered_once(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, STORY[0], news("INFORMATION_REQUIRED", 2, 2, text="Which door?"))
    order.refresh_from_db()
    assert (order.state, order.holder) == ("pending", "us")
    given = {"actor": shop.alice, "partner_order": part(order), "text": "The blue one", "at": AT + timedelta(hours=50)}
    actions.answer_information(**given)
    assert part(order).state == "acknowledged"
    with pytest.raises(IllegalTransition):
        actions.answer_information(**given)
    sent = Message.objects.get(verb="answer")
    assert sent.canonical["changes"] == {"information": "The blue one"}


def test_a_charge_is_accepted_or_declined_once(shop: Any, order_for: Make) -> None:
    order = order_for()
    charge = {"id": "9", "amount": "900.00", "currency": "GBP"}
    hear(order, STORY[0], news("CHARGE_RAISED", 2, 2, charge=charge))
    order.refresh_from_db()
    assert (order.state, order.next_action) == ("assessing_charge", "Answer the charge of Northfibre")
    actions.accept_charge(actor=shop.alice, partner_order=part(order), at=AT + timedelta(hours=50))
    with pytest.raises(IllegalTransition):
        actions.decline_charge(actor=shop.alice, partner_order=part(order), at=AT + timedelta(hours=51))
    assert Message.objects.get(verb="answer").canonical["changes"] == {"response": "accepted", "charge_id": "9"}
    assert part(order).milestones.filter(code="ECC_ACCEPTED").exists()


def test_an_order_that_was_never_sent_is_withdrawn_at_once(shop: Any, order_for: Make) -> None:
    draft, queued = order_for(submit=False), order_for()
    for order in (draft, queued):
        actions.request_cancel(actor=shop.alice, order=order, reason="Moved away", at=AT)
        order.refresh_from_db()
        assert order.state == "cancelled"
    assert Message.objects.get().state == "cancelled"
    assert not CancelRequest.objects.exists()


def test_a_cancel_at_the_partner_is_asked_for_once_and_decided_by_it(shop: Any, order_for: Make) -> None:
    order = order_for()
    Message.objects.update(state="delivered", attempt=1)
    hear(order, STORY[0])
    for _ in range(2):
        actions.request_cancel(actor=shop.alice, order=order, reason="Moved away", at=AT + timedelta(hours=49))
    assert Message.objects.filter(verb="cancel").count() == 1
    assert part(order).state == "assessing_cancel"
    hear(order, news("CANCELLED", 9, 50), hours=60)
    assert (part(order).state, CancelRequest.objects.get().state) == ("cancelled", "accepted")


def test_a_refused_cancel_lets_the_order_go_on(shop: Any, order_for: Make) -> None:
    order = order_for()
    Message.objects.update(state="delivered", attempt=1)
    hear(order, STORY[0])
    actions.request_cancel(actor=shop.alice, order=order, reason="Moved away", at=AT + timedelta(hours=49))
    hear(order, news("CANCEL_REFUSED", 9, 50, text="PONR_PASSED"), hours=60)
    assert (part(order).state, CancelRequest.objects.get().state) == ("acknowledged", "refused")


def test_a_delivery_that_failed_for_good_waits_for_us_and_can_be_retried(shop: Any, order_for: Make) -> None:
    order = order_for()
    message = Message.objects.get()
    actions.delivery_failed(
        partner_order_id=part(order).pk, message_id=message.pk, verb="create", reason="refused", at=AT
    )
    order.refresh_from_db()
    assert (order.state, order.holder) == ("failed_to_send", "us")
    Message.objects.update(state="failed")
    actions.retry_send(actor=shop.alice, partner_order=part(order), at=AT + timedelta(hours=1))
    assert part(order).state == "submitted"
    assert Message.objects.get().state == "queued"


def test_a_committed_date_moves_only_when_we_asked(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, *STORY[:2])
    with pytest.raises(actions.OrderInvalid):
        actions.request_amend(
            actor=shop.alice, partner_order=part(order), requested_date=date(2026, 3, 10), requester="us",
            reason="Sooner", at=AT + timedelta(hours=49),
        )  # fmt: skip
    actions.request_amend(
        actor=shop.alice, partner_order=part(order), requested_date=LATER, requester="customer", reason="Away",
        at=AT + timedelta(hours=49),
    )  # fmt: skip
    assert part(order).state == "assessing_amend"
    row = hear(order, news("AMENDED", 5, 50, committed_date=LATER, target_date=LATER), hours=60)
    assert (row.icdd, row.committed_date, row.crd) == (DAY, LATER, LATER)
    assert row.date_changes.get(field="committed_date", old=DAY).requester == "customer"


def test_our_verdict_stands_beside_the_claim_and_outlives_a_refold(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, *STORY[:3])
    flag = Flag.objects.get(kind="held")
    with pytest.raises(ValueError, match="names who"):
        actions.judge_flag(actor=shop.alice, flag=flag, verdict="disputed", owner="", note="", at=AT)
    actions.judge_flag(actor=shop.alice, flag=flag, verdict="disputed", owner="partner", note="Permit was there", at=AT)
    actions.refold([part(order).pk])
    flag.refresh_from_db()
    assert (flag.clock_owner, flag.verdict, flag.verdict_owner) == ("third_party", "disputed", "partner")


def test_silence_is_told_once_and_again_after_fresh_news(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, STORY[0])
    late = AT + timedelta(hours=60)
    assert actions.mark_silent(at=AT + timedelta(hours=40)) == 0
    assert [actions.mark_silent(at=late), actions.mark_silent(at=late)] == [1, 0]
    order.refresh_from_db()
    assert order.next_action == "Chase Northfibre: no news for 2 d"
    hear(order, news("UPDATE", 2, 61), hours=62)
    assert actions.mark_silent(at=AT + timedelta(hours=61 + 49)) == 1


def test_an_empty_note_is_refused_and_a_good_one_logged(shop: Any, order_for: Make) -> None:
    order = order_for()
    with pytest.raises(ValueError, match="Write something"):
        actions.add_note(actor=shop.alice, order=order, text=" \x00 ", internal=True, at=AT)
    actions.add_note(actor=shop.alice, order=order, text="<b>Called</b>", internal=True, at=AT)
    assert LogEntry.objects.filter(verb="wrote an internal note").exists()


def test_each_failure_of_a_message_that_was_tried_again_counts(shop: Any, order_for: Make) -> None:
    order = order_for()
    given = {"partner_order_id": part(order).pk, "message_id": Message.objects.get().pk, "verb": "create"}
    actions.delivery_failed(reason="refused", at=AT, **given)
    actions.retry_send(actor=shop.alice, partner_order=part(order), at=AT + timedelta(hours=1))
    actions.delivery_failed(reason="refused", at=AT + timedelta(hours=2), tries=1, **given)
    assert part(order).state == "failed_to_send"


def test_an_answer_that_never_arrived_is_asked_for_again(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, STORY[0], news("INFORMATION_REQUIRED", 2, 2, text="Which door?"))
    at = AT + timedelta(hours=50)
    actions.answer_information(actor=shop.alice, partner_order=part(order), text="The blue one", at=at)
    message = Message.objects.get(verb="answer")
    actions.delivery_failed(
        partner_order_id=part(order).pk, message_id=message.pk, verb="answer", reason="gone", at=at + timedelta(hours=1)
    )
    assert (part(order).state, part(order).holder) == ("pending", "us")
