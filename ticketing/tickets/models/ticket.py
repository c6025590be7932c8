"""One fault of one customer: TMF621's trouble ticket with our flags."""

from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models import Order, ServiceRecord
from ofx.orders.models.order import last_digits
from partners.models import Operator
from ticketing.tickets.vocabulary import (
    ENDED,
    OPEN,
    STATE_LOOK,
    TRANSITIONS,
    Channel,
    ClockOwner,
    FaultClass,
    Impact,
    Severity,
    State,
    Tier,
    Verdict,
)

# What the board's columns read (filters.queue_of): each is counted and sorted by an index of its own.
WORKED_ON = Q(state__in=["acknowledged", "in_progress", "pending", "held"])
GOING = Q(state__in=["acknowledged", "in_progress", "pending", "held", "resolved"])
OURS = WORKED_ON & Q(holder="us")
BOARD_QUEUES = {
    "resolved": Q(state="resolved"),
    "partner": WORKED_ON & Q(holder__in=["partner", "third_party", "force_majeure"]),
    "customer": WORKED_ON & Q(holder="end_customer"),
    "tsc": OURS & Q(tier="tsc"),
    "free": OURS & ~Q(tier="tsc") & Q(assigned_to__isnull=True),
}


class TicketQuerySet(ScopedQuerySet["Ticket"]):
    """Tickets belong to a service provider. A customer's administrator sees all of the customer's, a user those that
    they raised; operators see none (only partner tickets)."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation and role."""
        kind = acting.organisation.kind
        if kind == "service_provider":
            return self.filter(organisation_id=acting.organisation_id)
        if kind == "customer":
            rows = self.filter(customer_id=acting.organisation_id)
            return rows if acting.role == "admin" else rows.filter(reported_by_id=acting.user_id)
        return self.none()

    def open(self) -> Self:
        """Tickets that have not ended; resolved ones may still come back."""
        return self.filter(state__in=OPEN)  # named, not excluded: only so the indexes of open tickets serve it


class Ticket(models.Model):
    """A fault. About an ordered service, a place, or nothing yet."""

    STATE_LOOK = STATE_LOOK
    SUBJECT = "ticket"
    TRANSITIONS = TRANSITIONS
    TIER_LOOK = {
        "self": ("Self-service", "grey"),
        "l1": ("Fault desk", "blue"),
        "tsc": ("TSC", "amber"),
        "partner": ("Partner", "grey"),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="tickets")
    # No index of its own where a longer one below begins with the same column: each costs every insert.
    customer = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tickets_as_customer",
        db_index=False,
    )
    reference = models.CharField(max_length=20, unique=True, help_text="TT-000123, shown to people")
    external_id = models.CharField(max_length=80, blank=True, help_text="the id in the customer's own system")
    idempotency_key = models.CharField(max_length=80, blank=True)
    service = models.ForeignKey(
        ServiceRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets", db_index=False
    )
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    operator = models.ForeignKey(
        Operator, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="the service's operator",
        db_index=False,
    )  # fmt: skip
    country = models.CharField(max_length=2, default="GB")
    postcode = models.CharField(max_length=12, blank=True)
    place_text = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=8000)
    fault_class = models.CharField(max_length=16, choices=FaultClass.choices, default=FaultClass.OTHER)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PORTAL)
    severity = models.CharField(max_length=12, choices=Severity.choices, default=Severity.MODERATE)
    impact = models.CharField(max_length=12, choices=Impact.choices, default=Impact.DEGRADED)
    priority = models.PositiveSmallIntegerField(default=3, help_text="1 to 4, from severity and impact")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACKNOWLEDGED)
    state_reason = models.CharField(max_length=300, blank=True)
    simulated = models.BooleanField(default=False, help_text="stays out of statistics")
    # Who has it
    tier = models.CharField(max_length=8, choices=Tier.choices, default=Tier.L1)
    team = models.CharField(max_length=40, blank=True)
    assigned_to = models.ForeignKey(
        "core.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned_tickets"
    )
    holder = models.CharField(max_length=15, choices=ClockOwner.choices, default=ClockOwner.US)
    holder_since = models.DateTimeField(null=True)
    next_action = models.CharField(max_length=160, blank=True)
    next_action_at = models.DateTimeField(null=True)
    # Contact
    reported_by = models.ForeignKey(
        "core.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="reported_tickets", db_index=False
    )
    created_by = models.ForeignKey("core.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    contact_name = models.CharField(max_length=120, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_email = models.EmailField(blank=True)
    # Flags
    early_life = models.BooleanField(default=False, help_text="soon after completion (DOMAIN 1.4 ELF)")
    repeat_fault = models.BooleanField(default=False, help_text="the same fault of the same service again")
    digital_voice = models.BooleanField(default=False, help_text="no reboot advice (R19)")
    answers = models.JSONField(default=dict, help_text="structured answers: characteristic code → value (DOMAIN 4.3)")
    # How it ended
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    clear_code = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=300, blank=True)
    fix = models.TextField(blank=True, max_length=4000, help_text="what solved it, in words")
    resolved_tier = models.CharField(max_length=8, choices=Tier.choices, blank=True)
    chargeable = models.BooleanField(null=True)
    charge_dispute = models.CharField(max_length=300, blank=True, help_text="why the partner's charge is not due (A13)")
    tsc_at = models.DateTimeField(null=True, help_text="first handed to the TSC")
    knowledge_reference = models.CharField(
        max_length=40, blank=True, help_text="the known error that a TSC fix updated or drafted; needed to close"
    )
    confirmed_by_customer = models.BooleanField(null=True, help_text="null: not asked or no answer yet")
    created_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, help_text="closed, cancelled or rejected")
    auto_close_at = models.DateTimeField(null=True, help_text="resolved: closed at this time unless somebody objects")
    expected_at = models.DateTimeField(null=True, help_text="when we or the partner expect it to work again")
    last_news_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")
    desk_seconds = models.PositiveIntegerField(default=0, help_text="active minutes of the desk, in seconds")

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="ticket_idempotency_once",
            ),
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=4), name="ticket_priority"),
            models.CheckConstraint(
                condition=~Q(state__in=["resolved", "closed"]) | Q(resolved_at__isnull=False), name="ticket_resolved_at"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="ticket_tenant"),
            models.Index(fields=["organisation", "state", "-created_at"], name="ticket_state"),
            models.Index(
                fields=["organisation", "-created_at"],
                name="ticket_open",
                condition=GOING,
            ),
            models.Index(fields=["customer", "-created_at"], name="ticket_customer"),
            models.Index(fields=["service", "-created_at"], name="ticket_service"),
            models.Index(fields=["reported_by", "-created_at"], name="ticket_reporter"),
            models.Index(fields=["operator", "-created_at"], name="ticket_operator"),
            models.Index(fields=["postcode", "-created_at"], name="ticket_postcode"),
            models.Index(last_digits("contact_phone"), name="ticket_phone", condition=~Q(contact_phone="")),
            models.Index(
                fields=["organisation", "priority", "created_at"],
                include=["state"],
                name="ticket_queue",
                condition=GOING,
            ),
            *(
                models.Index(
                    fields=["organisation", "priority", "created_at"],
                    include=["assigned_to"],
                    name=f"ticket_queue_{name}",
                    condition=condition,
                )
                for name, condition in BOARD_QUEUES.items()
            ),
            models.Index(
                fields=["organisation", "assigned_to", "priority", "created_at"],
                include=["tier"],
                name="ticket_queue_hands",
                condition=OURS & Q(assigned_to__isnull=False),
            ),
            models.Index(
                fields=["organisation", "next_action_at"], include=["state"], name="ticket_due", condition=GOING
            ),
            models.Index(
                fields=["organisation"], include=["state"], name="ticket_early", condition=GOING & Q(early_life=True)
            ),
            models.Index(
                fields=["assigned_to", "priority"],
                name="ticket_mine",
                condition=GOING,
            ),
            models.Index(fields=["auto_close_at"], name="ticket_auto_close", condition=Q(state="resolved")),
            models.Index(fields=["external_id"], name="ticket_external", condition=~Q(external_id="")),
            GinIndex(fields=["title"], name="ticket_title_trgm", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The ticket's page for staff."""
        return f"/tickets/{self.reference}/"

    @property
    def ended(self) -> bool:
        """Whether it is over for good."""
        return self.state in ENDED


class TicketNote(models.Model):
    """Something said about a ticket: seen by all parties, or by our own people only."""

    class Audience(models.TextChoices):
        INTERNAL = "internal", "Internal"
        CUSTOMER = "customer", "Customer"
        PARTNER = "partner", "Partner"
        ALL = "all", "Everybody"

    class Author(models.TextChoices):
        STAFF = "staff", "Staff"
        CUSTOMER = "customer", "Customer"
        PARTNER = "partner", "Partner"
        SYSTEM = "system", "System"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="notes")
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.INTERNAL)
    author = models.CharField(max_length=10, choices=Author.choices, default=Author.STAFF)
    user = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(max_length=8000)
    is_question = models.BooleanField(default=False, help_text="awaits an answer of its audience")
    answered_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True)
    dedupe_key = models.CharField(max_length=160, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "dedupe_key"], condition=~Q(dedupe_key=""), name="ticket_note_once"
            )
        ]


