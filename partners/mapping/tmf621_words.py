"""What differs between TMF621 and TMF656 partners: data. An unknown word is drift and never silent (DOMAIN R10)."""

from dataclasses import dataclass, field

from partners.mapping.words import FIBRE_CAFE

BY_REASON = "by_reason"  # who must act is told by the reason alone
# Their word → our state and who must act (DOMAIN 5.2). MEF 124's and ServiceNow's labels beside the standard's (HUB 6).
STATES: dict[str, tuple[str, str]] = {
    "acknowledged": ("acknowledged", ""),
    "inProgress": ("in_progress", ""),
    "pending": ("pending", "us"),
    "held": ("held", "partner"),
    "resolved": ("resolved", ""),
    "closed": ("closed", ""),
    "rejected": ("rejected", ""),
    "cancelled": ("cancelled", ""),
    "reopened": ("in_progress", ""),  # MEF 124
    "assessingCancellation": ("in_progress", ""),
    "New": ("acknowledged", ""),
    "In Progress": ("in_progress", ""),
    "On Hold": ("pending", "us"),
    "Resolved": ("resolved", ""),
    "Closed": ("closed", ""),
    "Canceled": ("cancelled", ""),
}
OUR_STATES = {
    "acknowledged": "acknowledged", "in_progress": "inProgress", "pending": "pending", "held": "held",
    "resolved": "resolved", "closed": "closed", "rejected": "rejected", "cancelled": "cancelled",
}  # fmt: skip
SEVERITIES = {word: word for word in ("minor", "moderate", "significant", "extensive")}
# Why a ticket waits at a partner: words of faults beside those of orders.
REASONS: dict[str, str] = {
    **FIBRE_CAFE,
    "AWAITING_PARTS": "PARTNER_WORKLOAD",
    "AWAITING_ENGINEER": "PARTNER_WORKLOAD",
    "THIRD_PARTY": "OTHER_OPERATOR",
    "KNOWN_INCIDENT": "OTHER",
    "CUSTOMER_NOT_READY": "CUSTOMER_NOT_READY",
}


@dataclass(frozen=True, kw_only=True)
class FaultDialect:
    """Words of one partner's tickets and problems."""

    version: str
    states: dict[str, tuple[str, str]] = field(default_factory=lambda: STATES)
    our_states: dict[str, str] = field(default_factory=lambda: OUR_STATES)
    severities: dict[str, str] = field(default_factory=lambda: SEVERITIES)
    reasons: dict[str, str] = field(default_factory=lambda: REASONS)
    clear_codes: dict[str, str] = field(default_factory=dict)  # theirs → ours; others are kept as they are
    delays_in_progress: bool = False  # its own delay is no state but a reason while work proceeds
    ticket_type: str = "incident"
    limits: dict[str, int] = field(default_factory=dict)  # attribute → its longest text
