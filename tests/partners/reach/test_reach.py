"""Reach: distinct postcodes and premises, on-net and off-net, and what one more agreement adds; counted by a worker."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.agreements import actions as agreements
from partners.agreements.actions import Proposal, Wish
from partners.models import Address, Footprint, FootprintRow, ReachGain, ReachLine, ReachMap, ReachRun
from partners.reach import actions, queries
from tests.conftest import AT, agreement, offering, operator, place

pytestmark = pytest.mark.django_db


def publish(op: Any, *rows: tuple[str, ...], number: int = 1, state: str = "active", country: str = "GB") -> Footprint:
    """A version with rows (level, key, technology, status)."""
    version = Footprint.objects.create(
        operator=op, number=number, state=state, created_at=AT, published_at=AT, rows_total=len(rows)
    )
    FootprintRow.objects.bulk_create(
        FootprintRow(footprint=version, country=country, level=level, key=key, technology=technology, status=status)
        for level, key, technology, status in rows
    )
    return version


@pytest.fixture
def land(world: Any) -> SimpleNamespace:
    """Six postcodes in two areas, two homes; Northfibre under agreement, Southlink not, an own network."""
    for code in ("SW1A1AA", "SW1A1AB", "SW1A2AA", "SW1B1AA", "M11AA", "M11AB"):
        place(code)
    for number in (1, 2):
        Address.objects.create(country="GB", key=f"h{number}", uprn=f"h{number}", postcode="SW1A2AA", text=f"{number}")
    world.north, world.south = world.northfibre, operator("southlink")
    world.own = operator("brightnet", on_net_of=world.brightwave)
    for op in (world.north, world.south, world.own):
        offering(op, f"{op.code}-1")
    world.agreement = agreement(world.brightwave, world.north)
    publish(world.north, ("postcode", "SW1A1AA", "FTTP", "live"), ("outcode", "M1", "EAD", "live"))
    publish(world.south, ("sector", "SW1A1", "FTTP", "live"), ("premises", "h2", "FTTP", "live"))
    publish(world.own, ("postcode", "SW1A1AA", "FTTP", "live"), ("postcode", "SW1B1AA", "FTTP", "planned"))
    return world


def count(at: Any = AT) -> int:
    """What the sweep does."""
    return actions.refresh(clock=lambda: at)


def line(world: Any, area: str, technology: str = "") -> tuple[int, int, int, int]:
    """(on, off, together, premises) of an area for Brightwave."""
    row = ReachLine.objects.get(organisation=world.brightwave, area=area, technology=technology)
    return row.on_postcodes, row.off_postcodes, row.postcodes, row.premises


def gain(world: Any, area: str, op: Any, technology: str = "") -> tuple[int, int]:
    """(postcodes, premises) that one more agreement adds."""
    rows = ReachGain.objects.filter(organisation=world.brightwave, area=area, operator=op, technology=technology)
    return rows.values_list("postcodes", "premises").first() or (0, 0)


def test_what_two_networks_serve_counts_once(land: Any) -> None:
    count()
    assert line(land, "SW") == (1, 1, 1, 0)
    assert line(land, "M") == (0, 2, 2, 0)
    assert line(land, "M", "EAD") == (0, 2, 2, 0)
    assert line(land, "SW", "EAD") == (0, 0, 0, 0)
    row = ReachLine.objects.get(organisation=land.brightwave, area="SW", technology="")
    assert (row.postcodes_known, row.premises_known, row.name) == (4, 2, "London SW")


def test_one_more_agreement_adds_only_what_nobody_else_serves(land: Any) -> None:
    count()
    assert gain(land, "SW", land.south) == (2, 1), "SW1A 1AB, and SW1A 2AA where one home is served"
    assert gain(land, "SW", land.north) == (0, 0)
    (best,) = queries.gains(land.alice)
    assert (best["operator__code"], best["adds_postcodes"], best["adds_premises"]) == ("southlink", 2, 1)


def test_the_most_specific_word_decides_as_in_search(land: Any) -> None:
    Footprint.objects.filter(operator=land.south).update(state="replaced")
    rows = [("outcode", "SW1A", "FTTP", "live"), ("postcode", "SW1A1AA", "FTTP", "planned")]
    publish(land.south, *rows, ("premises", "h1", "FTTP", "planned"), number=2)
    agreement(land.brightwave, land.south)
    count()
    served = ReachMap.objects.get(operator=land.south, technology="", area="SW")
    assert (served.postcodes_count, served.premises_count) == (2, 1)


def test_an_agreement_counts_only_in_its_regions_and_for_its_technologies(land: Any) -> None:
    ead = offering(land.south, "sl-ead", technology="EAD")
    row = agreements.ask(organisation=land.brightwave, operator=land.south, wish=Wish(), actor=None, at=AT)
    terms = Proposal(
        lines={ead.pk: (Decimal(0), Decimal(9))}, currency="GBP", starts=AT.date(), regions=["GB:M1", "GB:SW"]
    )
    row = agreements.offer(agreement=row, proposal=terms, round=1, actor=None, at=AT)
    agreements.accept(agreement=row, round=2, actor=None, at=AT)
    count()
    assert line(land, "SW") == (1, 1, 1, 0), "its FTTP is not part of the agreement"
    assert gain(land, "SW", land.south) == (2, 1)
    Footprint.objects.filter(operator=land.south).update(state="replaced")
    publish(land.south, ("outcode", "SW1B", "EAD", "live"), ("outcode", "SW1A", "EAD", "live"), number=2)
    count(AT + timedelta(minutes=1))
    assert line(land, "SW", "EAD") == (0, 4, 4, 2)
    new = AT.date() + timedelta(days=1)
    more = Proposal(lines=terms.lines, currency="GBP", starts=new, regions=["GB:SW1B"])
    row = agreements.offer(agreement=row, proposal=more, round=3, actor=None, at=AT)
    agreements.accept(agreement=row, round=4, actor=None, at=AT)
    count(AT + timedelta(minutes=2))
    assert line(land, "SW", "EAD") == (0, 4, 4, 2), "until their day the old regions hold"
    count(AT + timedelta(days=1))
    assert line(land, "SW", "EAD") == (0, 1, 1, 0)
    assert gain(land, "SW", land.south, "EAD") == (3, 2)


def test_nothing_is_counted_again_while_nothing_changed(land: Any) -> None:
    assert count() > 0
    before = ReachRun.objects.get(organisation=land.brightwave).counted_at
    assert count(AT + timedelta(minutes=5)) == 0
    land.agreement.state = "suspended"
    land.agreement.save()
    assert count(AT + timedelta(minutes=6)) == 1
    assert line(land, "M") == (0, 0, 0, 0)
    assert gain(land, "M", land.north) == (2, 0)
    assert ReachRun.objects.get(organisation=land.brightwave).counted_at > before


def test_a_new_version_and_the_way_back_are_counted(land: Any) -> None:
    count()
    old = Footprint.objects.get(operator=land.north)
    Footprint.objects.filter(pk=old.pk).update(state="replaced")
    publish(land.north, ("outcode", "SW1B", "FTTP", "live"), number=2)
    count(AT + timedelta(minutes=1))
    assert line(land, "M") == (0, 0, 0, 0)
    assert line(land, "SW") == (1, 1, 2, 0)
    Footprint.objects.filter(operator=land.north, number=2).update(state="replaced")
    Footprint.objects.filter(pk=old.pk).update(state="active")
    count(AT + timedelta(minutes=2))
    assert line(land, "M") == (0, 2, 2, 0)


def test_us_areas_are_states(world: Any) -> None:
    place("22201", "US", district="Arlington, VA")
    place("20001", "US", district="Washington, DC")
    cable = operator("us-cable", country="US")
    publish(cable, ("postcode", "22201", "CABLE", "live"), country="US")
    count()
    assert gain(world, "VA", cable) == (1, 0)
    assert ReachLine.objects.get(organisation=world.brightwave, area="DC", technology="").postcodes_known == 1


def test_each_provider_sees_its_own_reach(land: Any) -> None:
    count()
    mine = land.client("alice").get("/reach/?country=GB").content.decode()
    theirs = land.client("charlie").get("/reach/?country=GB").content.decode()
    assert "London SW" in mine
    assert "southlink" in mine
    assert "brightnet" not in theirs
    assert queries.totals(queries.lines(land.charlie))["postcodes"] == 0
    assert queries.totals(queries.lines(land.alice))["postcodes"] == 3
    for who in ("olga", "cara", "ada"):
        assert land.client(who).get("/reach/").status_code == 403


def test_the_page_shows_what_a_chosen_operator_adds_and_exports_it(land: Any) -> None:
    count()
    client = land.client("alice")
    page = client.get("/reach/?add=southlink&technology=FTTP").content.decode()
    assert "more postcodes" in page
    assert "/agreements/new/southlink/" in page
    export = b"".join(client.get("/reach/?add=southlink&technology=any&export=csv").streaming_content).decode()
    assert "SW,London SW,1,1,1,0.25,2,0,0,0,1" in export
    for nonsense in ("?add=nobody", "?technology=x%00y", "?country=ZZ&sort=name", "?page=9"):
        assert client.get(f"/reach/{nonsense}").status_code == 200


def test_the_page_costs_the_same_for_10_and_for_200_areas(land: Any) -> None:
    client = land.client("alice")

    def add(span: range) -> None:
        common = {"organisation": land.brightwave, "country": "GB"}
        ReachLine.objects.bulk_create(ReachLine(area=f"Q{n}", technology="", lat=1, lon=1, **common) for n in span)
        operators = [operator(f"op{n}") for n in span]
        ReachGain.objects.bulk_create(
            ReachGain(area="Q1", operator=op, technology="", postcodes=1, premises=1, **common) for op in operators
        )

    def queries_of_page() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/reach/").status_code == 200
        return len(seen)

    add(range(10))
    client.get("/reach/")
    few = queries_of_page()
    add(range(10, 200))
    assert queries_of_page() == few


def test_an_ended_agreement_is_out_of_the_count_on_its_day(land: Any) -> None:
    land.agreement.ends = date(2026, 3, 3)
    land.agreement.save()
    count()
    assert line(land, "M") == (0, 2, 2, 0)
    count(AT + timedelta(days=1))
    assert line(land, "M") == (0, 0, 0, 0)


def test_with_no_broker_the_sweep_counts_by_itself(land: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("ofx.core.celery_wake._quiet_until", float("inf"))
    assert actions.sweep(clock=lambda: AT) > 0
    assert line(land, "SW") == (1, 1, 1, 0)
    assert actions.sweep(clock=lambda: AT) == 0
