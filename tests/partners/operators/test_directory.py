"""The directory of operators: who sees whom, and above all who sees which price."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.models import Agreement, Contact, Endpoint, Footprint, Offering, Price
from tests.conftest import AT, agreement, offering, operator

pytestmark = pytest.mark.django_db
MINE, THEIRS, LISTED, OLD = "21.11", "17.77", "30.00", "55.55"


@pytest.fixture
def priced(world: Any) -> SimpleNamespace:
    """Northfibre sells one product: at list, to Brightwave and to Cobalt at prices of their own."""
    product = offering(world.northfibre)
    mine, theirs = agreement(world.brightwave, world.northfibre), agreement(world.cobalt, world.northfibre)
    Price.objects.create(offering=product, agreement=mine, monthly=MINE, one_off=9, starts=date(2025, 1, 1))
    Price.objects.create(offering=product, agreement=theirs, monthly=THEIRS, one_off=8, starts=date(2025, 1, 1))
    Price.objects.create(offering=product, agreement=mine, monthly=OLD, starts=date(2024, 1, 1), ends=date(2025, 1, 1))
    return SimpleNamespace(product=product, mine=mine, theirs=theirs)


def page(world: Any, who: str, path: str = "/operators/northfibre/") -> str:
    """The page as somebody sees it."""
    answer = world.client(who).get(path)
    assert answer.status_code == 200, (who, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize(
    ("who", "seen", "unseen"),
    [
        ("alice", [MINE, LISTED], [THEIRS, OLD]),
        ("bob", [MINE, LISTED], [THEIRS, OLD]),
        ("charlie", [THEIRS, LISTED], [MINE, OLD]),
        ("olga", [LISTED], [MINE, THEIRS, OLD]),
        ("ada", [LISTED], [MINE, THEIRS, OLD]),
    ],
)
def test_everybody_sees_the_list_price_and_nobody_anothers(
    world: Any, priced: Any, who: str, seen: list[str], unseen: list[str]
) -> None:
    html = page(world, who)
    json = world.api(who).get("/api/v1/offerings/").content.decode()
    for amount in seen:
        assert amount in html
        assert amount in json
    for amount in unseen:
        assert amount not in html
        assert amount not in json


def test_the_api_tells_list_and_own_price_apart(world: Any, priced: Any) -> None:
    (row,) = world.api("alice").get("/api/v1/offerings/?operator=northfibre").json()["results"]
    assert row["list_price"] == {"one_off": "0.00", "monthly": LISTED, "currency": "GBP"}
    assert row["price"] == {"one_off": "9.00", "monthly": MINE, "currency": "GBP"}
    assert row["operator"]["code"] == "northfibre"


def test_a_price_ends_with_its_agreement(world: Any, priced: Any) -> None:
    Agreement.objects.filter(pk=priced.mine.pk).update(state="ended", ends=date(2025, 6, 1))
    assert MINE not in page(world, "alice")
    assert "no agreement" in page(world, "alice")


def test_an_own_network_is_its_providers_only(world: Any) -> None:
    own = operator("brightnet", "Brightwave own network", on_net_of=world.brightwave)
    offering(own, "bw-1")
    assert "Own network" in page(world, "alice", "/operators/brightnet/")
    assert world.api("alice").get("/api/v1/operators/brightnet/").json()["on_net"] is True
    for who in ("charlie", "olga", "cara"):
        status = world.client(who).get("/operators/brightnet/").status_code
        assert status == (403 if who == "cara" else 404)
        assert world.api(who).get("/api/v1/operators/brightnet/").status_code == 404
        assert "brightnet" not in world.api(who).get("/api/v1/operators/").content.decode()
        assert "bw-1" not in world.api(who).get("/api/v1/offerings/").content.decode()


def test_customers_are_kept_out_and_strangers_sign_in(world: Any) -> None:
    assert world.client("cara").get("/operators/").status_code == 403
    assert world.client("anonymous").get("/operators/").status_code == 302
    assert world.api("anonymous").get("/api/v1/operators/").status_code in (401, 403)
    assert world.client("alice").get("/operators/nobody/").status_code == 404


@pytest.mark.parametrize("path", ["operators", "offerings", "footprints"])
def test_the_api_only_reads(world: Any, path: str) -> None:
    for verb in ("post", "put", "patch", "delete"):
        assert getattr(world.api("alice"), verb)(f"/api/v1/{path}/", {}).status_code in (403, 405)


def test_the_page_tells_how_the_operator_works(world: Any, priced: Any) -> None:
    world.northfibre.order_rules = {"required": ["contact_phone"], "max_length": {"access_notes": 50}}
    world.northfibre.suspended_reason = "Moves house until Friday"
    world.northfibre.save()
    Contact.objects.create(operator=world.northfibre, purpose="orders", name="Order desk", email="o@nf.example")
    Endpoint.objects.create(operator=world.northfibre, kind="tmf622", name="NF API", inbound_key="k", token="hush-hush")
    html = page(world, "alice")
    for said in ("site contact&#x27;s phone", "at most 50 characters", "Moves house", "o@nf.example", "NF API"):
        assert said in html
    assert "hush-hush" not in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("country=US", {"us-cable"}),
        ("reach=on_net", {"brightnet"}),
        ("agreement=none", {"us-cable", "brightnet"}),
        ("agreement=active", {"northfibre"}),
        ("provenance=synthetic", {"northfibre"}),
        ("technology=ead", {"us-cable"}),
        ("technology=nonsense", set()),
    ],
)
def test_the_directory_is_filtered(world: Any, priced: Any, query: str, found: set[str]) -> None:
    operator("brightnet", on_net_of=world.brightwave)
    offering(operator("us-cable", country="US"), technology="EAD")
    rows = world.api("alice").get(f"/api/v1/operators/?{query}").json()["results"]
    assert {row["code"] for row in rows} == found
    html = page(world, "alice", f"/operators/?{query}")
    assert {code for code in ("northfibre", "brightnet", "us-cable") if f"/operators/{code}/" in html} == found


@pytest.mark.parametrize(
    "path",
    ["/operators/", "/api/v1/operators/?limit=500", "/api/v1/offerings/?limit=500", "/api/v1/footprints/?limit=500"],
)
def test_a_list_of_200_costs_as_many_queries_as_one_of_10(world: Any, path: str) -> None:
    client = world.client("alice")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    def add(numbers: range) -> None:
        for number in numbers:
            op = operator(f"op{number}")
            offering(op, f"p{number}")
            Footprint.objects.create(operator=op, number=1, state="active", created_at=AT, published_at=AT)

    add(range(10))
    client.get(path)
    few = queries()
    add(range(10, 200))
    assert Offering.objects.count() == 200
    assert queries() == few
