"""The SQL of search, and the one way to run it.

A search must cost little more than one indexed query, so it is written as SQL with server-side parameters and
kept prepared on its pooled connection: planning the offers statement costs more than running it.
"""

from collections.abc import Sequence
from time import monotonic
from typing import Any

import psycopg
from django.db import connection

PLACE = """
SELECT p.id, p.country, p.code, p.outcode, p.sector, p.lat, p.lon, p.district, p.live,
       ARRAY(SELECT a.key FROM partners_address a WHERE a.country = p.country AND a.postcode = p.code LIMIT 2000)
FROM partners_place p
WHERE p.country = %s AND p.code = %s
"""

# One row per offer, and one with an empty offering for an operator that has none here. `hit`: what active
# footprints say about this place, premises to area; the most specific level of an operator and technology wins.
# The second branch asks about every known address of a postcode, where no address was chosen (level rank 5).
OFFERS = """
WITH seen AS MATERIALIZED (
    SELECT k.rank, r.technology, r.status, r.available_from, r.down_mbps, r.up_mbps, r.lead_days, r.offering_id,
           f.operator_id, f.published_at, f.synthetic, NULL::bigint AS premises
    FROM unnest(%(levels)s::text[], %(keys)s::text[], %(ranks)s::int[]) AS k(level, key, rank)
    JOIN partners_footprintrow r ON r.country = %(country)s AND r.key = k.key AND r.level = k.level
    JOIN partners_footprint f ON f.id = r.footprint_id AND f.state = 'active'
    UNION ALL
    SELECT 5, r.technology, r.status, min(r.available_from), max(r.down_mbps), max(r.up_mbps), min(r.lead_days),
           r.offering_id, f.operator_id, f.published_at, f.synthetic, count(DISTINCT r.key)
    FROM unnest(%(addresses)s::text[]) AS k(key)
    JOIN partners_footprintrow r ON r.country = %(country)s AND r.key = k.key AND r.level = 'premises'
    JOIN partners_footprint f ON f.id = r.footprint_id AND f.state = 'active'
    GROUP BY f.operator_id, f.published_at, f.synthetic, r.technology, r.status, r.offering_id
), hit AS MATERIALIZED (
    SELECT *, rank() OVER (PARTITION BY operator_id, technology ORDER BY rank) AS nth FROM seen
), kept AS MATERIALIZED (
    SELECT DISTINCT operator_id, technology FROM hit WHERE nth = 1
), promise AS MATERIALIZED (
    SELECT DISTINCT ON (k.operator_id, k.technology) k.operator_id, k.technology, p.organisation_id IS NOT NULL AS own,
           p.area, p.sample, p.p50_days, p.p80_days, p.on_time, p.fallout
    FROM kept k
    JOIN search_promise p ON p.operator_id = k.operator_id AND p.area = ANY(%(areas)s::text[])
         AND p.technology IN (k.technology, '')
         AND (p.organisation_id = %(organisation)s OR p.organisation_id IS NULL)
    ORDER BY k.operator_id, k.technology, own DESC, p.technology = '', length(p.area) DESC
)
SELECT o.id, o.name, o.code, o.provenance, o.on_net_of_id IS NOT NULL, o.suspended_reason, a.id, a.state, a.in_force,
       h.rank, h.technology, h.status, h.available_from, h.published_at, h.synthetic, h.premises, h.lead_days,
       h.down_mbps, h.up_mbps,
       g.id, g.name, g.code, g.kind, g.technology, g.down_mbps, g.up_mbps, g.lead_days,
       c.agreement_id, c.one_off::text, c.monthly::text, c.currency,
       s.own, s.area, s.sample, s.p50_days, s.p80_days, s.on_time, s.fallout
FROM partners_operator o
LEFT JOIN LATERAL (
    SELECT a.id, a.state,
           a.state = 'active' AND a.starts <= %(day)s AND (a.ends IS NULL OR a.ends > %(day)s) AS in_force
    FROM partners_agreement a
    WHERE a.organisation_id = %(organisation)s AND a.operator_id = o.id AND a.state <> 'ended'
    ORDER BY in_force DESC, a.starts DESC LIMIT 1
) a ON true
LEFT JOIN hit h ON h.operator_id = o.id AND h.nth = 1
LEFT JOIN LATERAL (
    SELECT g.* FROM partners_offering g WHERE g.id = h.offering_id AND g.operator_id = o.id AND g.active
    UNION ALL
    SELECT g.* FROM partners_offering g
    WHERE h.offering_id IS NULL AND g.operator_id = h.operator_id AND g.active AND g.everywhere
      AND g.technology IN (h.technology, '')
) g ON true
LEFT JOIN LATERAL (
    SELECT c.agreement_id, c.one_off, c.monthly, c.currency FROM partners_price c
    WHERE c.offering_id = g.id AND c.starts <= %(day)s AND (c.ends IS NULL OR c.ends > %(day)s)
      AND (c.agreement_id IS NULL OR (a.in_force AND c.agreement_id = a.id))
    ORDER BY c.agreement_id IS NULL, c.starts DESC LIMIT 1
) c ON true
LEFT JOIN promise s ON s.operator_id = o.id AND s.technology = h.technology
WHERE (o.country = %(country)s OR h.operator_id IS NOT NULL)
  AND CASE %(kind)s::text
      WHEN 'exchange' THEN true
      WHEN 'service_provider' THEN o.on_net_of_id IS NULL OR o.on_net_of_id = %(organisation)s
      WHEN 'operator' THEN o.organisation_id = %(organisation)s
      ELSE false END
"""

