"""The way of an agreement through browser and API, price files good and bad, and who sees what."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ofx.core.clock import now
from partners.agreements.queries import terms_on
from partners.models import Agreement, Terms
from tests.conftest import agreement, operator, organisation
from tests.partners.agreements.conftest import asked, in_force, offered

pytestmark = pytest.mark.django_db


def file_of(*rows: list[str], header: str = "product code,monthly,one-off,currency") -> SimpleUploadedFile:
    """A price file."""
    body = "\n".join([header, *(",".join(row) for row in rows)])
    return SimpleUploadedFile("prices.csv", body.encode())


def fields(row: Agreement, **more: Any) -> dict[str, Any]:
    """What the offer's form sends."""
    today = now().date().isoformat()
    return {"round": row.round, "currency": "GBP", "starts": today, "regions": "SW", "send": "1", **more}


def offer(market: Any, row: Agreement, who: str = "olga", **more: Any) -> Any:
    """Post an offer."""
    return market.client(who).post(f"/agreements/{row.pk}/offer/", fields(row, **more))


def test_from_the_directory_to_prices_in_force(market: Any) -> None:
    alice = market.client("alice")
    assert "/agreements/new/northfibre/" in alice.get("/operators/").content.decode()
    form = alice.get("/agreements/new/northfibre/").content.decode()
    assert "I take your list terms" in form
    asked_ = alice.post(
        "/agreements/new/northfibre/", {"products": [market.p500.pk], "regions": "sw, m1", "note": "<b>hello</b>"}
    )
    row = Agreement.objects.get()
    assert asked_["Location"] == f"/agreements/{row.pk}/"
    olga = market.client("olga")
    assert "needs your answer" in olga.get("/agreements/").content.decode()
    page = olga.get(f"/agreements/{row.pk}/offer/").content.decode()
    assert "SW (London SW), M1" in page
    assert "<b>hello</b>" not in page
    assert offer(market, row, **{f"monthly_{market.p500.pk}": "22.50"}).status_code == 302
    row.refresh_from_db()
    assert "£22.50" in alice.get(f"/agreements/{row.pk}/").content.decode()
    done = alice.post(f"/agreements/{row.pk}/accept/", {"round": row.round}, follow=True).content.decode()
    assert "orders may be placed with Northfibre" in done
    row.refresh_from_db()
    assert terms_on(row, now().date()).regions == ["GB:SW"]
    again = alice.post(f"/agreements/{row.pk}/accept/", {"round": row.round - 1}, follow=True).content.decode()
    assert "meanwhile" in again


def test_a_price_file_fills_the_rows_and_is_sent(market: Any) -> None:
    row = asked(market)
    prices = [["nf-500", "21.00", "5", "GBP"], ["NF-900", '"£1,029.50"', "", ""], ["nf-10g", "", "", ""]]
    shown = offer(market, row, read="1", file=file_of(*prices)).content.decode()
    assert 'value="21.00"' in shown
    assert 'value="1029.50"' in shown
    assert not Terms.objects.filter(state="offered").exists(), "nothing is sent before it was looked at"
    assert offer(market, row, file=file_of(*prices)).status_code == 302
    lines = Terms.objects.get(state="offered").lines.order_by("monthly")
    assert [(line.offering.code, line.monthly) for line in lines] == [
        ("nf-500", Decimal("21.00")),
        ("nf-900", Decimal("1029.50")),
    ]


