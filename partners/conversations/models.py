"""The durable spine: endpoints, conversations, legs, messages, attempts (HUB 1.3, 1.8, 1.9, 3)."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.core.secrets import SecretField
from partners.mapping.entities import SPOKEN
from partners.operators.models import Operator


class EndpointQuerySet(ScopedQuerySet["Endpoint"]):
    """Endpoints of the exchange are for all its tenants to use; their secrets are for administrators."""

    def scope(self, acting: Any) -> Self:
        """One's own tenant's, and the shared ones of the exchange."""
        if acting.organisation.kind != "service_provider":
            return self.none()
        return self.filter(Q(organisation_id=acting.organisation_id) | Q(organisation=None))


class Endpoint(models.Model):
    """One configured way to the system of one operator, or of one customer (its ITSM). Suspended keeps receiving,
    stops sending, keeps the queue."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"
        AUTH_FAILED = "auth_failed", "Credentials refused"

    STATE_LOOK = {
        "active": ("Active", "green"),
        "suspended": ("Suspended", "amber"),
        "auth_failed": ("Credentials refused", "red"),
    }
    SUBJECT = "endpoint"
    TRANSITIONS = {
        "active": ("suspended", "auth_failed"),
        "suspended": ("active",),
        "auth_failed": ("active", "suspended"),
    }

    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="endpoints",
        help_text="the tenant; empty: shared by all tenants of the exchange",
    )
    operator = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.CASCADE, related_name="endpoints")
    customer = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="own_systems",
        help_text="whose own system it is, where it is not an operator's",
    )
    kind = models.CharField(max_length=20, help_text="the connector: tmf622, tmf621, tmf656, email, portal")
    entities = models.JSONField(
        default=list, blank=True, help_text="what is told here: order, ticket, problem; empty: all that its kind speaks"
    )
    dialect = models.CharField(max_length=40, blank=True, help_text="the mapping that understands its words")
    name = models.CharField(max_length=120)
    base_url = models.CharField(max_length=300, blank=True)
    services = models.JSONField(
        default=dict,
        blank=True,
        help_text="other Open APIs of the same system: {tmf679, tmf645, tmf646, tmf637 …: their base address}",
    )
    address = models.EmailField(blank=True, help_text="where orders are mailed to")
    token = SecretField(blank=True, default="")
    inbound_key = models.CharField(max_length=64, unique=True, help_text="the unguessable part of its webhook address")
    inbound_secret = SecretField(blank=True, default="", help_text="verifies the signature of what comes in")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACTIVE)
    simulated = models.BooleanField(default=False)
    timeout_seconds = models.PositiveSmallIntegerField(default=20)
    # Circuit breaker: open until the time; half-open probe after it.
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    slow_until = models.DateTimeField(null=True, help_text="the partner asked us to slow down until then")
    rate_per_minute = models.PositiveIntegerField(default=600)
    paced_at = models.DateTimeField(null=True, help_text="up to when the rate cap is used up")
    finds_by_key = models.BooleanField(
        default=True, help_text="off: an unknown create cannot be looked up by our key and goes to a person"
    )
    # Polling
    poll_seconds = models.PositiveIntegerField(default=0, help_text="0: never polled")
    next_poll_at = models.DateTimeField(null=True)
    poll_cursor = models.CharField(max_length=80, blank=True)
    poll_lease_until = models.DateTimeField(null=True)
    last_sync_at = models.DateTimeField(null=True, help_text="when the partner last answered a poll or sent news")
    last_error = models.CharField(max_length=300, blank=True)
    hub_id = models.CharField(max_length=80, blank=True, help_text="our subscription at the partner")
    probed_at = models.DateTimeField(null=True)
    probe = models.JSONField(default=list, help_text="what the last test of the connection found")

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(operator__isnull=False, customer=None)
                | Q(operator=None, customer__isnull=False, organisation__isnull=False),
                name="endpoint_leads_to_one",
            )
        ]
        indexes = [models.Index(fields=["next_poll_at"], name="endpoint_poll_due", condition=Q(poll_seconds__gt=0))]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The endpoint's page."""
        return f"/endpoints/{self.pk}/"

    @property
    def owner(self) -> Operator | Organisation:
        """Whose system it is: an operator's or a customer's."""
        found = self.operator or self.customer
        assert found is not None  # the constraint endpoint_leads_to_one
        return found

    def speaks(self, entity: str) -> bool:
        """Whether orders, tickets or problems are told here."""
        return entity in (self.entities or SPOKEN.get(self.kind, ()))