WEIGHTS = """
SELECT price, speed, lead_time, reliability, confidence FROM search_rankingweights WHERE organisation_id = %s
"""

CODES_BETWEEN = """
SELECT p.id, p.code, p.district FROM partners_place p
WHERE p.country = %s AND p.code >= %s AND p.code <= %s ORDER BY p.code LIMIT %s
"""

# In degrees; longitudes are shortened by the cosine of the latitude. The box keeps it an index range.
BOX = """
SELECT p.id, p.code, p.outcode, p.sector, p.lat, p.lon, p.district,
       sqrt((p.lat - %(lat)s) ^ 2 + ((p.lon - %(lon)s) * %(cos)s) ^ 2) * 111.32 AS km
FROM partners_place p
WHERE p.country = %(country)s AND p.lat BETWEEN %(lat)s - %(reach)s AND %(lat)s + %(reach)s
  AND p.lon BETWEEN %(lon)s - %(reach)s / %(cos)s AND %(lon)s + %(reach)s / %(cos)s
  AND p.live IS NOT false
ORDER BY km LIMIT %(most)s
"""

# What visible operators say about many places at once (the map, the nearest served places).
COVER = """
SELECT DISTINCT k.level, k.key, o.id, o.name, r.technology, r.status, r.available_from
FROM unnest(%(levels)s::text[], %(keys)s::text[]) AS k(level, key)
JOIN partners_footprintrow r ON r.country = %(country)s AND r.key = k.key AND r.level = k.level
JOIN partners_footprint f ON f.id = r.footprint_id AND f.state = 'active'
JOIN partners_operator o ON o.id = f.operator_id
WHERE CASE %(kind)s::text
      WHEN 'exchange' THEN true
      WHEN 'service_provider' THEN o.on_net_of_id IS NULL OR o.on_net_of_id = %(organisation)s
      WHEN 'operator' THEN o.organisation_id = %(organisation)s
      ELSE false END
"""

# The distinct outcodes of a country with one place of each, walked through the index like a skip scan.
OUTCODES = """
WITH RECURSIVE step AS (
    (SELECT p.outcode FROM partners_place p WHERE p.country = %(country)s ORDER BY p.outcode LIMIT 1)
    UNION ALL
    SELECT (SELECT p.outcode FROM partners_place p WHERE p.country = %(country)s AND p.outcode > step.outcode
            ORDER BY p.outcode LIMIT 1)
    FROM step WHERE step.outcode IS NOT NULL
)
SELECT step.outcode, p.lat, p.lon FROM step
CROSS JOIN LATERAL (SELECT p.lat, p.lon FROM partners_place p
    WHERE p.country = %(country)s AND p.outcode = step.outcode AND p.lat IS NOT NULL LIMIT 1) p
"""

NEWEST_PLACE = "SELECT max(id) FROM partners_place"

SOME_OF_OUTCODES = """
SELECT p.id, p.code, p.outcode, p.sector, p.lat, p.lon, p.district,
       sqrt((p.lat - %(lat)s) ^ 2 + ((p.lon - %(lon)s) * %(cos)s) ^ 2) * 111.32 AS km
FROM unnest(%(outcodes)s::text[]) AS k(outcode)
CROSS JOIN LATERAL (SELECT * FROM partners_place p
    WHERE p.country = %(country)s AND p.outcode = k.outcode AND p.lat IS NOT NULL AND p.live IS NOT false
    LIMIT 40) p
"""


def fetch(statement: str, values: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    """Rows of a prepared statement on Django's own connection (and in its transaction, where one is open).

    Django binds parameters in the client and never prepares; psycopg does both when asked. The statement is
    counted like any other where queries are counted.
    """
    connection.ensure_connection()
    raw = connection.connection
    started = monotonic()
    with connection.wrap_database_errors:
        threshold, raw.prepare_threshold = raw.prepare_threshold, 2
        try:
            with psycopg.Cursor(raw) as cursor:
                rows = cursor.execute(statement, values).fetchall()
        finally:
            raw.prepare_threshold = threshold
    if connection.queries_logged:
        connection.queries_log.append({"sql": statement, "time": f"{monotonic() - started:.3f}"})
    return rows
