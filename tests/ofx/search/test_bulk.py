"""Bulk qualification: a file in, one answer a row, the same as a search gives; paused, killed, resumed, exported."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ofx.search.bulk import actions, running
from ofx.search.live.actions import judge
from ofx.search.models import BulkPlace, BulkRun
from ofx.search.queries import qualify
from partners.models import FootprintRow
from tests.conftest import AT, place
from tests.ofx.search.conftest import address, footprint

CSV = "Site,Post code,Customer,Contact\nA-1,sw1a 1aa,Harbour Books,Paula Placeholder\nA-2,M1 1AE,,\n"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def begin(market: Any, text: str = CSV, name: str = "places.csv", start: bool = True, **mapping: str) -> BulkRun:
    """A run of Alice's; `mapping` replaces what is guessed."""
    file = SimpleUploadedFile(name, text.encode())
    run = actions.upload_places(actor=market.alice, file=file, name=name, country="GB", at=AT)
    columns = mapping or {
        "postcode": "Post code", "reference": "Site", "customer": "Customer", "contact_name": "Contact",
    }  # fmt: skip
    return actions.start_run(actor=market.alice, run=run, mapping=columns, at=AT) if start else run


def work(run: BulkRun) -> BulkRun:
    running.run(run.pk, timezone.now)
    run.refresh_from_db()
    return run


def test_each_row_gets_the_answer_that_a_search_gives(market: Any) -> None:
    place("M11AE", lat=53.4, lon=-2.2)
    run = work(begin(market))
    assert (run.state, run.rows_total, run.rows_done, run.rows_served) == ("done", 2, 2, 1)
    first, second = run.places.order_by("line")
    best = qualify(organisation=market.brightwave, at=timezone.now(), postcode="SW1A1AA").offers[0]
    assert (first.best_id, first.best_operator_id) == (best["id"], best["operator"]["id"])
    assert str(first.monthly) == best["price"]["monthly"]
    assert first.score == best["score"]
    assert (first.reference, first.customer, first.contact_name) == ("A-1", "Harbour Books", "Paula Placeholder")
    assert set(first.operators) == {market.northfibre.pk, market.eastwave.pk}
    assert first.orderable
    assert not second.served
    assert second.missing == "No operator serves this place"


def test_places_of_every_kind_of_answer_agree_with_the_search(market: Any) -> None:
    """One row a place: live, planned, in an area only, at one address only, nowhere."""
    codes = ["SW1A1AA", "SW1A1AB", "SW1A2AA", "SW1V1AA", "M11AE", "M11AD"]
    for code in codes[1:]:
        place(code)
    home = address("1 Paper Court", "M11AD", uprn="100001")
    address("2 Paper Court", "M11AD", uprn="100002")
    footprint(market.northfibre, {"key": "SW1A1AB", "status": "planned"}, {"key": "SW1V", "level": "outcode"},
              {"key": home.key, "level": "premises"}, {"key": "SW1A1AA"}, state="loading")  # fmt: skip
    FootprintRow.objects.filter(footprint__state="active", footprint__operator=market.northfibre).delete()
    FootprintRow.objects.filter(footprint__state="loading").update(
        footprint=market.northfibre.footprints.get(state="active")
    )
    text = "postcode\n" + "\n".join(codes) + "\n"
    run = work(begin(market, text, postcode="postcode"))
    for row in run.places.order_by("line"):
        answer = qualify(organisation=market.brightwave, at=timezone.now(), postcode=row.given)
        offers = answer.offers
        assert row.offers == len(offers), row.given
        assert row.best_id == (offers[0]["id"] if offers else None), row.given
        assert row.orderable == any(one["orderable"] for one in offers), row.given
        assert row.score == (offers[0]["score"] if offers else None), row.given
    homes = work(begin(market, "uprn\n100001\n100002\n100003\n", uprn="uprn"))
    known, other, unknown = homes.places.order_by("line")
    assert (known.orderable, known.address_id) == (True, home.pk)
    assert not other.served
    assert "UPRN 100003" in unknown.error


