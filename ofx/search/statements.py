"""The SQL of search. It runs by `ofx.core.prepared.fetch`.

A search must cost little more than one indexed query, so it is written by hand and kept prepared on its pooled
connection: planning the offers statement costs more than running it.
"""

PLACE_COLUMNS = """p.id, p.country, p.code, p.outcode, p.sector, p.lat, p.lon, p.district, p.live,
       ARRAY(SELECT a.key FROM partners_address a WHERE a.country = p.country AND a.postcode = p.code LIMIT 2000)"""
PLACE = " ".join(("SELECT", PLACE_COLUMNS, "FROM partners_place p WHERE p.country = %s AND p.code = %s"))

# What active footprints say about a place, premises to area.
NAMED = """
    SELECT k.rank, r.technology, r.status, r.available_from, r.down_mbps, r.up_mbps, r.lead_days, r.offering_id,
           f.operator_id, f.published_at, f.synthetic, NULL::bigint AS premises
    FROM (VALUES ('premises', %(premises)s::text, 1), ('postcode', %(code)s::text, 2), ('sector', %(sector)s::text, 3),
        ('outcode', %(outcode)s::text, 4), ('outcode', %(area_code)s::text, 4)) AS k(level, key, rank)
    JOIN partners_footprintrow r ON r.country = %(country)s AND r.key = k.key AND r.level = k.level
    JOIN partners_footprint f ON f.id = r.footprint_id AND f.state = 'active'
"""
# Where no address was chosen: what they say about every known address of the postcode, counted (level rank 5).
SOME_PREMISES = """
    UNION ALL
    SELECT 5, r.technology, r.status, min(r.available_from), max(r.down_mbps), max(r.up_mbps), min(r.lead_days),
           r.offering_id, f.operator_id, f.published_at, f.synthetic, count(DISTINCT r.key)
    FROM unnest(%(addresses)s::text[]) AS k(key)
    JOIN partners_footprintrow r ON r.country = %(country)s AND r.key = k.key AND r.level = 'premises'
    JOIN partners_footprint f ON f.id = r.footprint_id AND f.state = 'active'
    GROUP BY f.operator_id, f.published_at, f.synthetic, r.technology, r.status, r.offering_id
"""
# Each row comes with the best promise (own before pooled, this technology before any, the nearest area first), with the
# stamp of the directory (migration 0003) and, for a code, with its place; where nobody says anything one row has these
# alone. That the most specific level wins is decided in Python: every node of the plan costs more than these few rows.
ANSWER = """
SELECT t.stamp, h.operator_id, h.rank, h.technology, h.status, h.available_from, h.published_at, h.synthetic,
       h.premises, h.lead_days, h.down_mbps, h.up_mbps, h.offering_id,
       s.own, s.area, s.sample, s.p50_days, s.p80_days, s.on_time, s.fallout, t.lively,
       <place columns>
FROM (SELECT concat_ws(':', count(*), max(id), bit_xor(hashint8extended(id, 0))) AS stamp,
          EXISTS (SELECT 1 FROM search_livequery l WHERE l.code = %(code)s AND l.country = %(country)s
              AND l.organisation_id = %(organisation)s)
          OR EXISTS (SELECT 1 FROM search_verdict v WHERE v.code = %(code)s AND v.country = %(country)s
              AND v.organisation_id = %(organisation)s) AS lively
      FROM search_change) t
<place>
LEFT JOIN (<seen>) h ON true
LEFT JOIN LATERAL (
    SELECT p.organisation_id IS NOT NULL AS own, p.area, p.sample, p.p50_days, p.p80_days, p.on_time, p.fallout
    FROM search_promise p
    WHERE p.operator_id = h.operator_id AND p.area IN ('', %(area)s::text, %(outcode)s::text)
      AND p.technology IN (h.technology, '') AND (p.organisation_id = %(organisation)s OR p.organisation_id IS NULL)
    ORDER BY own DESC, p.technology = '', length(p.area) DESC LIMIT 1
) s ON true
"""
PLACE_OF_CODE = "LEFT JOIN partners_place p ON p.country = %(country)s AND p.code = %(code)s"


def _hits(seen: str, columns: str = "NULL", place: str = "") -> str:
    return ANSWER.replace("<place columns>", columns).replace("<place>", place).replace("<seen>", seen)


HITS = _hits(NAMED, PLACE_COLUMNS, PLACE_OF_CODE)
HITS_AT_ADDRESS = _hits(NAMED)
HITS_OF_ADDRESSES = _hits(NAMED + SOME_PREMISES)

# The directory: who sells what at list, and how a tenant stands with each operator.
SELLERS = """
SELECT id, name, code, country, provenance, on_net_of_id, organisation_id, suspended_reason
FROM partners_operator ORDER BY name
"""
PRODUCTS = """
SELECT g.id, g.operator_id, g.name, g.code, g.kind, g.technology, g.down_mbps, g.up_mbps, g.lead_days, g.everywhere,
       c.one_off::text, c.monthly::text, c.currency
FROM partners_offering g
LEFT JOIN LATERAL (
    SELECT c.one_off, c.monthly, c.currency FROM partners_price c
    WHERE c.offering_id = g.id AND c.agreement_id IS NULL
      AND c.starts <= %(day)s AND (c.ends IS NULL OR c.ends > %(day)s)
    ORDER BY c.starts DESC LIMIT 1
) c ON true
WHERE g.active ORDER BY g.name
"""
# With the terms that hold on the day: their regions (none: everywhere), their products (NULL: everything).
STANDINGS = """
SELECT DISTINCT ON (a.operator_id) a.operator_id, a.id, a.state,
       a.state = 'active' AND a.starts <= %(day)s AND (a.ends IS NULL OR a.ends > %(day)s) AS in_force,
       t.regions, t.products
FROM partners_agreement a
LEFT JOIN LATERAL (
    SELECT t.regions,
           CASE WHEN NOT t.at_list
                THEN ARRAY(SELECT l.offering_id FROM partners_termsline l WHERE l.terms_id = t.id) END AS products
    FROM partners_terms t WHERE t.agreement_id = a.id AND t.state = 'accepted' AND t.starts <= %(day)s
    ORDER BY t.starts DESC, t.number DESC LIMIT 1
) t ON true
WHERE a.organisation_id = %(organisation)s AND a.state NOT IN ('ended', 'declined', 'withdrawn')
ORDER BY a.operator_id, in_force DESC NULLS LAST, a.starts DESC NULLS LAST
"""
AGREED = """
SELECT DISTINCT ON (offering_id) offering_id, one_off::text, monthly::text, currency FROM partners_price
WHERE agreement_id = ANY(%(agreements)s::bigint[]) AND starts <= %(day)s AND (ends IS NULL OR ends > %(day)s)
ORDER BY offering_id, starts DESC
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
