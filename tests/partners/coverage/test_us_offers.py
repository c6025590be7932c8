"""The real thing: offers by address, imported through the same importer as everybody's."""

import csv
import lzma
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from partners.coverage.importer import Loader, Result
from partners.coverage.offers import us_offers
from partners.coverage.rows import address_key
from partners.models import Address, Agreement, FootprintRow, Operator
from tests.conftest import AT

pytestmark = pytest.mark.django_db
FILE = "us_offers_by_address_2023.csv.xz"
SAMPLE = 110_000  # rows; the whole file by `manage.py import_offers_us`


def load(path: Path) -> Result:
    """Import an offers file."""
    source, operator_for = us_offers(path)
    return Loader(source, operator_for, clock=lambda: AT, actor=None).run()


def providers_at(zip_code: str, text: str) -> set[str]:
    """Who serves an address, as a reader of the versions in force sees it."""
    key = address_key("US", zip_code, " ".join(text.split()))
    rows = FootprintRow.objects.filter(country="US", level="premises", key=key)
    rows = rows.filter(footprint_id__in=Operator.objects.filter(footprints__state="active").values("footprints"))
    return set(Operator.objects.filter(footprints__in=rows.values("footprint_id")).values_list("name", flat=True))


def test_one_file_feeds_many_operators(tmp_path: Path) -> None:
    header = "county_fips,zip,address,lat,lon,provider,plan,down_mbps,up_mbps,price_usd\n"
    one = '01073,35005,"1 WEEKS ST, ADAMSVILLE, AL, 35005",33.6,-86.9,'
    two = '01073,35005,"2 WEEKS ST, ADAMSVILLE, AL, 35005",,,'
    lines = [f"{one}A&B,Internet 100,100.0,20.0,55.0", f"{one}AB,,25,3,60", f"{two}A&B,Internet 100,100.0,20.0,55.0"]
    path = tmp_path / "offers.csv"
    path.write_text(header + "\n".join([*lines, one + ",Nobody's,1,1,1"]) + "\n")
    result = load(path)
    assert (result.rows, result.rejected, len(result.footprints)) == (3, 1, 2)
    assert providers_at("35005", "1 WEEKS ST, ADAMSVILLE, AL, 35005") == {"A&B", "AB"}
    assert providers_at("35005", "2 WEEKS ST, ADAMSVILLE, AL, 35005") == {"A&B"}
    operator = Operator.objects.get(name="A&B")
    assert (operator.provenance, operator.country) == ("real", "US")
    price = operator.offerings.get().prices.get()
    assert (str(price.monthly), price.currency, price.agreement) == ("55.00", "USD", None)
    assert not Agreement.objects.exists()
    again = load(path)
    assert Operator.objects.count() == 2
    assert sorted(version.number for version in again.footprints) == [2, 2]


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The file's rows up to the sample."""
    with lzma.open(path, "rt", encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream)):
            if number >= SAMPLE:
                return
            yield row


@pytest.mark.data
def test_200_real_addresses_answer_with_exactly_the_files_providers(tmp_path: Path) -> None:
    path = settings.OFX_DATA / FILE if settings.OFX_DATA else None
    if path is None or not path.exists():
        pytest.skip(f"OFX_DATA names no folder with {FILE}")
    expected: dict[tuple[str, str], set[str]] = defaultdict(set)
    part = tmp_path / "part.csv"
    with part.open("w", newline="", encoding="utf-8") as out:
        writer: csv.DictWriter | None = None
        for row in rows_of(path):
            if writer is None:
                writer = csv.DictWriter(out, list(row))
                writer.writeheader()
            writer.writerow(row)
            expected[row["zip"], row["address"]].add(row["provider"])
    result = load(part)
    assert (result.rows, result.rejected) == (SAMPLE, 0)
    assert Address.objects.count() == len(expected)
    chosen = random.Random(2023).sample(sorted(expected), 200)
    for zip_code, text in chosen:
        assert providers_at(zip_code, text) == expected[zip_code, text], text
