"""The SQL of outages: a chunk of children at a time, whatever their number."""

SECTOR = "CASE WHEN s.country = 'GB' AND length(s.postcode) > 4 THEN left(s.postcode, -2) ELSE s.postcode END"

# Live services of the tenant that have one of the outage's keys, at its operator where it has one.
AFFECTED = """
s.organisation_id = %(organisation)s AND s.state = 'active'
AND (%(operator)s::bigint IS NULL OR s.operator_id = %(operator)s)
AND (%(whole)s
     OR <sector> = ANY(%(sectors)s::text[]) OR s.postcode = ANY(%(postcodes)s::text[])
     OR s.reference = ANY(%(services)s::text[])
     OR (s.partner_ref <> '' AND s.partner_ref = ANY(%(services)s::text[]))
     OR EXISTS (SELECT 1 FROM ticketing_servicetopology t
                JOIN unnest(%(kinds)s::text[], %(values)s::text[]) AS k(kind, value)
                  ON k.kind = t.kind AND k.value = t.value
                WHERE t.service_id = s.id))
""".replace("<sector>", SECTOR)

COUNT = "SELECT count(*), count(DISTINCT s.customer_id) FROM orders_servicerecord s WHERE <affected>".replace(
    "<affected>", AFFECTED
)
# The table's first thousand are enough for a preview; a whole count would read a million rows.
SOME = "SELECT s.id FROM orders_servicerecord s WHERE <affected> ORDER BY s.id LIMIT %(limit)s".replace(
    "<affected>", AFFECTED
)

ATTACH = """
WITH picked AS (
    SELECT s.id, s.customer_id FROM orders_servicerecord s
    WHERE s.id > %(cursor)s AND <affected> ORDER BY s.id LIMIT %(limit)s
), made AS (
    INSERT INTO ticketing_outagechild
        (outage_id, service_id, customer_id, state, reason, started_at, attached_at, test_tries)
    SELECT %(outage)s, id, customer_id, 'attached', '', %(started)s, %(at)s, 0 FROM picked
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT max(id) FROM picked), (SELECT count(*) FROM picked), (SELECT count(*) FROM made)
""".replace("<affected>", AFFECTED)

# Who called already: the eldest open fault of each service, as long as it is no child of this outage by itself.
CALLED = """
UPDATE ticketing_outagechild c SET ticket_id = x.id, started_at = least(c.started_at, x.created_at)
FROM (
    SELECT DISTINCT ON (t.service_id) t.service_id, t.id, t.created_at FROM ticketing_ticket t
    WHERE t.service_id IN (SELECT service_id FROM ticketing_outagechild
                           WHERE outage_id = %(outage)s AND service_id > %(after)s AND service_id <= %(upto)s)
      AND t.created_at >= %(since)s AND t.fault_class NOT IN ('order', 'billing')
      AND t.state IN ('acknowledged', 'in_progress', 'pending', 'held')
      AND NOT EXISTS (SELECT 1 FROM ticketing_outagechild o
                      WHERE o.outage_id = %(outage)s AND o.ticket_id = t.id)
    ORDER BY t.service_id, t.created_at, t.id
) x
WHERE c.outage_id = %(outage)s AND c.service_id = x.service_id AND c.ticket_id IS NULL
RETURNING c.ticket_id
"""

# Open faults about a place, without a service, that fall under the outage (a place alone is nobody's network), and the
# children of a candidate: they begin to wait only now that it is approved.
PLACES = """
SELECT t.id, t.customer_id, t.created_at FROM ticketing_ticket t
WHERE t.organisation_id = %(organisation)s AND t.id > %(cursor)s
  AND t.state IN ('acknowledged', 'in_progress', 'pending', 'held')
  AND (t.service_id IS NULL AND t.postcode <> '' AND t.created_at >= %(since)s
       AND t.fault_class NOT IN ('order', 'billing')
       AND (%(operator)s::bigint IS NULL OR t.operator_id IS NULL OR t.operator_id = %(operator)s)
       AND (<sector> = ANY(%(sectors)s::text[]) OR t.postcode = ANY(%(postcodes)s::text[]))
       OR EXISTS (SELECT 1 FROM ticketing_outagechild c
                  WHERE c.outage_id = %(outage)s AND c.ticket_id = t.id AND c.state <> 'detached'
                    AND NOT EXISTS (SELECT 1 FROM ticketing_ticketwait w
                                    WHERE w.ticket_id = t.id AND w.source_key = 'outage:' || %(outage)s)))
ORDER BY t.id LIMIT %(limit)s
""".replace("<sector>", SECTOR.replace("s.", "t."))

