"""The SQL that turns a footprint into the places and premises that it serves live; run in the worker only."""

from partners.reach.areas import AREA_SQL

NEWEST = """
SELECT concat((SELECT coalesce(max(id), 0) FROM partners_place), ':',
              (SELECT coalesce(max(id), 0) FROM partners_address))
"""
AREAS = f"""
SELECT p.country, {AREA_SQL} AS area, count(*), avg(p.lat), avg(p.lon) FROM partners_place p
WHERE p.live IS NOT false GROUP BY 1, 2
"""  # noqa: S608 — our own constants only
PREMISES_OF_AREAS = f"""
SELECT p.country, {AREA_SQL} AS area, count(*) FROM partners_address a
JOIN partners_place p ON p.country = a.country AND p.code = a.postcode WHERE p.live IS NOT false GROUP BY 1, 2
"""  # noqa: S608 — our own constants only

# What the footprint says by key; of several rows for a key and technology a live one wins, as in search.
SAID = """
CREATE TEMP TABLE reach_said ON COMMIT DROP AS
SELECT technology, country, level, key, bool_or(status = 'live') AS live
FROM partners_footprintrow WHERE footprint_id = %s GROUP BY 1, 2, 3, 4
"""
# The most specific word about each place (postcode, sector, outcode), as in search.
SERVED = f"""
CREATE TEMP TABLE reach_served ON COMMIT DROP AS
SELECT b.technology, b.id, p.country, p.code, {AREA_SQL} AS area, b.live FROM (
    SELECT DISTINCT ON (technology, id) technology, id, live FROM (
        SELECT s.technology, p.id, 1 AS rank, s.live FROM reach_said s
        JOIN partners_place p ON p.country = s.country AND p.code = s.key WHERE s.level = 'postcode'
        UNION ALL
        SELECT s.technology, p.id, 2, s.live FROM reach_said s
        JOIN partners_place p ON p.country = s.country AND p.sector = s.key WHERE s.level = 'sector'
        UNION ALL
        SELECT s.technology, p.id, 3, s.live FROM reach_said s
        JOIN partners_place p ON p.country = s.country AND p.outcode = s.key WHERE s.level = 'outcode'
        UNION ALL
        SELECT s.technology, p.id, 3, s.live FROM reach_said s
        JOIN partners_place p ON p.country = s.country AND p.code = s.key
        WHERE s.level = 'outcode' AND s.country <> 'GB'
    ) hit ORDER BY technology, id, rank, live DESC
) b JOIN partners_place p ON p.id = b.id WHERE p.live IS NOT false
"""  # noqa: S608 — our own constants only
# Known premises: named by a row of their own, else served with their postcode.
HOMES = f"""
CREATE TEMP TABLE reach_homes ON COMMIT DROP AS
SELECT DISTINCT ON (h.technology, h.id) h.technology, h.id, p.id AS place, p.country, {AREA_SQL} AS area, h.live FROM (
    SELECT s.technology, a.id, 1 AS rank, s.live, a.country, a.postcode FROM reach_said s
    JOIN partners_address a ON a.country = s.country AND a.key = s.key WHERE s.level = 'premises'
    UNION ALL
    SELECT v.technology, a.id, 2, v.live, a.country, a.postcode FROM reach_served v
    JOIN partners_address a ON a.country = v.country AND a.postcode = v.code
) h JOIN partners_place p ON p.country = h.country AND p.code = h.postcode AND p.live IS NOT false
ORDER BY h.technology, h.id, h.rank, h.live DESC
"""  # noqa: S608 — our own constants only
# A postcode counts as reached where it, or any of its known premises, is served live.
POSTCODES = """
SELECT technology, country, area, array_agg(id) FROM (
    SELECT technology, country, area, id FROM reach_served WHERE live
    UNION SELECT technology, country, area, place FROM reach_homes WHERE live
) v GROUP BY 1, 2, 3
"""
PREMISES = "SELECT technology, country, area, array_agg(id) FROM reach_homes WHERE live GROUP BY 1, 2, 3"
DROP = "DROP TABLE IF EXISTS pg_temp.reach_said, pg_temp.reach_served, pg_temp.reach_homes"

# Ids within some outcodes, for agreements that hold only there.
PLACES_OF_OUTCODES = "SELECT id FROM partners_place WHERE country = %s AND outcode = ANY(%s)"
PREMISES_OF_OUTCODES = """
SELECT a.id FROM partners_place p JOIN partners_address a ON a.country = p.country AND a.postcode = p.code
WHERE p.country = %s AND p.outcode = ANY(%s)
"""
