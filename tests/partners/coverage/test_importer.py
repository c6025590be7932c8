"""A file becomes a footprint, row by row, and at once or not at all."""

import io
import os
import tracemalloc
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners.coverage import actions, importer, loading
from partners.coverage.columns import guess, problems
from partners.coverage.importer import ImportFailed, Loader, Source
from partners.coverage.reading import ReadError, open_table
from partners.coverage.rows import Rejected, RowReader
from partners.models import Address, Footprint, FootprintRow, Offering, RejectedRow
from tests.conftest import AT
from tests.partners.coverage.conftest import GOOD, HEADER, csv_bytes, in_force

pytestmark = pytest.mark.django_db


def row(**changes: str) -> list[str]:
    """A good row with some cells changed, by the header's names with underscores."""
    names = [name.lower().replace(" ", "_") for name in HEADER]
    return [changes.get(name, cell) for name, cell in zip(names, GOOD, strict=True)]


def test_a_file_becomes_the_version_in_force(world: Any, load: Callable[..., Any]) -> None:
    result = load(world.northfibre, csv_bytes(GOOD, row(postcode="m1 1ae", technology="gpon", status="Planned")))
    version = result.footprints[0]
    assert (version.state, version.number, version.rows_total, version.rows_rejected) == ("active", 1, 2, 0)
    assert in_force(world.northfibre) == {
        ("postcode", "SW1A1AA", "FTTP", "live"),
        ("postcode", "M11AE", "FTTP", "planned"),
    }
    assert {(part["technology"], part["status"], part["rows"]) for part in version.summary} == {
        ("FTTP", "live", 1),
        ("FTTP", "planned", 1),
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_encoding_and_delimiter_is_read(
    world: Any, load: Callable[..., Any], encoding: str, delimiter: str
) -> None:
    header = [*HEADER, "Address"]
    content = csv_bytes([*GOOD, "1 Café Row"], header=header, encoding=encoding, delimiter=delimiter)
    load(world.northfibre, content)
    assert Address.objects.get().text == "1 Café Row"


def test_a_workbook_is_read_like_a_csv(world: Any, load: Callable[..., Any]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER)
    sheet.append(["SW1A 1AA", "FTTP", "planned", date(2027, 3, 31), 900.0, 900, 10])
    sheet.append(["SW1A 1AB", '=UPPER("fttp")', "live", None, 900, 900, 10])
    out = io.BytesIO()
    book.save(out)
    result = load(world.northfibre, out.getvalue(), "coverage.xlsx")
    taken = FootprintRow.objects.get(footprint_id=result.footprints[0].pk)
    assert (taken.key, taken.available_from, taken.down_mbps) == ("SW1A1AA", date(2027, 3, 31), 900)
    assert "formula" in RejectedRow.objects.get().reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"postcode": "BFPO 801"}, "BFPO"),
        ({"postcode": ""}, "empty"),
        ({"postcode": "'; DROP TABLE"}, "not a postcode"),
        ({"technology": ""}, "technology is empty"),
        ({"technology": "x" * 40}, "too long"),
        ({"technology": "=cmd|' /C calc'!A0"}, "formula"),
        ({"down": "-5"}, "out of range"),
        ({"down": "fast"}, "not a number"),
        ({"up": "nan"}, "not a number"),
        ({"available_from": "32/13/2027"}, "not a date"),
        ({"available_from": "0001-01-01"}, "not a date"),
        ({"status": "maybe"}, "not a status"),
        ({"lead_time": "1.5"}, "whole number"),
        ({"lead_time": "-1"}, "whole number"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason(
    world: Any, load: Callable[..., Any], changes: dict[str, str], reason: str
) -> None:
    result = load(world.northfibre, csv_bytes(GOOD, row(**changes)))
    kept = RejectedRow.objects.get(footprint=result.footprints[0])
    assert reason in kept.reason
    assert kept.line == 3
    assert [cell for _, cell in kept.raw] == row(**changes)
    assert len(in_force(world.northfibre)) == 1


@pytest.mark.parametrize(
    ("cell", "level", "key"),
    [("SW1A", "outcode", "SW1A"), ("SW1A 1", "sector", "SW1A1"), ("sw1a1aa", "postcode", "SW1A1AA")],
)
def test_a_part_of_a_postcode_serves_its_area(
    world: Any, load: Callable[..., Any], cell: str, level: str, key: str
) -> None:
    load(world.northfibre, csv_bytes(row(postcode=cell)))
    assert in_force(world.northfibre) == {(level, key, "FTTP", "live")}


def test_an_unknown_technology_is_kept_as_it_is(world: Any, load: Callable[..., Any]) -> None:
    load(world.northfibre, csv_bytes(row(technology="Wireless P2P")))
    assert in_force(world.northfibre) == {("postcode", "SW1A1AA", "WIRELESS P2P", "live")}


def test_planned_without_a_date_is_taken(world: Any, load: Callable[..., Any]) -> None:
    load(world.northfibre, csv_bytes(row(status="planned")))
    assert FootprintRow.objects.get().available_from is None


def test_premises_are_known_by_their_uprn_or_their_address(world: Any, load: Callable[..., Any]) -> None:
    header = ["UPRN", "Address", "Postcode", "Technology", "Lat", "Lon"]
    rows = [
        ["100012345678", "1 High Street", "SW1A 1AA", "FTTP", "51.5", "-0.14"],
        ["", "2 High  Street", "SW1A 1AA", "FTTP", "", ""],
        ["", "2 high street", "SW1A1AA", "EAD", "", ""],
        ["", "3 High Street", "SW1A", "FTTP", "", ""],
        ["", "4 High Street", "SW1A 1AA", "FTTP", "999", ""],
    ]
    result = load(world.northfibre, csv_bytes(*rows, header=header))
    assert (result.rows, result.rejected) == (3, 2)
    assert Address.objects.filter(country="GB").count() == 2
    by_text = Address.objects.get(text="2 High Street")
    assert {key for level, key, _, _ in in_force(world.northfibre)} == {"100012345678", by_text.key}


def test_a_new_version_replaces_the_old_and_can_be_taken_back(world: Any, load: Callable[..., Any]) -> None:
    first = load(world.northfibre, csv_bytes(row(postcode="M1 1AE"))).footprints[0]
    second = load(world.northfibre, csv_bytes(row(postcode="M1 1AD"))).footprints[0]
    assert in_force(world.northfibre) == {("postcode", "M11AD", "FTTP", "live")}
    first.refresh_from_db()
    actions.restore_footprint(footprint=first, actor=None, at=AT)
    assert in_force(world.northfibre) == {("postcode", "M11AE", "FTTP", "live")}
    second.refresh_from_db()
    assert second.state == "replaced"
    actions.restore_footprint(footprint=second, actor=None, at=AT)
    assert in_force(world.northfibre) == {("postcode", "M11AD", "FTTP", "live")}


def test_only_the_version_before_keeps_its_rows(world: Any, load: Callable[..., Any]) -> None:
    versions = [load(world.northfibre, csv_bytes(row(postcode=f"M1 1A{letter}"))).footprints[0] for letter in "ABD"]
    loading.sweep(lambda: AT)
    assert FootprintRow.objects.values_list("footprint_id", flat=True).count() == 2
    versions[0].refresh_from_db()
    with pytest.raises(actions.NotPossible, match="still kept"):
        actions.restore_footprint(footprint=versions[0], actor=None, at=AT)


def test_a_file_without_one_good_row_publishes_nothing(world: Any, load: Callable[..., Any]) -> None:
    load(world.northfibre, csv_bytes(GOOD))
    before = in_force(world.northfibre)
    with pytest.raises(ImportFailed, match="None of the file's 2 rows"):
        load(world.northfibre, csv_bytes(row(postcode="x"), row(postcode="y")))
    assert in_force(world.northfibre) == before
    failed = Footprint.objects.get(state="failed")
    assert failed.rejected.count() == 2
    assert not FootprintRow.objects.filter(footprint_id=failed.pk).exists()


def test_a_load_that_dies_halfway_leaves_the_old_version_in_force(world: Any, load: Callable[..., Any]) -> None:
    load(world.northfibre, csv_bytes(GOOD))

    def die(progress: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(world.northfibre, csv_bytes(row(postcode="M1 1AE")), report=die)
    assert in_force(world.northfibre) == {("postcode", "SW1A1AA", "FTTP", "live")}


def test_the_sweep_ends_a_load_of_which_nothing_is_heard(world: Any, load: Callable[..., Any]) -> None:
    dead = actions.open_footprint(operator=world.northfibre, source="killed", synthetic=False, actor=None, at=AT)
    FootprintRow.objects.create(
        footprint=dead, country="GB", level="postcode", key="M11AE", technology="FTTP", status="live"
    )
    loading.sweep(lambda: AT + timedelta(minutes=1))
    dead.refresh_from_db()
    assert dead.state == "loading"
    loading.sweep(lambda: AT + actions.LEASE + timedelta(minutes=1))
    dead.refresh_from_db()
    assert dead.state == "failed"
    assert not FootprintRow.objects.exists()
    with pytest.raises(actions.NotPossible):
        actions.extend_lease(footprint=dead, at=AT)


def test_a_file_with_products_makes_offers_at_list_price(world: Any, load: Callable[..., Any]) -> None:
    header = ["Postcode", "Plan", "Down", "Up", "Price", "Technology"]
    rows = [["M1 1AE", "Big", "900", "100", "£29.50", "FTTP"], ["M1 1AD", "Big", "900", "100", "29.5", "FTTP"]]
    load(world.northfibre, csv_bytes(*rows, header=header))
    offering = Offering.objects.get()
    price = offering.prices.get()
    assert (offering.name, offering.everywhere, str(price.monthly), price.agreement) == ("Big", False, "29.50", None)
    assert set(FootprintRow.objects.values_list("offering_id", flat=True)) == {offering.pk}


def test_a_product_column_that_names_a_known_offering_uses_it(world: Any, load: Callable[..., Any]) -> None:
    known = Offering.objects.create(operator=world.northfibre, code="nf-900", name="Fibre 900")
    load(world.northfibre, csv_bytes(["M1 1AE", "nf-900", "FTTP"], header=["Postcode", "Product", "Technology"]))
    assert FootprintRow.objects.get().offering_id == known.pk


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02binary", "not a text file"),
        (b"\xd0\xcf\x11\xe0old excel", "old Excel"),
        (b"PK\x03\x04broken", "damaged ZIP"),
        (b"SW1A 1AA,FTTP\n", "names of the columns"),
        (b"\n\n\n", "empty"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=f"(?i){says}"), open_table(path):
        pass


def test_a_line_that_cannot_be_read_is_rejected_and_the_rest_is_taken(world: Any, load: Callable[..., Any]) -> None:
    content = (
        csv_bytes(GOOD) + b'"' + b"x" * 140_000 + b'",FTTP\n' + csv_bytes(row(postcode="M1 1AE")).split(b"\n", 1)[1]
    )
    result = load(world.northfibre, content)
    assert result.rows == 2
    assert result.rejected >= 1


def test_wrong_columns_are_named(world: Any, load: Callable[..., Any]) -> None:
    with pytest.raises(ImportFailed, match="Choose the column that says where"):
        load(world.northfibre, b"colour,size\nred,1\n")
    assert not Footprint.objects.exists()


def test_memory_does_not_grow_with_the_file(
    world: Any, load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH", 5_000)

    def peak(rows: int) -> int:
        letters = "ABDEFGHJLN"
        lines = (
            f"M{i % 90 + 1} {i % 9 + 1}{letters[i // 90 % 10]}{letters[i // 900 % 10]},FTTP,live,,{i % 50},9,5"
            for i in range(rows)
        )
        content = "\n".join([",".join(HEADER), *lines]).encode()
        tracemalloc.start()
        load(world.northfibre, content)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most - len(content)

    peak(1000)
    assert peak(45_000) < peak(15_000) + 1_000_000


def test_two_loads_of_one_operator_get_different_numbers(world: Any) -> None:
    numbers = [
        actions.open_footprint(operator=world.northfibre, source="", synthetic=False, actor=None, at=AT).number
        for _ in range(2)
    ]
    assert numbers == [1, 2]


def test_names_are_guessed_and_each_column_is_used_once() -> None:
    assert guess(["Post Code", "RFS Date", "TECH", "Max Download Speed", "Note"]) == {
        "postcode": "Post Code",
        "available_from": "RFS Date",
        "technology": "TECH",
        "down_mbps": "Max Download Speed",
    }
    assert "technology" in problems({"postcode": "Postcode"}, ["Postcode"])
    assert problems({"postcode": "Postcode", "technology": "=FTTP"}, ["Postcode"]) == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=9))
def test_no_row_does_worse_than_being_rejected(cells: list[str]) -> None:
    header = [*HEADER, "Address", "UPRN"]
    reader = RowReader(
        header=header,
        mapping=guess(header),
        country="GB",
        footprint_of=lambda provider: 7,
        offering_of=lambda provider, offer: 1,
    )
    try:
        line = reader.line(cells)
    except Rejected:
        return
    assert len(line.split("\t")) == 11
    assert not set("\n\r\\") & set(line.replace("\\N", ""))


def test_a_loader_of_a_missing_file_says_so(world: Any) -> None:
    source = Source(path=Path(os.devnull) / "nothing", name="x", mapping={}, country="GB")
    with pytest.raises(OSError, match="nothing"):
        Loader(source, lambda provider: world.northfibre, clock=lambda: AT, actor=None).run()
