"""One bulk qualification in a process of its own: `python -m tests.benchmarks.bulk_load ours|bare FILE OUT`."""

import json
import resource
import sys
import time
from pathlib import Path

import django

django.setup()

from django.core.files.base import File  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from ofx.core.models import Organisation, User  # noqa: E402
from ofx.search.bulk import actions, running  # noqa: E402
from ofx.search.bulk.export import csv_bytes  # noqa: E402

# The same by one join: places, what footprints say at three levels (the most specific one wins), products, the price
# that holds, the best promise; of each place the cheapest live offer and how many there are.
BARE = """
COPY (
    WITH priced AS MATERIALIZED (
        SELECT DISTINCT ON (c.offering_id) c.offering_id, c.monthly, c.one_off, c.currency FROM partners_price c
        LEFT JOIN partners_agreement a ON a.id = c.agreement_id
        WHERE (c.agreement_id IS NULL OR a.organisation_id = {organisation})
          AND c.starts <= current_date AND (c.ends IS NULL OR c.ends > current_date)
        ORDER BY c.offering_id, c.agreement_id NULLS LAST, c.starts DESC
    ), said AS (
        SELECT i.line, i.ref, p.id AS place, f.operator_id, r.technology, r.status, r.down_mbps, r.lead_days,
               r.offering_id, p.outcode,
               rank() OVER (PARTITION BY i.line, f.operator_id, r.technology ORDER BY k.n) AS rank
        FROM bench_in i
        JOIN partners_place p ON p.country = 'GB' AND p.code = replace(upper(i.postcode), ' ', '')
        CROSS JOIN LATERAL (VALUES (2, 'postcode', p.code), (3, 'sector', p.sector), (4, 'outcode', p.outcode))
            AS k(n, level, key)
        JOIN partners_footprintrow r ON r.country = 'GB' AND r.key = k.key AND r.level = k.level
        JOIN partners_footprint f ON f.id = r.footprint_id AND f.state = 'active'
    ), promised AS (
        SELECT s.*, t.p50_days FROM said s LEFT JOIN LATERAL (
            SELECT m.p50_days FROM search_promise m
            WHERE m.operator_id = s.operator_id AND m.area IN ('', rtrim(left(s.outcode, 2), '0123456789'), s.outcode)
              AND m.technology IN (s.technology, '')
              AND (m.organisation_id = {organisation} OR m.organisation_id IS NULL)
            ORDER BY m.organisation_id IS NULL, m.technology = '', length(m.area) DESC LIMIT 1
        ) t ON true
        WHERE s.rank = 1
    ), offers AS (
        SELECT s.*, g.id AS offering, g.name, c.monthly, c.one_off, c.currency,
               row_number() OVER (PARTITION BY s.line ORDER BY s.status <> 'live', c.monthly, s.p50_days) AS best,
               count(*) OVER (PARTITION BY s.line) AS offers
        FROM promised s
        JOIN partners_offering g ON g.operator_id = s.operator_id AND g.active AND g.everywhere
            AND g.technology IN ('', s.technology)
        LEFT JOIN priced c ON c.offering_id = g.id
    )
    SELECT i.line, i.ref, i.postcode, o.offers, o.operator_id, o.name, o.technology, o.status, o.down_mbps, o.lead_days,
           o.monthly, o.one_off, o.currency, o.p50_days
    FROM bench_in i LEFT JOIN offers o ON o.line = i.line AND o.best = 1 ORDER BY i.line
) TO STDOUT (FORMAT csv, HEADER)
"""


def ours(file: Path, out: Path) -> None:
    """File in, file out, the product's way."""
    alice = User.objects.get(email="alice@example.com")
    with file.open("rb") as stream:
        run = actions.upload_places(
            actor=alice, file=File(stream, name=file.name), name=file.name, country="GB", at=timezone.now()
        )
    mapping = {"postcode": "postcode", "reference": "ref"}
    actions.start_run(actor=None, run=run, mapping=mapping, at=timezone.now())
    running.run(run.pk, timezone.now)
    with out.open("wb") as stream:
        for part in csv_bytes(run.places.all()):
            stream.write(part)
    run.refresh_from_db()
    assert run.state == "done", run.error
    actions.delete_run(actor=None, run=run, at=timezone.now())


def bare(file: Path, out: Path) -> None:
    """File in, file out, by COPY and one join."""
    organisation = Organisation.objects.get(slug="brightwave").pk
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_in (line int GENERATED ALWAYS AS IDENTITY, ref text, postcode text)")
        with cursor.copy("COPY bench_in (ref, postcode) FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(file.read_bytes())
        cursor.execute("ANALYZE bench_in")
        with cursor.copy(BARE.format(organisation=organisation)) as copy, out.open("wb") as stream:
            for part in copy:
                stream.write(part)


def main(way: str, file: Path, out: Path) -> None:
    """Run one way; print seconds, rows out and peak memory as JSON."""
    started = time.monotonic()
    (ours if way == "ours" else bare)(file, out)
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with out.open("rb") as stream:
        rows = sum(1 for _ in stream) - 1
    print(json.dumps({"seconds": round(seconds, 2), "rows": rows, "peak_mb": round(peak)}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
