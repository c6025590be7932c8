"""Proposals: faults that share a key beyond chance, by the pure rule, by rows, and as measured by simulation."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.conftest import AT
from tests.ticketing.outages.conftest import fault, settle
from ticketing.outages import actions, proposing
from ticketing.outages.detection import Baseline, Settings, at_least, judge
from ticketing.outages.models import Outage, OutageBaseline, OutageSignal, OutageWatching
from ticketing.outages.simulation import Rates, build, measure


def test_small_chances_keep_their_digits() -> None:
    assert at_least(0, 1) == 1
    assert at_least(1, 0.5) == pytest.approx(0.39346934)
    assert at_least(12, 0.01) == pytest.approx(2.0675e-33, rel=1e-3)
    assert at_least(3, 30) == pytest.approx(1.0)


def test_the_same_count_is_an_alarm_where_it_is_quiet_and_none_where_it_is_usual() -> None:
    ages = [1, 2, 4, 7, 9]
    assert judge(ages, 0.05, Settings()) is not None
    assert judge(ages, 20.0, Settings()) is None
    assert judge(ages[:3], 0.05, Settings()) is None, "fewer than N"
    assert judge([40, 50, 60, 70], 0.05, Settings()) is None, "longer ago than T"


def test_a_key_with_little_history_is_drawn_towards_its_kind() -> None:
    counts = {("olt", f"O{n}"): dict.fromkeys(range(0, 168, 2), 1.0) for n in range(10)}
    counts[("olt", "loud")] = {10: 40.0}
    usual = Baseline(counts, weeks=8)
    assert usual.per_hour(("olt", "new"), 10) > 0.02
    assert usual.per_hour(("olt", "loud"), 10) > 5 * usual.per_hour(("olt", "O1"), 10)
    assert usual.per_hour(("olt", "loud"), 11) < usual.per_hour(("olt", "loud"), 10) / 3


def test_the_products_threshold_holds_what_is_asked_for() -> None:
    world = build(Rates(services=8_000, quiet_weeks=10, outages=40), seed=7)
    found = measure(world, Settings())
    assert found.false_a_week <= 1
    assert found.median_minutes <= 10


@pytest.mark.django_db
def test_twelve_faults_in_a_sector_within_ten_minutes_propose_an_outage(net: SimpleNamespace) -> None:
    services = net.services(12)
    net.services(3, code="SW1A2AA")
    tickets = [fault(net, service, index * 0.8) for index, service in enumerate(services)]
    settle(10)
    assert proposing.look(at=AT + timedelta(minutes=10)) == 1
    outage = Outage.objects.get()
    assert (outage.state, outage.source, outage.operator) == ("candidate", "proposed", net.north)
    assert outage.keys.get().value == "SW1A1", "the narrowest key that explains them, not the whole partner"
    assert set(outage.children.values_list("ticket", flat=True)) == {ticket.pk for ticket in tickets}
    assert outage.evidence["things"] == 12
    assert sum(outage.evidence["spark"]) == 12
    assert outage.evidence["services"] == 12
    assert proposing.look(at=AT + timedelta(minutes=11)) == 0, "nothing new"
    fault(net, net.services(1)[0], 11.5)
    settle(12)
    assert proposing.look(at=AT + timedelta(minutes=12)) == 0
    assert Outage.objects.count() == 1


@pytest.mark.django_db
def test_what_happens_every_week_at_this_hour_is_no_outage(net: SimpleNamespace) -> None:
    hour = proposing.hour_of_week(AT)
    OutageWatching.objects.create(organisation=net.brightwave, since=AT, faded_at=AT, weeks=20)
    OutageBaseline.objects.bulk_create(
        OutageBaseline(organisation=net.brightwave, kind=kind, value=value, hour=hour, count=400)
        for kind, value in (("sector", "SW1A1"), ("partner", "northfibre"))
    )
    for index, service in enumerate(net.services(6)):
        fault(net, service, index)
    settle(6)
    assert proposing.look(at=AT + timedelta(minutes=6)) == 0


@pytest.mark.django_db
def test_one_service_that_calls_again_and_again_is_one(net: SimpleNamespace) -> None:
    service = net.services(1)[0]
    for minute in range(8):
        fault(net, service, minute)
    settle(9)
    assert proposing.look(at=AT + timedelta(minutes=9)) == 0


@pytest.mark.django_db
def test_questions_about_bills_are_no_faults(net: SimpleNamespace) -> None:
    for service in net.services(5):
        fault(net, service, fault_class="billing")
    settle(5)
    assert OutageSignal.objects.count() == 0


@pytest.mark.django_db
def test_quiet_signals_become_usual_and_those_of_an_outage_do_not(net: SimpleNamespace) -> None:
    OutageWatching.objects.create(organisation=net.brightwave, since=AT, faded_at=AT - timedelta(days=8))
    for index, service in enumerate(net.services(6)):
        fault(net, service, index)
    settle(6)
    proposing.look(at=AT + timedelta(minutes=6))
    actions.approve(outage=Outage.objects.get(), actor=net.alice, at=AT + timedelta(minutes=7))
    fault(net, net.services(1, code="SW1A2AA")[0], 8)
    settle(9)
    assert proposing.learn(at=AT + timedelta(hours=5)) == 2, "sector and partner of the one that was alone"
    assert proposing.learn(at=AT + timedelta(hours=6)) == 0
    row = OutageBaseline.objects.get(kind="sector")
    assert (row.value, row.hour, round(row.count)) == ("SW1A2", proposing.hour_of_week(AT), 1)
    assert OutageWatching.objects.get().weeks == pytest.approx(8 / 7, abs=0.1)
