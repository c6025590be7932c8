"""Which operators serve a place, with what, for whom: the exact answers of small footprints, over HTTP."""

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ofx.search.actions import PromiseRow, write_promises
from partners.models import Agreement, Price
from tests.conftest import AT, agreement, offering, operator, place
from tests.ofx.search.conftest import address, footprint, priced

URL = "/api/v1/qualifications"


def ask(world: Any, who: str = "alice", url: str = URL, **query: Any) -> Any:
    """The answer to one search."""
    return world.api(who).get(url, query or {"postcode": "SW1A1AA"})


def lines(answer: Any) -> set[tuple[Any, ...]]:
    """What an answer says of each offer, in short."""
    return {
        (offer["operator"]["name"], offer["product"], offer["technology"], offer["confidence"], offer["status"])
        for offer in answer.json()["offers"]
    }


def missing(answer: Any) -> dict[str, str]:
    """Operator → code of why nothing can be ordered from it."""
    return {line["operator"]["name"]: line["code"] for line in answer.json()["unavailable"]}


def test_a_postcode_answers_with_exactly_the_operators_that_serve_it(market: Any) -> None:
    answer = ask(market, country="GB", postcode="sw1a 1aa")
    assert answer.status_code == 200
    assert lines(answer) == {
        ("Northfibre", "FTTP-500", "FTTP", "postcode", "live"),
        ("Eastwave", "Wave 900", "FTTP", "area", "live"),
    }
    assert missing(answer) == {"Eastwave": "no_agreement"}
    body = answer.json()
    assert set(body) == {"place", "offers", "unavailable", "nearest"}
    assert body["place"]["postcode"] == "SW1A1AA"
    first = body["offers"][0]
    assert first["operator"]["id"] == market.northfibre.pk
    assert first["operator"]["name"] == "Northfibre"
    assert first["price"] == {"one_off": "50.00", "monthly": "24.50", "currency": "GBP", "source": "agreement"}
    assert (first["down_mbps"], first["up_mbps"]) == (500, 100)
    assert first["orderable"] is True
    assert first["synthetic"] is True
    assert first["lead_time"] == {"list_working_days": 10, "history": None}
    assert first["published_at"].startswith("2026-03-02T09:00")


def test_both_spellings_of_the_address_answer_and_the_country_defaults_to_the_tenants(market: Any) -> None:
    assert ask(market, url=URL + "/").json()["offers"] == ask(market, url=URL).json()["offers"]
    assert market.client("alice").get(URL, {"postcode": "SW1A 1AA"}).status_code == 200


def test_without_agreement_an_offer_stands_at_list_price_and_says_what_to_ask_for(market: Any) -> None:
    offers = {offer["operator"]["name"]: offer for offer in ask(market).json()["offers"]}
    assert offers["Eastwave"]["price"]["source"] == "list"
    assert offers["Eastwave"]["price"]["monthly"] == "28.00"
    assert offers["Eastwave"]["orderable"] is False
    assert "ask for an agreement" in offers["Eastwave"]["why_not"]


def test_another_tenant_sees_its_own_price_and_never_ours(market: Any) -> None:
    theirs = agreement(market.cobalt, market.eastwave)
    priced(market.wave, "11.11", theirs)
    ours, charlies = ask(market, "alice"), ask(market, "charlie")
    assert b"11.11" not in ours.content
    assert b"24.50" not in charlies.content
    prices = {offer["operator"]["name"]: offer["price"] for offer in charlies.json()["offers"]}
    assert (prices["Eastwave"]["monthly"], prices["Eastwave"]["source"]) == ("11.11", "agreement")
    assert (prices["Northfibre"]["monthly"], prices["Northfibre"]["source"]) == ("30.00", "list")


def test_a_changed_agreement_is_seen_by_the_next_search(market: Any) -> None:
    assert missing(ask(market)) == {"Eastwave": "no_agreement"}
    Agreement.objects.filter(pk=market.contract.pk).update(state="suspended")
    answer = ask(market)
    assert missing(answer) == {"Eastwave": "no_agreement", "Northfibre": "no_agreement"}
    northfibre = next(offer for offer in answer.json()["offers"] if offer["operator"]["name"] == "Northfibre")
    assert northfibre["price"]["source"] == "list"
    assert "suspended" in northfibre["why_not"]


