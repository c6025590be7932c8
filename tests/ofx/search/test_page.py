"""The search page: what a person sees, narrows, weighs and compares."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ofx.core.models import LogEntry
from ofx.search.models import RankingWeights
from tests.conftest import agreement, offering, place
from tests.ofx.search.conftest import address, footprint, priced

PAGE = "/search/"
LOOSE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
TYPED = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[A-Za-z]{1,2}[0-9]{1,2}[A-Za-z]? ?[0-9]?[A-Za-z]{0,2}", fullmatch=True),
    st.from_regex(r"[0-9]{1,14}(-[0-9]{4})?", fullmatch=True),
    st.sampled_from(
        ["%", "_", "\\", "'; drop table", "SW1A\x001AA", "🏠", "\u202e", "A" * 400, "１２３４５", "((", "%00"]
    ),
)


def page(world: Any, who: str = "alice", part: str = "", **query: Any) -> Any:
    """The page, or the part of it that htmx would ask for."""
    headers = {"HX-Request": "true", "HX-Target": part} if part else {}
    return world.client(who).get(PAGE, query, headers=headers)


def text(answer: Any) -> str:
    """The words of an answer, tags and runs of spaces removed."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def products(answer: Any) -> list[str]:
    """Products of the grid in their order."""
    return re.findall(r'aria-label="Compare ([^"]+)"', answer.content.decode())


def second_product(market: Any) -> Any:
    """A dearer, faster product of Northfibre under Alice's agreement."""
    row = offering(market.northfibre, "fttp-1000", name="FTTP-1000", down_mbps=1000, lead_days=30)
    priced(row, "44.00", market.contract)
    return row


def test_the_page_names_offers_prices_marks_and_who_is_missing(market: Any) -> None:
    answer = page(market, q="sw1a1aa")
    words = text(answer)
    assert answer.status_code == 200
    assert products(answer) == ["Northfibre FTTP-500", "Eastwave Wave 900"]
    assert "1 of 2 operators can be ordered from here" in words
    assert "1 missing: 1 no agreement" in words
    assert "£24.50" in words
    assert "Synthetic" in words
    assert "Simulated" in words
    assert "Ask for an agreement" in words
    assert "Contains OS data © Crown copyright" in words
    assert f"/orders/new/?offering={market.fttp.pk}&amp;place={market.place.pk}" in answer.content.decode()
    assert f"offering={market.wave.pk}" not in answer.content.decode()


def test_htmx_gets_the_part_it_asks_for_and_the_browser_the_page(market: Any) -> None:
    whole, result, offers = (page(market, part=part, q="SW1A1AA") for part in ("", "result", "offers"))
    assert "<html" in whole.content.decode()
    assert result.content.decode().lstrip().startswith('<div id="result"')
    assert offers.content.decode().lstrip().startswith('<section id="offers"')
    assert "HX-Request" in offers.headers["Vary"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Northfibre FTTP-500", "Northfibre FTTP-1000", "Eastwave Wave 900"]),
        ({"sort": "-price"}, ["Northfibre FTTP-1000", "Eastwave Wave 900", "Northfibre FTTP-500"]),
        ({"sort": "down"}, ["Northfibre FTTP-1000", "Eastwave Wave 900", "Northfibre FTTP-500"]),
        ({"sort": "nonsense"}, ["Northfibre FTTP-500", "Northfibre FTTP-1000", "Eastwave Wave 900"]),
        ({"max_monthly": "30"}, ["Northfibre FTTP-500", "Eastwave Wave 900"]),
        ({"min_down": "950"}, ["Northfibre FTTP-1000"]),
        ({"orderable": "1"}, ["Northfibre FTTP-500", "Northfibre FTTP-1000"]),
        ({"net": "on"}, []),
        ({"kind": "ethernet"}, []),
        ({"technology": "fttp", "max_monthly": "x", "min_down": "950"}, ["Northfibre FTTP-1000"]),
        ({"w_price": "0", "w_speed": "100", "w_lead_time": "0", "w_reliability": "0", "w_confidence": "0"},
         ["Northfibre FTTP-1000", "Northfibre FTTP-500", "Eastwave Wave 900"]),
    ],
)  # fmt: skip
def test_the_grid_is_narrowed_sorted_and_weighed_by_the_url(market: Any, query: Any, expected: list[str]) -> None:
    second_product(market)
    assert products(page(market, part="offers", q="SW1A1AA", **query)) == expected