class Conversation(models.Model):
    """One case of ours with every partner that is told of it. Never expires (HUB rule 2)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="conversations")
    subject = models.CharField(max_length=80, help_text="reference of the case, such as order:17")
    created_at = models.DateTimeField()
    variables = models.JSONField(default=dict)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "subject"], name="conversation_once")]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        """The conversation's page."""
        return f"/conversations/{self.pk}/"


class LegQuerySet(ScopedQuerySet["Leg"]):
    """Legs of one's tenant."""

    def scope(self, acting: Any) -> Self:
        """Through the conversation."""
        return self.filter(conversation__organisation_id=acting.organisation_id)


class Leg(models.Model):
    """This case there: our key and the partner's id, pinned together. The ordering key of all its messages."""

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="legs")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="legs")
    entity_type = models.CharField(max_length=40, default="order", help_text="order, ticket, problem")
    subject = models.CharField(max_length=80, help_text="what of ours it carries, such as partner_order:17")
    our_key = models.CharField(max_length=80, unique=True, help_text="stamped on every create")
    external_id = models.CharField(max_length=120, blank=True)
    external_number = models.CharField(max_length=120, blank=True)
    simulated = models.BooleanField(default=False)
    seen_version = models.CharField(max_length=80, blank=True)
    written = models.JSONField(default=dict, help_text="hash of the last value that we wrote, per field (loop guard b)")
    last_inbound_at = models.DateTimeField(null=True)
    next_refresh_at = models.DateTimeField(null=True, help_text="when a stale case is asked for again")
    closed_at = models.DateTimeField(null=True)
    attention = models.CharField(max_length=200, blank=True, help_text="why a person must look")

    objects = LegQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                # A partner's own outage concerns several tenants: each has a leg of its own to the one record there.
                fields=["endpoint", "entity_type", "external_id"],
                condition=~Q(external_id="") & ~Q(entity_type="problem"),
                name="leg_external_once",
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], name="leg_subject"),
            models.Index(fields=["endpoint", "external_id"], name="leg_problem", condition=Q(entity_type="problem")),
            models.Index(fields=["next_refresh_at"], name="leg_refresh_due", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.our_key} ↔ {self.external_id or '?'}"


class MessageQuerySet(ScopedQuerySet["Message"]):
    """Messages of one's tenant."""

    def claimable(self) -> Self:
        """Outgoing rows not yet ended."""
        return self.filter(direction="out", state="queued")


