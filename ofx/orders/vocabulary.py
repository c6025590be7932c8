"""The words of orders: DOMAIN section 5, complete. Labels and colours live here, beside the codes."""

from django.db import models


class State(models.TextChoices):
    """States of partner orders, and by folding of items and product orders (DOMAIN 5.1)."""

    DRAFT = "draft", "Draft"
    VALIDATED = "validated", "Validated"
    SUBMITTED = "submitted", "Submitted"
    FAILED_TO_SEND = "failed_to_send", "Failed to send"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    IN_PROGRESS = "in_progress", "In progress"
    PENDING = "pending", "Pending"
    HELD = "held", "Held"
    ASSESSING_CHARGE = "assessing_charge", "Charge awaits our answer"
    ASSESSING_AMEND = "assessing_amend", "Partner weighs our change"
    ASSESSING_CANCEL = "assessing_cancel", "Partner weighs our cancel"
    COMPLETED = "completed", "Completed"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"
    PARTIAL = "partial", "Part delivered"


# Label and colour; red only where someone must act on a failure, green only at the moment it matters (DESIGN 4).
STATE_LOOK = {
    "draft": ("Draft", "secondary"),
    "validated": ("Validated", "secondary"),
    "submitted": ("Submitted", "blue"),
    "failed_to_send": ("Failed to send", "red"),
    "acknowledged": ("Acknowledged", "blue"),
    "in_progress": ("In progress", "blue"),
    "pending": ("Pending", "amber"),
    "held": ("Held", "amber"),
    "assessing_charge": ("Charge awaits our answer", "amber"),
    "assessing_amend": ("Partner weighs our change", "secondary"),
    "assessing_cancel": ("Partner weighs our cancel", "secondary"),
    "completed": ("Completed", "green"),
    "accepted": ("Accepted", "green"),
    "rejected": ("Rejected", "red"),
    "cancelled": ("Cancelled", "secondary"),
    "failed": ("Failed", "red"),
    "partial": ("Part delivered", "amber"),
}

WAITING = ("pending", "held", "assessing_charge", "assessing_amend", "assessing_cancel")
ENDED = ("accepted", "rejected", "cancelled", "failed", "partial")
OPEN = tuple(state for state in State.values if state not in ENDED)
AT_PARTNER = ("submitted", "acknowledged", "in_progress", *WAITING)
# States in which a visit can be agreed with the partner.
BOOKABLE = ("validated", "submitted", "acknowledged", "in_progress", "pending", "held", "assessing_amend")
# The most urgent waiting wins when several flags are open (printed in docs/orders.md).
URGENCY = ("assessing_charge", "pending", "held", "assessing_cancel", "assessing_amend")

# Usual next states of DOMAIN 5.1, guarding the commands that WE give; partner news is folded, not guarded.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "draft": ("validated", "cancelled"),
    "validated": ("submitted", "draft", "cancelled"),
    "submitted": ("acknowledged", "rejected", "failed_to_send"),
    "failed_to_send": ("submitted", "cancelled"),
    "acknowledged": ("in_progress", "rejected", "cancelled"),
    "in_progress": (*WAITING, "completed", "partial", "failed", "cancelled"),
    "pending": ("in_progress", "cancelled"),
    "held": ("in_progress", "cancelled", "failed"),
    "assessing_charge": ("in_progress", "cancelled"),
    "assessing_amend": ("in_progress", "cancelled"),
    "assessing_cancel": ("in_progress", "cancelled"),
    "completed": ("accepted",),
    "accepted": (),
    "rejected": (),
    "cancelled": (),
    "failed": (),
    "partial": (),
}


class ClockOwner(models.TextChoices):
    """Who must act (DOMAIN 5.2). Never a partner's own wait word."""

    US = "us", "Us"
    PARTNER = "partner", "Partner"
    END_CUSTOMER = "end_customer", "Customer"
    THIRD_PARTY = "third_party", "Third party"
    FORCE_MAJEURE = "force_majeure", "Force majeure"


class UpdateType(models.TextChoices):
    """KCI reason codes of partner news (DOMAIN 5.3), and beneath them the facts of our own side."""

    CREATED = "CREATED", "Created by the partner"
    ACKNOWLEDGED = "ACKNOWLEDGED", "Acknowledged (KCI1)"
    COMMITTED = "COMMITTED", "Committed (KCI2)"
    DELAY = "DELAY", "Delayed"
    RESUMED = "RESUMED", "Resumed"
    REAPPOINTED = "REAPPOINTED", "Appointment moved by the partner"
    ADDITIONAL = "ADDITIONAL", "More information"
    WARNING = "WARNING", "Risk flagged"
    UPDATE = "UPDATE", "Updated"
    AMENDED = "AMENDED", "Our change applied"
    CANCELLED = "CANCELLED", "Our cancel applied"
    TERMINATED = "TERMINATED", "Ended by the partner"
    COMPLETED = "COMPLETED", "Completed (KCI3)"
    REAPPOINT = "REAPPOINT", "A new slot must be agreed"
    INFORMATION_REQUIRED = "INFORMATION_REQUIRED", "Information required"
    RESUBMIT = "RESUBMIT", "Correct and send again"
    ERROR = "ERROR", "Error"
    CHARGE_RAISED = "CHARGE_RAISED", "Charge raised"
    MILESTONE = "MILESTONE", "Milestone"
    AMEND_REFUSED = "AMEND_REFUSED", "Our change refused"
    CANCEL_REFUSED = "CANCEL_REFUSED", "Our cancel refused"
    # ours
    SUBMITTED = "SUBMITTED", "Submitted by us"
    SEND_FAILED = "SEND_FAILED", "Could not be sent"
    AMEND_REQUESTED = "AMEND_REQUESTED", "Change asked for by us"
    CANCEL_REQUESTED = "CANCEL_REQUESTED", "Cancel asked for by us"
    CHARGE_ACCEPTED = "CHARGE_ACCEPTED", "Charge accepted by us"
    CHARGE_DECLINED = "CHARGE_DECLINED", "Charge declined by us"
    CHARGE_REFUSED = "CHARGE_REFUSED", "Our answer to the charge was not taken"
    CHARGE_LAPSED = "CHARGE_LAPSED", "Charge not answered in time"
    ANSWERED = "ANSWERED", "Answered by us"
    ACCEPTED = "ACCEPTED", "Accepted by us"
    WITHDRAWN = "WITHDRAWN", "Withdrawn before it was sent"


