"""Northfibre (simulated): Fibre Café words; `held` is its own wait, `pending` is ours."""

from partners.mapping.dialects.standard import STATES
from partners.mapping.tmf_in import TmfDialect
from partners.mapping.words import FIBRE_CAFE

NORTHFIBRE = TmfDialect(
    version="northfibre/1",
    states={**STATES, "held": "partner_wait", "pending": "our_wait"},
    milestones={
        "KCI1": "ACKNOWLEDGED",
        "ECC_RAISED": "ECC_RAISED",
        "ECC_ACCEPTED": "ECC_ACCEPTED",
        "KCI2": "COMMITTED",
        "VISIT": "VISIT_STARTED",
        "TESTED": "FIT_TEST_DONE",
        "KCI3": "COMPLETED",
    },
    reasons=FIBRE_CAFE,
    committed="committedDate",
    delays="delay",
    limits={"hazardNote": 50},
)