def test_a_row_that_cannot_be_read_is_kept_with_its_reason_and_harms_no_other(market: Any) -> None:
    text = 'Post code,Site\nnonsense,1\n"SW1A 1AA",2\n,3\nZE99 9ZZ,4\n\n=cmd(),5\n'
    run = work(begin(market, text, postcode="Post code", reference="Site"))
    assert (run.rows_done, run.rows_bad, run.rows_orderable) == (5, 4, 1)
    errors = {row.reference: row.error for row in run.places.all()}
    assert "UK postcode" in errors["1"]
    assert errors["2"] == ""
    assert "names no place" in errors["3"]
    assert "do not know" in errors["4"]


def test_an_address_narrows_and_one_that_is_not_known_is_answered_for_the_postcode(market: Any) -> None:
    home = address("1 Paper Court, London", uprn="100001")
    text = "Post code;Address\nSW1A 1AA;1 paper court\nSW1A 1AA;7 Nowhere Road\n"
    run = work(begin(market, text, postcode="Post code", address="Address"))
    exact, other = run.places.order_by("line")
    assert exact.address_id == home.pk
    assert other.address_id is None
    assert "whole postcode" in other.note
    assert other.orderable


def test_ghosts_of_the_tenant_weigh_in_as_in_a_search(market: Any) -> None:
    judge(organisation=market.brightwave, operator=market.northfibre, country="GB", code="SW1A1AA", subject="x:1",
          confirmed=False, reason="CAPACITY", before=timezone.now(), at=timezone.now())  # fmt: skip
    run = work(begin(market))
    best = qualify(organisation=market.brightwave, at=timezone.now(), postcode="SW1A1AA").offers[0]
    assert run.places.get(line=1).score == best["score"]
    assert best["ghost"]


@pytest.fixture
def long_file(market: Any, monkeypatch: Any) -> BulkRun:
    """95 rows in chunks of 10."""
    monkeypatch.setattr(running, "CHUNK", 10)
    rows = "".join(f"{number},SW1A 1AA\n" for number in range(1, 96))
    return begin(market, f"Site,Post code\n{rows}", postcode="Post code", reference="Site")


def lines(run: BulkRun) -> list[int]:
    return list(run.places.order_by("line").values_list("line", flat=True))


