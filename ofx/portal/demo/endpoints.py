"""The ways to the sandbox's operators: shared by all tenants, simulated, with the sandbox's own credentials."""

import secrets
from typing import Any

from django.conf import settings

from ofx.portal.demo.base import Demo, DemoError
from partners.models import Endpoint, Operator
from sandbox import appointments, qualification
from sandbox import config as sandbox

LABEL = "Ways to the sandbox"
# Notifications are hints, polling is the backstop (HUB rule 4): the chatty partner is asked seldom, the mute one often.
POLL_SECONDS = {"northfibre": 20, "southlink": 3, "eastwave": 3, "mailtel": 2}


def run(demo: Demo) -> str:
    """One endpoint for each simulated operator; credentials follow the sandbox's configuration."""
    try:
        plan = sandbox.load(settings.OFX_HOME)
    except ValueError as error:
        raise DemoError(str(error)) from error
    for partner in plan.partners:
        operator = Operator.objects.filter(code=partner.id).first()
        if operator is not None:
            connect(operator, fields_of(plan, partner), demo)
    return f"{Endpoint.objects.filter(simulated=True).count()} endpoints"


def fields_of(plan: sandbox.Config, partner: sandbox.Partner) -> dict[str, Any]:
    """What the endpoint must know of a simulated partner."""
    return {
        "kind": partner.kind,
        "dialect": partner.id,
        "name": partner.name,
        "base_url": plan.base_url(partner.id) if partner.base_path else "",
        "address": partner.address,
        "token": partner.token,
        "inbound_secret": partner.webhook_secret,
        "poll_seconds": POLL_SECONDS.get(partner.id, 0),
        "simulated": True,
        "services": {**qualification.services(plan.url, partner), **appointments.services(plan.url, partner)},
    }


def connect(operator: Operator, fields: dict[str, Any], demo: Demo) -> None:
    """Create the endpoint, or bring its address and credentials up to date."""
    endpoint = Endpoint.objects.filter(operator=operator, organisation=None).first()
    if endpoint is None:
        due = demo.at if fields["poll_seconds"] else None
        Endpoint.objects.create(operator=operator, inbound_key=secrets.token_urlsafe(24), next_poll_at=due, **fields)
        return
    for name, value in fields.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=list(fields))
