"""Southlink (simulated): ASOG codes; its `held` waits for us (Chorus's sense), its own delays leave it in progress."""

from partners.mapping.dialects.standard import STATES
from partners.mapping.tmf_in import TmfDialect
from partners.mapping.words import ASOG

SOUTHLINK = TmfDialect(
    version="southlink/1",
    states={**STATES, "held": "our_wait", "pending": "our_wait"},
    milestones={
        "Order accepted": "ACKNOWLEDGED",
        "Construction charge quoted": "ECC_RAISED",
        "Construction charge agreed": "ECC_ACCEPTED",
        "Firm order commitment": "COMMITTED",
        "Engineer on site": "VISIT_STARTED",
        "Fitted and tested": "FIT_TEST_DONE",
        "Order closed": "COMPLETED",
    },
    reasons=ASOG,
    milestone_word="name",
    milestone_date="milestoneDate",
    committed="firmOrderCommitmentDate",
    delays="jeopardy",
)
