"""The words of an order: next action, risk, what a cancel costs, the dates lane."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ofx.orders.advice import LIMIT, chase, next_action
from ofx.orders.exposure import exposure
from ofx.orders.fold import fold
from ofx.orders.folded import Folded
from ofx.orders.lane import lanes_of
from ofx.orders.models import Order
from ofx.orders.plain import plain
from ofx.orders.queries import order_page
from ofx.orders.risk import Case, points, score
from ofx.orders.vocabulary import ENDED, State
from tests.ofx.orders.conftest import AT, hear, news
from tests.ofx.orders.test_fold import CLEAN, told

Make = Callable[..., Order]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([], "Finish and submit the order"),
        (CLEAN[:1], "Wait for Northfibre to acknowledge"),
        (CLEAN[:2], "Wait for Northfibre to commit to a date"),
        (CLEAN[:3], "Wait for Northfibre to complete"),
        (CLEAN[:4], "Ask Northfibre for a date: duct blocked, civils needed"),
        (CLEAN[:5], "Tell the customer: now expected 27 Mar"),
        (CLEAN[:6], "Test the service and accept it"),
        (CLEAN, ""),
        ([*CLEAN[:2], told("REAPPOINT", 3, 2)], "Agree a new slot with the customer"),
        ([*CLEAN[:2], told("RESUBMIT", 3, 2)], "Correct the order and send it to Northfibre again"),
        ([*CLEAN[:2], told("DELAY", 3, 2, reason="NO_ACCESS")], "Ask the customer: no access to the site"),
        ([*CLEAN[:2], told("DELAY", 3, 2, reason="WAYLEAVE")], "Follow up with the third party: wayleave outstanding"),
        ([*CLEAN[:2], told("CHARGE_RAISED", 3, 2)], "Answer the charge of Northfibre"),
        ([CLEAN[0], told("SEND_FAILED", 1)], "Retry the order to Northfibre, or cancel it"),
        ([*CLEAN, told("DELAY", 9, 9, reason="CAPACITY")], "Check: Northfibre sent news after the end"),
    ],
)
def test_the_next_action_follows_from_the_state(facts: list[Any], words: str) -> None:
    assert next_action(fold(facts), "Northfibre", sent=bool(facts)) == words


@pytest.mark.parametrize("state", State.values)
def test_every_open_state_has_a_next_action_that_fits_its_column(state: str) -> None:
    text = next_action(Folded(state=state), "An operator with a long name indeed " * 5)
    assert len(text) <= LIMIT
    assert bool(text) == (state not in ENDED)


def test_silence_says_for_how_long() -> None:
    assert chase("Southlink", AT, AT + timedelta(days=5)) == "Chase Southlink: no news for 5 d"


def case(**fields: Any) -> Case:
    calm = {
        "state": "held", "blocked_since": None, "target_date": None, "in_jeopardy": False, "silent": False,
        "value_monthly": Decimal(30),
    }  # fmt: skip
    return Case(**{**calm, **fields})


def test_risk_grows_with_lateness_and_value_and_is_told_in_words() -> None:
    late = case(target_date=date(2026, 2, 20))
    assert points(late, AT) == [("10 d past its target", 35)]
    assert score(late, AT) > score(case(target_date=date(2026, 2, 28)), AT) > score(case(), AT) == 0
    assert score(case(in_jeopardy=True, value_monthly=Decimal(900)), AT) > score(case(in_jeopardy=True), AT)


def test_what_a_cancel_costs_follows_the_stage(shop: Any, order_for: Make) -> None:
    order = order_for()
    stages = []
    for told_now in (
        (),
        (news("ACKNOWLEDGED", 1),),
        (news("COMMITTED", 2, committed_date=date(2026, 3, 20)),),
        (news("MILESTONE", 3, milestone="VISIT_STARTED"),),
        (news("COMPLETED", 4),),
    ):
        if told_now:
            hear(order, *told_now)
        stages.append(exposure(order_page(order, shop.alice).parts[0]).stage)
    assert stages == ["submitted", "acknowledged", "committed", "ponr", "done"]


def test_the_lane_places_dates_in_their_order(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(
        order,
        news("COMMITTED", 1, committed_date=date(2026, 3, 18), target_date=date(2026, 3, 18)),
        news("DELAY", 2, 2, reason="CAPACITY", target_date=date(2026, 3, 25)),
    )
    lanes = lanes_of(order_page(order, shop.alice).parts, date(2026, 3, 3))
    assert lanes is not None
    lane = lanes.lanes[0]
    at = {point.kind: point.x for point in lane.points}
    assert at["sent"] < at["committed"] == at["old"] < at["requested"] < at["target"]
    assert lane.slipped
    assert all(0 <= point.x <= 100 for point in lane.points)


def test_plain_words_say_what_is_needed_and_how_sure_the_date_is(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, news("COMMITTED", 1, committed_date=date(2026, 3, 18), target_date=date(2026, 3, 18)))

    def words() -> Any:
        order.refresh_from_db()
        return plain(order, order_page(order, shop.alice).parts, date(2026, 3, 3))

    assert words().headline == "Your service will be ready on Wednesday 18 March."
    assert words().sure == "This date is confirmed."
    hear(order, news("DELAY", 2, 2, reason="NO_ACCESS", target_date=date(2026, 3, 25)))
    assert "could not get in" in words().need
    assert words().sure == "This date may still move. We will tell you at once if it does."
    assert [step.state for step in words().steps] == ["done", "done", "done", "now", "next"]
