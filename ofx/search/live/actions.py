"""Every write about live answers, but for the worker's own (asking.py)."""

from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import connection, transaction

from ofx.core.audit.actions import record
from ofx.core.celery_wake import wake
from ofx.core.events.actions import publish
from ofx.core.models import Organisation
from ofx.search.live.models import Verdict
from ofx.search.live.statements import ASK, JUDGED
from ofx.search.places import Spot
from partners.models import Operator

PAUSE_SECONDS = 60  # an operator that did not answer is not asked again for the same place before
# Refusals that say: what was said to be available is not (DOMAIN 5.6). Wrong data of ours proves nothing.
GHOSTLY = ("NOT_FEASIBLE", "NETWORK_INCOMPLETE", "CAPACITY", "NO_LIGHT")


def ask_around(
    *,
    organisation: Organisation,
    spot: Spot,
    at: datetime,
    reason: str = "search",
    operators: list[int] | None = None,
    ring: bool = True,
) -> list[tuple[int, int]]:
    """Ask every operator with a live service about a place, those with an answer that still holds left out.

    One statement; the asking is done by workers after the commit (`ring` False: by the caller). Only service
    providers ask. Returns (question id, endpoint id) of what was asked anew. Not logged: asking changes nothing.
    """
    if organisation.kind != "service_provider":
        return []
    values = {
        "organisation": organisation.pk,
        "place": spot.id,
        "address": spot.address["id"] if spot.address else None,
        "country": spot.country,
        "code": spot.code,
        "reason": reason,
        "at": at,
        "seconds": settings.LIVE_SECONDS,
        "pause": PAUSE_SECONDS,
        "operators": operators,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ASK, values)
        asked = [(int(row[0]), int(row[1])) for row in cursor.fetchall()]
        for endpoint_id in {endpoint for _, endpoint in asked} if ring else ():
            transaction.on_commit(partial(wake, "ofx.search.live.tasks.ask", endpoint_id), robust=True)
    return asked


def judge(
    *,
    organisation: Organisation,
    operator: Operator,
    country: str,
    code: str,
    subject: str,
    confirmed: bool,
    before: datetime,
    at: datetime,
    premises: str = "",
    order: str = "",
    reason: str = "",
    text: str = "",
    simulated: bool = False,
) -> Verdict | None:
    """An order ended: what was said about the place proved true or false. Once a subject; a repeat changes nothing.

    `before`: when the order was placed, so that the answer it relied on is the one that is judged. A refusal for a
    reason that says nothing about availability is no verdict: None.
    """
    if not confirmed and reason not in GHOSTLY:
        return None
    with transaction.atomic():
        values = {
            "operator": operator,
            "country": country,
            "code": code,
            "premises": premises,
            "order": order,
            "confirmed": confirmed,
            "reason": reason,
            "text": text[:300],
            "live_id": _answer_before(organisation, operator, country, code, before),
            "at": at,
            "simulated": simulated,
        }
        row, made = Verdict.objects.get_or_create(organisation=organisation, subject=subject, defaults=values)
        if made and not confirmed:
            _tell(row, at)
    return row


def _answer_before(
    organisation: Organisation, operator: Operator, country: str, code: str, before: datetime
) -> int | None:
    who = {"organisation": organisation.pk, "operator": operator.pk}
    with connection.cursor() as cursor:
        cursor.execute(JUDGED, {**who, "country": country, "code": code, "before": before})
        found = cursor.fetchone()
    return int(found[0]) if found else None


def _tell(row: Verdict, at: datetime) -> None:
    """A ghost is told: it changes what searches of this tenant show."""
    told = {"operator_id": row.operator_id, "code": row.code, "reason": row.reason, "proved_by": row.subject}
    subject = f"operator:{row.operator_id}"
    record(actor=None, subject=subject, verb="proved unavailable", at=at, organisation_id=row.organisation_id, **told)
    publish("availability.refuted", subject, at=at, organisation_id=row.organisation_id, **told)
