"""The words of known errors. Labels and colours live here, beside the codes (DOMAIN 9.1)."""

from django.db import models


class State(models.TextChoices):
    """The approval path."""

    DRAFT = "draft", "Draft"
    WAITING = "waiting", "Waiting for approval"
    APPROVED = "approved", "Approved"
    RETIRED = "retired", "Retired"


STATE_LOOK = {
    "draft": ("Draft", "grey"),
    "waiting": ("Waiting for approval", "blue"),
    "approved": ("Approved", "green"),
    "retired": ("Retired", "grey"),
}
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "draft": ("waiting", "approved", "retired"),
    "waiting": ("approved", "draft", "retired"),
    "approved": ("draft", "retired"),
    "retired": ("draft",),
}


class Confidence(models.TextChoices):
    """How sure we are (KCS)."""

    WORKING = "working", "Work in progress"
    NOT_VALIDATED = "not_validated", "Not validated"
    VALIDATED = "validated", "Validated"
    ARCHIVED = "archived", "Archived"


CONFIDENCE_LOOK = {
    "working": ("Work in progress", "grey"),
    "not_validated": ("Not validated", "blue"),
    "validated": ("Validated", "green"),
    "archived": ("Archived", "grey"),
}


class Visibility(models.TextChoices):
    """Who may read it once it is approved."""

    INTERNAL = "internal", "Our own people"
    RESELLER = "reseller", "Resellers too"
    PUBLIC = "public", "Customers too"


AUDIENCES: dict[str, tuple[str, ...]] = {
    "internal": ("internal", "reseller", "public"),
    "reseller": ("reseller", "public"),
    "public": ("public",),
}


class Domain(models.TextChoices):
    """Where the cause lies: the side of the demarcation that has to act (DOMAIN 4.3, A07)."""

    CUSTOMER = "customer", "Customer's side"
    OURS = "ours", "Our network"
    PARTNER = "partner", "Partner's network"
    PROCESS = "process", "Orders, data or bills"
    UNKNOWN = "unknown", "Not known yet"


class Outcome(models.TextChoices):
    """What came of it, one row a ticket or guide run."""

    APPLIED = "applied", "Applied"
    WORKED = "worked", "Worked"
    FAILED = "failed", "Failed"


class CandidateState(models.TextChoices):
    """What became of a candidate."""

    OPEN = "open", "Open"
    DRAFTED = "drafted", "Drafted"
    DISMISSED = "dismissed", "Dismissed"


CANDIDATE_LOOK = {
    "open": ("Open", "blue"),
    "drafted": ("Drafted", "green"),
    "dismissed": ("Dismissed", "grey"),
}

REVIEW_DAYS = 180  # planning default: how long an approved record stays good without anybody looking at it
FAILING_USES = 4  # planning default: outcomes before a record can be called failing
FAILING_SHARE = 0.5  # planning default: flagged for review when it failed in more than this share of them
CANDIDATE_SIZE = 3  # planning default: tickets before a candidate is shown
EMBEDDING_SIZE = 384  # numbers in a vector of all-MiniLM-L6-v2
