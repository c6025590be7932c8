"""Fill a bench database: `python -m tests.benchmarks.search_data places N | rows N FILE`.

Every size gets the same answer at the 5,000 places that are asked for (each in two or three footprints and under
one or two areas), so that only the tables around it grow: postcode rows elsewhere, then premises.
"""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from ofx.core.accounts.actions import issue_token  # noqa: E402
from ofx.search.actions import PromiseRow, write_promises  # noqa: E402
from partners.coverage import postcodes  # noqa: E402
from partners.models import Footprint, Offering, Operator, Price  # noqa: E402
from tests.conftest import agreement, operator, organisation, person  # noqa: E402

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OPERATORS = 12
ASKED = 5_000
SPEEDS = (150, 500, 1000)
ADD = """
INSERT INTO partners_footprintrow
    (footprint_id, country, level, key, technology, status, down_mbps, up_mbps, lead_days)
"""


def places(count: int) -> None:
    """The first `count` real postcodes, and the ones to ask for: 5,000 spread over all of them."""
    left = count
    batches = postcodes.gb_from_package()

    def some():  # type: ignore[no-untyped-def]
        nonlocal left
        for batch in batches:
            if left <= 0:
                return
            yield batch.first(left)
            left -= len(batch)

    postcodes.load(some(), lambda done: None)
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TABLE bench_asked AS
               SELECT code, outcode, row_number() OVER (ORDER BY md5(code)) AS n
               FROM partners_place WHERE lat IS NOT NULL ORDER BY md5(code) LIMIT %s""",
            [ASKED],
        )
        cursor.execute("CREATE UNIQUE INDEX ON bench_asked (code)")
        cursor.execute("ANALYZE")


def rows(count: int, file: Path) -> None:
    """People, operators, offers and `count` footprint rows; writes what the clients need into `file`."""
    brightwave = organisation("service_provider", "Brightwave Telecom", slug="brightwave")
    alice = person("alice@example.com", brightwave, "admin")
    footprints = [_operator(number, brightwave) for number in range(OPERATORS)]
    with connection.cursor() as cursor:
        _asked_rows(cursor, footprints)
        _other_rows(cursor, footprints, count)
        cursor.execute("ANALYZE partners_footprintrow")
        cursor.execute("SELECT code FROM bench_asked ORDER BY n")
        codes = [code for (code,) in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM partners_footprintrow")
        stored = cursor.fetchone()[0]
    for row in footprints:
        Footprint.objects.filter(pk=row).update(state="active", published_at=AT, rows_total=stored // OPERATORS)
    write_promises(rows=_promises(brightwave.pk), at=AT)
    _, token = issue_token(membership=alice.acting, label="bench", actor=None, at=AT)
    client = Client()
    client.force_login(alice)
    known = {
        "token": token,
        "session": client.cookies["sessionid"].value,
        "codes": codes,
        "rows": stored,
        "organisation": brightwave.pk,
    }
    file.write_text(json.dumps(known))


def _operator(number: int, provider) -> int:  # type: ignore[no-untyped-def]
    """An operator with three products at list and, for most, agreed prices; returns its footprint's id."""
    row = operator(f"bench{number}", f"Operator {number:02d}", provenance="synthetic")
    contract = agreement(provider, row) if number % 4 else None
    for speed in SPEEDS:
        item = Offering.objects.create(
            operator=row, code=f"fttp-{speed}", name=f"Fibre {speed}", technology="FTTP", down_mbps=speed, lead_days=10
        )
        for under in (None, contract) if contract else (None,):
            monthly = 20 + speed / 50 + number - (3 if under else 0)
            Price.objects.create(offering=item, agreement=under, monthly=monthly, one_off=50, starts=date(2025, 1, 1))
    return Footprint.objects.create(operator=row, number=1, created_at=AT, synthetic=True).pk


def _promises(tenant: int) -> list[PromiseRow]:
    """Pooled promises everywhere and by area, and the tenant's own: what a year of history leaves."""
    areas = ["", *(a + b for a in "ABCDEGHLMNPRSTW" for b in "ABDELNRST")]
    operators = Operator.objects.values_list("pk", flat=True)
    return [
        PromiseRow(who, one, 50, 12.0, 20.0, technology=technology, area=area, on_time=0.9, fallout=0.05)
        for one in operators
        for area in areas
        for technology in ("", "FTTP")
        for who in (None, tenant)
    ]


def _asked_rows(cursor, footprints: list[int]) -> None:  # type: ignore[no-untyped-def]
    """Under 10,000 rows that answer for the asked places: by postcode and by outcode."""
    by_postcode = (
        f"{ADD} SELECT %s, 'GB', 'postcode', code, 'FTTP', 'live', 1000, 200, 8 FROM bench_asked WHERE n <= %s"
    )
    cursor.execute(by_postcode, [footprints[0], ASKED])
    cursor.execute(by_postcode, [footprints[1], 1_900])
    areas = "(SELECT DISTINCT outcode FROM bench_asked) x"
    by_area = f"{ADD} SELECT %s, 'GB', 'outcode', outcode, 'FTTP', 'live', 1000, 200, 12 FROM {areas}"
    cursor.execute(by_area, [footprints[2]])


def _other_rows(cursor, footprints: list[int], count: int) -> None:  # type: ignore[no-untyped-def]
    """Rows at other postcodes, operator by operator as imports write them, then premises, up to `count`."""
    cursor.execute("SELECT count(*) FROM partners_footprintrow")
    left = count - cursor.fetchone()[0]
    for footprint in footprints[:4]:
        if left > 0:
            cursor.execute(
                f"""{ADD} SELECT %s, 'GB', 'postcode', p.code, 'FTTP', 'live', 1000, 200, 8 FROM partners_place p
                WHERE NOT EXISTS (SELECT 1 FROM bench_asked a WHERE a.code = p.code) LIMIT %s""",
                [footprint, min(left, count // 6)],
            )
            left -= cursor.rowcount
    for number, footprint in enumerate(footprints[4:], start=1):
        share = left // (len(footprints) - 4) + (left % (len(footprints) - 4) if number == 1 else 0)
        cursor.execute(
            f"""{ADD} SELECT %s, 'GB', 'premises', (%s + (n::bigint * 7919) %% 40000000)::text, 'FTTP', 'live', 1000,
                200, 8 FROM generate_series(1, %s) n""",
            [footprint, number * 100_000_000, max(share, 0)],
        )


if __name__ == "__main__":
    if sys.argv[1] == "places":
        places(int(sys.argv[2]))
    else:
        rows(int(sys.argv[2]), Path(sys.argv[3]))