def test_a_price_an_operator_and_a_product_that_changed_are_seen_at_once_and_a_rollback_leaves_nothing(
    market: Any,
) -> None:
    def first() -> tuple[Any, ...]:
        offer = ask(market).json()["offers"][0]
        return offer["operator"]["name"], offer["product"], offer["price"]["monthly"]

    assert first() == ("Northfibre", "FTTP-500", "24.50")
    with transaction.atomic():
        Price.objects.filter(agreement=market.contract).update(monthly="23.00")
        type(market.fttp).objects.filter(pk=market.fttp.pk).update(name="Fibre half a gig")
        assert first() == ("Northfibre", "Fibre half a gig", "23.00")
        transaction.set_rollback(True)
    assert first() == ("Northfibre", "FTTP-500", "24.50")
    type(market.northfibre).objects.filter(pk=market.northfibre.pk).update(name="Northernfibre")
    assert first() == ("Northernfibre", "FTTP-500", "24.50")
    Price.objects.filter(agreement=market.contract).delete()
    assert first() == ("Northernfibre", "FTTP-500", "30.00")


def test_prices_hold_in_their_half_open_period(market: Any) -> None:
    priced(market.fttp, "19.00", market.contract, starts=date(2026, 1, 1), ends=date(2026, 2, 1))
    priced(market.fttp, "99.00", market.contract, starts=date(2990, 1, 1))
    assert ask(market).json()["offers"][0]["price"]["monthly"] == "24.50"


def test_the_own_network_is_shown_to_its_owner_only(market: Any) -> None:
    own = operator("brightnet", "Brightwave Network", on_net_of=market.brightwave)
    offering(own, "own-100", name="Own 100")
    footprint(own, {"key": "SW1A1AA"})
    mine = [offer for offer in ask(market).json()["offers"] if offer["operator"]["on_net"]]
    assert [offer["product"] for offer in mine] == ["Own 100"]
    assert mine[0]["orderable"] is True
    assert b"Brightwave Network" not in ask(market, "charlie").content


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"level": "outcode", "key": "SW1A"}], ("area", "live")),
        (
            [{"level": "outcode", "key": "SW1A"}, {"level": "sector", "key": "SW1A1", "status": "build"}],
            ("area", "build"),
        ),
        (
            [{"level": "sector", "key": "SW1A1"}, {"key": "SW1A1AA", "status": "planned"}],
            ("postcode", "planned"),
        ),
        ([{"key": "SW1A1AA"}, {"key": "SW1A1AA", "status": "planned"}], ("postcode", "live")),
    ],
)
def test_the_most_specific_level_wins(world: Any, rows: list[dict[str, Any]], expected: tuple[str, str]) -> None:
    place()
    offering(world.northfibre)
    footprint(world.northfibre, *rows)
    (offer,) = ask(world).json()["offers"]
    assert (offer["confidence"], offer["status"]) == expected


def test_a_sector_is_not_taken_for_the_outcode_that_is_spelt_like_it(world: Any) -> None:
    place("M11AE")  # outcode M1, sector M11
    offering(world.northfibre)
    footprint(world.northfibre, {"level": "outcode", "key": "M11"})  # the outcode M11 next door
    assert missing(ask(world, postcode="M1 1AE")) == {"Northfibre": "no_coverage"}


def test_technologies_are_judged_apart_and_an_offering_of_any_technology_comes_once(world: Any) -> None:
    place()
    offering(world.northfibre, "fttp", name="Fibre", technology="FTTP")
    offering(world.northfibre, "fttc", name="Copper", technology="FTTC", down_mbps=80)
    offering(world.northfibre, "sim", name="Backup SIM", technology="", kind="sim", down_mbps=None)
    footprint(
        world.northfibre,
        {"key": "SW1A1AA", "technology": "FTTC"},
        {"key": "SW1A1AA", "technology": "FTTP", "status": "build", "available_from": date(2027, 5, 1)},
    )
    answer = ask(world)
    assert {line[1:] for line in lines(answer)} == {
        ("Fibre", "FTTP", "postcode", "build"),
        ("Copper", "FTTC", "postcode", "live"),
        ("Backup SIM", "", "postcode", "live"),
    }