class TicketWait(models.Model):
    """An interval in which the ticket waits: owner, claimed reason, our verdict (DOMAIN 5.2)."""

    class Judged(models.TextChoices):
        OPEN = "open", "Not judged yet"
        ACCEPTED = "accepted", "Accepted"
        DISPUTED = "disputed", "Disputed"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="waits")
    owner = models.CharField(max_length=15, choices=ClockOwner.choices)
    reason = models.CharField(max_length=40, help_text="canonical (DOMAIN 5.6), or INFORMATION, APPOINTMENT, PARTNER")
    raw_reason = models.CharField(max_length=120, blank=True)
    text = models.CharField(max_length=500, blank=True)
    source_key = models.CharField(max_length=160, blank=True, help_text="what opened it, so that twice is once")
    opened_at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="when it is looked at again at the latest")
    closed_at = models.DateTimeField(null=True)
    judged = models.CharField(max_length=10, choices=Judged.choices, default=Judged.OPEN)
    judged_owner = models.CharField(max_length=15, choices=ClockOwner.choices, blank=True)

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "source_key"], condition=~Q(source_key=""), name="ticket_wait_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")), name="ticket_wait_period"
            ),
        ]
        indexes = [models.Index(fields=["ticket"], name="ticket_wait_open", condition=Q(closed_at=None))]


class TicketLink(models.Model):
    """Two tickets that belong together: a duplicate, a split, a follow-up, or simply related."""

    class Kind(models.TextChoices):
        RELATED = "related", "Related to"
        DUPLICATE = "duplicate", "Duplicate of"
        SPLIT = "split", "Split from"
        FOLLOWS = "follows", "Follows"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links")
    other = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.RELATED)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "other", "kind"], name="ticket_link_once"),
            models.CheckConstraint(condition=~Q(ticket=F("other")), name="ticket_link_not_self"),
        ]


class TicketParty(models.Model):
    """Somebody with a part in the ticket: who is told, and where (TMF621 relatedParty)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=40, help_text="originator, contact, owner, watcher, partner …")
    user = models.ForeignKey("core.User", null=True, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)

    class Meta:
        ordering = ["pk"]
