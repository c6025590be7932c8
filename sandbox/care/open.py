"""Opens the fault desk of a house: which kinds of cases it has."""

from __future__ import annotations

from sandbox.care.desk import Care
from sandbox.care.itsm import SERVICE_DESK
from sandbox.care.probes import TESTS
from sandbox.care.problems import PROBLEMS
from sandbox.care.tickets import TICKETS
from sandbox.care.words import WORDS, Words
from sandbox.house import House


def fault_desk(house: House) -> Care:
    """The desk of a partner with APIs, of one that speaks by mail (no cases), or of a customer's own system."""
    kinds = {"tmf622": (TICKETS, TESTS, PROBLEMS), "itsm": (SERVICE_DESK,)}.get(house.partner.kind, ())
    return Care(house, WORDS.get(house.partner.id, Words(states={})), kinds)


def services(url: str, partner_id: str) -> dict[str, str]:
    """Root addresses of a partner's APIs of faults, by the API's name."""
    roots = {"tmf621": TICKETS.root, "tmf653": TESTS.root, "tmf656": PROBLEMS.root}
    return {name: f"{url}/{partner_id}/{root}" for name, root in roots.items()}
