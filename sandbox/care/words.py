"""The partners' own words of faults, and what each wants before it takes one (docs/sandbox.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.dialects import DIALECTS

SEVERITIES = ("extensive", "significant", "moderate", "minor")
MOVED = {"reopened": "inProgress"}


def _counted(prefix: str) -> dict[str, str]:
    return {"ticket": f"{prefix}F-2026-", "test": f"{prefix}T-2026-", "problem": f"{prefix}P-2026-"}


@dataclass(frozen=True)
class Words:
    """One company's words and demands."""

    states: Mapping[str, str]
    severities: tuple[str, ...] = ()  # in the order of SEVERITIES; empty: any word
    required: tuple[str, ...] = ()
    test_minutes: float = 0.0  # how old a test may be; 0: none is wanted
    colours: tuple[str, ...] = ("AMBER", "RED")
    bars: tuple[str, ...] = ()
    longest: int = 10_000
    reasons: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    shuffled: bool = False
    weighs_cancel: bool = False

    def state(self, neutral: str) -> str:
        """The word for a state."""
        return self.states.get(neutral, neutral)

    def ident(self, kind: str, count: int) -> str:
        """The id of the so-manieth case of a kind."""
        prefix = self.ids.get(kind, "")
        return f"{prefix}{count:06d}" if prefix else str(count)


NORTHFIBRE = Words(
    states={"question": "pending", **MOVED},
    severities=("Critical", "Major", "Minor", "Cosmetic"),
    required=("SERVICE_HAS_WORKED", "CPE_CHECKED", "SYNC_LIGHT", "24HR_ACCESS"),
    test_minutes=120,
    bars=("KNOWN_INCIDENT",),
    longest=1000,
    reasons={**DIALECTS["northfibre"].reasons, "POWER": "POWER_OUTAGE", "CABLE_CUT": "CABLE_DAMAGE"},
    codes={
        "network": "FIXED_NETWORK",
        "equipment": "ONT_REPLACED",
        "tested": "RIGHT_WHEN_TESTED",
        "incident": "INCIDENT_CLEARED",
    },
)
SOUTHLINK = Words(
    states={"question": "held", "held": "inProgress", **MOVED},
    severities=("S1", "S2", "S3", "S4"),
    required=("SERVICE_HAS_WORKED", "CPE_POWER", "REPEAT_PROBLEM"),
    test_minutes=24 * 60,
    colours=("GREEN", "AMBER", "RED"),
    longest=4000,
    reasons={**DIALECTS["southlink"].reasons, "POWER": "1X", "CABLE_CUT": "1Y"},
    codes={"network": "C10", "equipment": "C20", "tested": "C90", "incident": "C30"},
    ids=_counted("SL"),
    shuffled=True,
)
EASTWAVE = Words(
    states={"question": "pending"},
    severities=SEVERITIES,
    required=("SERVICE_HAS_WORKED", "ONT_POWER", "USAGE_CHANGES"),
    test_minutes=120,
    bars=("KNOWN_INCIDENT",),
    longest=500,
    reasons={**DIALECTS["eastwave"].reasons, "POWER": "PWR", "CABLE_CUT": "CBL", "CUSTOMER_UNCONTACTABLE": "INFO"},
    codes={"network": "NTF-FIX", "equipment": "CPE-SWAP", "tested": "RWT", "incident": "INC-CLR"},
    weighs_cancel=True,
)
MAILTEL = Words(
    states={"question": "pending", **MOVED},
    reasons={**DIALECTS["mailtel"].reasons, "POWER": "POWER_OUTAGE", "CABLE_CUT": "CABLE_DAMAGE"},
    codes={
        "network": "FIXED_NETWORK",
        "equipment": "ONT_REPLACED",
        "tested": "RIGHT_WHEN_TESTED",
        "incident": "INCIDENT_CLEARED",
    },
    ids={"ticket": "MTF-", "problem": "MTP-"},
)
ITSM = Words(states={}, ids={"ticket": "INC001"})

WORDS = {
    "northfibre": NORTHFIBRE,
    "southlink": SOUTHLINK,
    "eastwave": EASTWAVE,
    "mailtel": MAILTEL,
    "harbour-itsm": ITSM,
}
