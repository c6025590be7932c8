"""Problems that began elsewhere become candidates here: a partner's (for each tenant), a customer's IT system's."""

from datetime import datetime
from typing import Any

from ofx.core.models import Organisation
from partners.models import Endpoint, Operator
from ticketing.outages import parties
from ticketing.outages.actions import from_partner, report
from ticketing.outages.from_news import Told, keys_of, read_problem, tenants
from ticketing.outages.keys import ScopeInvalid
from ticketing.outages.models import Outage, OutageParty


def take(payload: dict[str, Any], *, organisation_id: int | None, at: datetime) -> int:
    """One problem that somebody tells of. Returns how many outages it is or became."""
    told = read_problem(payload)
    endpoint = Endpoint.objects.filter(pk=payload.get("endpoint_id") or 0).first()
    customer = Organisation.objects.filter(pk=payload.get("customer_id") or 0, kind="customer").first()
    if not told.external_id:
        return 0
    if customer is not None:
        return int(_of_customer(told, customer, endpoint, at))
    operator = Operator.objects.filter(pk=payload.get("operator_id") or 0).first()
    return sum(_of_partner(told, one, operator, endpoint, at) for one in tenants(organisation_id, operator))


def _of_partner(
    told: Told, organisation: Organisation, operator: Operator | None, endpoint: Endpoint | None, at: datetime
) -> bool:
    """New, or known by its id there; what ended before we heard of it is none."""
    if operator is None:
        return False
    known = OutageParty.objects.filter(
        operator=operator, external_id=told.external_id, outage__organisation=organisation
    ).first()  # fmt: skip
    if known is None and told.over:
        return False
    if known is None:
        try:
            outage = from_partner(
                at=at, organisation=organisation, operator=operator, external_id=told.external_id,
                title=told.title or f"Outage at {operator}", keys=keys_of(told, operator), text=told.text,
                severity=told.severity, simulated=told.simulated, **_times(told, at),
            )  # fmt: skip
        except ScopeInvalid:
            return False
        known = outage.parties.filter(operator=operator).first()
        if known is not None and endpoint is not None:
            parties.pin(party=known, endpoint=endpoint, at=at)
    elif told.over or told.expected_at:
        news = {"state": told.state, "partner_ref": told.external_id}
        parties.hear(party_id=known.pk, news=news, at=at)
    return True


def _times(told: Told, at: datetime) -> dict[str, Any]:
    """Works without a whole window are told as an outage that has begun: nothing is invented."""
    end = told.ended_at or told.expected_at
    times: dict[str, Any] = {"started_at": told.started_at or at, "expected_at": end}
    if told.planned and told.started_at and end and end > told.started_at:
        times |= {"planned": True, "window_start": told.started_at, "window_end": end}
    return times


def _of_customer(told: Told, customer: Organisation, endpoint: Endpoint | None, at: datetime) -> bool:
    if told.over or customer.provider is None:
        return False
    try:
        outage: Outage = report(
            actor=None, at=at, organisation=customer.provider, customer=customer, text=told.text,
            title=told.title or f"Outage reported by {customer}", keys=keys_of(told, None), severity=told.severity,
            external_id=told.external_id, idempotency_key=f"{customer.slug}:{told.external_id}"[:120],
        )  # fmt: skip
    except ScopeInvalid:
        return False
    party = outage.parties.filter(customer=customer).first()
    if party is not None and endpoint is not None:
        parties.pin(party=party, endpoint=endpoint, at=at)
    return True
