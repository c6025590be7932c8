"""Deflection, told honestly: what counts, what is only shown beside it; and the simulated month."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.orders.models import ServiceRecord
from tests.conftest import AT
from ticketing.guides import deflection
from ticketing.guides.models import Guide, GuideRun
from ticketing.tickets.models import Ticket

Outcome = Callable[..., GuideRun]


@pytest.fixture
def outcome(shop: SimpleNamespace, line: ServiceRecord) -> Outcome:
    """`outcome("confirmed")`: a run that ended so."""
    guide = Guide.objects.get(slug="intermittent")
    count = iter(range(10_000))

    def make(name: str, at: Any = AT, **fields: Any) -> GuideRun:
        common = {"guide": guide, "version": guide.versions.get(), "organisation": shop.brightwave, "last_at": at}
        given = {"fault_class": "intermittent", "offered_at": at, "first_step_at": at, "outcome": name, **common}
        return GuideRun.objects.create(token=f"outcome-{next(count):06d}", **{**given, **fields})

    return make


def figures(home: Organisation, **asked: Any) -> deflection.Figures:
    day = timedelta(days=1)
    return deflection.overall(deflection.counted(organisation=home, since=AT - day, until=AT + day, **asked))


def test_the_rate_is_confirmed_over_confirmed_and_handled_and_nothing_else(
    shop: SimpleNamespace, outcome: Outcome
) -> None:
    for name in ("confirmed", "confirmed", "escalated", "recontacted", "implied", "provisional", "waiting", "informed"):
        outcome(name)
    outcome("abandoned", first_step_at=None)
    found = figures(shop.brightwave)
    assert (found.offered, found.started, found.sample, found.rate) == (9, 8, 4, 50.0)
    assert (found.implied, found.provisional, found.few) == (1, 1, True)


def test_trials_simulated_runs_the_desks_and_other_providers_do_not_count(
    shop: SimpleNamespace, outcome: Outcome
) -> None:
    outcome("confirmed", trial=True)
    outcome("confirmed", simulated=True)
    outcome("confirmed", channel="phone")
    outcome("confirmed", organisation=shop.cobalt)
    assert figures(shop.brightwave).offered == 0
    assert figures(shop.brightwave, simulated=True).confirmed == 1
    assert figures(shop.brightwave).rate is None


def test_minutes_saved_come_from_measured_tickets_of_the_same_class_only(
    shop: SimpleNamespace, outcome: Outcome
) -> None:
    outcome("confirmed")
    outcome("confirmed")
    outcome("confirmed", fault_class="wifi")
    for number, seconds in enumerate((300, 600, 900)):
        Ticket.objects.create(
            organisation=shop.brightwave, reference=f"TT-{number:06d}", title="drops", fault_class="intermittent",
            desk_seconds=seconds, state="resolved", created_at=AT, resolved_at=AT,
        )  # fmt: skip
    assert deflection.effort(GuideRun.objects.all()) == deflection.Effort(minutes=20, measured=3, unmeasured=1)


def test_the_page_says_what_it_counts_and_draws_the_claims_beside_it(shop: SimpleNamespace, outcome: Outcome) -> None:
    outcome("confirmed", at=now() - timedelta(days=9))
    outcome("provisional", at=now() - timedelta(days=1))
    page = shop.client("alice").get("/guides/deflection/?days=28").content.decode()
    assert "100.0 %" in page
    assert "nobody called about the same fault within 7 days" in page
    assert "fewer than 20 cases" in page
    assert "60 %: the field" in page
    assert shop.client("cara").get("/guides/deflection/").status_code == 403


def test_every_week_of_the_period_is_drawn_also_those_without_a_run() -> None:
    week = deflection.Line("23 Feb", deflection.Figures(confirmed=1), date(2026, 2, 23))
    drawn = deflection.every_week([week], AT - timedelta(days=20), AT)
    assert [line.label for line in drawn] == ["9 Feb", "16 Feb", "23 Feb", "2 Mar"]
    assert deflection.chart(drawn)["series"][0]["values"] == [None, None, 100.0, None]


@pytest.mark.django_db
def test_a_simulated_month_goes_through_the_real_guides_and_keeps_nothing(capsys: Any) -> None:
    call_command("simulate_guides", month=True, cases=12, seed=3)
    said = capsys.readouterr().out
    assert said.startswith("SIMULATED, not measured. 12 faults in 28 days, seed 3.")
    (everything,) = (row.split() for row in said.splitlines() if row.startswith("All guides"))
    assert everything[2] == "12"
    head = next(row for row in said.splitlines() if "offered" in row and "confirmed" in row)
    assert head.split() == ["offered", "started", *(name[:11] for name in deflection.OUTCOMES), "rate", "n"]
    by_guide = [row for row in said.splitlines() if row.startswith(("The internet keeps dropping", "No internet"))]
    assert by_guide != []
    assert deflection.DEFINITION in said
    assert not GuideRun.objects.exists()
    assert not Organisation.objects.filter(slug__startswith="scratch-simulated").exists()