def test_saved_weights_rank_every_search_of_the_tenant_and_of_nobody_else(market: Any) -> None:
    second_product(market)
    weights = {"w_price": "0", "w_speed": "80", "w_lead_time": "0", "w_reliability": "0", "w_confidence": "0"}
    answer = market.client("alice").post("/search/weights/", {**weights, "next": "/search/?q=SW1A1AA"})
    assert answer.headers["Location"] == "/search/?q=SW1A1AA"
    assert products(page(market, q="SW1A1AA"))[0] == "Northfibre FTTP-1000"
    assert products(page(market, "bob", q="SW1A1AA"))[0] == "Northfibre FTTP-1000"
    assert (
        market.api("alice").get("/api/v1/qualifications?postcode=SW1A1AA").json()["offers"][0]["product"] == "FTTP-1000"
    )
    assert RankingWeights.objects.get().organisation == market.brightwave
    assert LogEntry.objects.filter(verb="weighed offers anew", data__speed=80).count() == 1


@pytest.mark.parametrize("weights", [{}, {"w_price": "101"}, {"w_price": "x"}, "zero"])
def test_weights_that_make_no_sense_are_refused_in_words(market: Any, weights: Any) -> None:
    names = ("w_price", "w_speed", "w_lead_time", "w_reliability", "w_confidence")
    given_weights = dict.fromkeys(names, "0") if weights == "zero" else {**dict.fromkeys(names, "10"), **weights}
    if weights == {}:
        given_weights.pop("w_speed")
    answer = market.client("alice").post("/search/weights/", given_weights, follow=True)
    assert "Nothing was saved" in text(answer)
    assert not RankingWeights.objects.exists()


def test_a_read_only_colleague_may_try_weights_but_not_save_them(market: Any) -> None:
    assert 'id="weights-save"' not in page(market, "bob", q="SW1A1AA").content.decode()
    weights = dict.fromkeys(("w_price", "w_speed", "w_lead_time", "w_reliability", "w_confidence"), "10")
    assert market.client("bob").post("/search/weights/", weights).status_code == 403
    assert market.client("alice").post("/search/weights/", {**weights, "next": "//evil.example/"}).headers[
        "Location"
    ] == ("/search/")


def test_offers_side_by_side_mark_the_best_and_what_differs(market: Any) -> None:
    second = second_product(market)
    query = {"place": market.place.pk, "offer": [market.fttp.pk, second.pk, 99_999_999, "x"]}
    answer = market.client("alice").get("/search/compare/", query)
    body = answer.content.decode()
    assert re.search(r'class="best">£24.50', body)
    assert re.search(r'class="best">1000 Mbit/s', body)
    assert re.search(r'<tr class="same"><th scope="row">Technology', body)
    assert re.search(r'<tr class="differs"><th scope="row">A month', body)


def test_five_offers_do_not_fit_side_by_side_and_none_is_explained(market: Any) -> None:
    rows = [offering(market.northfibre, f"plan-{number}") for number in range(5)]
    query = {"place": market.place.pk, "offer": [row.pk for row in rows]}
    assert "1 more was left out" in text(market.client("alice").get("/search/compare/", query))
    for nothing in ({}, {"place": "x", "offer": "1"}, {"place": 999_999_999}, {"place": market.place.pk}):
        assert "Nothing to compare" in text(market.client("alice").get("/search/compare/", nothing))


def test_another_tenants_agreed_price_is_on_no_page(market: Any) -> None:
    second_product(market)
    query = {"place": market.place.pk, "offer": [market.fttp.pk, market.wave.pk]}
    for url, data in ((PAGE, {"q": "SW1A1AA"}), ("/search/compare/", query)):
        assert "24.50" in market.client("alice").get(url, data).content.decode()
        assert "24.50" not in market.client("charlie").get(url, data).content.decode()


def test_suggestions_know_codes_by_their_beginning_and_addresses_by_their_words(market: Any) -> None:
    for code in ("SW1A1AB", "SW1A2AA", "SE19AA"):
        place(code)
    place("22201", "US")
    address("12 Example Row, London")

    def suggested(typed: str) -> list[str]:
        body = market.client("alice").get("/search/suggest/", {"q": typed}).content.decode()
        return re.findall(r"<span>([^<]+)</span>", body)

    assert suggested("sw1a 1") == ["SW1A 1AA", "SW1A 1AB"]
    assert suggested("222") == ["22201"]
    assert suggested("exam ro") == ["12 Example Row, London"]
    assert suggested("exampple row") == ["12 Example Row, London"]
    assert suggested("s") == []
    for number in range(15):
        place(f"EC1A{number % 10}A{'AB'[number // 10]}")
    assert len(suggested("EC1A")) == 10


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("SW1A", "choose a whole one"),
        ("SW1A 1AB", "We do not know SW1A 1AB"),
        ("SW1A 1A0", "not a UK postcode"),
        ("99999", "We do not know 99999"),
        ("example row", "Which address is it?"),
        ("10000001", "No address with the UPRN"),
        ("Atlantis Boulevard", "No known address fits"),
    ],
)
def test_where_there_is_no_answer_the_page_says_what_to_do(market: Any, typed: str, words: str) -> None:
    address("1 Example Row")
    address("2 Example Row")
    answer = page(market, q=typed)
    assert answer.status_code == 200
    assert words in text(answer)


