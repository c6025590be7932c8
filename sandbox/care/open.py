"""Opens the fault desk of a house: which kinds of cases it has."""

from __future__ import annotations

from sandbox.care import letters
from sandbox.care.desk import Care, Kind
from sandbox.care.itsm import SERVICE_DESK
from sandbox.care.probes import TESTS
from sandbox.care.problems import PROBLEMS
from sandbox.care.tickets import TICKETS
from sandbox.care.words import WORDS, Words
from sandbox.house import House

BY_KIND: dict[str, tuple[Kind, ...]] = {
    "tmf622": (TICKETS, TESTS, PROBLEMS),
    "email": (TICKETS, PROBLEMS),
    "itsm": (SERVICE_DESK,),
}


def fault_desk(house: House) -> Care:
    """The desk of a partner with APIs, of one that speaks by mail, or of a customer's own system."""
    care = Care(house, WORDS.get(house.partner.id, Words(states={})), BY_KIND[house.partner.kind])
    if house.partner.kind == "email":
        care.after_change = letters.poster(care)
    return care


def services(url: str, partner_id: str) -> dict[str, str]:
    """Root addresses of a partner's APIs of faults, by the API's name."""
    roots = {"tmf621": TICKETS.root, "tmf653": TESTS.root, "tmf656": PROBLEMS.root}
    return {name: f"{url}/{partner_id}/{root}" for name, root in roots.items()}