class Message(models.Model):
    """One unit of work, in or out.

    In: the raw bytes and headers as they came. Out: the canonical payload and, once sent, the wire payload.
    Only `queued` and the terminal states are stored for outgoing rows; blocked, paused, sending and unknown are
    derived (HUB 1.8), so nothing has to be moved when a cause clears.
    """

    class Direction(models.TextChoices):
        IN = "in", "In"
        OUT = "out", "Out"

    class State(models.TextChoices):
        STORED = "stored", "Stored"
        DUPLICATE = "duplicate", "Duplicate"
        REJECTED = "rejected", "Rejected"
        UNRECOGNISED = "unrecognised", "Unrecognised"
        UNROUTED = "unrouted", "Unrouted"
        FAILED_RULE = "rule_failed", "Rule failed"
        ROUTED = "routed", "Routed"
        QUEUED = "queued", "Queued"
        DELIVERED = "delivered", "Delivered"
        PARTIAL = "partial", "Delivered in part"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        SKIPPED = "skipped", "Skipped"
        SUPERSEDED = "superseded", "Superseded"

    STATE_LOOK = {
        "stored": ("Stored", "blue"),
        "duplicate": ("Duplicate", "grey"),
        "rejected": ("Rejected", "red"),
        "unrecognised": ("Unrecognised", "amber"),
        "unrouted": ("Unrouted", "amber"),
        "rule_failed": ("Rule failed", "red"),
        "routed": ("Routed", "grey"),
        "queued": ("Queued", "blue"),
        "delivered": ("Delivered", "green"),
        "partial": ("Delivered in part", "amber"),
        "failed": ("Failed", "red"),
        "cancelled": ("Cancelled", "grey"),
        "skipped": ("Skipped", "grey"),
        "superseded": ("Superseded", "grey"),
    }
    SUBJECT = "message"

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="messages")
    leg = models.ForeignKey(Leg, null=True, on_delete=models.PROTECT, related_name="messages")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    state = models.CharField(max_length=12, choices=State.choices)
    verb = models.CharField(
        max_length=40, help_text="create, amend, cancel, query; in: notification, poll, mail, upload"
    )
    reason = models.TextField(blank=True, help_text="why it ended as it did, in words")
    canonical = models.JSONField(default=dict)
    wire = models.TextField(blank=True, help_text="what was sent, secrets masked")
    raw = models.BinaryField(default=b"")
    headers = models.JSONField(default=dict)
    source_ip = models.GenericIPAddressField(null=True)
    dedupe_key = models.CharField(max_length=160, blank=True)
    mapping_version = models.CharField(max_length=60, blank=True)
    answer = models.TextField(blank=True, help_text="the partner's echo of an outgoing message")
    differences = models.JSONField(default=list, help_text="fields that the partner echoed differently")
    caused_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="caused")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # The queue (outgoing, and incoming while `stored`)
    attempt = models.PositiveIntegerField(default=0)
    retries = models.PositiveSmallIntegerField(default=0, help_text="how often a person had it tried again")
    next_attempt_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    last_outcome = models.CharField(max_length=12, blank=True, help_text="success, retry, never, unknown")
    forgotten_at = models.DateTimeField(null=True, help_text="when its bodies were deleted (OFX_RAW_DAYS)")
    blocks = models.BooleanField(default=True, help_text="when failed: later messages of the leg wait for a person")

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "dedupe_key"],
                condition=Q(direction="in") & ~Q(dedupe_key="") & ~Q(state__in=["duplicate", "rejected"]),
                name="message_in_once",
            ),
        ]
        indexes = [
            models.Index(F("leg"), F("id"), name="message_leg_open", condition=Q(state__in=["queued", "failed"])),
            models.Index(fields=["next_attempt_at", "id"], name="message_due", condition=Q(state="queued")),
            models.Index(fields=["endpoint", "id"], name="message_endpoint_queue", condition=Q(state="queued")),
            models.Index(fields=["leg", "-id"], name="message_leg"),
            models.Index(fields=["next_attempt_at", "id"], name="message_in_due", condition=Q(state="stored")),
            models.Index(fields=["organisation", "-created_at"], name="message_tenant"),
            models.Index(fields=["endpoint", "-created_at"], name="message_endpoint"),
            models.Index(
                fields=["ended_at"], name="message_kept", condition=Q(forgotten_at=None, ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.direction} {self.pk}"

    def get_absolute_url(self) -> str:
        """The message's page."""
        return f"/messages/{self.pk}/"


class Attempt(models.Model):
    """One try to deliver a message."""

    class Outcome(models.TextChoices):
        SUCCESS = "success", "Success"
        RETRY = "retry", "Try again"
        NEVER = "never", "Refused"
        UNKNOWN = "unknown", "Outcome unknown"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    worker = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status or SMTP code")
    detail = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="attempt_once")]
        ordering = ["number"]