def test_planned_only_is_shown_with_its_date_and_cannot_be_ordered(market: Any) -> None:
    planner = operator("planner", "Planner")
    offering(planner, "p")
    agreement(market.brightwave, planner)
    footprint(planner, {"key": "SW1A1AA", "status": "planned", "available_from": date(2027, 2, 1)})
    answer = ask(market)
    line = next(line for line in answer.json()["unavailable"] if line["operator"]["name"] == "Planner")
    assert (line["code"], line["available_from"]) == ("planned_only", "2027-02-01")
    assert "1 Feb 2027" in line["reason"]
    offer = next(offer for offer in answer.json()["offers"] if offer["operator"]["name"] == "Planner")
    assert (offer["status"], offer["available_from"], offer["orderable"]) == ("planned", "2027-02-01", False)


def test_a_suspended_operator_a_silent_one_and_one_without_product_are_named(market: Any) -> None:
    type(market.northfibre).objects.filter(pk=market.northfibre.pk).update(suspended_reason="unpaid invoices")
    operator("nowhere", "Nowhere Networks")
    bare = operator("bare", "Bare Ducts")
    agreement(market.brightwave, bare)
    footprint(bare, {"key": "SW1A1AA", "technology": "DFA"})
    operator("abroad", "Abroad Fiber", country="US")
    answer = ask(market)
    assert missing(answer) == {
        "Northfibre": "suspended",
        "Eastwave": "no_agreement",
        "Nowhere Networks": "no_coverage",
        "Bare Ducts": "no_product",
    }
    assert "unpaid invoices" in answer.content.decode()
    assert not any(offer["orderable"] for offer in answer.json()["offers"])


def test_only_the_publication_in_force_counts(world: Any) -> None:
    place()
    offering(world.northfibre)
    for state in ("replaced", "loading", "failed"):
        footprint(world.northfibre, {"key": "SW1A1AA"}, state=state)
    assert missing(ask(world)) == {"Northfibre": "no_coverage"}
    footprint(world.northfibre, {"key": "SW1A1AA"})
    assert len(ask(world).json()["offers"]) == 1


def test_an_address_is_found_by_its_text_and_narrows_to_premises(market: Any) -> None:
    address("1 Example Row, London", uprn="100000000001")
    address("2 Example Row, London", uprn="100000000002")
    premises = operator("doorstep", "Doorstep")
    agreement(market.brightwave, premises)
    offering(premises, "door", name="Door 1000")
    footprint(premises, {"level": "premises", "key": "100000000001"})
    one = ask(market, address="1 example row")
    assert ("Doorstep", "Door 1000", "FTTP", "premises", "live") in lines(one)
    assert one.json()["place"]["address"]["uprn"] == "100000000001"
    assert missing(ask(market, uprn="100000000002"))["Doorstep"] == "no_coverage"
    assert ask(market, uprn="100000000001").json()["offers"] == one.json()["offers"]


def test_a_postcode_with_some_served_premises_says_how_many_and_asks_for_the_address(market: Any) -> None:
    for number in range(4):
        address(f"{number + 1} Example Row", uprn=f"10000000000{number}")
    premises = operator("doorstep", "Doorstep")
    agreement(market.brightwave, premises)
    offering(premises, "door", name="Door 1000")
    rows = [{"level": "premises", "key": f"10000000000{number}"} for number in range(3)]
    footprint(premises, *rows)
    answer = ask(market)
    offer = next(offer for offer in answer.json()["offers"] if offer["operator"]["name"] == "Doorstep")
    assert offer["premises"] == {"served": 3, "known": 4}
    assert not offer["orderable"]
    assert missing(answer)["Doorstep"] == "some_premises"


