"""Known errors inside a guide: found by the real search, judged by what the person says of them."""

from collections.abc import Callable
from types import SimpleNamespace

from tests.ticketing.guides.conftest import node, ran, say
from tests.ticketing.known_errors.conftest import known_error, searchable
from ticketing.guides.models import GuideRun
from ticketing.guides.screens import screen_of
from ticketing.known_errors.models import KnownError, KnownErrorUse

Take = Callable[..., GuideRun]


def bakery() -> tuple[KnownError, KnownError]:
    """One that customers may read, and one of the desk."""
    advice = "Move the plug of the fibre box to a socket of its own."
    told = {"customer_text": advice, "customer_title": "A shared socket loses power"}
    public = known_error(None, "Drops when the oven runs on the same socket", publish_to="public", **told)
    inner = known_error(None, "Drops when the oven runs: reset the card at the exchange", workaround="Reset card 4")
    searchable()
    return public, inner


def to_the_hints(run: GuideRun) -> GuideRun:
    """From a red test to the known errors."""
    return say(say(ran(run, "red", "LOSSES"), "off"), "4")


def test_a_customer_sees_what_is_meant_for_customers_and_says_that_it_helped(take: Take) -> None:
    public, _ = bakery()
    run = to_the_hints(take(words="it drops when the oven runs on the same socket"))
    screen = screen_of(run)
    assert (node(run), screen.kind if screen else "") == ("kedb", "kedb")
    assert screen is not None
    assert [one["pk"] for one in screen.hints] == [public.pk]
    assert screen.hints[0]["summary"] == "Move the plug of the fibre box to a socket of its own."
    assert "exchange" not in str(screen.hints)
    run = say(run, f"worked:{public.pk}")
    assert (run.state, run.fixed_by, run.outcome) == ("fixed", "person", "provisional")
    use = KnownErrorUse.objects.get()
    assert (use.article, use.outcome, use.run) == (public, "worked", f"guide_run:{run.pk}")


def test_none_of_these_is_an_answer_and_counts_against_what_was_shown(take: Take) -> None:
    public, _ = bakery()
    run = say(to_the_hints(take(words="it drops when the oven runs on the same socket")), "none")
    assert node(run) == "worked"
    assert [(use.article, use.outcome) for use in KnownErrorUse.objects.all()] == [(public, "failed")]


def test_the_desk_also_reads_what_is_not_for_customers_and_why_it_is_shown(take: Take, shop: SimpleNamespace) -> None:
    _, inner = bakery()
    run = take(words="it drops when the oven runs on the same socket", actor=shop.alice, channel="phone")
    hints = screen_of(to_the_hints(run), staff=True).hints  # type: ignore[union-attr]
    assert inner.pk in {one["pk"] for one in hints}
    assert all(one["why"] for one in hints)


def test_where_nothing_is_known_nothing_is_shown(take: Take) -> None:
    bakery()
    run = to_the_hints(take(words="zebra"))
    assert node(run) == "worked"
