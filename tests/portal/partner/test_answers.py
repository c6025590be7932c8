"""What operators answer, by whichever door: one fact an answer, or refused with its reason."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from ofx.core.models import LogEntry
from ofx.core.transitions import IllegalTransition
from ofx.orders import actions
from ofx.orders.actions.operator_answers import Channel
from ofx.orders.answers import AnswerInvalid
from ofx.orders.models import Fact
from tests.conftest import AT, operator, person
from tests.ofx.orders.conftest import names, part
from tests.portal.partner.conftest import told


def test_the_whole_way_of_an_order_is_answered(order_for: Any, say: Any) -> None:
    order = order_for()
    assert say(order, "acknowledge", reference="NF-1")
    assert part(order).state == "acknowledged"
    assert part(order).partner_ref == "NF-1"
    assert say(order, "commit", 2, date=date(2026, 3, 18))
    row = part(order)
    assert (row.icdd, row.committed_date, row.target_date) == (date(2026, 3, 18),) * 3
    assert say(order, "delay", 3, reason="DUCT_BLOCKAGE_CIVILS", date="2026-03-25", text="Blocked at the kerb")
    row = part(order)
    assert (row.state, row.holder, row.target_date, row.in_jeopardy) == ("held", "partner", date(2026, 3, 25), True)
    assert say(order, "resume", 4)
    assert part(order).state == "in_progress"
    assert say(order, "complete", 5)
    assert part(order).state == "accepted"
    assert told(order) == ["ACKNOWLEDGED", "COMMITTED", "DELAY", "RESUMED", "COMPLETED"]
    assert {"order.acknowledged", "order.committed", "order.delayed"} <= set(names(f"partner_order:{row.pk}"))


def test_the_same_answer_twice_is_one_fact(order_for: Any, say: Any) -> None:
    order = order_for()
    for verb, values in (
        ("acknowledge", {"reference": "NF-1"}),
        ("commit", {"date": date(2026, 3, 18)}),
        ("hold", {"reason": "CAPACITY"}),
        ("resume", {}),
        ("charge", {"amount": "120.5", "currency": "gbp", "text": "A longer trench"}),
        ("ask", {"text": "Which floor?"}),
        ("propose", {"date": date(2026, 3, 20), "text": "8 am to 1 pm"}),
        ("complete", {}),
    ):
        assert say(order, verb, **values) is True, verb
        assert say(order, verb, **values) is False, verb
    assert len(told(order)) == 8


def test_an_answer_that_is_so_already_adds_nothing_however_late(order_for: Any, say: Any) -> None:
    order = order_for()
    say(order, "acknowledge", reference="NF-1")
    say(order, "commit", 2, date=date(2026, 3, 18))
    say(order, "delay", 3, reason="CAPACITY", date=date(2026, 3, 20))
    assert say(order, "acknowledge", 4) is False
    assert say(order, "commit", 5, date=date(2026, 3, 18)) is False
    assert say(order, "resume", 6)
    assert say(order, "delay", 7, reason="CAPACITY", date=date(2026, 3, 20))


def test_a_commitment_says_that_the_order_was_taken(order_for: Any, say: Any) -> None:
    order = order_for()
    say(order, "commit", date=date(2026, 3, 18), reference="NF-9")
    row = part(order)
    assert told(order) == ["ACKNOWLEDGED", "COMMITTED"]
    assert row.acknowledged_at is not None
    assert row.partner_ref == "NF-9"


@pytest.mark.parametrize(
    ("before", "verb", "values", "words"),
    [
        ([("commit", {"date": "2026-03-18"})], "commit", {"date": "2026-03-19"}, "only when the provider asks"),
        ([], "resume", {}, "Nothing is on hold"),
        ([], "accept_cancel", {}, "has not asked to cancel"),
        ([], "refuse_change", {"text": "no"}, "has not asked to change"),
        ([("complete", {})], "delay", {"date": "2026-03-18", "reason": "CAPACITY"}, "takes no more answers"),
        ([("reject", {"reason": "NOT_FEASIBLE", "text": "no"})], "commit", {"date": "2026-03-18"}, "no more answers"),
        ([("charge", {"amount": "9", "currency": "GBP", "text": "x"})], "commit", {"date": "2026-03-18"}, "consent"),
    ],
)  # fmt: skip
def test_what_the_order_does_not_allow_is_refused_in_words(
    order_for: Any, say: Any, before: Any, verb: str, values: dict[str, Any], words: str
) -> None:
    order = order_for()
    for earlier, given in before:
        say(order, earlier, **given)
    count = len(told(order))
    with pytest.raises(IllegalTransition, match=words):
        say(order, verb, 2, **values)
    assert len(told(order)) == count


@pytest.mark.parametrize(
    ("verb", "values", "field"),
    [
        ("commit", {}, "date"),
        ("commit", {"date": "tomorrow"}, "date"),
        ("commit", {"date": "2026-03-01"}, "date"),
        ("commit", {"date": "2036-03-01"}, "date"),
        ("delay", {"date": "2026-03-18"}, "reason"),
        ("delay", {"date": "2026-03-18", "reason": "BAD_WEATHER"}, "reason"),
        ("hold", {"reason": "OTHER"}, "text"),
        ("hold", {"reason": "ECC_APPROVAL"}, "reason"),
        ("reject", {"reason": "CAPACITY"}, "text"),
        ("charge", {"amount": "-1", "currency": "GBP", "text": "x"}, "amount"),
        ("charge", {"amount": "NaN", "currency": "GBP", "text": "x"}, "amount"),
        ("charge", {"amount": "1.234", "currency": "GBP", "text": "x"}, "amount"),
        ("charge", {"amount": "1", "currency": "pounds", "text": "x"}, "currency"),
        ("note", {"text": "x" * 501}, "text"),
        ("acknowledge", {"reference": "x" * 121}, "reference"),
        ("fly", {}, "answer"),
    ],
)
def test_a_wrong_value_is_named_with_its_fix(
    order_for: Any, say: Any, verb: str, values: dict[str, Any], field: str
) -> None:
    order = order_for()
    with pytest.raises(AnswerInvalid) as refused:
        say(order, verb, **values)
    assert field in refused.value.fields
    assert told(order) == []


def test_only_people_of_that_operator_who_may_answer_do(shop: SimpleNamespace, order_for: Any, say: Any) -> None:
    order = order_for()
    stranger = person("sid@example.com", operator("strangenet").organisation, "fulfilment")
    reader = person("rita@example.com", shop.north.organisation, "assurance")
    for who in (stranger, reader, shop.alice, shop.cara, shop.charlie):
        with pytest.raises(PermissionDenied):
            say(order, "acknowledge", actor=who)
    assert told(order) == []


def test_a_refusal_before_work_rejects_and_after_it_fails(order_for: Any, say: Any) -> None:
    early, late = order_for(), order_for()
    say(early, "reject", reason="NOT_FEASIBLE", text="No duct at all")
    say(late, "commit", date="2026-03-18")
    say(late, "reject", 2, reason="NOT_FEASIBLE", text="The duct is gone")
    assert (part(early).state, part(late).state) == ("rejected", "failed")


def test_a_cancel_of_ours_is_accepted_or_refused(shop: SimpleNamespace, order_for: Any, say: Any) -> None:
    order = order_for()
    say(order, "commit", date="2026-03-18")
    actions.request_cancel(actor=shop.alice, order=order, reason="moved away", at=AT + timedelta(hours=2))
    if part(order).state == "cancelled":  # nothing had left: our withdrawal needs no answer
        return
    with pytest.raises(IllegalTransition, match="accept or refuse that first"):
        say(order, "delay", 3, date="2026-03-20", reason="CAPACITY")
    say(order, "refuse_cancel", 4, text="The engineer is there")
    assert part(order).state == "in_progress"


def test_a_changed_date_is_accepted_and_names_who_asked(shop: SimpleNamespace, order_for: Any, say: Any) -> None:
    order = order_for()
    say(order, "commit", date="2026-03-18")
    actions.request_amend(
        actor=shop.alice, partner_order=part(order), requested_date=date(2026, 4, 1), requester="customer",
        reason="away", at=AT + timedelta(hours=2),
    )  # fmt: skip
    say(order, "accept_change", 3)
    row = part(order)
    assert (row.committed_date, row.target_date, row.icdd) == (date(2026, 4, 1), date(2026, 4, 1), date(2026, 3, 18))
    assert row.date_changes.get(field="committed_date", old=date(2026, 3, 18)).requester == "customer"


def test_the_log_names_person_channel_and_values(shop: SimpleNamespace, order_for: Any, say: Any) -> None:
    order = order_for()
    say(order, "charge", amount="450", currency="GBP", text="A longer trench")
    say(order, "note", 2, text="We ring first", actor=None, via=Channel(kind="link", who="desk@northfibre.example"))
    rows = LogEntry.objects.filter(verb="partner answered", subject=f"partner_order:{part(order).pk}").order_by("pk")
    first, second = rows
    assert (first.actor, first.data["channel"], first.data["answer"]) == (shop.olga, "portal", "charge")
    assert (second.actor, second.data["channel"], second.data["by"]) == (None, "link", "desk@northfibre.example")
    charge = Fact.objects.get(partner_order__order=order, update_type="CHARGE_RAISED").data["charge"]
    assert Decimal(charge["amount"]) == Decimal("450")


def test_a_key_of_the_channel_makes_a_late_repeat_a_repeat(order_for: Any, say: Any) -> None:
    order = order_for()
    same = {"reason": "CAPACITY", "via": Channel(kind="csv", key="csv:1")}
    assert say(order, "hold", **same)
    assert say(order, "resume", 2)
    assert say(order, "hold", 3, **same) is False
    assert part(order).state == "in_progress"
