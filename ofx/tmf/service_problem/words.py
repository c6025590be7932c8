"""TMF656's words and ours: states of an outage, what it covers, who reports it."""

import re
from typing import Any

from ofx.tmf.trouble_ticket.words import squeezed
from ticketing.outages.keys import compact
from ticketing.outages.vocabulary import State

API = "serviceProblemManagement"
# The cause is gone while children are tested again: solved in the standard's words, not yet closed.
STATUS = {
    "candidate": "acknowledged",
    "open": "inProgress",
    "clearing": "resolved",
    "cleared": "resolved",
    "closed": "closed",
    "rejected": "rejected",
}
WORDS = ("acknowledged", "rejected", "pending", "held", "inProgress", "resolved", "cancelled", "closed")
OURS: dict[str, list[str]] = {}
for _state in State.values:
    OURS.setdefault(STATUS[_state], []).append(_state)
PLACE = re.compile(r"([A-Z]{2})-([A-Z0-9]{2,12})(?:-[0-9]{1,15})?")
GB_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
RESOURCES = {"olt": "olt", "exchange": "exchange", "handover": "handover", "nni": "handover", "headend": "exchange"}


def place_key(one: dict[str, str]) -> tuple[str, str]:
    """The key of an affected location: a postcode, else a sector. An id of ours, a postcode or its beginning."""
    text = compact(one.get("id") or one.get("name") or "")
    match = PLACE.fullmatch(text)
    code = match[2] if match else text
    kind = squeezed(one.get("kind"))
    whole = bool(match) or bool(GB_POSTCODE.fullmatch(code))
    return ("postcode" if whole and "sector" not in kind else "sector", code[:80])


def resource_key(one: dict[str, str]) -> tuple[str, str]:
    """The key of an affected resource, by its type: OLT, exchange, handover."""
    words = squeezed(one.get("kind")) or squeezed(one.get("name"))
    kind = next((ours for part, ours in RESOURCES.items() if part in words), "olt")
    return kind, (one.get("id") or one.get("name") or "")[:80]


def is_planned(category: str) -> bool:
    """Whether a category means works that were planned."""
    words = squeezed(category)
    return "planned" in words.replace("unplanned", "") or "maintenance" in words


def flat(given: dict[str, Any], name: str) -> str:
    """A text of a kept document."""
    return str(given.get(name) or "")
