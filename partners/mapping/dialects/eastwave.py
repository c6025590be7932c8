"""Eastwave (simulated): CityFibre-like codes; `held` is its own wait or that for a charge, `pending` the customer's."""

from partners.mapping.dialects.standard import STATES
from partners.mapping.tmf_in import TmfDialect
from partners.mapping.words import CITY

EASTWAVE = TmfDialect(
    version="eastwave/1",
    states={**STATES, "held": "partner_wait", "pending": "our_wait"},
    milestones={
        "ACK": "ACKNOWLEDGED",
        "ECC": "ECC_RAISED",
        "ECC-OK": "ECC_ACCEPTED",
        "CCD": "COMMITTED",
        "ONSITE": "VISIT_STARTED",
        "LIGHT": "FIT_TEST_DONE",
        "LIVE": "COMPLETED",
    },
    reasons=CITY,
    committed="customerCommittedDate",
    delays="jeopardy",
)
