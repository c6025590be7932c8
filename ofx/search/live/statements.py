"""The SQL of live answers: whom to ask, the claim, what is known of a place.

Leases, deadlines and the pace are measured by the database's clock (HUB 3.2); `at` is the caller's.
"""

# Operators of the place's country with a live service that this tenant may use and something to sell to it.
PEERS = """
SELECT DISTINCT ON (e.operator_id) e.operator_id, e.id, e.simulated,
       CASE WHEN coalesce(e.services->>'tmf679', '') <> '' THEN 'tmf679' ELSE 'tmf645' END AS api,
       e.state = 'active' AND coalesce(e.open_until <= statement_timestamp(), true)
           AND coalesce(g.open_until <= statement_timestamp(), true) AS open, o.name
FROM partners_endpoint e
JOIN partners_operator o ON o.id = e.operator_id
LEFT JOIN search_livegate g ON g.endpoint_id = e.id
WHERE (e.organisation_id = %(organisation)s OR e.organisation_id IS NULL)
  AND coalesce(nullif(e.services->>'tmf679', ''), nullif(e.services->>'tmf645', '')) IS NOT NULL
  AND o.country = %(country)s AND o.suspended_reason = ''
  AND (o.on_net_of_id IS NULL OR o.on_net_of_id = %(organisation)s)
  AND EXISTS (SELECT 1 FROM partners_offering f JOIN partners_price p ON p.offering_id = f.id
      LEFT JOIN partners_agreement a ON a.id = p.agreement_id
      WHERE f.operator_id = o.id AND f.active AND (p.agreement_id IS NULL OR a.organisation_id = %(organisation)s))
ORDER BY e.operator_id, e.organisation_id NULLS LAST, e.id
"""

# One statement: who can be asked, has no answer that holds, is not being asked, and did not fail just now.
ASK = """
WITH peer AS MATERIALIZED (<peers>)
INSERT INTO search_livequery (organisation_id, operator_id, endpoint_id, place_id, address_id, country, code, api,
    reason, state, asked_at, lines, detail, simulated, attempt, due_at, give_up_at, external_id)
SELECT %(organisation)s, peer.operator_id, peer.id, %(place)s, %(address)s, %(country)s, %(code)s, peer.api,
    %(reason)s, 'asked', %(at)s, '[]', '', peer.simulated, 0, statement_timestamp(),
    statement_timestamp() + %(seconds)s * interval '1 second', ''
FROM peer
WHERE peer.open AND (%(operators)s::bigint[] IS NULL OR peer.operator_id = ANY(%(operators)s::bigint[]))
  AND NOT EXISTS (SELECT 1 FROM search_livequery l
      WHERE l.code = %(code)s AND l.country = %(country)s AND l.organisation_id = %(organisation)s
        AND l.operator_id = peer.operator_id AND l.place_id = %(place)s
        AND l.address_id IS NOT DISTINCT FROM %(address)s::bigint
        AND ((l.state = 'answered' AND l.valid_until > %(at)s)
             OR (l.state IN ('no_answer', 'failed') AND l.ended_at > %(at)s - %(pause)s * interval '1 second')))
ON CONFLICT DO NOTHING
RETURNING id, endpoint_id
""".replace("<peers>", PEERS)