def test_the_chosen_country_decides_what_five_digits_are(market: Any) -> None:
    place("10115", "DE")
    place("10115", "US")
    assert "· US" not in text(page(market, q="10115", country="DE"))
    assert "10115 US" in text(page(market, q="10115"))


def test_a_postcode_with_known_addresses_offers_to_choose_one(market: Any) -> None:
    rows = [address(f"{number} Example Row") for number in (10, 2, 1)]
    body = page(market, q="SW1A1AA").content.decode()
    listed = re.findall(r">(\d+ Example Row)</a>", body)
    assert listed == ["1 Example Row", "2 Example Row", "10 Example Row"]
    chosen = page(market, q="x", address=rows[0].pk)
    assert "10 Example Row" in text(chosen)
    assert f"&amp;address={rows[0].pk}" in chosen.content.decode()
    found = market.client("alice").get("/search/addresses/", {"place": market.place.pk, "a": "10 ex"})
    assert "10 Example Row" in text(found)
    assert "2 Example Row" not in text(found)


def test_the_map_counts_live_and_planned_operators_around(market: Any) -> None:
    place("SW1A2AA", lat=51.503, lon=-0.128)
    footprint(market.eastwave, state="replaced")
    answer = market.client("alice").get("/search/around/", {"place": market.place.pk})
    dots = {dot["postcode"]: dot for dot in answer.json()["dots"]}
    assert set(dots["SW1A 1AA"]["live"].values()) == {"Northfibre", "Eastwave"}
    assert dots["SW1A 2AA"]["live"] == {}
    assert market.client("alice").get("/search/around/", {"place": "x"}).status_code == 404


@pytest.mark.parametrize("url", [PAGE, "/search/suggest/", "/search/addresses/", "/search/around/", "/search/compare/"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("anonymous", 302), ("alice", 200), ("bob", 200), ("charlie", 200), ("olga", 200), ("cara", 403)],
)
def test_who_may_open_the_pages(market: Any, url: str, who: str, status: int) -> None:
    assert market.client(who).get(url, {"place": market.place.pk}).status_code == status


@pytest.mark.parametrize("query", [{"part": ""}, {"part": "offers"}])
def test_the_page_costs_the_same_queries_at_10_and_at_200_offers(market: Any, query: Any) -> None:
    agreement(market.brightwave, market.eastwave)

    def queries() -> int:
        client = market.client("alice")
        headers = {"HX-Request": "true", "HX-Target": query["part"]} if query["part"] else {}
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(PAGE, {"q": "SW1A1AA"}, headers=headers)
        assert answer.status_code == 200
        return len(seen)

    for number in range(8):
        offering(market.northfibre, f"plan-{number}")
    few = queries()
    for number in range(8, 198):
        offering(market.northfibre, f"plan-{number}")
    assert queries() == few
    assert len(products(page(market, q="SW1A1AA"))) == 200


@LOOSE
@given(q=TYPED, country=st.sampled_from(["", "GB", "US", "DE", "zz", "'"]), sort=st.text(max_size=8), number=TYPED)
def test_no_text_in_the_box_breaks_the_page(market: Any, q: str, country: str, sort: str, number: str) -> None:
    client = market.client("alice")
    data = {"q": q, "country": country, "sort": sort, "max_monthly": number, "w_price": number}
    assert client.get(PAGE, data).status_code == 200
    assert client.get(PAGE, {"q": "SW1A1AA", **data, "place": number, "address": number}).status_code == 200
    assert client.get("/search/suggest/", data).status_code == 200
    assert client.get("/search/addresses/", {"a": q, "place": number}).status_code == 200
    assert client.get("/search/compare/", {"place": number, "offer": [number, q]}).status_code == 200


@LOOSE
@given(
    query=st.dictionaries(
        st.sampled_from(["country", "postcode", "address", "uprn", "technology", "kind", "limit"]), TYPED, max_size=4
    )
)
def test_no_parameter_breaks_the_api(market: Any, query: dict[str, str]) -> None:
    answer = market.client("alice").get("/api/v1/qualifications", query)
    assert answer.status_code in {200, 400, 404}
    if answer.status_code != 200:
        assert answer.json()["reason"]


def test_the_api_is_described_with_examples(market: Any) -> None:
    schema = market.client("alice").get("/api/v1/schema/?format=json").json()
    assert [path for path in schema["paths"] if "qualifications" in path] == ["/api/v1/qualifications"]
    operation = schema["paths"]["/api/v1/qualifications"]["get"]
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert {"country", "postcode", "address", "uprn", "technology", "kind", "limit"} <= names
    assert {"200", "400", "401", "403", "404"} <= set(operation["responses"])
    assert operation["responses"]["200"]["content"]["application/json"]["examples"]