def test_a_file_with_a_plan_per_address_answers_with_those_plans_only(world: Any) -> None:
    place("22201", "US", lat=38.88, lon=-77.1)
    address("5 Sample Street, Arlington VA", "22201", "US")
    address("7 Sample Street, Arlington VA", "22201", "US")
    cable = operator("cable", "Sample Cable", country="US", provenance="real")
    here = offering(cable, "here", name="Here 100", technology="", everywhere=False)
    offering(cable, "there", name="There 100", technology="", everywhere=False)
    row = {"country": "US", "level": "premises", "technology": "", "offering": here}
    footprint(cable, {**row, "key": "5 Sample Street, Arlington VA"})
    answer = ask(world, country="US", address="5 Sample Street, Arlington VA")
    assert {line[:2] for line in lines(answer)} == {("Sample Cable", "Here 100")}
    assert ask(world, country="US", address="7 Sample Street, Arlington VA").json()["offers"] == []


def test_history_is_own_before_pooled_and_the_nearest_area_before_everywhere(market: Any) -> None:
    def row(organisation_id: int | None, p50: float, **fields: Any) -> PromiseRow:
        return PromiseRow(organisation_id, market.northfibre.pk, 40, p50, p50 + 7, **fields)

    def history() -> tuple[float, str, str]:
        found = ask(market).json()["offers"][0]["lead_time"]["history"]
        return found["p50_days"], found["source"], found["area"]

    write_promises(rows=[row(None, 30)], at=AT)
    assert history() == (30, "pooled", "")
    write_promises(rows=[row(None, 30), row(None, 20, area="SW", technology="FTTP"), row(None, 9, area="M")], at=AT)
    assert history() == (20, "pooled", "SW")
    mine, theirs = market.brightwave.pk, market.cobalt.pk
    write_promises(rows=[row(None, 20, area="SW1A"), row(mine, 12), row(theirs, 1)], at=AT)
    assert history() == (12, "own", "")


def test_nothing_serves_it_names_the_nearest_served_places_and_who_is_building(world: Any) -> None:
    place("LD12AB", lat=52.24, lon=-3.38)
    place("LD12AC", lat=52.25, lon=-3.38)
    place("LD34XY", lat=52.30, lon=-3.38)
    offering(world.northfibre)
    building = {"key": "LD12AC", "status": "build", "available_from": date(2027, 1, 1)}
    footprint(world.northfibre, building, {"key": "LD34XY"})
    body = ask(world, postcode="LD1 2AB").json()
    assert body["offers"] == []
    assert [(line["place"]["postcode"], line["status"]) for line in body["nearest"]] == [
        ("LD12AC", "build"),
        ("LD34XY", "live"),
    ]
    assert body["nearest"][0]["distance_km"] == pytest.approx(1.11, abs=0.02)
    assert body["nearest"][0]["operators"][0]["name"] == "Northfibre"


def test_far_away_the_nearest_outcodes_are_tried(world: Any) -> None:
    place("LD12AB", lat=52.24, lon=-3.38)
    place("AB101AA", lat=57.14, lon=-2.09)
    offering(world.northfibre)
    footprint(world.northfibre, {"key": "AB10", "level": "outcode"})
    (line,) = ask(world, postcode="LD1 2AB").json()["nearest"]
    assert line["place"]["postcode"] == "AB101AA"
    assert 540 < line["distance_km"] < 560


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ({}, "postcode", "Example"),
        ({"postcode": "SW1A"}, "postcode", "first part"),
        ({"postcode": "!!"}, "postcode", "not a postcode"),
        ({"country": "US", "postcode": "1234"}, "postcode", "leading zero"),
        ({"country": "Narnia", "postcode": "1"}, "country", "at most 3"),
        ({"country": "N1", "postcode": "1"}, "country", "country code"),
        ({"uprn": "12ab"}, "uprn", "digits"),
        ({"uprn": "1", "postcode": "SW1A1AA"}, "uprn", "leave out"),
        ({"address": "a"}, "address", "three characters"),
        ({"address": "Example Row", "postcode": "SW1A"}, "postcode", "first part"),
        ({"postcode": "SW1A1AA", "limit": "0"}, "limit", "greater than or equal"),
        ({"postcode": "SW1A1AA", "kind": "yacht"}, "kind", "yacht"),
        ({"postcode": "SW1A\x001AA"}, "postcode", "Null"),
    ],
)
def test_a_bad_parameter_is_a_400_that_names_it(market: Any, query: dict[str, str], field: str, words: str) -> None:
    answer = market.api("alice").get(URL, query)
    assert answer.status_code == 400
    assert words in answer.json()["fields"][field][0]
    assert answer.json()["reason"]