def test_pause_stops_between_chunks_and_resume_repeats_and_misses_nothing(
    market: Any, long_file: BulkRun, monkeypatch: Any
) -> None:
    whole, calls = running.write, []

    def pausing(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 4:
            actions.pause_run(actor=market.alice, run=BulkRun.objects.get(pk=long_file.pk), at=AT)
        whole(*args)

    monkeypatch.setattr(running, "write", pausing)
    work(long_file)
    assert (long_file.state, long_file.rows_done) == ("paused", 30)
    assert lines(long_file) == list(range(1, 31))
    actions.resume_run(actor=market.alice, run=long_file, at=AT)
    work(long_file)
    assert (long_file.state, long_file.rows_done) == ("done", 95)
    assert lines(long_file) == list(range(1, 96))


def test_a_worker_that_lost_its_lease_writes_nothing_more(market: Any, long_file: BulkRun, monkeypatch: Any) -> None:
    whole, calls = running.write, []

    def stolen(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            BulkRun.objects.filter(pk=long_file.pk).update(attempt=F("attempt") + 1)
        whole(*args)

    monkeypatch.setattr(running, "write", stolen)
    work(long_file)
    assert (long_file.state, long_file.rows_done) == ("running", 20)
    BulkRun.objects.filter(pk=long_file.pk).update(lease_until=timezone.now() - timezone.timedelta(minutes=5))
    monkeypatch.setattr(running, "write", whole)
    work(long_file)
    assert long_file.state == "done"
    assert lines(long_file) == list(range(1, 96))


def test_cancel_ends_it_and_keeps_what_is_answered(market: Any, long_file: BulkRun) -> None:
    actions.cancel_run(actor=market.alice, run=long_file, at=AT)
    assert work(long_file).state == "cancelled"
    assert lines(long_file) == []


def test_a_file_with_too_many_rows_is_refused_in_words(market: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(running, "MOST_ROWS", 1)
    run = work(begin(market))
    assert run.state == "failed"
    assert "at most 1" in run.error


def test_the_result_is_a_page_with_filters_and_two_files(market: Any) -> None:
    place("M11AE")
    run = work(begin(market, CSV.replace("A-2", "=1+1")))
    alice = market.client("alice")
    page = alice.get(f"/search/bulk/{run.pk}/").content.decode()
    assert "Can be ordered" in page
    assert "1 row" in alice.get(f"/search/bulk/{run.pk}/?outcome=unserved").content.decode()
    assert "1 row" in alice.get(f"/search/bulk/{run.pk}/?operator={market.eastwave.pk}").content.decode()
    assert "0 rows" in alice.get(f"/search/bulk/{run.pk}/?max_monthly=1").content.decode()
    assert "1 row" in alice.get(f"/search/bulk/{run.pk}/?technology=fttp").content.decode()
    answer = alice.get(f"/search/bulk/{run.pk}/result.csv")
    table = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["outcome"] for row in table] == ["Can be ordered", "Not served"]
    assert table[1]["your reference"] == "'=1+1", "no formula reaches a spreadsheet"
    assert table[0]["best operator"] == "Northfibre"
    answer = alice.get(f"/search/bulk/{run.pk}/result.xlsx?outcome=orderable")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 2
    assert rows[0][0] == "row"
    assert rows[1][0] == 1
    assert rows[1][10] == table[0]["best offer"]


def test_an_upload_leads_to_its_columns_and_then_to_the_result(market: Any) -> None:
    alice = market.client("alice")
    bad = alice.post("/search/bulk/new/", {"country": "GB", "file": SimpleUploadedFile("x.csv", b"")})
    assert bad.status_code == 422
    made = alice.post("/search/bulk/new/", {"country": "GB", "file": SimpleUploadedFile("x.csv", CSV.encode())})
    page = alice.get(made["Location"]).content.decode()
    assert "Post code" in page
    assert "SW1A1AA" in page
    wrong = alice.post(made["Location"], {"start": "1", "reference": "Site"})
    assert wrong.status_code == 422
    assert "Choose the column that says where" in wrong.content.decode()
    started = alice.post(made["Location"], {"start": "1", "postcode": "Post code"})
    assert started.status_code == 302
    run = BulkRun.objects.get()
    assert run.state == "queued"
    work(run)
    assert "Can be ordered" in alice.get(f"/search/bulk/{run.pk}/").content.decode()


def test_a_workbook_is_read_as_well(market: Any) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Postcode", "Ref"])
    book.active.append(["SW1A 1AA", 7])
    kept = io.BytesIO()
    book.save(kept)
    file = SimpleUploadedFile("places.xlsx", kept.getvalue())
    run = actions.upload_places(actor=market.alice, file=file, name="places.xlsx", country="GB", at=AT)
    actions.start_run(actor=market.alice, run=run, mapping={"postcode": "Postcode", "reference": "Ref"}, at=AT)
    assert work(run).rows_orderable == 1
    assert run.places.get().reference == "7"


def test_nobody_else_sees_a_run_its_rows_or_its_files(market: Any) -> None:
    run = work(begin(market))
    for who in ("charlie", "olga", "cara"):
        client = market.client(who)
        for part in ("", "progress/", "result.csv", "result.xlsx", "order/"):
            assert client.get(f"/search/bulk/{run.pk}/{part}").status_code in (403, 404), (who, part)
        assert "places.csv" not in client.get("/search/bulk/").content.decode()
    bob = market.client("bob")
    assert bob.get(f"/search/bulk/{run.pk}/").status_code == 200
    assert bob.post(f"/search/bulk/{run.pk}/delete/").status_code == 403
    assert bob.get("/search/bulk/new/").status_code == 403


def test_a_result_costs_as_many_queries_with_200_rows_as_with_ten(market: Any, long_file: BulkRun) -> None:
    work(long_file)
    alice = market.client("alice")
    url = f"/search/bulk/{long_file.pk}/"
    alice.get(url)
    counts = []
    for keep in (200, 10):
        BulkPlace.objects.filter(run=long_file, line__gt=keep).delete()
        with CaptureQueriesContext(connection) as counted:
            alice.get(url)
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_a_deleted_run_takes_its_rows_with_it(market: Any) -> None:
    run = work(begin(market))
    assert market.client("alice").post(f"/search/bulk/{run.pk}/delete/").status_code == 302
    assert not BulkRun.objects.exists()
    assert not BulkPlace.objects.exists()
