"""What a partner's or a customer's own system tells of: a candidate, or a person's case where its scope is unclear."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from ofx.core.models import Organisation
from partners.models import Endpoint, Operator
from ticketing.outages import parties
from ticketing.outages.actions.declaring import from_partner, report
from ticketing.outages.actions.works import ask_a_person
from ticketing.outages.from_news import Told, read_problem
from ticketing.outages.keys import Key
from ticketing.outages.models import MaintenanceNotice, Outage, OutageParty

STILL = "They say that it is over meanwhile: put it aside, or say what was affected."


def from_report(
    *, at: datetime, organisation: Organisation, told: Told, keys: Iterable[Key], operator: Operator | None = None,
    customer: Organisation | None = None, endpoint: Endpoint | None = None, title: str = "",
) -> Outage:  # fmt: skip
    """The candidate of a report, its leg pinned so that their news finds it. Twice is once. Raises ScopeInvalid."""
    with transaction.atomic():
        if customer is not None:
            outage = report(
                actor=None, at=at, organisation=organisation, customer=customer, text=told.text, keys=keys,
                title=title or told.title or f"Outage reported by {customer}", severity=told.severity,
                external_id=told.external_id, idempotency_key=f"{customer.slug}:{told.external_id}"[:120],
                operator=operator,
            )  # fmt: skip
        else:
            assert operator is not None
            outage = from_partner(
                at=at, organisation=organisation, operator=operator, external_id=told.external_id, keys=keys,
                title=title or told.title or f"Outage at {operator}", text=told.text, severity=told.severity,
                simulated=told.simulated, **_times(told, at),
            )  # fmt: skip
        whose: dict[str, Any] = {"customer": customer} if customer is not None else {"operator": operator}
        party = OutageParty.objects.filter(outage=outage, **whose).first()
        if party is not None and endpoint is not None:
            parties.pin(party=party, endpoint=endpoint, at=at)
        waiting = MaintenanceNotice.objects.filter(organisation=organisation, digest=_digest(told, operator, customer))
        waiting.filter(state="waiting").update(state="read", outage=outage)
    return outage


def _times(told: Told, at: datetime) -> dict[str, Any]:
    """Works without a whole window are told as an outage that has begun: nothing is invented."""
    end = told.ended_at or told.expected_at
    times: dict[str, Any] = {"started_at": told.started_at or at, "expected_at": end}
    if told.planned and told.started_at and end and end > told.started_at:
        times |= {"planned": True, "window_start": told.started_at, "window_end": end}
    return times


def keep_report(
    *, at: datetime, organisation: Organisation, payload: dict[str, Any], why: str, operator: Operator | None = None,
    customer: Organisation | None = None,
) -> MaintenanceNotice:  # fmt: skip
    """A report that cannot be placed waits for a person; a later one about the same takes its place."""
    told = read_problem(payload)
    words = {
        "subject": (told.title or "An outage without a title")[:250], "text": told.text, "reported": payload,
        "sender": str(customer or operator or "")[:250], "problem": why[:300],
        "raw": orjson.dumps(payload, default=str),
    }  # fmt: skip
    with transaction.atomic():
        row, fresh = MaintenanceNotice.objects.get_or_create(
            organisation=organisation, digest=_digest(told, operator, customer),
            defaults={"state": "waiting", "received_at": at, **words},
        )  # fmt: skip
        if fresh:
            ask_a_person(row, at)
        else:
            MaintenanceNotice.objects.filter(pk=row.pk, state="waiting").update(**words)
    return row


def over_meanwhile(
    *, organisation: Organisation, told: Told, operator: Operator | None, customer: Organisation | None
) -> bool:
    """What ended while it waited for a person says so. Whether there was such a thing."""
    rows = MaintenanceNotice.objects.filter(organisation=organisation, digest=_digest(told, operator, customer))
    return bool(rows.filter(state="waiting").update(problem=STILL))


def _digest(told: Told, operator: Operator | None, customer: Organisation | None) -> str:
    who = f"customer:{customer.pk}" if customer is not None else f"operator:{operator.pk if operator else 0}"
    return hashlib.sha256(f"problem:{who}:{told.external_id or told.title}".encode()).hexdigest()
