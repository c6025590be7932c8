"""Problems that began elsewhere become candidates here: a partner's (for each tenant), a customer's IT system's."""

from datetime import datetime
from typing import Any

from ofx.core.models import Organisation
from partners.coverage.normalise import display
from partners.models import Endpoint, Operator
from ticketing.outages import parties
from ticketing.outages.actions import attach, from_partner, report
from ticketing.outages.from_news import Told, keys_of, read_problem, tenants
from ticketing.outages.keys import ScopeInvalid, sector
from ticketing.outages.models import Outage, OutageParty
from ticketing.outages.queries import covering
from ticketing.tickets.models import ServiceTest


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


def known_incident(test: ServiceTest, *, incident: str, at: datetime) -> Outage | None:
    """A test met an incident that the partner knows of: its ticket joins our outage there, or begins one."""
    service = test.service
    outage = covering(organisation=test.organisation, service=service, at=at)
    if outage is None:
        key = ("sector", sector(service.country, service.postcode))
        shown = display(service.country, service.postcode)
        outage = from_partner(
            at=at, organisation=test.organisation, operator=service.operator, keys=[key],
            external_id=incident[:100] or f"incident-{key[1]}-{at:%Y%m%d}", text=test.text,
            title=f"No service in {shown[:-2].strip() if service.country == 'GB' else shown}", simulated=test.simulated,
        )  # fmt: skip
    if test.ticket is not None and outage.state in ("candidate", "open"):
        attach(outage=outage, ticket=test.ticket, actor=None, at=at)
    return outage