class Milestone(models.TextChoices):
    """Milestone codes of the maps (DOMAIN 5.4)."""

    ADDRESS_RESOLVED = "ADDRESS_RESOLVED", "Address resolved"
    OFFER_SELECTED = "OFFER_SELECTED", "Offer selected"
    QUOTED = "QUOTED", "Quoted"
    SITE_PACK_COMPLETE = "SITE_PACK_COMPLETE", "Site pack complete"
    SUBMITTED = "SUBMITTED", "Submitted"
    ACKNOWLEDGED = "ACKNOWLEDGED", "KCI1 acknowledged"
    SURVEY_BOOKED = "SURVEY_BOOKED", "Survey booked"
    SURVEY_DONE = "SURVEY_DONE", "Survey done"
    ECC_RAISED = "ECC_RAISED", "Excess charge raised"
    ECC_ACCEPTED = "ECC_ACCEPTED", "Excess charge accepted"
    WAYLEAVE_REQUESTED = "WAYLEAVE_REQUESTED", "Wayleave requested"
    WAYLEAVE_SIGNED = "WAYLEAVE_SIGNED", "Wayleave signed"
    PERMIT_GRANTED = "PERMIT_GRANTED", "Permit granted"
    COMMITTED = "COMMITTED", "KCI2 committed"
    BUILD_STARTED = "BUILD_STARTED", "Build started"
    BUILD_COMPLETE = "BUILD_COMPLETE", "Build complete"
    READINESS_OK = "READINESS_OK", "Customer ready"
    VISIT_STARTED = "VISIT_STARTED", "Engineer on site"
    FIT_TEST_DONE = "FIT_TEST_DONE", "Fitted and tested"
    COMPLETED = "COMPLETED", "KCI3 completed"
    ACCEPTED = "ACCEPTED", "Accepted"


# Canonical delay reasons → default clock owner (DOMAIN 5.6). CUSTOMER_UNCONTACTABLE must be asked: us until then.
REASON_CLOCK: dict[str, str] = {
    "CUSTOMER_NOT_READY": "end_customer",
    "ORDERING_PROVIDER_NOT_READY": "us",
    "CUSTOMER_UNCONTACTABLE": "us",
    "NO_ACCESS": "end_customer",
    "BUILDING_NOT_READY": "end_customer",
    "CUSTOMER_CHANGED_MIND": "end_customer",
    "ADDRESS_MISMATCH": "us",
    "ORDER_DATA_ERROR": "us",
    "ECC_APPROVAL": "us",
    "WAYLEAVE": "third_party",
    "PERMIT_STREETWORKS": "third_party",
    "DUCT_BLOCKAGE_CIVILS": "partner",
    "POLE_ISSUE": "partner",
    "NETWORK_INCOMPLETE": "partner",
    "CAPACITY": "partner",
    "NO_LIGHT": "partner",
    "NOT_FEASIBLE": "partner",
    "PARTNER_MISSED_APPOINTMENT": "partner",
    "PARTNER_WORKLOAD": "partner",
    "ASSIGNMENT_RECORDS": "partner",
    "OTHER_OPERATOR": "third_party",
    "SITE_UNSAFE": "third_party",
    "EXCHANGE_FREEZE": "third_party",
    "FORCE_MAJEURE": "force_majeure",
    "DATE_CANNOT_BE_MET": "partner",
    "OTHER": "partner",
}
REASON_LABELS: dict[str, str] = {
    "CUSTOMER_NOT_READY": "Customer not ready",
    "ORDERING_PROVIDER_NOT_READY": "We are not ready",
    "CUSTOMER_UNCONTACTABLE": "Customer not reached",
    "NO_ACCESS": "No access to the site",
    "BUILDING_NOT_READY": "Building not ready",
    "CUSTOMER_CHANGED_MIND": "Customer changed their mind",
    "ADDRESS_MISMATCH": "Address does not match",
    "ORDER_DATA_ERROR": "Error in the order's data",
    "ECC_APPROVAL": "Excess charge awaits approval",
    "WAYLEAVE": "Wayleave outstanding",
    "PERMIT_STREETWORKS": "Street-works permit outstanding",
    "DUCT_BLOCKAGE_CIVILS": "Duct blocked, civils needed",
    "POLE_ISSUE": "Pole issue",
    "NETWORK_INCOMPLETE": "Network incomplete",
    "CAPACITY": "No capacity",
    "NO_LIGHT": "No light on the fibre",
    "NOT_FEASIBLE": "Not feasible as ordered",
    "PARTNER_MISSED_APPOINTMENT": "Partner missed the appointment",
    "PARTNER_WORKLOAD": "Partner's workload",
    "ASSIGNMENT_RECORDS": "Partner's records wrong",
    "OTHER_OPERATOR": "Waits on another operator",
    "SITE_UNSAFE": "Site unsafe",
    "EXCHANGE_FREEZE": "Exchange frozen or embargoed",
    "FORCE_MAJEURE": "Force majeure",
    "DATE_CANNOT_BE_MET": "Date cannot be met",
    "OTHER": "Other (see text)",
}
