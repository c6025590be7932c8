"""The ways to the sandbox's operators: shared by all tenants, simulated, with the sandbox's own credentials."""

import secrets
from typing import Any

from django.conf import settings

from ofx.core.models import Organisation
from ofx.portal.demo.base import Demo, DemoError
from partners.models import Endpoint, Operator
from sandbox import appointments, qualification
from sandbox import config as sandbox
from sandbox.care import open as care

LABEL = "Ways to the sandbox"
# Notifications are hints, polling is the backstop (HUB rule 4): the chatty partner is asked seldom, the mute one often.
POLL_SECONDS = {"northfibre": 20, "southlink": 3, "eastwave": 3, "mailtel": 2}
FAULT_POLL_SECONDS = {"northfibre": 30, "southlink": 4, "eastwave": 6}
FAULTS = (("tmf621", "ticket", "faults"), ("tmf656", "problem", "outages"))
CUSTOMERS_SYSTEM, CUSTOMER = "harbour-itsm", "harbour-books"


def run(demo: Demo) -> str:
    """Endpoints for each simulated operator and a customer's system; credentials follow the sandbox's configuration."""
    try:
        plan = sandbox.load(settings.OFX_HOME)
    except ValueError as error:
        raise DemoError(str(error)) from error
    for partner in plan.partners:
        operator = Operator.objects.filter(code=partner.id).first()
        if operator is not None:
            connect({"operator": operator, "organisation": None}, fields_of(plan, partner), demo)
            for fields in fault_fields(plan, partner):
                connect({"operator": operator, "organisation": None}, fields, demo)
    connect_customer(plan, demo)
    return f"{Endpoint.objects.filter(simulated=True).count()} endpoints"


def common(partner: sandbox.Partner) -> dict[str, Any]:
    """Credentials of a simulated company."""
    return {
        "dialect": partner.id,
        "token": partner.token,
        "inbound_secret": partner.webhook_secret,
        "simulated": True,
    }


def fields_of(plan: sandbox.Config, partner: sandbox.Partner) -> dict[str, Any]:
    """What the endpoint for orders must know of a simulated partner."""
    return {
        **common(partner),
        "kind": partner.kind,
        "name": partner.name,
        "base_url": plan.base_url(partner.id) if partner.base_path else "",
        "address": partner.address,
        "poll_seconds": POLL_SECONDS.get(partner.id, 0),
        "services": {**qualification.services(plan.url, partner), **appointments.services(plan.url, partner)},
    }


def fault_fields(plan: sandbox.Config, partner: sandbox.Partner) -> list[dict[str, Any]]:
    """The same for its systems of faults and of outages; tests of lines are asked for beside the faults."""
    if partner.kind != "tmf622":
        return []
    roots = care.services(plan.url, partner.id)
    return [
        {
            **common(partner),
            "kind": kind,
            "entities": [entity],
            "name": f"{partner.name}, {what}",
            "base_url": roots[kind],
            "poll_seconds": FAULT_POLL_SECONDS[partner.id] * (1 if entity == "ticket" else 2),
            "services": {"tmf653": roots["tmf653"]} if entity == "ticket" else {},
        }
        for kind, entity, what in FAULTS
    ]


def connect_customer(plan: sandbox.Config, demo: Demo) -> None:
    """Harbour Books' own service desk: its tickets and outages lie there too."""
    customer = Organisation.objects.filter(slug=CUSTOMER).first()
    if customer is None:
        return
    system = plan.system(CUSTOMERS_SYSTEM)
    fields = {
        **common(system),
        "kind": "tmf621",
        "name": system.name[:120],
        "base_url": plan.url + system.base_path,
        "poll_seconds": 15,
    }
    connect({"customer": customer, "organisation": customer.provider}, fields, demo)


def connect(whose: dict[str, Any], fields: dict[str, Any], demo: Demo) -> None:
    """Create the endpoint, or bring its address and credentials up to date."""
    endpoint = Endpoint.objects.filter(**whose, kind=fields["kind"]).first()
    if endpoint is None:
        due = demo.at if fields["poll_seconds"] else None
        Endpoint.objects.create(**whose, inbound_key=secrets.token_urlsafe(24), next_poll_at=due, **fields)
        return
    for name, value in fields.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=list(fields))
