"""Live answers: real HTTP to the simulated partners, and what the page, the JSON and the ranking make of them."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from ofx.search.live import asking
from ofx.search.live.actions import ask_around, judge
from ofx.search.live.queries import known, truth
from ofx.search.models import LiveGate, LiveQuery, Verdict
from ofx.search.queries import qualify, spot_by_id
from partners.models import Endpoint, Operator
from sandbox.process import Running
from sandbox.qualification import services
from tests.conftest import agreement, offering, operator
from tests.ofx.search.conftest import footprint

CODE = "SW1A1AA"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The simulated partners as a process."""
    with Running(Path(tmp_path_factory.mktemp("live")), day_seconds=0.05) as running:
        yield running


@pytest.fixture(autouse=True)
def manners(sandbox: Running) -> Iterator[None]:
    """Every partner in its own way again after a test."""
    yield
    sandbox.control("qualification", {"partner": "*", "mode": ""})


def way(op: Operator, sandbox: Running, partner: str, **fields: Any) -> Endpoint:
    """An endpoint with the live services of a simulated partner."""
    plan = sandbox.config.partner(partner)
    defaults = {
        "kind": "tmf622", "dialect": partner, "name": plan.name, "base_url": sandbox.config.base_url(partner),
        "services": services(sandbox.url, plan), "token": plan.token, "inbound_key": f"live-{partner}",
        "simulated": True, "timeout_seconds": 4, "rate_per_minute": 60_000,
    }  # fmt: skip
    return Endpoint.objects.create(operator=op, **{**defaults, **fields})


@pytest.fixture
def live(market: Any, sandbox: Running) -> SimpleNamespace:
    """Three operators that answer live at SW1A 1AA: at once, by and by, and with errors."""
    south = operator("southlink", "Southlink", provenance="simulated")
    market.south_offer = offering(south, "sl-100", monthly="20.00")
    agreement(market.brightwave, south)
    agreement(market.brightwave, market.eastwave)
    market.southlink = south
    market.north_way = way(market.northfibre, sandbox, "northfibre")
    market.south_way = way(south, sandbox, "southlink")
    market.east_way = way(market.eastwave, sandbox, "eastwave")
    market.spot = spot_by_id(market.place.pk)
    return market


def ask(live: Any, who: str = "brightwave") -> list[tuple[int, int]]:
    return ask_around(organisation=getattr(live, who), spot=live.spot, at=timezone.now(), ring=False)


def work(*endpoints: Endpoint, budget: float = 6) -> None:
    for endpoint in endpoints:
        asking.drain(endpoint.pk, timezone.now, budget=budget)


def said(live: Any, op: Operator) -> Any:
    return known(live.brightwave, live.spot, timezone.now()).get(op.pk)


def test_a_fast_partner_answers_at_once_and_until_when(live: Any, sandbox: Running) -> None:
    ask(live)
    assert said(live, live.northfibre).state == "asking"
    work(live.north_way)
    row = LiveQuery.objects.get(operator=live.northfibre)
    assert (row.state, row.available, row.api) == ("answered", True, "tmf679")
    assert timedelta(days=4) < row.valid_until - timezone.now() < timedelta(days=6)
    offer = qualify(organisation=live.brightwave, at=timezone.now(), postcode=CODE).offer(live.fttp.pk)
    assert offer is not None
    assert offer["live"]["state"] == "live"
    assert offer["live"]["available"] is True
    assert "confirmed live" in offer["why"]
    assert any(entry["path"].endswith("/productOfferingQualification") for entry in sandbox.journal("northfibre"))


def test_a_partner_that_answers_by_and_by_is_read_until_it_is_done(live: Any, sandbox: Running) -> None:
    ask(live)
    work(live.south_way)
    row = LiveQuery.objects.get(operator=live.southlink)
    assert row.state == "answered", row.detail
    assert row.attempt > 1
    methods = [entry["method"] for entry in sandbox.journal("southlink") if "Qualification" in entry["path"]]
    assert methods[0] == "POST"
    assert "GET" in methods


