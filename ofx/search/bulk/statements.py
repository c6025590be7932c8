"""The SQL of bulk qualification: a chunk of places at a time, whatever the chunk holds."""

# The place, and the address where one is named, of every row of a chunk. An id beats a text, a text needs its postcode.
RESOLVE = """
SELECT i.line, p.id, p.country, p.code, p.outcode, p.sector, coalesce(p.district, ''), a.id, a.key
FROM unnest(%(lines)s::int[], %(countries)s::text[], %(codes)s::text[], %(uprns)s::text[], %(texts)s::text[])
    AS i(line, country, code, uprn, text)
<addresses>
LEFT JOIN partners_place p ON p.country = i.country AND p.code = coalesce(a.postcode, nullif(i.code, ''))
"""
NO_ADDRESSES = "CROSS JOIN (SELECT NULL::bigint AS id, NULL::text AS key, NULL::text AS postcode) a"
ADDRESSES = """
LEFT JOIN LATERAL (
    SELECT x.id, x.key, x.postcode FROM (
        (SELECT b.id, b.key, b.postcode, 1 AS n FROM partners_address b
         WHERE i.uprn <> '' AND b.country = i.country AND b.uprn <> ''
           AND b.uprn IN (i.uprn, coalesce(nullif(ltrim(i.uprn, '0'), ''), '0'), lpad(i.uprn, 12, '0')) LIMIT 1)
        UNION ALL
        (SELECT b.id, b.key, b.postcode, 2 FROM partners_address b
         WHERE i.uprn = '' AND i.text <> '' AND i.code <> '' AND b.country = i.country AND b.postcode = i.code
           AND (lower(b.text) = lower(i.text) OR starts_with(lower(b.text), lower(i.text) || ','))
         ORDER BY length(b.text), b.id LIMIT 1)
    ) x ORDER BY x.n LIMIT 1
) a ON true
"""

# What active footprints say under each key, as one text a key: equal texts mean equal answers.
SIGN = """concat_ws(chr(31), f.operator_id, r.technology, r.status, coalesce(r.available_from::text, ''),
    coalesce(r.down_mbps::text, ''), coalesce(r.up_mbps::text, ''), coalesce(r.lead_days::text, ''),
    coalesce(r.offering_id::text, ''))"""
SAID = """
SELECT k.level, k.key, string_agg(<sign>, chr(30) ORDER BY f.operator_id, r.id)
FROM unnest(%(levels)s::text[], %(keys)s::text[]) AS k(level, key)
JOIN partners_footprintrow r ON r.country = %(country)s AND r.key = k.key AND r.level = k.level
JOIN partners_footprint f ON f.id = r.footprint_id AND f.state = 'active'
GROUP BY k.level, k.key
""".replace("<sign>", SIGN)
# The same of the known addresses of postcodes where none was named (level "some premises").
SOME = """
SELECT k.code, string_agg(DISTINCT <sign>, chr(30))
FROM unnest(%(codes)s::text[]) AS k(code)
JOIN partners_address a ON a.country = %(country)s AND a.postcode = k.code
JOIN partners_footprintrow r ON r.country = a.country AND r.key = a.key AND r.level = 'premises'
JOIN partners_footprint f ON f.id = r.footprint_id AND f.state = 'active'
GROUP BY k.code
""".replace("<sign>", SIGN)

# Changes with anything that answers are made of: the directory (migration 0003), footprints, promises.
STAMP = """
SELECT (SELECT concat_ws(':', count(*), max(id), bit_xor(hashint8extended(id, 0))) FROM search_change),
       (SELECT concat_ws(':', count(*), sum(id), max(published_at)) FROM partners_footprint WHERE state = 'active'),
       (SELECT max(computed_at)::text FROM search_promise)
"""

PROMISES = """
SELECT operator_id, technology, area, organisation_id IS NOT NULL, sample, p50_days, p80_days, on_time, fallout
FROM search_promise WHERE organisation_id = %(organisation)s OR organisation_id IS NULL
"""

LIVELY = """
SELECT code FROM search_livequery WHERE organisation_id = %(organisation)s AND code = ANY(%(codes)s::text[])
UNION SELECT code FROM search_verdict WHERE organisation_id = %(organisation)s AND code = ANY(%(codes)s::text[])
"""

COLUMNS = (
    "run_id, line, given, reference, customer, contact_name, contact_phone, contact_email, error, note, place_id, "
    "address_id, postcode, served, orderable, operators, technologies, offers, best_id, best_operator_id, technology, "
    "down_mbps, up_mbps, lead_days, score, monthly, one_off, currency, cheapest_id, cheapest_monthly, missing"
)
COPY = f"COPY search_bulkplace ({COLUMNS}) FROM STDIN"

# The fence: results count only while the run is still this attempt's, and running.
ADVANCE = """
UPDATE search_bulkrun SET rows_done = rows_done + %(rows)s, rows_bad = rows_bad + %(bad)s,
    rows_served = rows_served + %(served)s, rows_orderable = rows_orderable + %(orderable)s,
    lease_until = statement_timestamp() + %(lease)s * interval '1 second'
WHERE id = %(run)s AND attempt = %(attempt)s AND state = 'running' AND rows_done = %(done)s
"""

CLAIM = """
UPDATE search_bulkrun SET state = 'running', attempt = attempt + 1, started_at = coalesce(started_at, %(at)s),
    lease_until = statement_timestamp() + %(lease)s * interval '1 second'
WHERE id = %(run)s AND (state = 'queued' OR (state = 'running' AND lease_until < statement_timestamp()))
RETURNING attempt
"""
