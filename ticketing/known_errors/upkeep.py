"""The database keeps itself alive: records that are stale, that fail, or that say the same as another are flagged."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from ticketing.known_errors.actions import flag
from ticketing.known_errors.models import KnownError
from ticketing.known_errors.vectors import has_pgvector
from ticketing.known_errors.vocabulary import FAILING_SHARE, FAILING_USES, State

ALIKE = 0.9  # cosine from which two records are taken for the same; planning default
SAME_TITLE = 0.75  # trigram similarity of titles, where sentences cannot be compared
BY_MEANING = """
SELECT one.article_id, other.article_id FROM ticketing_knownerrorindex one
CROSS JOIN LATERAL (
  SELECT article_id FROM ticketing_knownerrorindex i
  WHERE i.article_id <> one.article_id AND i.state = 'approved' AND i.vector IS NOT NULL
    AND (i.organisation_id IS NULL OR i.organisation_id = one.organisation_id)
    AND 1 - (i.vector <=> one.vector) >= %(alike)s
  ORDER BY i.vector <=> one.vector LIMIT 1) other
JOIN ticketing_knownerror a ON a.id = one.article_id
WHERE one.vector IS NOT NULL AND a.state IN ('draft', 'waiting', 'approved') AND a.review_reason = ''
  AND NOT a.not_alike @> to_jsonb(other.article_id) AND a.updated_at >= %(since)s LIMIT %(limit)s
"""
BY_TITLE = """
SELECT one.id, other.id FROM ticketing_knownerror one
JOIN ticketing_knownerror other ON other.id < one.id AND similarity(other.title, one.title) >= %(alike)s
  AND (other.organisation_id IS NULL OR other.organisation_id = one.organisation_id) AND other.state = 'approved'
WHERE one.state IN ('draft', 'waiting', 'approved') AND one.review_reason = '' AND one.updated_at >= %(since)s
  AND NOT one.not_alike @> to_jsonb(other.id) LIMIT %(limit)s
"""


def flag_due(*, at: datetime) -> int:
    """Flag what is past its review date or fails too often. Returns how many are newly flagged."""
    good = KnownError.objects.filter(state=State.APPROVED, review_reason="")
    flagged = 0
    for row in good.filter(review_by__lt=at.date())[:200]:
        flagged += flag(article=row, at=at, why=f"nobody has looked at it since it was due on {row.review_by:%d %b %Y}")
    judged: Any = good.annotate(judged=F("times_worked") + F("times_failed"))
    for row in judged.filter(judged__gte=FAILING_USES, times_failed__gt=FAILING_SHARE * F("judged"))[:200]:
        flagged += flag(article=row, at=at, why=f"failed in {row.times_failed} of {row.judged} uses")
    return flagged


def flag_duplicates(*, at: datetime, since: datetime, limit: int = 50) -> int:
    """Flag records changed since a moment that say the same as another one."""
    meaning = has_pgvector(connection)
    values: dict[str, Any] = {"alike": ALIKE if meaning else SAME_TITLE, "since": since, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(BY_MEANING if meaning else BY_TITLE, values)
        pairs = cursor.fetchall()
    rows = KnownError.objects.in_bulk([pk for pair in pairs for pk in pair])
    found = 0
    for one, other in pairs:
        why = f"says nearly the same as {rows[other].reference}, {rows[other].title}"
        found += flag(article=rows[one], at=at, why=why, alike=rows[other])
    return found
