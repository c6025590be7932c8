"""Words of the partners' tickets and problems (docs/sandbox.md, Faults). Looked up by Endpoint.dialect."""

from partners.mapping.tmf621_words import BY_REASON, REASONS, STATES, FaultDialect
from partners.mapping.words import ASOG, CITY

PLAIN = FaultDialect(version="tmf621/1")
# Fibre Café words; `held` is its own wait, `pending` is ours.
NORTHFIBRE = FaultDialect(
    version="northfibre-faults/1",
    severities={"extensive": "Critical", "significant": "Major", "moderate": "Minor", "minor": "Cosmetic"},
    reasons={**REASONS, "POWER_OUTAGE": "FORCE_MAJEURE", "CABLE_DAMAGE": "DUCT_BLOCKAGE_CIVILS"},
    limits={"description": 1000},
)
# ASOG codes; its `held` waits for us (Chorus's sense), its own delays leave it in progress with a reason.
SOUTHLINK = FaultDialect(
    version="southlink-faults/1",
    states={**STATES, "held": ("pending", "us")},
    severities={"extensive": "S1", "significant": "S2", "moderate": "S3", "minor": "S4"},
    reasons=ASOG,
    clear_codes={
        "C10": "FIXED_NETWORK", "C20": "ONT_REPLACED", "C90": "RIGHT_WHEN_TESTED", "C30": "INCIDENT_CLEARED",
    },
    delays_in_progress=True,
    limits={"description": 4000},
)  # fmt: skip
# CityFibre-like codes; who must act while it is `held` is told by the reason.
EASTWAVE = FaultDialect(
    version="eastwave-faults/1",
    states={**STATES, "held": ("held", BY_REASON)},
    reasons={**CITY, "PWR": "FORCE_MAJEURE", "CBL": "DUCT_BLOCKAGE_CIVILS", "INFO": "CUSTOMER_UNCONTACTABLE"},
    clear_codes={
        "NTF-FIX": "FIXED_NETWORK", "CPE-SWAP": "ONT_REPLACED", "RWT": "RIGHT_WHEN_TESTED",
        "INC-CLR": "INCIDENT_CLEARED",
    },
    limits={"description": 500},
)  # fmt: skip
FAULTS = {"northfibre": NORTHFIBRE, "southlink": SOUTHLINK, "eastwave": EASTWAVE}
