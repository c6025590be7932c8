"""A TMF622 v4 partner without peculiarities: the standard's words, Fibre Café reasons where it gives any."""

from partners.mapping.tmf_in import TmfDialect
from partners.mapping.words import FIBRE_CAFE

STATES = {
    "acknowledged": "received",
    "inProgress": "working",
    "assessingCancellation": "assessing_cancel",
    "pendingCancellation": "pending_cancel",
    "completed": "completed",
    "rejected": "rejected",
    "cancelled": "cancelled",
    "failed": "failed",
    "partial": "partial",
}
STANDARD = TmfDialect(
    version="tmf622/1",
    # MEF and TMF differ on these two; the text decides with a person's help (DOMAIN 5.2).
    states={**STATES, "held": "partner_wait", "pending": "our_wait"},
    milestones={code: code for code in ("ACKNOWLEDGED", "COMMITTED", "COMPLETED", "VISIT_STARTED", "FIT_TEST_DONE")},
    reasons=FIBRE_CAFE,
    task_refusals=("",),
)