# gate: the endpoint may be asked now; its pace is the endpoint's own, shared with its orders (HUB item 20).
CLAIM = """
WITH gate AS MATERIALIZED (
    SELECT e.id, greatest(e.rate_per_minute, 1) / 60.0 AS per_second, statement_timestamp() AS now,
           greatest(e.paced_at, statement_timestamp()) AS paced, coalesce(g.failures, 0) >= %(breaker)s AS half_open
    FROM partners_endpoint e LEFT JOIN search_livegate g ON g.endpoint_id = e.id
    WHERE e.id = %(endpoint)s AND e.state = 'active'
      AND coalesce(e.open_until <= statement_timestamp(), true)
      AND coalesce(e.slow_until <= statement_timestamp(), true)
      AND coalesce(g.open_until <= statement_timestamp(), true)
    FOR NO KEY UPDATE OF e
), due AS MATERIALIZED (
    SELECT l.id FROM search_livequery l
    WHERE l.endpoint_id = %(endpoint)s AND l.state = 'asked' AND l.due_at <= statement_timestamp()
      AND l.give_up_at > statement_timestamp()
      AND (l.lease_until IS NULL OR l.lease_until < statement_timestamp())
      AND (%(only)s::bigint[] IS NULL OR l.id = ANY(%(only)s::bigint[]))
    ORDER BY l.due_at
    LIMIT (SELECT greatest(0, least(CASE WHEN half_open THEN 1 ELSE %(limit)s END,
        floor(1e-9 + per_second * (greatest(3.0, 1.0 / per_second) - extract(epoch FROM paced - now)))))::int FROM gate)
    FOR UPDATE OF l SKIP LOCKED
), spent AS (
    UPDATE partners_endpoint e
    SET paced_at = gate.paced + (SELECT count(*) FROM due) / gate.per_second * interval '1 second'
    FROM gate WHERE e.id = gate.id AND EXISTS (SELECT 1 FROM due)
)
UPDATE search_livequery l
SET lease_until = gate.now + %(lease)s * interval '1 second', attempt = l.attempt + 1
FROM due, gate WHERE l.id = due.id
RETURNING l.id
"""

EXPIRE = """
UPDATE search_livequery SET state = 'no_answer', ended_at = %(at)s, lease_until = NULL,
    detail = CASE WHEN detail = '' THEN 'no answer in time' ELSE detail END
WHERE state = 'asked' AND give_up_at <= statement_timestamp()
  AND (lease_until IS NULL OR lease_until < statement_timestamp())
"""

DUE = """
SELECT DISTINCT endpoint_id FROM search_livequery
WHERE state = 'asked' AND due_at <= statement_timestamp() AND give_up_at > statement_timestamp()
  AND (lease_until IS NULL OR lease_until < statement_timestamp()) AND endpoint_id IS NOT NULL
"""

NEXT_DUE = """
SELECT extract(epoch FROM min(due_at) - statement_timestamp())::float FROM search_livequery
WHERE endpoint_id = %s AND state = 'asked' AND give_up_at > statement_timestamp() AND lease_until IS NULL
"""

# Of each operator: the newest answer, and the newest question where that is another one. An answer for the address
# comes before one for its whole postcode; one for another address of the postcode says nothing here.
KNOWN = """
SELECT operator_id, state, available, lines::text, asked_at, ended_at, valid_until, detail, simulated,
       give_up_at <= statement_timestamp() AS late, address_id IS NOT NULL AS exact
FROM search_livequery
WHERE code = %(code)s AND country = %(country)s AND organisation_id = %(organisation)s AND place_id = %(place)s
  AND (address_id IS NULL OR address_id = %(address)s)
ORDER BY operator_id, exact DESC, asked_at DESC, id DESC
LIMIT 500
"""

# The newest verdict of each operator on this place; a later proof that it can be done lays the ghost.
GHOSTS = """
SELECT operator_id, reason, text, at, "order", simulated FROM (
    SELECT DISTINCT ON (operator_id) * FROM search_verdict
    WHERE code = %(code)s AND country = %(country)s AND organisation_id = %(organisation)s
      AND (premises = '' OR %(premises)s::text IS NULL OR premises = %(premises)s)
    ORDER BY operator_id, at DESC
) v WHERE NOT confirmed AND at > %(at)s - interval '365 days'
"""

# Own verdicts; and those of all tenants, to be used from three tenants and 30 cases up (ARCHITECTURE 9).
TRUTH = """
SELECT operator_id, count(*) FILTER (WHERE organisation_id = %(organisation)s) AS own,
       count(*) FILTER (WHERE organisation_id = %(organisation)s AND confirmed) AS own_true,
       count(*) AS pooled, count(*) FILTER (WHERE confirmed) AS pooled_true, count(DISTINCT organisation_id) AS tenants
FROM search_verdict
WHERE NOT simulated AND at > %(at)s - interval '730 days'
  AND (%(operators)s::bigint[] IS NULL OR operator_id = ANY(%(operators)s::bigint[]))
GROUP BY operator_id
"""

JUDGED = """
SELECT id FROM search_livequery
WHERE code = %(code)s AND country = %(country)s AND organisation_id = %(organisation)s AND operator_id = %(operator)s
  AND state = 'answered' AND available AND asked_at <= %(before)s
ORDER BY asked_at DESC LIMIT 1
"""