CHUNK = "SELECT id FROM ticketing_outagechild WHERE outage_id = %s AND id > %s ORDER BY id LIMIT %s"

# The people of a child: those of its customer (administrators where it has any), the contact of its ticket, and for a
# customer without people here the contact of its order.
REACH = """
SELECT c.id AS child, c.customer_id, lower(u.email) AS email, true AS portal
FROM ticketing_outagechild c
JOIN core_membership m ON m.organisation_id = c.customer_id
JOIN core_user u ON u.id = m.user_id AND u.is_active AND NOT u.is_service
WHERE c.id = ANY(%(ids)s)
  AND (m.role = 'admin' OR NOT EXISTS (SELECT 1 FROM core_membership a
                                       WHERE a.organisation_id = c.customer_id AND a.role = 'admin'))
UNION ALL
SELECT c.id, c.customer_id, lower(t.contact_email), false
FROM ticketing_outagechild c JOIN ticketing_ticket t ON t.id = c.ticket_id
WHERE c.id = ANY(%(ids)s) AND t.contact_email <> ''
UNION ALL
SELECT c.id, c.customer_id, lower(o.contact_email), false
FROM ticketing_outagechild c
JOIN orders_servicerecord s ON s.id = c.service_id
JOIN orders_orderitem i ON i.id = s.item_id
JOIN orders_order o ON o.id = i.order_id
WHERE c.id = ANY(%(ids)s) AND o.contact_email <> ''
  AND NOT EXISTS (SELECT 1 FROM core_membership a WHERE a.organisation_id = c.customer_id)
"""

# Whoever turned such mails off, by their account or by the address alone, reads it in the portal. Read once a chunk.
MUTED = """
SELECT coalesce(lower(u.email), x.email) AS email
FROM core_noticechoice x LEFT JOIN core_user u ON u.id = x.user_id
WHERE x.organisation_id = %(tenant)s AND x.kind = %(kind)s AND x.channel = 'email' AND NOT x.wanted
"""

# One receipt a child in the portal, one a mail address; a second telling finds them and tells nobody.
INFORM = """
WITH told AS MATERIALIZED (SELECT id FROM ticketing_outagechild WHERE id = ANY(%(ids)s) AND state <> 'detached'),
reach AS MATERIALIZED (SELECT r.* FROM (<reach>) r JOIN told ON told.id = r.child),
shown AS (
    INSERT INTO ticketing_outagereceipt (update_id, child_id, customer_id, channel, recipient, state, at, sent_at)
    SELECT DISTINCT %(update)s::bigint, child, customer_id, 'portal', 'child:' || child, 'sent',
           %(at)s::timestamptz, %(at)s::timestamptz
    FROM reach WHERE portal
    ON CONFLICT DO NOTHING
), moved AS (
    UPDATE ticketing_outagechild c
    SET informed_at = coalesce(informed_at, %(at)s::timestamptz),
        state = CASE WHEN state = 'attached' THEN 'informed' ELSE state END
    WHERE c.id IN (SELECT child FROM reach) AND (informed_at IS NULL OR state = 'attached')
)
INSERT INTO ticketing_outagereceipt (update_id, child_id, customer_id, channel, recipient, state, at)
SELECT DISTINCT ON (email) %(update)s::bigint, child, customer_id, 'mail', email, 'queued', %(at)s::timestamptz
FROM reach WHERE email NOT IN (<muted>) ORDER BY email, child
ON CONFLICT DO NOTHING RETURNING id, recipient
""".replace("<reach>", REACH).replace("<muted>", MUTED)
MAILED = """
UPDATE ticketing_outagereceipt r SET mail_number = x.mail
FROM unnest(%s::bigint[], %s::bigint[]) AS x(id, mail) WHERE r.id = x.id
"""
# The same words on each child's ticket, once an update.
NOTES = """
INSERT INTO ticketing_ticketnote
    (ticket_id, audience, author, text, is_question, channel, dedupe_key, at)
SELECT DISTINCT c.ticket_id, 'customer', 'system', %(text)s, false, 'outage', %(key)s, %(at)s::timestamptz
FROM ticketing_outagechild c WHERE c.id = ANY(%(ids)s) AND c.ticket_id IS NOT NULL AND c.state <> 'detached'
ON CONFLICT DO NOTHING
"""
EXPECTED = """
UPDATE ticketing_ticket t SET expected_at = %(expected)s, last_news_at = %(at)s
FROM ticketing_outagechild c
WHERE c.id = ANY(%(ids)s) AND c.ticket_id = t.id AND c.state <> 'detached'
"""

