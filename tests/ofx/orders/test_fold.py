"""The fold of facts, through `fold()` alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ofx.orders.fold import Told, fold
from ofx.orders.vocabulary import ENDED, REASON_CLOCK, URGENCY, Milestone, UpdateType

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OURS = {"SUBMITTED", "SEND_FAILED", "AMEND_REQUESTED", "CANCEL_REQUESTED", "CHARGE_ACCEPTED", "CHARGE_DECLINED"}
OURS |= {"ANSWERED", "ACCEPTED", "WITHDRAWN"}


def told(update_type: str, hours: float = 0, sequence: int | None = None, **data: Any) -> Told:
    source = data.pop("source", "us" if update_type in OURS else "partner")
    key = data.pop("key", f"{update_type}-{hours}-{sequence}")
    at = START + timedelta(hours=hours)
    return Told(key=key, source=source, update_type=update_type, issued_at=at, sequence=sequence, data=data)


DAY = date(2026, 3, 20)
LATER = date(2026, 3, 27)
CLEAN = [
    told("SUBMITTED", 0, crd="2026-03-18"),
    told("ACKNOWLEDGED", 1, 1, partner_ref="17"),
    told("COMMITTED", 2, 2, committed_date=DAY.isoformat(), target_date=DAY.isoformat()),
    told("DELAY", 3, 3, reason="DUCT_BLOCKAGE_CIVILS", raw_reason="CON07", target_date=LATER.isoformat()),
    told("RESUMED", 5, 4),
    told("COMPLETED", 6, 5),
    told("ACCEPTED", 7),
]


def test_an_order_runs_from_submitted_to_accepted() -> None:
    states = [fold(CLEAN[:count]).state for count in range(len(CLEAN) + 1)]
    assert states == [
        "validated", "submitted", "acknowledged", "in_progress", "held", "in_progress", "completed", "accepted",
    ]  # fmt: skip


def test_a_clean_run_keeps_its_dates_flags_and_milestones() -> None:
    out = fold(CLEAN)
    assert (out.icdd, out.committed_date, out.target_date, out.crd) == (DAY, DAY, LATER, date(2026, 3, 18))
    assert {flag.kind for flag in out.flags} == {"committed", "held", "jeopardy"}
    assert [flag.kind for flag in out.open()] == ["committed"]
    assert set(out.milestones) == {"SUBMITTED", "ACKNOWLEDGED", "COMMITTED", "COMPLETED", "ACCEPTED"}
    held = next(flag for flag in out.flags if flag.kind == "held")
    assert (held.clock_owner, held.raw_reason) == ("partner", "CON07")
    assert held.closed_at == START + timedelta(hours=5)


def test_a_late_acknowledgement_only_fills_the_milestone() -> None:
    out = fold([CLEAN[0], CLEAN[5], told("ACKNOWLEDGED", 1, partner_ref="17")])
    assert out.state == "completed"
    assert out.milestones["ACKNOWLEDGED"][0] == START + timedelta(hours=1)


def test_the_partner_moves_only_the_target_and_the_slip_is_a_jeopardy() -> None:
    again = told("COMMITTED", 4, 3, committed_date=LATER.isoformat())
    out = fold([*CLEAN[:3], again])
    assert (out.icdd, out.committed_date, out.target_date) == (DAY, DAY, LATER)
    assert out.in_jeopardy
    assert [(move.field, move.requester) for move in out.moves if move.key == again.key] == [("target_date", "partner")]


def test_a_committed_date_moves_when_we_asked_and_names_who_asked() -> None:
    asked = told("AMEND_REQUESTED", 3, source="customer", reason="CUSTOMER_CHANGED_MIND")
    weighed = fold([*CLEAN[:3], asked])
    assert weighed.state == "assessing_amend"
    out = fold([*CLEAN[:3], asked, told("AMENDED", 4, 3, committed_date=LATER.isoformat())])
    assert (out.icdd, out.committed_date, out.target_date) == (DAY, LATER, LATER)
    move = next(move for move in out.moves if move.field == "committed_date" and move.old == DAY)
    assert (move.requester, move.reason) == ("customer", "CUSTOMER_CHANGED_MIND")
    assert not out.in_jeopardy


def test_several_waits_are_open_at_once_and_the_most_urgent_names_the_state() -> None:
    facts = [
        *CLEAN[:2],
        told("DELAY", 2, 2, reason="WAYLEAVE"),
        told("INFORMATION_REQUIRED", 3, 3, text="Which door?"),
        told("CHARGE_RAISED", 4, 4, charge={"id": "1", "amount": "900.00"}),
    ]
    out = fold(facts)
    assert (out.state, out.holder, out.blocked_reason) == ("assessing_charge", "us", "ECC_APPROVAL")
    assert {flag.kind for flag in out.open()} == {"assessing_charge", "pending", "held"}
    settled = fold([*facts, told("CHARGE_ACCEPTED", 5, answers=[facts[-1].key])])
    assert (settled.state, settled.blocked_text) == ("pending", "Which door?")
    answered = fold([*facts, told("CHARGE_ACCEPTED", 5), told("ANSWERED", 6)])
    assert (answered.state, answered.holder) == ("held", "third_party")


def test_a_delay_that_the_customer_must_end_is_pending_on_the_customer() -> None:
    out = fold([*CLEAN[:2], told("DELAY", 2, 2, reason="NO_ACCESS")])
    assert (out.state, out.holder) == ("pending", "end_customer")


def test_an_unknown_reason_becomes_other_and_keeps_the_raw_word() -> None:
    out = fold([*CLEAN[:2], told("DELAY", 2, 2, raw_reason="QUANTUM_FLUX", text="Flux in the duct")])
    assert (out.state, out.blocked_reason, out.holder) == ("held", "OTHER", "partner")
    assert out.flags[-1].raw_reason == "QUANTUM_FLUX"


def test_a_cancel_is_weighed_then_applied_or_refused() -> None:
    asked = told("CANCEL_REQUESTED", 3)
    assert fold([*CLEAN[:3], asked]).state == "assessing_cancel"
    assert fold([*CLEAN[:3], asked, told("CANCELLED", 4, 3)]).state == "cancelled"
    refused = fold([*CLEAN[:3], asked, told("CANCEL_REFUSED", 4, 3)])
    assert refused.state == "in_progress"


def test_a_partner_with_a_slow_clock_still_answers_our_cancel() -> None:
    out = fold([*CLEAN[:3], told("CANCEL_REQUESTED", 10), told("CANCEL_REFUSED", 9.5, 3)])
    assert out.state == "in_progress"


def test_the_first_end_is_kept_unless_the_partners_own_numbers_prove_another() -> None:
    done = [*CLEAN[:3], told("COMPLETED", 6, 5)]
    assert fold([*done, told("CANCELLED", 7)]).state == "completed"
    assert fold([*done, told("CANCELLED", 7)]).contradictions
    assert fold([*done, told("TERMINATED", 7, 6, outcome="failed")]).state == "failed"
    delayed = fold([*done, told("DELAY", 8, 7, reason="CAPACITY")])
    assert (delayed.state, delayed.held) == ("completed", False)
    accepted = [*done, told("ACCEPTED", 7), told("CANCELLED", 8, 8)]
    assert fold(accepted).state == "accepted"


def test_a_failed_send_waits_for_us_until_it_is_tried_again_or_the_partner_speaks() -> None:
    failed = [CLEAN[0], told("SEND_FAILED", 1)]
    assert (fold(failed).state, fold(failed).holder) == ("failed_to_send", "us")
    assert fold([*failed, told("SUBMITTED", 2)]).state == "submitted"
    assert fold([*failed, told("ACKNOWLEDGED", 0.5, 1)]).state == "acknowledged"


def test_a_resumed_with_a_reason_closes_only_that_wait() -> None:
    facts = [
        *CLEAN[:2],
        told("DELAY", 2, 2, reason="WAYLEAVE", raw_reason="WAY"),
        told("DELAY", 3, 3, reason="CAPACITY", raw_reason="CON04"),
        told("RESUMED", 4, 4, reason="CAPACITY", raw_reason="CON04"),
    ]
    assert [flag.reason for flag in fold(facts).open("held")] == ["WAYLEAVE"]
    assert not fold([*facts, told("RESUMED", 5, 5)]).open("held")


def test_sequence_numbers_beat_clocks() -> None:
    out = fold([CLEAN[0], told("DELAY", 9, 2, reason="CAPACITY"), told("RESUMED", 3, 3), told("ACKNOWLEDGED", 1, 1)])
    assert out.state == "in_progress"
    assert not out.open("held")


DATES = st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(date.isoformat)
FACTS = st.builds(
    lambda kind, minutes, sequence, data, key: Told(
        key=str(key),
        source="us" if kind in OURS else "partner",
        update_type=kind,
        issued_at=START + timedelta(minutes=minutes),
        sequence=None if kind in OURS else sequence,
        data=data,
    ),
    st.sampled_from(UpdateType.values),
    st.integers(0, 12),
    st.none() | st.integers(1, 6),
    st.fixed_dictionaries(
        {},
        optional={
            "reason": st.sampled_from([*REASON_CLOCK, "NONSENSE"]),
            "raw_reason": st.sampled_from(["1A", "WAY"]),
            "clock_owner": st.sampled_from(["", "us", "nobody", "end_customer"]),
            "milestone": st.sampled_from([*Milestone.values, "HOLIDAY"]),
            "committed_date": DATES | st.just("soon"),
            "target_date": DATES,
            "outcome": st.sampled_from(["cancelled", "partial", "rejected", ""]),
            "partner_ref": st.sampled_from(["1", "2"]),
            "answers": st.lists(st.integers(0, 20).map(str), max_size=2),
        },
    ),
    st.integers(0, 20),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(FACTS, max_size=12), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_the_same_facts_folds_to_the_same(facts: list[Told], chance: Any) -> None:
    expected = fold(facts)
    shuffled = facts + chance.choices(facts, k=len(facts)) if facts else []
    chance.shuffle(shuffled)
    assert fold(shuffled) == expected


@settings(max_examples=300, deadline=None)
@given(st.lists(FACTS, max_size=12))
def test_what_is_folded_always_holds_together(facts: list[Told]) -> None:
    out = fold(facts)
    assert all(flag.closed_at is None or flag.closed_at >= flag.opened_at for flag in out.flags)
    assert len({(flag.kind, flag.key) for flag in out.flags}) == len(out.flags)
    assert len({(move.field, move.key) for move in out.moves}) == len(out.moves)
    assert out.icdd is None or out.committed_at is not None
    assert (out.ended_at is not None) == (out.state in ENDED)
    if out.state in URGENCY:
        assert out.blocked_since is not None
        assert out.holder
    if out.state in ENDED or out.state == "completed":
        assert not out.open(*URGENCY, "jeopardy")


@settings(max_examples=200, deadline=None)
@given(st.lists(FACTS, max_size=10), FACTS)
def test_the_first_committed_date_never_changes_by_later_news(facts: list[Told], late: Told) -> None:
    numbered = [fact for fact in facts if fact.update_type != "COMMITTED"]
    first = told("COMMITTED", -1, 0, committed_date=DAY.isoformat(), key="first")
    if late.key != "first":
        assert fold([first, *numbered, late]).icdd == DAY