def test_the_template_goes_out_and_comes_back_as_csv_and_as_workbook(market: Any) -> None:
    row = asked(market)
    olga = market.client("olga")
    text = b"".join(olga.get(f"/agreements/{row.pk}/prices/csv/").streaming_content).decode("utf-8-sig")
    sheet = list(csv.DictReader(io.StringIO(text)))
    assert {one["product code"] for one in sheet} == {"nf-500", "nf-900", "nf-10g"}
    answer = offer(market, row, file=SimpleUploadedFile("p.csv", text.encode()))
    assert answer.status_code == 302
    assert Terms.objects.get(state="offered").lines.count() == 3
    book = olga.get(f"/agreements/{row.pk}/prices/xlsx/").content
    cells = [[cell.value for cell in line] for line in openpyxl.load_workbook(io.BytesIO(book)).active]
    assert cells[0][0] == "product code"
    row.refresh_from_db()
    assert offer(market, row, file=SimpleUploadedFile("p.xlsx", book)).status_code == 302


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02", "not a text file"),
        (b"product code\nnf-500", "No column for the monthly price"),
        (b"monthly\n3", "No column for the product"),
        (b"product code,monthly\nnf-1,3", "Row 2, product code: “nf-1” is none of your products"),
        (b"product code,monthly\nnf-500,3\nnf-500,4", "Row 3, product code: nf-500 comes twice"),
        (b"product code,monthly\nnf-500,-3", "Row 2, monthly: The price"),
        (b"product code,monthly\nnf-500,cheap", "is not an amount"),
        (b"product code,monthly\nnf-500,NaN", "out of range"),
        (b"product code,monthly\nnf-500,=1+1", "Row 2, monthly: holds a formula"),
        (b"product code,monthly,currency\nnf-500,3,GBP\nnf-900,3,USD", "Row 3, currency: USD differs from GBP"),
        (b"product code,monthly,currency\nnf-500,3,pounds", "is not a currency"),
        (b"product code,monthly\nnf-500,", "No row has a monthly price"),
        (b"PK\x03\x04nonsense", "damaged"),
    ],
)
def test_a_bad_file_is_refused_with_row_field_and_fix(market: Any, content: bytes, says: str) -> None:
    row = asked(market)
    answer = offer(market, row, file=SimpleUploadedFile("prices.csv", content))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    row.refresh_from_db()
    assert row.state == "requested"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"starts": "2020-01-01"}, "past"),
        ({"ends": "2020-01-01"}, "not after the first day"),
        ({"currency": "12E"}, "Three letters"),
        ({"regions": "Q9"}, "neither a postcode area"),
        ({"monthly": "-1"}, "greater than or equal to 0"),
        ({"monthly": "1e400"}, "number"),
        ({"monthly": ""}, "at least one product"),
        ({"round": "zwei"}, "whole number"),
    ],
)
def test_a_bad_offer_names_the_field(market: Any, change: dict[str, str], says: str) -> None:
    row = asked(market)
    monthly = change.pop("monthly", "20")
    answer = offer(market, row, **{f"monthly_{market.p500.pk}": monthly, **change})
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_nobody_else_sees_an_agreement_or_its_prices(market: Any) -> None:
    row = offered(market, asked(market), monthly="21.21")
    other = operator("southlink")
    market.people["otis"] = market.people["otto"].__class__.objects.create_user("otis@example.com", "x", name="Otis")
    market.people["otis"].memberships.create(organisation=other.organisation, role="admin")
    for who in ("charlie", "dana", "otis"):
        client, caller = market.client(who), market.api(who)
        for path in ("", "ask/", "offer/", "prices/csv/"):
            assert client.get(f"/agreements/{row.pk}/{path}").status_code == 404, (who, path)
        assert client.post(f"/agreements/{row.pk}/accept/", {"round": row.round}).status_code == 404
        assert caller.get(f"/api/v1/agreements/{row.pk}/").status_code == 404
        for text in (
            client.get("/agreements/").content.decode(),
            caller.get("/api/v1/agreements/").content.decode(),
            client.get("/operators/").content.decode(),
            caller.get("/api/v1/offerings/").content.decode(),
        ):
            assert "21.21" not in text
            assert f"/agreements/{row.pk}/" not in text
    assert market.client("cara").get("/agreements/").status_code == 403
    assert market.api("cara").get("/api/v1/agreements/").json()["results"] == []
    assert "£21.21" in market.client("bob").get(f"/agreements/{row.pk}/").content.decode()
    assert "Accept the offer" not in market.client("bob").get(f"/agreements/{row.pk}/").content.decode()


def test_an_operator_sees_its_agreements_but_no_other_operators(market: Any) -> None:
    row = in_force(market)
    foreign = agreement(market.brightwave, operator("southlink"))
    page = market.client("olga").get("/agreements/").content.decode()
    assert f"/agreements/{row.pk}/" in page
    assert f"/agreements/{foreign.pk}/" not in page
    assert market.client("olga").get(f"/agreements/{foreign.pk}/").status_code == 404


def test_home_says_what_needs_an_answer(market: Any) -> None:
    row = asked(market)
    assert "An agreement needs your answer" in market.client("olga").get("/partner/").content.decode()
    assert "your answer" not in market.client("alice").get("/").content.decode()
    offered(market, row)
    assert "An agreement needs your answer" in market.client("alice").get("/").content.decode()
    assert "your answer" not in market.client("charlie").get("/").content.decode()


def test_the_whole_way_by_the_api(market: Any) -> None:
    alice, olga = market.api("alice"), market.api("olga")
    wrong = alice.post("/api/v1/agreements/", {"operator": "northfibre", "products": ["x"], "regions": ["Q9"]})
    assert wrong.status_code == 400
    assert "sells no" in str(wrong.json()["fields"])
    made = alice.post("/api/v1/agreements/", {"operator": "northfibre", "products": ["nf-500"], "regions": ["SW"]})
    assert made.status_code == 201
    pk = made.json()["id"]
    assert alice.post("/api/v1/agreements/", {"operator": "northfibre"}).status_code == 409
    body = {
        "round": 1,
        "currency": "GBP",
        "starts": now().date().isoformat(),
        "lines": [{"product": "nf-500", "monthly": "19.00", "one_off": "1.00"}],
        "regions": ["SW"],
    }
    assert alice.post(f"/api/v1/agreements/{pk}/offer/", body).status_code == 403
    offered_ = olga.post(f"/api/v1/agreements/{pk}/offer/", body)
    assert (offered_.status_code, offered_.json()["waits_for"]) == (200, "provider")
    assert olga.post(f"/api/v1/agreements/{pk}/offer/", body).status_code == 409
    done = alice.post(f"/api/v1/agreements/{pk}/accept/", {"round": 2}).json()
    assert (done["state"], done["terms"][1]["lines"][0]["monthly"]) == ("active", "19.00")
    assert alice.post(f"/api/v1/agreements/{pk}/accept/", {}).status_code == 400
    later = (now().date() + timedelta(days=60)).isoformat()
    assert olga.post(f"/api/v1/agreements/{pk}/end/", {"on": later, "why": "moving"}).json()["ends"] == later


@pytest.mark.parametrize("path", ["/agreements/", "/api/v1/agreements/?limit=500", "/operators/"])
def test_a_list_of_200_costs_as_many_queries_as_one_of_10(market: Any, path: str) -> None:
    client = market.client("olga" if path == "/agreements/" else "alice")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    def add(span: range) -> None:
        for number in span:
            provider = organisation("service_provider", f"Provider {number}")
            agreement(provider, market.north)
            agreement(market.brightwave, operator(f"op{number}"))

    add(range(10))
    client.get(path)
    few = queries()
    add(range(10, 200))
    assert queries() == few
