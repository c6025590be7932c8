"""Problems that began elsewhere become candidates here: a partner's (for each tenant), a customer's IT system's."""

from datetime import datetime
from typing import Any

from ofx.core.models import Organisation
from partners.coverage.normalise import display
from partners.models import Endpoint, Operator
from ticketing.outages import parties
from ticketing.outages.actions import attach, from_partner, from_report, keep_report, over_meanwhile
from ticketing.outages.from_news import Told, keys_of, read_problem, tenants
from ticketing.outages.keys import ScopeInvalid, sector
from ticketing.outages.models import Outage, OutageParty
from ticketing.outages.queries import covering
from ticketing.tickets.models import ServiceTest


def take(payload: dict[str, Any], *, organisation_id: int | None, at: datetime) -> int:
    """One problem that somebody tells of. Returns how many outages it is or became; what cannot be placed waits for a
    person."""
    told = read_problem(payload)
    endpoint = Endpoint.objects.filter(pk=payload.get("endpoint_id") or 0).first()
    customer = Organisation.objects.filter(pk=payload.get("customer_id") or 0, kind="customer").first()
    operator = Operator.objects.filter(pk=payload.get("operator_id") or 0).first()
    if customer is not None:
        owners = [customer.provider] if customer.provider is not None else []
    else:
        owners = tenants(organisation_id, operator) if operator is not None else []
    whose: dict[str, Any] = {"customer": customer, "operator": None if customer is not None else operator}
    return sum(_one(told, payload, owner, endpoint, whose, at) for owner in owners)


def _one(
    told: Told, payload: dict[str, Any], owner: Organisation, endpoint: Endpoint | None, whose: dict[str, Any],
    at: datetime,
) -> bool:  # fmt: skip
    """New, or known by its id there; what ended before we heard of it is none."""
    known = _known(told, owner, whose)
    if known is not None:
        if whose["operator"] is not None and (told.over or told.expected_at):
            news = {"state": told.state, "partner_ref": told.external_id, "issued_at": payload.get("issued_at")}
            parties.hear(party_id=known.pk, news=news, at=at)
        return True
    if told.over:
        over_meanwhile(organisation=owner, told=told, **whose)
        return False
    try:
        if not told.external_id:
            raise ScopeInvalid({"external_id": "It bears no id: their later news cannot be told from another's."})
        keys = keys_of(told, whose["operator"])
        from_report(at=at, organisation=owner, told=told, keys=keys, endpoint=endpoint, **whose)
    except ScopeInvalid as error:
        keep_report(at=at, organisation=owner, payload=payload, why=str(error), **whose)
        return False
    return True


def _known(told: Told, owner: Organisation, whose: dict[str, Any]) -> OutageParty | None:
    rows = OutageParty.objects.filter(external_id=told.external_id, outage__organisation=owner, **whose)
    return rows.first() if told.external_id else None


def known_incident(test: ServiceTest, *, incident: str, at: datetime) -> Outage | None:
    """A test met an incident that the partner knows of: its ticket joins our outage there, or begins one."""
    service = test.service
    outage = covering(organisation=test.organisation, service=service, at=at)
    if outage is None:
        code = sector(service.country, service.postcode)
        key = ("sector", code) if code else ("service", service.reference)
        shown = display(service.country, service.postcode) if code else service.reference
        outage = from_partner(
            at=at, organisation=test.organisation, operator=service.operator, keys=[key],
            external_id=incident[:100] or f"incident-{key[1]}-{at:%Y%m%d}", text=test.text,
            title=f"No service in {shown[:-2].strip() if code and service.country == 'GB' else shown}",
            simulated=test.simulated,
        )  # fmt: skip
    if test.ticket is not None and outage.state in ("candidate", "open"):
        attach(outage=outage, ticket=test.ticket, actor=None, at=at)
    return outage
