"""Files and loads for the tests of coverage."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from partners.coverage.columns import guess
from partners.coverage.importer import Loader, Result, Source
from partners.coverage.reading import open_table
from partners.models import FootprintRow, Operator
from tests.conftest import AT

HEADER = ["Postcode", "Technology", "Status", "Available from", "Down", "Up", "Lead time"]
GOOD = ["SW1A 1AA", "FTTP", "live", "", "900", "900", "10"]


def csv_bytes(
    *rows: list[str], header: list[str] | None = None, encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    """A CSV file; `header` defaults to the footprint columns."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header or HEADER, *rows])
    return out.getvalue().encode(encoding)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Result]:
    """`load(operator, bytes)`: import a file for one operator, columns guessed, as the command does."""

    def run(operator: Operator, content: bytes, name: str = "coverage.csv", **more: Any) -> Result:
        path = tmp_path / name
        path.write_bytes(content)
        with open_table(path) as table:
            mapping = guess(table.header)
        mapping.update(more.pop("mapping", {}))
        source = Source(path=path, name=name, mapping=mapping, country=more.pop("country", "GB"))
        return Loader(source, lambda provider: operator, clock=lambda: AT, actor=None, **more).run()

    return run


def in_force(operator: Operator) -> set[tuple[str, str, str, str]]:
    """(level, key, technology, status) of every row that a reader of the operator's coverage sees."""
    active = operator.footprints.filter(state="active").values("pk")
    rows = FootprintRow.objects.filter(footprint_id__in=active)
    return set(rows.values_list("level", "key", "technology", "status"))
