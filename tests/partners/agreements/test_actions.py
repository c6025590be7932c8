"""Asking, offering, accepting: what holds from which day, who may do what, and two answers at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections

from ofx.core.models import Event, LogEntry
from partners.agreements import actions
from partners.agreements.actions import NotPossible, Wish
from partners.agreements.queries import open_terms, outside, terms_on
from partners.coverage.queries import price_of
from partners.models import Agreement
from tests.conftest import AT, agreement, operator, place
from tests.partners.agreements.conftest import (
    MONTH,
    TODAY,
    accepted,
    asked,
    in_force,
    offered,
    prices,
    proposal,
)

pytestmark = pytest.mark.django_db


def names(row: Agreement) -> list[str]:
    """Names of the events about an agreement."""
    return list(Event.objects.filter(subject=f"agreement:{row.pk}").order_by("pk").values_list("name", flat=True))


def test_a_request_is_answered_and_accepted_and_its_prices_hold(market: Any) -> None:
    row = asked(market, products=[market.p500], regions=["GB:SW"], note="for shops")
    assert (row.state, row.waits_for) == ("requested", "operator")
    row = offered(market, row, regions=["GB:SW"])
    assert (row.state, row.waits_for) == ("offered", "provider")
    assert price_of(market.p500, row, TODAY).monthly == Decimal("30.00"), "an offer is no price yet"
    row = accepted(market, row)
    assert (row.state, row.waits_for, row.starts, row.ends) == ("active", "", TODAY, None)
    assert Agreement.objects.in_force(TODAY).get() == row
    assert prices(row) == [("nf-500", "25.00", TODAY, None)]
    assert names(row) == ["agreement.requested", "agreement.offered", "agreement.active"]
    log = LogEntry.objects.about(f"agreement:{row.pk}").values_list("actor_name", flat=True)
    assert list(log) == ["Alice Example", "Olga Example", "Alice Example"]


def test_new_terms_hold_from_their_day_and_the_old_until_then(market: Any) -> None:
    row = in_force(market, regions=["GB"])
    row = offered(market, row, monthly="20.00", starts=TODAY + MONTH, regions=["GB:M"])
    assert (row.state, row.waits_for) == ("active", "provider")
    row = accepted(market, row)
    assert prices(row) == [("nf-500", "25.00", TODAY, TODAY + MONTH), ("nf-500", "20.00", TODAY + MONTH, None)]
    assert terms_on(row, TODAY + MONTH - timedelta(days=1)).regions == ["GB"]
    assert terms_on(row, TODAY + MONTH).regions == ["GB:M"]
    assert Agreement.objects.in_force(TODAY).filter(pk=row.pk).exists()


def test_terms_agreed_later_replace_those_that_had_not_begun(market: Any) -> None:
    row = in_force(market)
    row = accepted(market, offered(market, row, monthly="20.00", starts=TODAY + 2 * MONTH))
    row = accepted(market, offered(market, row, monthly="22.00", starts=TODAY + MONTH))
    assert prices(row) == [("nf-500", "25.00", TODAY, TODAY + MONTH), ("nf-500", "22.00", TODAY + MONTH, None)]
    assert terms_on(row, TODAY + 3 * MONTH).lines.get().monthly == Decimal("22.00")


def test_an_offer_accepted_after_its_first_day_holds_from_today_on(market: Any) -> None:
    row = offered(market, asked(market))
    late = AT + timedelta(days=9)
    assert accepted(market, row, at=late).starts == late.date()
    assert prices(row)[0][2] == late.date()


def test_list_terms_taken_beforehand_are_in_force_at_once(market: Any) -> None:
    row = asked(market, at_list=True)
    everything = {one.pk: (Decimal(0), Decimal("30.00")) for one in (market.p500, market.p900, market.p10g)}
    row = offered(market, row, lines=everything)
    assert (row.state, row.waits_for) == ("active", "")
    assert open_terms(row) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"monthly": "30.01"}, "above list"),
        ({"regions": ["GB:M"]}, "another region than asked"),
        ({"ends": TODAY + MONTH}, "an end that nobody asked for"),
        ({"currency": "EUR"}, "a currency that cannot be compared"),
    ],
)
def test_an_answer_that_differs_from_the_list_terms_waits_for_a_yes(market: Any, change: Any, why: str) -> None:
    row = offered(market, asked(market, at_list=True, products=[market.p500], regions=["GB:SW"]), **change)
    assert (row.state, row.waits_for) == ("offered", "provider"), why


def test_asking_for_other_terms_sends_the_offer_back(market: Any) -> None:
    row = offered(market, asked(market))
    row = actions.ask_again(agreement=row, wish=Wish(note="too dear"), round=row.round, actor=market.alice, at=AT)
    assert (row.state, row.waits_for) == ("requested", "operator")
    assert [one.state for one in row.terms.order_by("number")] == ["answered", "replaced", "asked"]
    assert accepted(market, offered(market, row, monthly="19.00")).state == "active"


def test_a_declined_change_leaves_what_holds(market: Any) -> None:
    row = in_force(market)
    row = actions.ask_again(agreement=row, wish=Wish(regions=["GB:M"]), round=row.round, actor=market.alice, at=AT)
    row = actions.decline(agreement=row, round=row.round, why="no duct", actor=market.olga, at=AT)
    assert (row.state, row.waits_for) == ("active", "")
    assert prices(row) == [("nf-500", "25.00", TODAY, None)]
    assert row.terms.order_by("-number").first().answer == "no duct"


@pytest.mark.parametrize(("who", "act", "state"), [("olga", "decline", "declined"), ("alice", "withdraw", "withdrawn")])
def test_talks_end_with_a_no_and_may_begin_again(market: Any, who: str, act: str, state: str) -> None:
    row = asked(market)
    done = getattr(actions, act)(agreement=row, round=row.round, why="", actor=market.people[who], at=AT)
    assert done.state == state
    assert asked(market).pk != row.pk


def test_suspended_resumed_and_ended(market: Any) -> None:
    row = in_force(market)
    assert actions.suspend(agreement=row, why="unpaid", actor=market.olga, at=AT).state == "suspended"
    assert actions.suspend(agreement=row, why="unpaid", actor=market.olga, at=AT).state == "suspended"
    assert not Agreement.objects.in_force(TODAY).exists()
    assert actions.resume(agreement=row, why="", actor=market.alice, at=AT).state == "active"
    later = TODAY + MONTH
    assert actions.end(agreement=row, on=later, why="", actor=market.alice, at=AT).ends == later
    assert actions.end_due(at=AT + timedelta(days=29)) == 0
    assert actions.end_due(at=AT + timedelta(days=30)) == 1
    assert actions.end_due(at=AT + timedelta(days=30)) == 0
    row.refresh_from_db()
    assert row.state == "ended"
    with pytest.raises(NotPossible):
        actions.resume(agreement=row, why="", actor=market.alice, at=AT)


def test_ended_on_its_first_day_it_gives_way_to_a_new_one(market: Any) -> None:
    row = in_force(market)
    assert actions.end(agreement=row, on=TODAY, why="", actor=market.alice, at=AT).state == "ended"
    assert in_force(market).state == "active"


def test_one_request_at_a_time(market: Any) -> None:
    asked(market)
    with pytest.raises(NotPossible, match="already"):
        asked(market)
    own = operator("brightnet", on_net_of=market.brightwave)
    with pytest.raises(NotPossible, match="own network"):
        actions.ask(organisation=market.brightwave, operator=own, wish=Wish(), actor=market.alice, at=AT)


def test_a_second_click_and_an_old_page_are_refused(market: Any) -> None:
    row = asked(market)
    page = Agreement.objects.get(pk=row.pk)
    offered(market, row)
    with pytest.raises(NotPossible, match="meanwhile"):
        offered(market, page, monthly="1.00")
    assert row.terms.filter(state="offered").get().lines.get().monthly == Decimal("25.00")


def test_each_side_does_only_its_own_part(market: Any) -> None:
    row = asked(market)
    for who in ("alice", "bob", "charlie", "cara", "oscar"):
        with pytest.raises(PermissionDenied):
            actions.offer(agreement=row, proposal=proposal(market), round=1, actor=market.people[who], at=AT)
    row = offered(market, row)
    for who in ("olga", "otto", "bob", "charlie", "erin", "cara"):
        with pytest.raises(PermissionDenied):
            actions.accept(agreement=row, round=row.round, actor=market.people[who], at=AT)
    for act in (actions.suspend, actions.resume):
        with pytest.raises(PermissionDenied):
            act(agreement=row, why="", actor=market.charlie, at=AT)
    row.refresh_from_db()
    assert row.state == "offered"


def test_only_what_the_operator_sells_can_be_offered_or_asked(market: Any) -> None:
    other = operator("southlink")
    from_other = market.p500.__class__.objects.create(operator=other, code="sl", name="SL")
    with pytest.raises(NotPossible, match="another operator"):
        asked(market, products=[from_other])
    row = asked(market)
    with pytest.raises(NotPossible, match="not on sale"):
        offered(market, row, lines={from_other.pk: (Decimal(0), Decimal(1))})
    with pytest.raises(NotPossible, match="at least one"):
        offered(market, row, lines={})
    with pytest.raises(NotPossible, match="last day"):
        offered(market, row, starts=TODAY, ends=TODAY)
    assert Agreement.objects.get().round == 1, "nothing of a refused act stays"


def test_terms_limit_products_and_regions(market: Any) -> None:
    in_force(market, regions=["GB:SW"])
    here, there = place("SW1A1AA"), place("M11AE")

    def why(offering: Any, where: Any) -> str:
        return outside(organisation=market.brightwave, offering=offering, place=where, day=TODAY)

    assert why(market.p500, here) == ""
    assert "regions" in why(market.p500, there)
    assert "Not part of" in why(market.p900, here)
    agreement(market.cobalt, market.north)
    assert outside(organisation=market.cobalt, offering=market.p900, place=there, day=TODAY) == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["accept", "decline"])
def test_of_two_answers_at_once_one_wins(market: SimpleNamespace, rival: str) -> None:
    row = offered(market, asked(market))

    def answer(word: str) -> str:
        try:
            more = {} if word == "accept" else {"why": "no"}
            getattr(actions, word)(agreement=row, round=row.round, actor=market.alice, at=AT, **more)
            return word
        except NotPossible:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as both:
        said = list(both.map(answer, ["accept", rival]))
    row.refresh_from_db()
    assert sorted(said).count("refused") == 1
    winner = next(word for word in said if word != "refused")
    assert row.state == {"accept": "active", "decline": "declined"}[winner]
    assert row.prices.count() == (winner == "accept")
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_wins(market: SimpleNamespace) -> None:
    def request(_: int) -> bool:
        try:
            asked(market)
            return True
        except NotPossible:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as many:
        assert sorted(many.map(request, range(3))) == [False, False, True]
    assert Agreement.objects.count() == 1
