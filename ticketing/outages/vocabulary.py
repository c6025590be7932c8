"""The words of outages. Labels and colours live here, beside the codes (DOMAIN 2.1 S3, 4.3 A02, 9.3; TMF656)."""

from django.db import models


class State(models.TextChoices):
    """From a suspicion to a closed case."""

    CANDIDATE = "candidate", "Proposed"
    OPEN = "open", "Open"
    CLEARING = "clearing", "Re-testing"
    CLEARED = "cleared", "Cleared"
    CLOSED = "closed", "Closed"
    REJECTED = "rejected", "Not an outage"


STATE_LOOK = {
    "candidate": ("Proposed", "amber"),
    "open": ("Open", "red"),
    "clearing": ("Re-testing", "blue"),
    "cleared": ("Cleared", "green"),
    "closed": ("Closed", "secondary"),
    "rejected": ("Not an outage", "secondary"),
}
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "candidate": ("open", "rejected"),
    "open": ("clearing",),
    "clearing": ("cleared", "open"),
    "cleared": ("closed", "open"),
    "closed": (),
    "rejected": (),
}
LIVE = ("open", "clearing")
RUNNING = ("candidate", *LIVE)
PUBLIC = ("open", "clearing", "cleared", "closed")


class Source(models.TextChoices):
    """Who said first that it is one."""

    STAFF = "staff", "Our desk"
    CUSTOMER = "customer", "A customer"
    PARTNER = "partner", "The partner"
    MAIL = "mail", "A maintenance notice"
    PROPOSED = "proposed", "Found by itself"


class KeyKind(models.TextChoices):
    """What services share: the topology keys of DOMAIN 9.3, and single services by name."""

    SECTOR = "sector", "Postcode sector"
    POSTCODE = "postcode", "Postcode"
    OLT = "olt", "OLT"
    EXCHANGE = "exchange", "Exchange"
    HANDOVER = "handover", "Handover"
    PARTNER = "partner", "Whole partner"
    SERVICE = "service", "Service"


STORED_KINDS = ("olt", "exchange", "handover")  # kept as rows; the others follow from the service itself
NARROW_FIRST = ("olt", "sector", "exchange", "handover", "partner")


class ChildState(models.TextChoices):
    """Where one affected customer's service stands."""

    ATTACHED = "attached", "Not told yet"
    INFORMED = "informed", "Told"
    RETESTING = "retesting", "Being tested"
    STILL_DOWN = "still_down", "Still down"
    OK = "ok", "Works again"
    DETACHED = "detached", "Taken out"


CHILD_LOOK = {
    "attached": ("Not told yet", "amber"),
    "informed": ("Told", "blue"),
    "retesting": ("Being tested", "blue"),
    "still_down": ("Still down", "red"),
    "ok": ("Works again", "green"),
    "detached": ("Taken out", "secondary"),
}
UNDECIDED = ("attached", "informed")
HELD = ("attached", "informed", "retesting")  # not raised to the partner one by one (DOMAIN 9.3)

RETEST_TRIES = 2  # a test that could not be run is asked for once more, then a person decides
RETEST_WAIT_MINUTES = 60  # planning default: no result after this, and a person decides
CLOSE_AFTER_HOURS = 24  # planning default: cleared, nobody still down, nobody objected
