"""What a case at a partner may be: an order, a fault or an outage, and which kinds of systems speak of which. Pure."""

from typing import Any

from partners.mapping.canonical import OutboundOrder
from partners.mapping.canonical_faults import OutboundProblem, OutboundTicket

Outbound = OutboundOrder | OutboundTicket | OutboundProblem

ORDER, TICKET, PROBLEM = "order", "ticket", "problem"
ENTITIES = (ORDER, TICKET, PROBLEM)
_CLASSES: dict[str, Any] = {ORDER: OutboundOrder, TICKET: OutboundTicket, PROBLEM: OutboundProblem}
# What a leg carries → what it is.
ENTITY_OF = {"partner_order": ORDER, "partner_ticket": TICKET, "customer_ticket": TICKET, "outage_party": PROBLEM}
# As people call them.
WORDS = {ORDER: "order", TICKET: "fault", PROBLEM: "outage"}
# What a kind of system speaks of unless its endpoint says less. TMF621 takes an outage as a parent ticket.
SPOKEN: dict[str, tuple[str, ...]] = {
    "tmf622": (ORDER,),
    "tmf621": (TICKET, PROBLEM),
    "tmf656": (PROBLEM,),
    "email": ENTITIES,
    "portal": ENTITIES,
}
# The better way first: an API made for it, another API, mail, the portal.
RANK: dict[str, int] = {"tmf622": 0, "tmf656": 0, "tmf621": 1, "email": 5, "portal": 9}


def word(entity: str) -> str:
    """The entity as people call it."""
    return WORDS.get(entity, entity)


def outbound_of(entity: str, data: dict[str, Any]) -> Outbound:
    """A stored payload as the record that mappings receive. Raises KeyError or TypeError where it is none of ours."""
    made: Outbound = _CLASSES[entity].from_json(data)
    return made
