"""What another system does at TMF621, TMF656 and TMF653: bodies in each version, and a world with a live service."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ofx.orders.models import ServiceRecord
from tests.conftest import AT, person
from tests.ofx.orders.conftest import hear, news
from tests.tmf.contract import Contract
from ticketing.models import Outage, PartnerTicket, ServiceTest, Ticket

Json = dict[str, Any]
TICKETS = {
    "v4": Contract("TMF621-TroubleTicket-v4.0.0.swagger.json", "troubleTicket", "v4"),
    "v5": Contract("TMF621-Trouble_Ticket-v5.0.1.oas.yaml", "troubleTicket", "v5"),
}
PROBLEMS = Contract("TMF656-ServiceProblem-v4.0.0.swagger.json", "serviceProblemManagement", "v4")
TESTS = Contract("TMF653_Service_Test_Management_API_v4.2.0_swagger.json", "serviceTestManagement", "v4")


def scene(shop: Any, order_for: Callable[..., Any]) -> SimpleNamespace:
    """A live service of Cara's company, its people, and the fault people of the operator."""
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, external_id="7"), news("COMPLETED", 2))
    service = ServiceRecord.objects.get(item__order=order)
    ServiceRecord.objects.filter(pk=service.pk).update(partner_ref="NF-CIRCUIT-1")
    shop.people["conrad"] = person("conrad@example.com", shop.harbour, "admin")
    shop.people["oscar"] = person("oscar@example.com", shop.north.organisation, "assurance")
    shop.people["fay"] = person("fay@example.com", shop.brightwave, "fault_desk")
    return SimpleNamespace(order=order, service=service, shop=shop)


def v4_ticket(service: str = "", **fields: Any) -> Json:
    """A TroubleTicket_Create."""
    about = [{"id": service, "role": "service", "@referredType": "Product"}] if service else []
    contact = {"id": "p-1", "name": "Paula Placeholder", "role": "contact", "@referredType": "Individual"}
    return {
        "externalId": "INC-1",
        "name": "No internet in the shop",
        "description": "The light on the box is red since nine.",
        "severity": "Major",
        "ticketType": "No connection",
        "relatedEntity": about,
        "relatedParty": [contact],
        **fields,
    }


def v5_ticket(service: str = "", **fields: Any) -> Json:
    """A TroubleTicket_FVO of the same."""
    entity = {"@type": "EntityRef", "id": service, "@referredType": "Product"}
    about = [{"@type": "RelatedEntity", "role": "service", "entity": entity}] if service else []
    inner = {"@type": "PartyRef", "id": "p-1", "name": "Paula Placeholder", "@referredType": "Individual"}
    contact = {"@type": "RelatedPartyRefOrPartyRoleRef", "role": "contact", "partyOrPartyRole": inner}
    return {
        "@type": "TroubleTicket",
        "externalIdentifier": [{"@type": "ExternalIdentifier", "id": "INC-1"}],
        "name": "No internet in the shop",
        "description": "The light on the box is red since nine.",
        "severity": "Major",
        "ticketType": "No connection",
        "relatedEntity": about,
        "relatedParty": [contact],
        **fields,
    }


def ticket_body(version: str, service: str = "", **fields: Any) -> Json:
    """In the words of a version."""
    return v5_ticket(service, **fields) if version == "v5" else v4_ticket(service, **fields)


def typed(version: str, kind: str, **fields: Any) -> Json:
    """An object as the version wants it."""
    return {"@type": kind, **fields} if version == "v5" else fields


def note(version: str, text: str) -> Json:
    """A PATCH that adds a note."""
    return typed(version, "TroubleTicket", note=[typed(version, "Note", text=text)])


def status(version: str, word: str, why: str = "") -> Json:
    """A PATCH that moves the status."""
    reason = {"statusChangeReason": why} if why else {}
    return typed(version, "TroubleTicket", status=word, **reason)


def raised(ticket: Ticket, operator: Any, **fields: Any) -> PartnerTicket:
    """The ticket as raised with an operator."""
    values = {
        "organisation": ticket.organisation,
        "ticket": ticket,
        "operator": operator,
        "our_key": f"{ticket.reference}-{operator.code}",
        "characteristics": {"ONT_POWER": "yes", "SYNC_LIGHT": "red"},
        "service_ref": "NF-CIRCUIT-1",
        "raised_at": AT,
    }
    return PartnerTicket.objects.create(**{**values, **fields})


def problem_body(**fields: Any) -> Json:
    """A ServiceProblem_Create: a sector is out."""
    return {
        "category": "outage",
        "priority": 1,
        "description": "Nobody in SW1A 1 has internet",
        "reason": "unknown",
        "name": "No internet in SW1A 1",
        "originatorParty": {"id": "noc", "name": "NOC", "role": "originator", "@referredType": "Organization"},
        "affectedLocation": [{"id": "SW1A1", "role": "affected", "@referredType": "PostcodeSector"}],
        "externalIdentifier": [{"id": "MI-1"}],
        **fields,
    }


def line_test(service: str, **fields: Any) -> Json:
    """A ServiceTest_Create."""
    return {
        "name": "Line test",
        "relatedService": {"id": service},
        "testSpecification": {"id": "line"},
        **fields,
    }


def estate(order: Any, live: Any) -> Json:
    """A row of each resource, for the table of permissions: part of the route → id."""
    tenant = order.organisation
    service = ServiceRecord.objects.get(item__order=live)
    about = {"organisation": tenant, "created_at": AT, "holder_since": AT}
    values = {"title": "No internet", "service": service, "customer": live.customer, "operator": service.operator}
    ticket, _ = Ticket.objects.get_or_create(reference="TT-900001", defaults={**about, **values})
    asked = {"organisation": tenant, "service": service, "operator": service.operator, "requested_at": AT}
    test, _ = ServiceTest.objects.get_or_create(our_key="ST-1-permission", defaults=asked)
    begun = {"title": "No internet", "started_at": AT, "created_at": AT}
    outage, _ = Outage.objects.get_or_create(reference="OUT-900001", defaults={"organisation": tenant, **begun})
    found = {")/troubleTicket/": ticket.reference, ")/serviceTest/": test.our_key}
    return {**found, ")/serviceProblem/": outage.reference}


BASES = (
    "troubleTicket/(?P<version>v4|v5)",
    "serviceTestManagement/(?P<version>v4)",
    "serviceProblemManagement/(?P<version>v4)",
)


def hub_routes() -> list[tuple[str, str, str]]:
    """(API, version, part of the route) of each hub."""
    return [(one.partition("/")[0], "v4", f"^{one}/hub/") for one in BASES]


def posted() -> dict[str, Json]:
    """What a POST carries, for the table of permissions. A test of nobody's service is a 400."""
    found = {f"tmf-api/^{one}/hub/?$": {"callback": "http://127.0.0.1:9/told"} for one in BASES}
    found |= {f"tmf-api/^{BASES[2]}/serviceProblem/?$": problem_body()}
    return {**found, f"tmf-api/^{BASES[0]}/troubleTicket/?$": v4_ticket()}