# What the mail queue did, back onto the receipts.
SENT = """
UPDATE ticketing_outagereceipt r
SET state = CASE WHEN m.sent_at IS NOT NULL THEN 'sent' ELSE 'failed' END, sent_at = m.sent_at
FROM core_mail m
WHERE r.state = 'queued' AND r.channel = 'mail' AND m.id = r.mail_number AND m.next_attempt_at IS NULL
"""

# It is back: whoever it was over for is down again, and is told again; who never could be reached stays so.
REOPEN = """
UPDATE ticketing_outagechild
SET state = CASE WHEN informed_at IS NULL THEN 'attached' ELSE 'informed' END,
    ended_at = NULL, test_id = NULL, test_due_at = NULL, test_tries = 0, reason = ''
WHERE id = ANY(%(ids)s) AND state IN ('ok', 'retesting', 'still_down')
"""

# Clearing: services that can be tested wait for their test; for the others the end of the cause is the end.
CLEAR = """
UPDATE ticketing_outagechild c
SET state = CASE WHEN x.testable THEN 'retesting' ELSE 'ok' END,
    test_due_at = CASE WHEN x.testable THEN %(at)s::timestamptz END,
    ended_at = CASE WHEN x.testable THEN NULL ELSE greatest(c.started_at, %(cleared)s::timestamptz) END,
    reason = CASE WHEN x.testable THEN c.reason ELSE 'not tested: this service cannot be tested from here' END
FROM (
    SELECT c.id, coalesce(s.operator_id = ANY(%(testable)s::bigint[]), false) AS testable
    FROM ticketing_outagechild c
    LEFT JOIN ticketing_ticket t ON t.id = c.ticket_id
    LEFT JOIN orders_servicerecord s ON s.id = coalesce(c.service_id, t.service_id)
    WHERE c.id = ANY(%(ids)s)
) x
WHERE c.id = x.id AND c.state IN ('attached', 'informed')
RETURNING c.id, c.ticket_id, c.state
"""

CLAIM = """
UPDATE ticketing_outagejob SET state = 'running', attempt = attempt + 1, error = '',
    started_at = coalesce(started_at, %(at)s), lease_until = now() + make_interval(secs => %(lease)s)
WHERE id = %(job)s
  AND (state = 'queued' AND (resting_until IS NULL OR resting_until <= now())
       OR state = 'running' AND lease_until < now())
  AND NOT EXISTS (SELECT 1 FROM ticketing_outagejob e
                  WHERE e.outage_id = ticketing_outagejob.outage_id AND e.id < ticketing_outagejob.id
                    AND e.state <> 'done')
RETURNING attempt
"""
ADVANCE = """
UPDATE ticketing_outagejob SET cursor = %(cursor)s, done = done + %(rows)s,
    lease_until = now() + make_interval(secs => %(lease)s)
WHERE id = %(job)s AND attempt = %(attempt)s AND state = 'running'
"""