def test_an_unknown_place_is_a_404_with_neighbours_in_the_alphabet(market: Any) -> None:
    answer = ask(market, postcode="SW1A 1AB")
    assert answer.status_code == 404
    assert answer.json()["code"] == "unknown_place"
    assert answer.json()["suggestions"][0]["postcode"] == "SW1A1AA"
    assert ask(market, uprn="42").status_code == 404
    assert ask(market, address="Atlantis Boulevard 9").status_code == 404


def test_several_fitting_addresses_are_a_400_with_candidates(market: Any) -> None:
    address("1 Example Row")
    address("11 Example Row")
    answer = ask(market, address="example row")
    assert answer.status_code == 400
    assert answer.json()["code"] == "ambiguous"
    assert [row["text"] for row in answer.json()["candidates"]] == ["1 Example Row", "11 Example Row"]
    assert ask(market, address="1 Example Row").json()["place"]["address"]["text"] == "1 Example Row"
    place("SW1A2AA")
    address("1 Example Row", "SW1A2AA", uprn="7")
    assert ask(market, address="1 Example Row").json()["code"] == "ambiguous"
    assert ask(market, address="11 ex").json()["place"]["address"]["text"] == "11 Example Row"
    one = ask(market, address="1 example row", postcode="sw1a 2aa").json()
    assert (one["place"]["postcode"], one["place"]["address"]["uprn"]) == ("SW1A2AA", "7")


def test_technology_kind_and_limit_narrow_the_offers(market: Any) -> None:
    offering(market.northfibre, "ether", kind="ethernet", technology="")
    assert {line[1] for line in lines(ask(market, postcode="SW1A1AA", kind="ethernet"))} == {"ETHER"}
    assert ask(market, postcode="SW1A1AA", technology="fttc").json()["offers"] == []
    assert len(ask(market, postcode="SW1A1AA", limit="1").json()["offers"]) == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("anonymous", 401), ("alice", 200), ("bob", 200), ("charlie", 200), ("olga", 200), ("cara", 403), ("ada", 200)],
)
def test_who_may_search(market: Any, who: str, status: int) -> None:
    assert ask(market, who).status_code == status


def test_an_operator_sees_its_own_network_only_and_the_exchange_every_one(market: Any) -> None:
    assert {line[0] for line in lines(ask(market, "olga"))} == {"Northfibre"}
    own = operator("brightnet", "Brightwave Network", on_net_of=market.brightwave)
    offering(own, "own-100")
    footprint(own, {"key": "SW1A1AA"})
    assert {line[0] for line in lines(ask(market, "ada"))} == {"Northfibre", "Eastwave", "Brightwave Network"}
    assert b"24.50" not in ask(market, "ada").content


def test_a_search_costs_the_same_queries_at_10_and_at_200_offers(market: Any) -> None:
    def queries() -> int:
        api = market.api("alice")
        with CaptureQueriesContext(connection) as seen:
            assert api.get(URL, {"postcode": "SW1A1AA"}).status_code == 200
        return len(seen)

    for number in range(8):
        offering(market.northfibre, f"plan-{number}")
    few = queries()
    for number in range(8, 198):
        offering(market.northfibre, f"plan-{number}")
    assert queries() == few == 7  # token, the place and what is said of it, and five to load the changed directory
    assert queries() == 2  # and no more until it changes again
