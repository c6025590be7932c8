"""Footprints: invented, but on the real postcodes. Which sectors an operator serves is drawn from a digest of its code,
the place and the seed, clustered by outcode, so that coverage overlaps in patches as it does in life.
"""

from typing import Any

from django.conf import settings
from django.db import connection, transaction

from ofx.portal.demo.base import Demo, DemoError
from ofx.portal.demo.catalogue import OPERATORS, SHOWCASE, Reach, Spec
from partners.coverage import postcodes
from partners.coverage.actions import open_footprint, publish_footprint
from partners.coverage.progress import Progress
from partners.models import Address, Footprint, Operator, Place

LABEL = "Places and footprints"
# What a small world is made of: whole outcodes, dense and sparse ones, in four areas
SMALL_AREAS = ("SW1A", "SW1P", "SW1V", "SW1W", "SW1X", "SW1Y", "SW2", "M1", "M2", "M3", "M4", "M8", "EC1A", "EC2A",
               "BT1", "BT2", "BT7", "BT12")  # fmt: skip
# Invented homes in a few postcodes that every demonstration visits
STREETS = {
    "SW1A1AA": "Paper Court",
    "SW1A2AA": "Lantern House",
    "SW1A0AA": "Meridian Yard",
    "M11AE": "Bobbin Works",
    "M11AD": "Shuttle Row",
    "M11AG": "Loom Street",
    "M12AP": "Heddle Lane",
}
HOMES = 12


def run(demo: Demo) -> str:
    """Postcodes first, then one footprint for each operator that has none."""
    load_places(demo)
    add_addresses()
    missing = [spec for spec in OPERATORS if spec.reach and not has_footprint(spec)]
    if missing:
        with transaction.atomic():
            make_draws(demo)
            progress = Progress("Footprints", stream=demo.out)
            for spec in missing:
                progress.add(publish_for(demo, spec))
            progress.finish()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE partners_footprintrow")
    rows = sum(Footprint.objects.filter(state="active").values_list("rows_total", flat=True))
    return f"{rows:,} footprint rows in force"


def has_footprint(spec: Spec) -> bool:
    """Whether the operator has a version in force."""
    return Footprint.objects.filter(operator__code=spec.code, state="active").exists()


def load_places(demo: Demo) -> None:
    """UK postcodes (in the full world live ones marked where the OS file is at hand) and US ZIP codes, once."""
    last = "ZE10AA" if demo.full else "SW1A1AA"
    if not Place.objects.filter(country="GB", code=last).exists():
        live = settings.OFX_DATA / "gb_postcodes.csv.xz" if settings.OFX_DATA and demo.full else None
        known = postcodes.live_codes(live) if live and live.exists() else None
        progress = Progress("UK postcodes", postcodes.PACKAGE_ROWS["GB"] if demo.full else 0, demo.out)
        try:
            postcodes.load(
                postcodes.gb_from_package(known, () if demo.full else SMALL_AREAS), progress.add, distinct=True
            )
        except postcodes.SourceError as error:
            raise DemoError(str(error)) from error
        progress.finish()
    if not Place.objects.filter(country="US", code="22201").exists():
        progress = Progress("US ZIP codes", postcodes.PACKAGE_ROWS["US"], demo.out)
        postcodes.load(postcodes.us_from_package(), progress.add)
        progress.finish()


def add_addresses() -> None:
    """Homes that do not exist, with ids in a range that is not given out, so nobody takes them for real."""
    places = {place.code: place for place in Place.objects.filter(country="GB", code__in=STREETS)}
    rows = []
    for street, (code, name) in enumerate(STREETS.items(), start=1):
        place = places.get(code)
        for number in range(1, HOMES + 1):
            uprn = f"9990000{street:02d}{number:03d}"
            shown = f"{code[:-3]} {code[-3:]}"
            text = f"{number} {name} (invented), {'London' if code.startswith('SW') else 'Manchester'} {shown}"
            rows.append(
                Address(country="GB", uprn=uprn, key=uprn, postcode=code, text=text,
                        lat=place.lat if place else None, lon=place.lon if place else None)
            )  # fmt: skip
    Address.objects.bulk_create(rows, ignore_conflicts=True)


DRAW = "(('x' || substr(md5({text}), 1, 7))::bit(28)::int %% 10000)"


