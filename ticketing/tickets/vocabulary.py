"""The words of tickets. Labels and colours live here, beside the codes (TMF621, DOMAIN 1.4, 4.3, 5.2)."""

from django.db import models

from ofx.orders.vocabulary import ClockOwner

__all__ = ["ClockOwner"]


class State(models.TextChoices):
    """TMF621's states, in our spelling."""

    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    IN_PROGRESS = "in_progress", "In progress"
    PENDING = "pending", "Pending"
    HELD = "held", "Held"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"


STATE_LOOK = {
    "acknowledged": ("Acknowledged", "blue"),
    "in_progress": ("In progress", "blue"),
    "pending": ("Pending", "amber"),
    "held": ("Held", "amber"),
    "resolved": ("Resolved", "green"),
    "closed": ("Closed", "secondary"),
    "rejected": ("Rejected", "secondary"),
    "cancelled": ("Cancelled", "secondary"),
}
WAITING = ("pending", "held")
ENDED = ("closed", "rejected", "cancelled")
OPEN = tuple(state for state in State.values if state not in ENDED)

# TMF621's table and our deliberate deviations (docs/tmf.md): a waiting ticket may be resolved, a held one cancelled,
# and one that is solved at the first contact is resolved from acknowledged.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "acknowledged": ("in_progress", "rejected", "cancelled", "resolved"),
    "in_progress": ("pending", "held", "resolved", "cancelled"),
    "pending": ("in_progress", "held", "resolved", "cancelled"),
    "held": ("in_progress", "pending", "resolved", "cancelled"),
    "resolved": ("closed", "in_progress"),
    "closed": (),
    "rejected": (),
    "cancelled": (),
}


class PartnerState(models.TextChoices):
    """States of the ticket at a partner: a fold over its facts."""

    SUBMITTED = "submitted", "Submitted"
    FAILED_TO_SEND = "failed_to_send", "Failed to send"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    IN_PROGRESS = "in_progress", "In progress"
    PENDING = "pending", "Pending"
    HELD = "held", "Held"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"


PARTNER_STATE_LOOK = {
    **STATE_LOOK,
    "submitted": ("Submitted", "blue"),
    "failed_to_send": ("Failed to send", "red"),
    "rejected": ("Rejected", "red"),
}


class FaultClass(models.TextChoices):
    """What is wrong, as desks and SOPs sort it."""

    NO_CONNECTION = "no_connection", "No connection"
    SLOW_SPEED = "slow_speed", "Slow speed"
    INTERMITTENT = "intermittent", "Keeps dropping"
    WIFI = "wifi", "Wi-Fi at home"
    VOICE = "voice", "Phone over fibre"
    ETHERNET_DOWN = "ethernet_down", "Ethernet tail down"
    ORDER = "order", "Question about an order"
    BILLING = "billing", "Bill or charge"
    OTHER = "other", "Something else"


class Severity(models.TextChoices):
    """MEF's severities (DOMAIN 4.3)."""

    MINOR = "minor", "Minor"
    MODERATE = "moderate", "Moderate"
    SIGNIFICANT = "significant", "Significant"
    EXTENSIVE = "extensive", "Extensive"


class Impact(models.TextChoices):
    """MEF's observed impacts (DOMAIN 4.3)."""

    DEGRADED = "degraded", "Degraded"
    INTERMITTENT = "intermittent", "Comes and goes"
    DOWN = "down", "Down"


# Severity × impact → priority, 1 the most urgent. Planning default, printed on the admin's page of the matrix.
PRIORITY: dict[tuple[str, str], int] = {
    ("minor", "degraded"): 4,
    ("minor", "intermittent"): 4,
    ("minor", "down"): 3,
    ("moderate", "degraded"): 4,
    ("moderate", "intermittent"): 3,
    ("moderate", "down"): 2,
    ("significant", "degraded"): 3,
    ("significant", "intermittent"): 2,
    ("significant", "down"): 2,
    ("extensive", "degraded"): 2,
    ("extensive", "intermittent"): 1,
    ("extensive", "down"): 1,
}


class Channel(models.TextChoices):
    """How the fault came to us."""

    PORTAL = "portal", "Self-service"
    PHONE = "phone", "Phone"
    EMAIL = "email", "E-mail"
    API = "api", "API"
    WIDGET = "widget", "Widget"
    PROACTIVE = "proactive", "Found by us"
    PARTNER = "partner", "Told by the partner"
    OUTAGE = "outage", "Outage"


class Tier(models.TextChoices):
    """Who works on it, and by whom it was solved."""

    SELF = "self", "The customer"
    L1 = "l1", "Fault desk"
    TSC = "tsc", "TSC"
    PARTNER = "partner", "Partner"


class Verdict(models.TextChoices):
    """Which side is at fault: the demarcation verdict (DOMAIN 4.3, A07)."""

    CUSTOMER = "customer", "Customer side"
    US = "us", "Our network"
    PARTNER = "partner", "Partner"
    NONE_FOUND = "none_found", "No fault found"


class Colour(models.TextChoices):
    """Colour of a service test."""

    GREEN = "green", "Green"
    AMBER = "amber", "Amber"
    RED = "red", "Red"


COLOUR_LOOK = {"green": ("Green", "green"), "amber": ("Amber", "amber"), "red": ("Red", "red")}

# The structured characteristics of a partner problem (DOMAIN 4.3, published: Fibre Café): code → (question, kind).
CHARACTERISTICS: dict[str, tuple[str, str]] = {
    "SERVICE_HAS_WORKED": ("Has this service worked before?", "yes_no"),
    "LAST_WORKED": ("When did it last work?", "date"),
    "CPE_CHECKED": ("Has the router been checked?", "yes_no"),
    "CPE_TYPE": ("Which router is it?", "text"),
    "CPE_POWER": ("Has the router power?", "yes_no"),
    "USAGE_CHANGES": ("Has anything changed in how it is used?", "text"),
    "PRODUCT_CHANGES": ("Has the product been changed lately?", "yes_no"),
    "24HR_ACCESS": ("Can an engineer get in at any hour?", "yes_no"),
    "REPEAT_PROBLEM": ("Is it the same problem again?", "yes_no"),
    "SYNC_LIGHT": ("What does the PON or broadband light show?", "text"),
    "ONT_POWER": ("Is the power light of the fibre box on?", "yes_no"),
    "TRC_CHARGEBAND": ("Which band of time-related charges is agreed?", "text"),
}

EARLY_LIFE_DAYS = 28  # planning default (DOMAIN P18)
REPEAT_DAYS = 28  # planning default: the same service, the same class, closed not longer ago than this
AUTO_CLOSE_HOURS = 72  # planning default (R22): resolved, and nobody objected
TEST_MAX_AGE_MINUTES = 120  # Fibre Café's two hours (R18); a setting of each partner's rules

# Reasons of waits that are none of DOMAIN 5.6.
WAIT_WORDS = {
    "INFORMATION": "Information is missing", "APPOINTMENT": "A visit is agreed", "PARTNER": "The partner works on it",
}  # fmt: skip
