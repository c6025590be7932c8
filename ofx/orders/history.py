"""Our own history, in numbers: how long stages stay without news, and how long operators really take.

Simulated orders never count (ARCHITECTURE 9). Pooled over tenants only from three tenants and 30 cases up.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from ofx.orders.models import StageExpectation
from ofx.search.actions import PromiseRow, write_promises
from ofx.search.models import Promise

LOOKBACK = timedelta(days=365)
EVERY = timedelta(hours=1)
POOL_TENANTS, POOL_CASES = 3, 30
# Finer rows (by technology, by area) need this many cases before they say more than the coarser ones.
LEAST_FINE = 5

# The state that a fact leads to, and so the stage in which the gap until the partner's next news was spent.
STAGES = """
    WITH told AS (
        SELECT f.partner_order_id, f.update_type, f.issued_at,
               lead(f.issued_at) OVER gap AS next_at, lead(f.source) OVER gap AS next_source
        FROM orders_fact f JOIN orders_partnerorder p ON p.id = f.partner_order_id
        WHERE NOT p.simulated AND p.created_at >= %(since)s
        WINDOW gap AS (PARTITION BY f.partner_order_id ORDER BY f.issued_at, f.dedupe_key)
    ), gaps AS (
        SELECT p.organisation_id, p.operator_id,
               CASE WHEN update_type = 'SUBMITTED' THEN 'submitted'
                    WHEN update_type = 'ACKNOWLEDGED' THEN 'acknowledged'
                    WHEN update_type = 'DELAY' THEN 'held'
                    WHEN update_type = 'AMEND_REQUESTED' THEN 'assessing_amend'
                    WHEN update_type = 'CANCEL_REQUESTED' THEN 'assessing_cancel'
                    WHEN update_type IN ('COMMITTED', 'RESUMED', 'MILESTONE', 'UPDATE', 'REAPPOINTED', 'ADDITIONAL',
                                         'AMENDED', 'ANSWERED', 'CHARGE_ACCEPTED') THEN 'in_progress' END AS state,
               extract(epoch FROM next_at - issued_at) / 3600.0 AS hours
        FROM told t JOIN orders_partnerorder p ON p.id = t.partner_order_id
        WHERE next_source = 'partner'
    )
    SELECT organisation_id, operator_id, state, count(*), percentile_cont(0.9) WITHIN GROUP (ORDER BY hours)
    FROM gaps WHERE state IS NOT NULL
    GROUP BY GROUPING SETS ((organisation_id, operator_id, state), (organisation_id, state))
"""

PROMISES = """
    WITH cases AS (
        SELECT p.organisation_id, p.operator_id, o.technology,
               CASE WHEN g.country = 'GB' THEN coalesce(substring(g.postcode FROM '^[A-Z]+'), '') ELSE '' END AS area,
               extract(epoch FROM p.completed_at - p.submitted_at) / 86400.0 AS days,
               p.state IN ('rejected', 'failed', 'cancelled') AS fell,
               CASE WHEN p.committed_date IS NULL THEN NULL
                    ELSE (p.completed_at AT TIME ZONE 'UTC')::date <= p.committed_date END AS on_time,
               p.completed_at IS NOT NULL AND p.submitted_at IS NOT NULL AS done
        FROM orders_partnerorder p
        JOIN orders_order g ON g.id = p.order_id
        JOIN orders_orderitem i ON i.id = p.item_id
        JOIN partners_offering o ON o.id = i.offering_id
        WHERE NOT p.simulated AND p.submitted_at >= %(since)s AND p.ended_at IS NOT NULL
    )
    SELECT {organisation}, operator_id,
           CASE WHEN grouping(technology) = 0 THEN technology ELSE '' END,
           CASE WHEN grouping(area) = 0 THEN area ELSE '' END,
           count(*) FILTER (WHERE done),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE done),
           percentile_cont(0.8) WITHIN GROUP (ORDER BY days) FILTER (WHERE done),
           avg(on_time::int) FILTER (WHERE done), avg(fell::int)
    FROM cases
    GROUP BY GROUPING SETS ({sets})
    HAVING count(*) FILTER (WHERE done) >= CASE WHEN grouping(technology) = 0 THEN %(fine)s ELSE 1 END
       AND (grouping(technology) = 1 OR technology <> '') AND (grouping(area) = 1 OR area <> '') {pooled}
"""
OWN_SETS = "(organisation_id, operator_id), (organisation_id, operator_id, technology), " \
    "(organisation_id, operator_id, technology, area)"  # fmt: skip
POOL_SETS = "(operator_id), (operator_id, technology), (operator_id, technology, area)"


def recompute_stages(*, at: datetime) -> int:
    """P90 of the time without news, by tenant, operator and state. Returns the number of rows."""
    rows = [
        StageExpectation(
            organisation_id=organisation,
            operator_id=operator,
            state=state,
            sample=sample,
            p90_hours=float(hours),
            computed_at=at,
        )
        for organisation, operator, state, sample, hours in _fetch(STAGES, {"since": at - LOOKBACK})
    ]
    with transaction.atomic():
        StageExpectation.objects.all().delete()
        StageExpectation.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def recompute_promises(*, at: datetime) -> int:
    """Submission to completion in calendar days, P50 and P80, own and pooled. Returns the number of rows."""
    values = {"since": at - LOOKBACK, "fine": LEAST_FINE, "tenants": POOL_TENANTS, "cases": POOL_CASES}
    own = PROMISES.format(organisation="organisation_id", sets=OWN_SETS, pooled="")
    limit = "AND count(DISTINCT organisation_id) >= %(tenants)s AND count(*) FILTER (WHERE done) >= %(cases)s"
    pooled = PROMISES.format(organisation="NULL::bigint", sets=POOL_SETS, pooled=limit)
    rows = [_row(row) for row in [*_fetch(own, values), *_fetch(pooled, values)]]
    return write_promises(rows=rows, at=at)


def _row(row: tuple[Any, ...]) -> PromiseRow:
    organisation, operator, technology, area, sample, p50, p80, on_time, fallout = row
    return PromiseRow(
        organisation_id=organisation,
        operator_id=operator,
        technology=technology,
        area=area,
        sample=sample,
        p50_days=float(p50),
        p80_days=float(p80),
        on_time=None if on_time is None else float(on_time),
        fallout=None if fallout is None else float(fallout),
    )


def _fetch(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def recompute_due(*, at: datetime) -> int:
    """Both, at most hourly: a year of facts is read."""
    newest = max(
        (
            moment
            for moment in (
                StageExpectation.objects.aggregate(at=Max("computed_at"))["at"],
                Promise.objects.aggregate(at=Max("computed_at"))["at"],
            )
            if moment
        ),
        default=None,
    )
    if newest is not None and at - newest < EVERY:
        return 0
    return recompute_stages(at=at) + recompute_promises(at=at)
