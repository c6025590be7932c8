"""Postcodes and addresses from packages and official files."""

import lzma
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from partners.coverage import postcodes
from partners.models import Address, Place

pytestmark = pytest.mark.django_db
FEW = ("ZE", "EC")


def say(*arguments: str, **options: Any) -> str:
    """Run a management command; what it printed."""
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_the_packages_postcodes_lie_where_they_are() -> None:
    loaded = postcodes.load(postcodes.gb_from_package(areas=(*FEW, "BT", "GIR")), lambda count: None, distinct=True)
    assert loaded == Place.objects.count() > 40_000
    assert not Place.objects.filter(district="nan").exists()
    assert Place.objects.get(code="ZE10AA").district == "S12000027"
    # Lerwick and London by the British grid, Belfast City Hall by the Irish one
    for code, lat, lon in (
        ("ZE10AA", 60.15322, -1.1416),
        ("EC1A1BB", 51.52457, -0.11204),
        ("BT15GS", 54.5968, -5.9302),
    ):
        place = Place.objects.get(country="GB", code=code)
        near = 0.003 if code.startswith("BT") else 0.0001  # the others as OS Code-Point Open has them: some 5 m
        assert abs(place.lat - lat) < near, (code, place.lat)
        assert abs(place.lon - lon) < near, (code, place.lon)
        assert (place.outcode, place.sector, place.live) == (code[:-3], code[:-2], None)


def test_loading_again_changes_nothing_and_forgets_nothing() -> None:
    assert postcodes.load(postcodes.gb_from_package({"ZE10AA"}, ("ZE",)), lambda count: None) > 700
    assert postcodes.load(postcodes.gb_from_package(None, ("ZE",)), lambda count: None) == 0
    assert Place.objects.get(code="ZE10AA").live is True


@pytest.mark.parametrize(
    "content",
    [
        "postcode,lat,lon,district\nZE1 0AA,60.1533,-1.1415,S12000027\n",
        "pcds,oseast1m,osnrth1m,laua,doterm\nZE1 0AA,447759,1141280,S12000027,\nZE1 0AB,447819,1141255,S1,200506\n",
        '"ZE1 0AA",10,447759,1141280,"S92000003","","","","S12000027","S13002771"\n',
    ],
    ids=["lat-lon", "ONS", "Code-Point Open"],
)
def test_an_official_file_marks_what_is_live(tmp_path: Path, content: str) -> None:
    file = tmp_path / "official.csv"
    file.write_text(content)
    postcodes.load(postcodes.gb_from_package(areas=("ZE",)), lambda count: None)
    printed = say("import_postcodes", "--source", str(file))
    assert "new or changed" in printed
    place = Place.objects.get(code="ZE10AA")
    assert place.live is True
    assert place.district == "S12000027"
    assert abs(place.lat - 60.1533) < 0.001
    assert Place.objects.get(code="ZE10AB").live is (False if "doterm" in content else None)


def test_a_compressed_file_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "official.csv.xz"
    file.write_bytes(lzma.compress(b"postcode,lat,lon\nZE1 0AA,60.1,-1.1\nnonsense,1,1\n"))
    assert "1 read" in say("import_postcodes", "--source", str(file))


def test_a_file_without_postcodes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "colours.csv"
    file.write_text("colour,size\nred,1\n")
    with pytest.raises(CommandError, match="No postcode column"):
        call_command("import_postcodes", "--source", str(file))
    with pytest.raises(CommandError, match="no file"):
        call_command("import_postcodes", "--source", str(tmp_path / "nothing"))


def test_us_zips_come_from_the_package() -> None:
    say("import_postcodes", "--country", "US")
    place = Place.objects.get(country="US", code="22201")
    assert (place.outcode, place.sector, place.district, place.live) == ("222", "22201", "Arlington, VA", True)
    assert Place.objects.count() == 42_789


def test_addresses_are_merged_and_bad_ones_told(tmp_path: Path) -> None:
    file = tmp_path / "addresses.csv"
    file.write_text(
        "UPRN,Address,Postcode,Lat,Lon\n"
        "100012345678,1 High Street,SW1A 1AA,,\n"
        ",2 High Street,sw1a1aa,51.5,-0.14\n"
        ",3 High Street,SW1A,,\n"
        "bad id!,4 High Street,SW1A 1AA,,\n"
        "100012345679,,SW1A 1AA,,\n"
    )
    rejected = tmp_path / "rejected.csv"
    printed = say("import_addresses", str(file), "--rejected", str(rejected))
    assert "2 addresses, 2 new or changed, 3 rejected" in printed
    assert "line 4" in printed
    assert rejected.read_text().count("\n") == 4
    assert "0 new or changed" in say("import_addresses", str(file))
    assert Address.objects.get(key="100012345678").uprn == "100012345678"
    file.write_text("Postcode\nSW1A 1AA\n")
    with pytest.raises(CommandError, match="No column for address"):
        call_command("import_addresses", str(file))