def make_draws(demo: Demo) -> None:
    """A temporary table of the sectors of the country, with their area."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS demo_sector")
        cursor.execute(
            """
            CREATE TEMP TABLE demo_sector ON COMMIT DROP AS
            SELECT sector, outcode, substring(outcode FROM '^[A-Z]+') AS area
            FROM partners_place WHERE country = 'GB' AND lat IS NOT NULL GROUP BY sector, outcode
            """
        )
        if not demo.full:
            cursor.execute("DELETE FROM demo_sector WHERE NOT outcode = ANY(%s)", [list(SMALL_AREAS)])
        cursor.execute("ANALYZE demo_sector")


def publish_for(demo: Demo, spec: Spec) -> int:
    """One footprint with every reach of the operator; returns its rows."""
    operator = Operator.objects.get(code=spec.code)
    footprint = open_footprint(
        operator=operator, source=f"demonstration, seed {demo.seed}", synthetic=True, actor=None, at=demo.at
    )
    summary = [part for reach in spec.reach for part in add_reach(demo, spec, reach, footprint.pk)]
    summary += add_premises(spec, footprint.pk)
    publish_footprint(footprint=footprint, summary=summary, rows_rejected=0, actor=None, at=demo.at)
    return sum(part["rows"] for part in summary)


def written(statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Run an INSERT; what it wrote, by technology, level and status."""
    counted = f"""
        WITH written AS ({statement} RETURNING technology, level, status)
        SELECT technology, level, status, count(*) FROM written GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """  # noqa: S608 — our own statements only
    with connection.cursor() as cursor:
        cursor.execute(counted, values)
        return [
            {"technology": technology, "level": level, "status": status, "rows": rows}
            for technology, level, status, rows in cursor.fetchall()
        ]


INSERT = """
INSERT INTO partners_footprintrow
  (footprint_id, country, level, key, technology, status, available_from, down_mbps, up_mbps, lead_days)
"""
# A sector is served when its draw is below the share, which varies from outcode to outcode between 0.35 and 1.65 of it.
SERVED = f"""
served AS (
  SELECT s.sector, s.outcode, s.outcode = ANY(%(showcase)s) AS shown,
    {DRAW.format(text="%(salt)s || 'when' || s.sector")} AS stage,
    {DRAW.format(text="%(salt)s || 'date' || s.sector")} AS days
  FROM demo_sector s
  WHERE (%(areas)s::text[] IS NULL OR s.area = ANY(%(areas)s))
    AND (s.outcode = ANY(%(showcase)s) OR {DRAW.format(text="%(salt)s || s.sector")}
      < %(share)s * (0.35 + 1.3 * {DRAW.format(text="%(salt)s || s.outcode")} / 10000.0))
)
"""  # noqa: S608 — our own constants only
STATUS = """
  CASE WHEN v.shown OR v.stage >= %(planned)s + %(build)s THEN 'live'
       WHEN v.stage < %(planned)s THEN 'planned' ELSE 'build' END,
  CASE WHEN v.shown OR v.stage >= %(planned)s + %(build)s THEN NULL
       WHEN v.stage < %(planned)s THEN %(today)s::date + 60 + v.days %% 480
       ELSE %(today)s::date + 10 + v.days %% 80 END,
"""
KEYS = {
    "postcode": f"""JOIN partners_place p ON p.country = 'GB' AND p.sector = v.sector AND p.lat IS NOT NULL
       AND (v.shown OR {DRAW.format(text="%(salt)s || p.code")} < %(inside)s)""",
    "sector": "",
    "outcode": "",
}
KEY = {"postcode": "p.code", "sector": "v.sector", "outcode": "v.outcode"}


def add_reach(demo: Demo, spec: Spec, reach: Reach, footprint_id: int) -> list[dict[str, Any]]:
    """The rows of one technology, drawn and written by the database."""
    distinct = "DISTINCT ON (v.outcode)" if reach.level == "outcode" else ""
    statement = f"""
        {INSERT}
        WITH {SERVED}
        SELECT {distinct} %(footprint)s, 'GB', %(level)s, {KEY[reach.level]}, %(technology)s, {STATUS}
          %(down)s::float, %(up)s::float, %(lead)s::smallint
        FROM served v {KEYS[reach.level]} ORDER BY {KEY[reach.level]}
    """  # noqa: S608 — only our own constants are put in
    values = {
        "footprint": footprint_id,
        "salt": f"{demo.seed}:{spec.code}:{reach.technology}:",
        "showcase": list(SHOWCASE.get(spec.code, ())) if reach.technology == "FTTP" else [],
        "areas": reach.areas.split() or None,
        "share": reach.sectors * 100,
        "inside": reach.inside * 100,
        "planned": reach.planned * 100,
        "build": reach.build * 100,
        "today": demo.today,
        "level": reach.level,
        "technology": reach.technology,
        "down": reach.down,
        "up": reach.up,
        "lead": reach.lead,
    }
    return written(statement, values)


def add_premises(spec: Spec, footprint_id: int) -> list[dict[str, Any]]:
    """Single homes: Northfibre and Citylight know which are connected, Eastwave which it still builds."""
    chosen = {"northfibre": (0, 1, "live"), "citylight": (0, 2, "live"), "eastwave": (1, 3, "build")}.get(spec.code)
    if not chosen:
        return []
    first, step, status = chosen
    statement = f"""
        {INSERT}
        SELECT %(footprint)s, 'GB', 'premises', key, 'FTTP', %(status)s, NULL, 900, 900, 8 FROM partners_address
        WHERE country = 'GB' AND key LIKE '9990000%%' AND right(key, 3)::int %% %(step)s = %(first)s ORDER BY key
    """  # noqa: S608 — our own constants only
    return written(statement, {"footprint": footprint_id, "status": status, "step": step, "first": first})
