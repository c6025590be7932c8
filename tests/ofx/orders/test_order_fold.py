"""The product order's state from its parts, and its projection to the standard's words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofx.orders.order_fold import URGENT, Part, fold_order
from ofx.orders.projection import TMF, tmf622, tmf622_item, tmf641
from ofx.orders.vocabulary import ENDED, State

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TMF622_WORDS = {
    "acknowledged", "rejected", "pending", "held", "inProgress", "cancelled", "completed", "failed", "partial",
    "assessingCancellation", "pendingCancellation",
}  # fmt: skip


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ([], "draft"),
        (["draft", "draft"], "draft"),
        (["validated", "submitted"], "submitted"),
        (["acknowledged", "in_progress"], "in_progress"),
        (["held", "in_progress"], "held"),
        (["held", "assessing_charge", "pending"], "assessing_charge"),
        (["accepted", "held"], "held"),
        (["failed_to_send", "held"], "failed_to_send"),
        (["completed", "validated"], "in_progress"),
        (["completed", "accepted"], "completed"),
        (["accepted", "accepted"], "accepted"),
        (["accepted", "cancelled"], "partial"),
        (["completed", "rejected"], "partial"),
        (["cancelled", "cancelled"], "cancelled"),
        (["rejected", "cancelled"], "rejected"),
        (["failed", "rejected"], "failed"),
    ],
)
def test_the_rule_of_the_product_order(states: list[str], whole: str) -> None:
    assert fold_order([Part(state=state, ended_at=AT) for state in states]).state == whole


def test_the_part_that_waits_longest_leads() -> None:
    parts = [
        Part(state="held", holder="third_party", blocked_since=AT, blocked_reason="WAYLEAVE"),
        Part(state="held", holder="partner", blocked_since=AT - timedelta(days=3), blocked_reason="CAPACITY"),
    ]
    whole = fold_order(parts)
    assert (whole.holder, whole.blocked_reason, whole.lead) == ("partner", "CAPACITY", 1)


@given(st.lists(st.sampled_from(State.values), min_size=1, max_size=5))
def test_an_order_is_closed_exactly_when_all_its_parts_have_ended(states: list[str]) -> None:
    parts = [Part(state=state, ended_at=AT if state in ENDED else None, blocked_since=AT) for state in states]
    whole = fold_order(parts)
    assert (whole.closed_at is not None) == all(state in ENDED for state in states)
    assert (whole.blocked_since is not None) == (whole.state in URGENT)
    assert fold_order(parts[::-1]).state == whole.state


def test_every_state_has_a_word_in_the_standards() -> None:
    assert set(TMF) == set(State.values)
    assert {tmf622(state) for state in State.values} <= TMF622_WORDS
    assert {tmf622_item(state) for state in State.values} <= TMF622_WORDS - {"partial"}
    assert tmf641("assessing_cancel") == "assessingCancellation"
