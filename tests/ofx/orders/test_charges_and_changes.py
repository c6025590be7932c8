"""Charges and changes of an order that is under way: who consents, who refuses, what lapses."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ofx.core.events.models import Event
from ofx.core.models import LogEntry
from ofx.core.transitions import IllegalTransition
from ofx.orders import actions
from ofx.orders.models import AmendRequest, Charge, Order, PartnerOrder
from partners.models import Leg, Message
from tests.ofx.orders.conftest import AT, hear, names, news, part, run_events

Make = Callable[..., Order]
HOUR = timedelta(hours=1)
ECC = {"id": "9", "amount": "900.00", "currency": "GBP", "text": "New duct", "respond_by": "2026-03-09T17:00:00Z"}
ACK = news("ACKNOWLEDGED", 1, 1, partner_ref="NF-17")
LATER = date(2026, 3, 27)


def charged(order_for: Make, **charge: str) -> Order:
    order = order_for()
    Message.objects.update(state="delivered", attempt=1)
    hear(order, ACK, news("CHARGE_RAISED", 2, 2, charge={**ECC, **charge}), hours=3)
    return order


def accept(shop: Any, order: Order, hours: float = 4, **more: str) -> None:
    actions.accept_charge(actor=shop.alice, partner_order=part(order), at=AT + hours * HOUR, **more)


def refuse_last_answer(order: Order, hours: float, tries: int = 0) -> None:
    """The partner does not take our last message about the order."""
    message = Message.objects.exclude(verb="create").latest("pk")
    told = {"message_id": message.pk, "verb": message.verb, "reason": "CONSENT_REFUSED: again", "tries": tries}
    actions.delivery_failed(partner_order_id=part(order).pk, at=AT + hours * HOUR, **told)


def test_a_charge_is_a_row_with_what_it_costs_and_until_when_it_awaits_us(shop: Any, order_for: Make) -> None:
    charged(order_for)
    row = Charge.objects.get()
    assert (row.kind, row.amount, row.currency, row.state) == ("ecc", Decimal("900.00"), "GBP", "raised")
    assert (row.text, row.answer_by and row.answer_by.day, row.blocking) == ("New duct", 9, True)


def test_consent_keeps_who_of_ours_and_who_at_the_customer_agreed(shop: Any, order_for: Make) -> None:
    order = charged(order_for)
    accept(shop, order, consent_by="Paula Placeholder", consent_reference="PO-4711")
    row = Charge.objects.get()
    assert (row.state, row.answered_by, row.consent_by) == ("accepted", shop.alice, "Paula Placeholder")
    assert row.answered_at == AT + 4 * HOUR
    sent = Message.objects.get(verb="answer").canonical["changes"]
    assert (sent["response"], sent["note"]) == ("accepted", "Our customer's consent: PO-4711")
    assert LogEntry.objects.get(verb="accepted the charge").data["consent_reference"] == "PO-4711"
    assert "charge.accepted" in names(f"partner_order:{part(order).pk}")


def test_a_consent_that_the_partner_does_not_take_opens_the_charge_again(shop: Any, order_for: Make) -> None:
    order = charged(order_for)
    accept(shop, order)
    assert part(order).state == "acknowledged"
    for _ in range(2):
        refuse_last_answer(order, 5)
    row = Charge.objects.get()
    order.refresh_from_db()
    assert (row.state, row.refusal, order.state) == ("raised", "CONSENT_REFUSED: again", "assessing_charge")
    accept(shop, order, 6)
    assert (Charge.objects.get().state, part(order).state) == ("accepted", "acknowledged")
    assert Message.objects.filter(verb="answer").count() == 2


def test_a_charge_that_nobody_answers_lapses_once_and_stops_the_order(shop: Any, order_for: Make) -> None:
    order = charged(order_for)
    assert actions.lapse_charges(at=AT + timedelta(days=6)) == 0
    late = AT + timedelta(days=8)
    assert [actions.lapse_charges(at=late) for _ in range(2)] == [1, 0]
    order.refresh_from_db()
    assert (Charge.objects.get().state, order.state, order.holder) == ("lapsed", "held", "partner")
    assert order.next_action == "Charge not answered in time: ask Northfibre whether the order goes on"
    with pytest.raises(IllegalTransition, match="lapsed"):
        accept(shop, order, 24 * 9)


def test_a_charge_that_does_not_block_lapses_without_stopping_anything(shop: Any, order_for: Make) -> None:
    order = charged(order_for, blocking="no")
    actions.lapse_charges(at=AT + timedelta(days=8))
    assert (Charge.objects.get().state, part(order).state) == ("lapsed", "acknowledged")


def test_the_partners_own_timeout_is_a_lapse_and_another_end_withdraws_the_charge(shop: Any, order_for: Make) -> None:
    first, second = charged(order_for), charged(order_for)
    hear(first, news("TERMINATED", 3, 5, reason="ECC_APPROVAL", outcome="cancelled"), hours=6)
    hear(second, news("TERMINATED", 3, 5, reason="CAPACITY", outcome="failed"), hours=6)
    states = {row.partner_order.order: row.state for row in Charge.objects.select_related("partner_order__order")}
    assert states == {first: "lapsed", second: "withdrawn"}


def test_charges_say_the_same_in_whatever_order_the_news_comes(shop: Any, order_for: Make) -> None:
    told = [ACK, news("CHARGE_RAISED", 2, 2, charge=ECC), news("MILESTONE", 3, 3, milestone="ECC_ACCEPTED")]
    for sequence in (told, told[::-1]):
        order = order_for()
        for one in sequence:
            hear(order, one, hours=6)
    assert {row.state for row in Charge.objects.all()} == {"accepted"}


def test_a_cancellation_charge_is_told_apart_and_its_consent_lets_the_cancel_go_on(shop: Any, order_for: Make) -> None:
    order = order_for()
    Message.objects.update(state="delivered", attempt=1)
    hear(order, ACK, hours=2)
    actions.request_cancel(actor=shop.alice, order=order, reason="Moved away", at=AT + 3 * HOUR)
    hear(order, news("CHARGE_RAISED", 3, 4, charge={**ECC, "type": "cancellation"}), hours=5)
    assert (Charge.objects.get().kind, part(order).state) == ("cancellation", "assessing_charge")
    accept(shop, order, 6)
    assert part(order).state == "assessing_cancel"
    hear(order, news("CANCELLED", 4, 7), hours=8)
    assert (part(order).state, Charge.objects.get().state) == ("cancelled", "accepted")
    assert not part(order).milestones.filter(code="ECC_ACCEPTED").exists()


def test_only_the_tenant_and_the_operator_see_a_charge(shop: Any, order_for: Make) -> None:
    charged(order_for)
    seen = {name: Charge.objects.visible_to(user).exists() for name, user in shop.people.items()}
    assert seen == {"alice": True, "bob": True, "charlie": False, "olga": True, "cara": False, "ada": True}
    with pytest.raises(Exception, match="another organisation"):
        actions.answer_charge(actor=shop.charlie, charge=Charge.objects.get(), accepted=True, at=AT + 4 * HOUR)


# -- amend
def amendable(shop: Any, *fields: str) -> None:
    shop.north.order_rules = {"amendable": list(fields), "max_length": {"access_notes": 20}}
    shop.north.save()


def amend(shop: Any, order: Order, hours: float = 4, **more: Any) -> AmendRequest | None:
    given = {"requester": "customer", "reason": "Holiday", **more}
    return actions.request_amend(actor=shop.alice, partner_order=part(order), at=AT + hours * HOUR, **given)


def at_partner(order_for: Make) -> Order:
    order = order_for()
    Message.objects.update(state="delivered", attempt=1)
    hear(order, ACK, hours=2)
    return order


def test_a_partners_refusal_of_a_change_is_kept_with_its_words_and_the_next_one_is_taken(
    shop: Any, order_for: Make
) -> None:
    order = at_partner(order_for)
    amend(shop, order, requested_date=LATER)
    assert part(order).state == "assessing_amend"
    hear(order, news("AMEND_REFUSED", 3, 5, text="No crew"), hours=6)
    amend(shop, order, 7, requested_date=LATER + timedelta(days=3))
    hear(order, news("AMENDED", 4, 8), hours=9)
    order.refresh_from_db()
    assert list(AmendRequest.objects.values_list("state", "answer")) == [("refused", "No crew"), ("accepted", "")]
    assert order.requested_date == part(order).crd == LATER + timedelta(days=3)
    told = names(f"partner_order:{part(order).pk}")
    assert [name for name in told if "amend" in name] == ["order.amend_refused", "order.amended"]


def test_a_change_that_the_partners_system_refuses_at_once_is_a_refusal(shop: Any, order_for: Make) -> None:
    order = at_partner(order_for)
    amend(shop, order, requested_date=LATER)
    refuse_last_answer(order, 5)
    assert (AmendRequest.objects.get().state, part(order).state) == ("refused", "acknowledged")


def test_only_the_fields_that_the_partner_changes_under_way_are_asked_for(shop: Any, order_for: Make) -> None:
    order = at_partner(order_for)
    with pytest.raises(actions.OrderInvalid) as refused:
        amend(shop, order, changes={"contact_name": "Someone Else"})
    assert list(refused.value.by_field()) == ["contact_name"]
    amendable(shop, "requested_date", "contact_name", "access_notes")
    with pytest.raises(actions.OrderInvalid, match="at most 20"):
        amend(shop, order, changes={"access_notes": "x" * 21})
    with pytest.raises(actions.OrderInvalid, match="Nothing would change"):
        amend(shop, order, changes={"contact_name": "Paula Placeholder"})
    asked = amend(shop, order, changes={"contact_name": "Someone Else", "access_notes": "Ring twice"})
    assert asked
    assert asked.before == {"contact_name": "Paula Placeholder", "access_notes": ""}
    sent = Message.objects.get(verb="amend").canonical["changes"]
    assert sent == {"note": "Changed: Site contact: Someone Else; Access notes: Ring twice"}


def test_a_remark_that_the_partners_system_took_is_a_change_made(shop: Any, order_for: Make) -> None:
    amendable(shop, "contact_phone")
    order = at_partner(order_for)
    amend(shop, order, changes={"contact_phone": "020 7946 0999"})
    leg = Leg.objects.get(our_key=part(order).our_key)
    payload = {"message_id": Message.objects.latest("pk").pk, "leg_subject": leg.subject, "verb": "amend"}
    Event.objects.create(name="message.delivered", subject=f"leg:{leg.pk}", at=AT + 5 * HOUR, payload=payload)
    run_events()
    order.refresh_from_db()
    assert (order.contact_phone, AmendRequest.objects.get().state) == ("020 7946 0999", "accepted")


def test_the_requested_date_never_goes_before_the_first_commitment(shop: Any, order_for: Make) -> None:
    order = at_partner(order_for)
    hear(order, news("COMMITTED", 2, 3, committed_date=LATER), hours=4)
    with pytest.raises(actions.OrderInvalid, match="Not before 27 Mar 2026"):
        amend(shop, order, 5, requested_date=LATER - timedelta(days=1))


def test_a_change_that_the_end_overtook_says_so(shop: Any, order_for: Make) -> None:
    order = at_partner(order_for)
    amend(shop, order, requested_date=LATER)
    hear(order, news("TERMINATED", 4, 6, outcome="failed"), hours=7)
    assert AmendRequest.objects.get().state == "overtaken"
    assert PartnerOrder.objects.get(pk=part(order).pk).state == "failed"