def test_a_partner_with_errors_is_asked_again_by_service_qualification(live: Any) -> None:
    for _ in range(2):  # one question in three meets an error
        LiveQuery.objects.all().delete()
        ask(live)
        work(live.east_way)
        row = LiveQuery.objects.get(operator=live.eastwave)
        assert (row.state, row.api) == ("answered", "tmf645"), row.detail


def test_what_is_not_covered_in_a_file_but_available_live_can_be_ordered(live: Any) -> None:
    before = qualify(organisation=live.brightwave, at=timezone.now(), postcode=CODE)
    assert before.offer(live.south_offer.pk) is None
    ask(live)
    work(live.south_way)
    offer = qualify(organisation=live.brightwave, at=timezone.now(), postcode=CODE).offer(live.south_offer.pk)
    assert offer is not None
    assert offer["orderable"]
    assert offer["published_at"] is None


def test_nobody_is_asked_twice_while_an_answer_holds_and_again_once_it_has_expired(live: Any) -> None:
    assert len(ask(live)) == 3
    assert ask(live) == []
    work(live.north_way)
    assert ask(live) == []
    LiveQuery.objects.filter(operator=live.northfibre).update(valid_until=timezone.now())
    assert [endpoint for _, endpoint in ask(live)] == [live.north_way.pk]
    assert said(live, live.northfibre).answer is not None, "the old answer stands behind the question"


def test_one_tenant_never_sees_what_another_was_told(live: Any) -> None:
    ask(live)
    work(live.north_way)
    assert known(live.cobalt, live.spot, timezone.now()) == {}
    assert not LiveQuery.objects.visible_to(live.charlie).exists()
    offer = qualify(organisation=live.cobalt, at=timezone.now(), postcode=CODE).offer(live.fttp.pk)
    assert offer is not None
    assert offer["live"] is None
    assert ask_around(organisation=live.exchange, spot=live.spot, at=timezone.now(), ring=False) == []


def test_a_refusal_makes_the_offer_unorderable_and_says_why(live: Any) -> None:
    ask(live)
    line = {
        "available": False, "code": "fttp-500", "technology": "", "down_mbps": None, "text": "No free port",
        "reason": "CAPACITY", "transfer": False,
    }  # fmt: skip
    rows = LiveQuery.objects.filter(operator=live.northfibre)
    rows.update(state="answered", available=False, lines=[line], valid_until=timezone.now() + timedelta(hours=1))
    answer = qualify(organisation=live.brightwave, at=timezone.now(), postcode=CODE)
    offer = answer.offer(live.fttp.pk)
    assert offer is not None
    assert not offer["orderable"]
    assert "No free port" in offer["why_not"]
    assert "refused_live" in {one["code"] for one in answer.unavailable if one["operator"]["name"] == "Northfibre"}


