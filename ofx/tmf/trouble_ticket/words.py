"""TMF621's words and ours, both ways. What a caller writes is read leniently; what we write is one word a meaning."""

import re
from typing import Any

from ticketing.tickets.vocabulary import FaultClass, Impact, PartnerState, Severity, State

API = "troubleTicket"
STATUS: dict[str, str] = {state: state for state in State.values} | {"in_progress": "inProgress"}
OURS: dict[str, str] = {word: ours for ours, word in STATUS.items()}
WAITING_TO_BE_TAKEN = ("submitted", "failed_to_send")
PARTNER_STATUS: dict[str, str] = {
    state: "acknowledged" if state in WAITING_TO_BE_TAKEN else STATUS[state] for state in PartnerState.values
}
# Words of other tools for our severities (MEF's, DOMAIN 4.3).
SEVERITIES: dict[str, str] = {
    **{word: word for word in Severity.values},
    "critical": "extensive", "emergency": "extensive", "urgent": "extensive", "1": "extensive",
    "major": "significant", "high": "significant", "2": "significant",
    "medium": "moderate", "normal": "moderate", "3": "moderate",
    "low": "minor", "cosmetic": "minor", "warning": "minor", "4": "minor", "5": "minor",
}  # fmt: skip
# Parts of a ticket type, in the order in which they are looked for, and the fault class that each means.
TYPES: tuple[tuple[str, str], ...] = (
    ("nosync", "no_connection"), ("noconnection", "no_connection"), ("noservice", "no_connection"),
    ("lossofservice", "no_connection"), ("totalloss", "no_connection"), ("ethernet", "ethernet_down"),
    ("leasedline", "ethernet_down"), ("intermittent", "intermittent"), ("drop", "intermittent"),
    ("flap", "intermittent"), ("slow", "slow_speed"), ("speed", "slow_speed"), ("throughput", "slow_speed"),
    ("wifi", "wifi"), ("wireless", "wifi"), ("voice", "voice"), ("phone", "voice"), ("telephony", "voice"),
    ("bill", "billing"), ("charge", "billing"), ("order", "order"), ("down", "no_connection"),
)  # fmt: skip
IMPACTS: dict[str, str] = {
    **{word: word for word in Impact.values},
    "loss": "down", "outage": "down", "unavailable": "down",
    "flapping": "intermittent",
}  # fmt: skip
MOTHERS = ("parentof", "isparentof", "motherof", "haschild", "haschildren")
OUTAGES = ("outage", "majorincident", "massfault", "serviceproblem", "networkevent")


def squeezed(text: Any) -> str:
    """Letters and digits only, small."""
    return re.sub(r"[^a-z0-9]", "", str(text or "").lower())


def severity_of(text: str) -> str:
    """Our severity for a caller's word; moderate for one that says nothing to us."""
    words = squeezed(text)
    exact = SEVERITIES.get(words)
    return exact or next((ours for word, ours in SEVERITIES.items() if len(word) > 2 and word in words), "moderate")


def fault_class_of(text: str) -> str:
    """Our fault class for a caller's ticketType; `other` for one that says nothing to us."""
    words = squeezed(text)
    known = {squeezed(value): value for value in FaultClass.values} | {squeezed(c.label): c.value for c in FaultClass}
    return known.get(words) or next((ours for part, ours in TYPES if part in words), "other")


def impact_of(text: str) -> str:
    """Our impact for a caller's word; empty for one that says nothing to us."""
    return IMPACTS.get(squeezed(text), "")


def is_outage(text: str) -> bool:
    """Whether a ticketType says that many are affected: a reported outage (TMF621 parent)."""
    return any(word in squeezed(text) for word in OUTAGES)
