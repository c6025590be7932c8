"""Times, numbers and chips look the same everywhere."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Engine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ofx.core.clock import now
from ofx.core.ui import charts
from ofx.core.ui.display import age, compact, due, local, mark, money, owner_chip, span, state_chip, state_of


def words(html: str) -> str:
    return html.partition(">")[2].partition("<")[0]


def today() -> date:
    return local(now()).date()


@pytest.mark.parametrize(
    ("gap", "text"),
    [
        (timedelta(seconds=-2), "now"),
        (timedelta(minutes=-4, seconds=-30), "4 min ago"),
        (timedelta(hours=-3, minutes=-10), "3 h ago"),
        (timedelta(days=-3, hours=-1), "3 d ago"),
        (timedelta(hours=5, minutes=10), "in 5 h"),
        (timedelta(days=4, hours=1), "in 4 d"),
    ],
)
def test_an_age_is_relative_within_a_week(gap, text):
    assert words(age(now() + gap)) == text


def test_an_age_beyond_a_week_is_a_date_and_always_keeps_the_exact_time_with_its_zone():
    moment = datetime(2024, 7, 5, 8, 30, tzinfo=UTC)
    html = age(moment)
    assert words(html) == "5 Jul 2024"
    assert 'title="Fri 5 Jul 2024, 09:30 BST"' in html
    assert 'datetime="2024-07-05T09:30:00+01:00"' in html


def test_the_exact_time_is_told_in_the_readers_zone():
    with timezone.override(ZoneInfo("America/New_York")):
        assert "Fri 5 Jul 2024, 04:30 EDT" in age(datetime(2024, 7, 5, 8, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("days", "text", "tone"),
    [
        (-12, "12 d late", "due-late"),
        (-1, "1 d late", "due-late"),
        (0, "today", "due-soon"),
        (1, "tomorrow", "due-soon"),
        (2, "in 2 d", "due-soon"),
        (3, "in 3 d", '""'),
    ],
)
def test_a_due_date_says_how_late_or_how_soon(days, text, tone):
    html = due(today() + timedelta(days=days))
    assert words(html) == text
    assert tone in html


def test_a_due_moment_counts_in_hours_near_by():
    assert words(due(now() - timedelta(hours=3, minutes=5))) == "3 h late"
    assert words(due(now() + timedelta(hours=3, minutes=5))) == "in 3 h"


def test_nothing_is_shown_as_a_dash_that_says_so():
    for empty in (age(None), due(""), money(None), compact(None)):
        assert "–" in empty
        assert 'aria-label="none"' in empty


@given(st.timedeltas(min_value=timedelta(days=-4000), max_value=timedelta(days=4000)))
def test_every_span_is_a_number_and_a_unit(gap):
    number, unit = span(gap).split()
    assert number.isdigit()
    assert unit in {"s", "min", "h", "d", "wk"}


def test_money_and_big_numbers_are_short_and_exact():
    assert [money("1234.5", "GBP"), money(-20, "USD"), money(99, "CHF")] == ["£1,234.50", "−$20.00", "99.00 CHF"]
    assert [compact(950), compact(1234), compact(2_720_000)] == ["950", "1.2k", "2.7M"]


def test_a_state_takes_label_and_colour_from_its_model():
    row = SimpleNamespace(state="held", STATE_LOOK={"held": ("Held on customer", "amber")})
    assert state_of(row) == state_chip("Held on customer", "amber")
    assert "chip-amber" in state_of(row)


def test_an_unknown_state_or_colour_is_grey_and_escaped():
    assert "chip-grey" in state_chip("x", "no-such-colour")
    assert "&lt;b&gt;" in state_of(SimpleNamespace(state="<b>"))


def test_each_clock_owner_has_its_own_look_and_word():
    looks = {
        owner: owner_chip(owner) for owner in ("us", "partner", "end_customer", "third_party", "force_majeure", "")
    }
    assert len(set(looks.values())) == 6
    assert "third party" in looks["third_party"]
    assert "nobody" in looks[""]


def test_an_unknown_mark_is_a_defect_and_not_a_silent_badge():
    with pytest.raises(KeyError):
        mark("made-up")


def test_templates_need_no_load_line():
    template = Engine.get_default().from_string('{% icon "search" %}{% mark "synthetic" %}{{ n|compact }}')
    html = template.render(Context({"n": 1500}))
    assert "sprite.svg#search" in html
    assert "Synthetic" in html
    assert "1.5k" in html


def test_a_chart_with_six_series_or_ragged_values_is_refused():
    one = {"label": "a", "values": [1, 2]}
    with pytest.raises(ValueError, match="at most 5"):
        charts.context("c", "C", {"x": [1, 2], "series": [one] * 6})
    with pytest.raises(ValueError, match="one value for each"):
        charts.context("c", "C", {"x": [1, 2, 3], "series": [one]})