@pytest.fixture
def hanging() -> Iterator[str]:
    """A server that takes the connection and never answers."""
    server = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                kept.append(server.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/poq"
    server.close()
    for one in kept:
        one.close()


def test_the_page_makes_no_call_and_waits_for_nobody(live: Any, hanging: str, sandbox: Running) -> None:
    """Counted, not timed: the page and its parts reach no partner; only a worker does."""
    Endpoint.objects.filter(pk=live.north_way.pk).update(services={"tmf679": hanging})
    calls = len(sandbox.journal("southlink")) + len(sandbox.journal("eastwave"))
    alice = live.client("alice")
    assert alice.get("/search/?q=SW1A1AA").status_code == 200
    asked = alice.post(f"/search/live/?place={live.place.pk}")
    assert asked.content.count(b">Asking<") == 3
    assert LiveQuery.objects.filter(state="asked", attempt=0).count() == 3
    assert len(sandbox.journal("southlink")) + len(sandbox.journal("eastwave")) == calls


def test_a_dead_partner_keeps_nobody_from_answering_and_shows_what_was_known(live: Any, hanging: str) -> None:
    ask(live)
    work(live.north_way)
    LiveQuery.objects.update(asked_at=timezone.now() - timedelta(days=3), ended_at=timezone.now() - timedelta(days=3))
    LiveQuery.objects.filter(operator=live.northfibre).update(valid_until=timezone.now() - timedelta(days=1))
    Endpoint.objects.filter(pk=live.north_way.pk).update(services={"tmf679": hanging}, timeout_seconds=1)
    LiveQuery.objects.exclude(operator=live.northfibre).delete()
    ask(live)
    work(live.south_way, live.east_way)
    work(live.north_way, budget=1)
    assert LiveQuery.objects.filter(state="answered", valid_until__gt=timezone.now()).count() == 2
    LiveQuery.objects.filter(state="asked").update(give_up_at=timezone.now(), lease_until=None)
    asking.expire(timezone.now())
    north = said(live, live.northfibre)
    assert north.state == "no_answer"
    assert north.answer is not None
    page = live.client("alice").get(f"/search/live/?place={live.place.pk}").content.decode()
    assert "No live answer" in page
    assert "cached" in page


def test_failures_in_a_row_open_the_breaker_of_the_live_service_only(live: Any, settings: Any) -> None:
    settings.HUB_BREAKER_FAILURES = 2
    Endpoint.objects.filter(pk=live.north_way.pk).update(services={"tmf679": "http://127.0.0.1:9/poq"})
    ask(live)
    work(live.north_way, budget=4)
    gate = LiveGate.objects.get(endpoint=live.north_way)
    assert gate.failures >= 2
    assert gate.open_until is not None
    live.north_way.refresh_from_db()
    assert live.north_way.open_until is None, "orders still leave"
    LiveQuery.objects.all().delete()
    assert live.north_way.pk not in [endpoint for _, endpoint in ask(live)]


def test_a_lease_that_was_lost_writes_nothing(live: Any) -> None:
    ask(live)
    row = LiveQuery.objects.get(operator=live.northfibre)
    told = asking.Told(asking.ANSWERED, [])
    LiveQuery.objects.filter(pk=row.pk).update(attempt=5)
    assert not asking.write_back(row, told, timezone.now())
    assert LiveQuery.objects.get(pk=row.pk).state == "asked"


def test_an_unknown_reason_is_kept_and_told_as_drift(live: Any) -> None:
    ask(live)
    row = LiveQuery.objects.get(operator=live.northfibre)
    asking.write_back(row, asking.Told(asking.ANSWERED, [], unknown=("reason DUCT_UNPROVEN",)), timezone.now())
    from ofx.core.models import Event

    drift = Event.objects.get(name="mapping.drifted")
    assert drift.payload["words"] == ["reason DUCT_UNPROVEN"]


def proved(live: Any, number: int, confirmed: bool, **fields: Any) -> Verdict | None:
    defaults = {"organisation": live.brightwave, "operator": live.northfibre, "at": timezone.now()}
    return judge(
        country="GB", code=CODE, subject=f"partner_order:{number}", confirmed=confirmed, before=timezone.now(),
        **{**defaults, **fields},
    )  # fmt: skip


def test_an_order_that_failed_leaves_a_ghost_that_lowers_the_rank_until_one_succeeds(live: Any) -> None:
    first = qualify(organisation=live.brightwave, at=timezone.now(), postcode=CODE).offer(live.fttp.pk)
    proved(live, 1, False, reason="NETWORK_INCOMPLETE", text="not built", order="OFX-000001")
    assert proved(live, 1, False, reason="NETWORK_INCOMPLETE") is not None, "a repeat is the same verdict"
    offer = qualify(organisation=live.brightwave, at=timezone.now(), postcode=CODE).offer(live.fttp.pk)
    assert first is not None
    assert offer is not None
    assert offer["ghost"]["reason"] == "NETWORK_INCOMPLETE"
    assert offer["parts"]["confidence"] < first["parts"]["confidence"]
    assert "an order failed here" in offer["why"]
    page = live.client("alice").get("/search/?q=SW1A1AA").content.decode()
    assert "network incomplete" in page
    other = qualify(organisation=live.cobalt, at=timezone.now(), postcode=CODE).offer(live.fttp.pk)
    assert other is not None
    assert other["ghost"] is None
    proved(live, 2, True, at=timezone.now() + timedelta(seconds=1))
    laid = qualify(organisation=live.brightwave, at=timezone.now() + timedelta(seconds=2), postcode=CODE)
    assert laid.offer(live.fttp.pk)["ghost"] is None  # type: ignore[index]


def test_a_refusal_for_our_own_data_proves_nothing(live: Any) -> None:
    assert proved(live, 1, False, reason="ORDER_DATA_ERROR") is None
    assert not Verdict.objects.exists()


def test_the_truth_rate_is_ones_own_and_simulated_orders_stay_out(live: Any) -> None:
    for number in range(4):
        proved(live, number, number != 0, reason="CAPACITY")
    proved(live, 9, False, reason="CAPACITY", simulated=True)
    own = truth(live.brightwave, timezone.now())[live.northfibre.pk]
    assert (own.confirmed, own.judged, own.source) == (3, 4, "own")
    assert truth(live.cobalt, timezone.now()) == {}, "pooled only from three tenants and 30 cases up"


def test_the_json_asks_only_when_told_to_and_waits_no_longer_than_told(live: Any) -> None:
    api = live.api("alice")
    api.get("/api/v1/qualifications?postcode=SW1A1AA")
    assert not LiveQuery.objects.exists()
    found = api.get("/api/v1/qualifications?postcode=SW1A1AA&live=ask").json()
    assert {offer["live"]["state"] for offer in found["offers"] if offer["live"]} == {"asking"}
    found = api.get("/api/v1/qualifications?postcode=SW1A1AA&live=wait&seconds=0.3").json()
    assert {offer["live"]["state"] for offer in found["offers"] if offer["live"]} == {"asking"}
    work(live.north_way)
    found = api.get("/api/v1/qualifications?postcode=SW1A1AA&live=wait&seconds=0.2").json()
    assert "live" in {offer["live"]["state"] for offer in found["offers"] if offer["live"]}
    assert api.get("/api/v1/qualifications?postcode=SW1A1AA&live=wait&seconds=99").status_code == 400
    assert api.get("/api/v1/qualifications?postcode=SW1A1AA&live=perhaps").status_code == 400


def test_the_page_polls_with_growing_pauses_and_rests_when_all_have_answered(live: Any) -> None:
    alice = live.client("alice")
    url = f"/search/live/?place={live.place.pk}"
    first = alice.post(url).content.decode()
    assert "load delay:1s" in first
    assert f'id="live-{live.fttp.pk}"' in first
    assert "load delay:8s" in alice.get(f"{url}&n=8").content.decode()
    assert "hx-trigger" not in alice.get(f"{url}&n=11").content.decode()
    work(live.north_way, live.south_way, live.east_way)
    last = alice.get(f"{url}&n=1").content.decode()
    assert "hx-trigger" not in last
    assert "valid until" in last


def test_a_search_costs_as_many_queries_with_live_answers_at_one_place_as_at_another(
    live: Any, django_assert_num_queries: Any
) -> None:
    ask(live)
    work(live.north_way)
    for op in (live.northfibre, live.eastwave):
        footprint(op, {"key": "SW1A0AA"}, state="replaced")
    qualify(organisation=live.brightwave, at=timezone.now(), postcode=CODE)
    with django_assert_num_queries(3):
        qualify(organisation=live.brightwave, at=timezone.now(), postcode=CODE)


def test_the_operators_page_says_how_true_its_availability_proved(live: Any) -> None:
    for number in range(3):
        proved(live, number, number != 0, reason="CAPACITY", at=timezone.now())
    assert "proved true in 2 of 3" in live.client("alice").get("/operators/northfibre/").content.decode()
    assert "proved true" not in live.client("charlie").get("/operators/northfibre/").content.decode()


def test_an_administrator_says_where_the_live_service_is(live: Any) -> None:
    Endpoint.objects.filter(pk=live.north_way.pk).update(organisation=live.brightwave, services={"tmf637": "http://k"})
    alice = live.client("alice")
    data = {
        "name": "n", "base_url": "http://127.0.0.1:1/x", "timeout_seconds": 5, "rate_per_minute": 60, "poll_seconds": 0,
        "tmf679": "http://127.0.0.1:1/poq/",
    }  # fmt: skip
    url = f"/endpoints/{live.north_way.pk}/edit/"
    assert alice.post(url, {**data, "tmf679": "nowhere"}).status_code == 400
    assert alice.post(url, data).status_code == 302
    live.north_way.refresh_from_db()
    assert live.north_way.services == {"tmf637": "http://k", "tmf679": "http://127.0.0.1:1/poq"}
