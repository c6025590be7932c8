"""Product orders, their items, the partner orders that fulfil them, and the facts that those are folded from.

State lives on the partner order and is a fold over its facts (fold.py): recomputed, never nudged, so that news which
comes late, twice or out of order gives the same answer. The columns of PartnerOrder from `state` on, Flag,
MilestoneReached and DateChange are that fold, written down for queries.
"""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.vocabulary import (
    ENDED,
    STATE_LOOK,
    TRANSITIONS,
    ClockOwner,
    Milestone,
    State,
    UpdateType,
)
from partners.models import Address, Message, Offering, Operator, Place

__all__ = [
    "Attachment",
    "CancelRequest",
    "DateChange",
    "DecompositionRule",
    "Fact",
    "Flag",
    "MilestoneReached",
    "Note",
    "Order",
    "OrderItem",
    "PartnerOrder",
    "ServiceRecord",
    "StageExpectation",
]


class OrderQuerySet(ScopedQuerySet["Order"]):
    """Orders belong to a service provider; its customer sees its own; operators see none (only partner orders)."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        kind = acting.organisation.kind
        if kind == "service_provider":
            return self.filter(organisation_id=acting.organisation_id)
        if kind == "customer":
            return self.filter(customer_id=acting.organisation_id).exclude(state="draft")
        return self.none()

    def open(self) -> Self:
        """Orders that have not ended."""
        return self.filter(closed_at=None)


class Order(models.Model):
    """What a customer gets: one order over any number of operators. Its state is folded from its items."""

    STATE_LOOK = STATE_LOOK
    SUBJECT = "order"
    TRANSITIONS = TRANSITIONS

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="orders")
    customer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="orders_as_customer")
    reference = models.CharField(max_length=20, unique=True, help_text="OFX-000123, shown to people")
    external_id = models.CharField(max_length=80, blank=True, help_text="the id in the buyer's own system")
    idempotency_key = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    country = models.CharField(max_length=2, default="GB")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.ForeignKey(Address, null=True, on_delete=models.PROTECT, related_name="+")
    place_text = models.CharField(max_length=300, help_text="the place as people read it")
    postcode = models.CharField(max_length=12)
    requested_date = models.DateField(null=True, help_text="crd: the customer needs it by")
    contact_name = models.CharField(max_length=120, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_email = models.EmailField(blank=True)
    access_notes = models.TextField(blank=True, max_length=1000)
    simulated = models.BooleanField(default=False, help_text="stays out of statistics and promises")
    value_monthly = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="GBP")
    owner = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Folded from the partner orders for lists and boards
    holder = models.CharField(max_length=15, choices=ClockOwner.choices, blank=True)
    blocked_since = models.DateTimeField(null=True)
    blocked_reason = models.CharField(max_length=40, blank=True)
    next_action = models.CharField(max_length=120, blank=True)
    committed_date = models.DateField(null=True)
    target_date = models.DateField(null=True)
    in_jeopardy = models.BooleanField(default=False)
    silent_from = models.DateTimeField(null=True, help_text="when the silence of a partner becomes a signal")
    last_news_at = models.DateTimeField(null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="order_idempotency_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="order_tenant"),
            models.Index(fields=["organisation", "state", "-created_at"], name="order_tenant_state"),
            models.Index(fields=["customer", "-created_at"], name="order_customer"),
            models.Index(fields=["organisation", "postcode"], name="order_postcode"),
            models.Index(
                fields=["organisation", "holder", "blocked_since"],
                name="order_blocked",
                condition=Q(closed_at=None) & Q(blocked_since__isnull=False),
            ),
            models.Index(
                fields=["organisation", "holder", "-value_monthly"],
                name="order_blocked_value",
                condition=Q(closed_at=None) & Q(blocked_since__isnull=False),
            ),
            models.Index(fields=["organisation", "-created_at"], name="order_open", condition=Q(closed_at=None)),
            models.Index(
                fields=["organisation", "-created_at"],
                name="order_jeopardy",
                condition=Q(closed_at=None) & Q(in_jeopardy=True),
            ),
            models.Index(fields=["organisation", "external_id"], name="order_external", condition=~Q(external_id="")),
            models.Index(fields=["organisation", "target_date"], name="order_target", condition=Q(closed_at=None)),
            models.Index(
                fields=["organisation", "silent_from"],
                name="order_silent",
                condition=Q(closed_at=None) & Q(silent_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The order's page."""
        return f"/orders/{self.reference}/"


class OrderItem(models.Model):
    """One thing ordered. An off-net item is fulfilled by exactly one partner order."""

    class Action(models.TextChoices):
        ADD = "add", "Add"
        MODIFY = "modify", "Modify"
        DELETE = "delete", "Cease"
        NO_CHANGE = "noChange", "No change"

    STATE_LOOK = STATE_LOOK

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=10, choices=Action.choices, default=Action.ADD)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    # Price snapshot at the moment of ordering
    one_off = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    monthly = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="GBP")
    characteristics = models.JSONField(default=dict)
    added_by_rule = models.ForeignKey(
        "orders.DecompositionRule", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    depends_on = models.ManyToManyField("self", symmetrical=False, related_name="needed_by", blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="order_item_position_once")]

    def __str__(self) -> str:
        return f"{self.position}. {self.offering}"


class PartnerOrderQuerySet(ScopedQuerySet["PartnerOrder"]):
    """A service provider sees its own, an operator those placed with it."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        kind = acting.organisation.kind
        if kind == "service_provider":
            return self.filter(organisation_id=acting.organisation_id)
        if kind == "operator":
            return self.filter(operator__organisation_id=acting.organisation_id).exclude(
                state__in=["draft", "validated"]
            )
        return self.none()


class PartnerOrder(models.Model):
    """The order at one operator. Columns from `state` on are a fold over its facts."""

    STATE_LOOK = STATE_LOOK
    SUBJECT = "partner_order"
    TRANSITIONS = TRANSITIONS

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="partner_orders")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="partner_orders")
    item = models.OneToOneField(OrderItem, on_delete=models.CASCADE, related_name="partner_order")
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="partner_orders")
    our_key = models.CharField(max_length=80, unique=True)
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # The fold
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    partner_ref = models.CharField(max_length=120, blank=True)
    holder = models.CharField(max_length=15, choices=ClockOwner.choices, blank=True)
    blocked_since = models.DateTimeField(null=True)
    blocked_reason = models.CharField(max_length=40, blank=True)
    blocked_text = models.CharField(max_length=500, blank=True)
    committed = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    in_jeopardy = models.BooleanField(default=False)
    crd = models.DateField(null=True)
    icdd = models.DateField(null=True, help_text="the first committed date, kept for ever")
    committed_date = models.DateField(null=True, help_text="frozen; moves only at our or our customer's request")
    target_date = models.DateField(null=True, help_text="the partner's forecast; may slip")
    submitted_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    committed_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    last_news_at = models.DateTimeField(null=True)
    silent_from = models.DateTimeField(null=True)
    silence_told_at = models.DateTimeField(null=True, help_text="when this silence was told of: once")
    revision = models.PositiveIntegerField(default=0)

    objects = PartnerOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(icdd=None) | Q(committed_at__isnull=False), name="icdd_is_committed"),
        ]
        indexes = [
            models.Index(fields=["operator", "state"], name="partner_order_operator"),
            models.Index(fields=["order", "operator"], name="partner_order_open", condition=Q(ended_at=None)),
            models.Index(fields=["partner_ref"], name="partner_order_ref", condition=~Q(partner_ref="")),
            models.Index(fields=["organisation", "operator", "completed_at"], name="partner_order_done"),
            models.Index(
                fields=["silent_from"],
                name="partner_order_silent",
                condition=Q(silent_from__isnull=False, silence_told_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} at {self.operator}"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED


class Fact(models.Model):
    """One piece of news about a partner order, theirs or ours. Append-only; the state is folded from them."""

    class Source(models.TextChoices):
        PARTNER = "partner", "Partner"
        US = "us", "Us"
        CUSTOMER = "customer", "Customer"
        SYSTEM = "system", "System"

    partner_order = models.ForeignKey(PartnerOrder, on_delete=models.CASCADE, related_name="facts")
    source = models.CharField(max_length=10, choices=Source.choices)
    update_type = models.CharField(max_length=24, choices=UpdateType.choices)
    sequence = models.BigIntegerField(null=True, help_text="the partner's own numbering, where it has one")
    issued_at = models.DateTimeField(help_text="when it happened, by whoever says so")
    received_at = models.DateTimeField()
    data = models.JSONField(default=dict, help_text="reason, raw_reason, text, dates, partner_ref, milestone, charge …")
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    dedupe_key = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner_order", "dedupe_key"], name="fact_once")]
        indexes = [models.Index(fields=["partner_order", "issued_at"], name="fact_order")]


class Flag(models.Model):
    """A commitment, hold, jeopardy, pending or assessment with its history; several may be open (DOMAIN 5.1)."""

    class Kind(models.TextChoices):
        COMMITTED = "committed", "Committed"
        HELD = "held", "Held"
        PENDING = "pending", "Pending"
        JEOPARDY = "jeopardy", "In jeopardy"
        ASSESSING_CHARGE = "assessing_charge", "Charge awaits our answer"
        ASSESSING_AMEND = "assessing_amend", "Partner weighs our change"
        ASSESSING_CANCEL = "assessing_cancel", "Partner weighs our cancel"

    class Verdict(models.TextChoices):
        OPEN = "open", "Not judged yet"
        ACCEPTED = "accepted", "Accepted"
        DISPUTED = "disputed", "Disputed"

    partner_order = models.ForeignKey(PartnerOrder, on_delete=models.CASCADE, related_name="flags")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True, help_text="canonical reason")
    raw_reason = models.CharField(max_length=120, blank=True, help_text="the partner's own word")
    text = models.CharField(max_length=500, blank=True)
    clock_owner = models.CharField(max_length=15, choices=ClockOwner.choices, blank=True, help_text="as claimed")
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.OPEN)
    verdict_owner = models.CharField(max_length=15, choices=ClockOwner.choices, blank=True)
    verdict_note = models.CharField(max_length=500, blank=True)
    fact = models.ForeignKey(Fact, on_delete=models.CASCADE, related_name="+", help_text="the fact that opened it")

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["partner_order", "kind", "fact"], name="flag_once"),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")), name="flag_period"),
        ]


class MilestoneReached(models.Model):
    """A milestone of the map, and when it was reached."""

    partner_order = models.ForeignKey(PartnerOrder, on_delete=models.CASCADE, related_name="milestones")
    code = models.CharField(max_length=24, choices=Milestone.choices)
    at = models.DateTimeField()
    source = models.CharField(max_length=10, choices=Fact.Source.choices)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["partner_order", "code"], name="milestone_once")]


class DateChange(models.Model):
    """Every move of a date: field, old, new, who asked, why, which message (DOMAIN 5.5)."""

    partner_order = models.ForeignKey(PartnerOrder, on_delete=models.CASCADE, related_name="date_changes")
    field = models.CharField(max_length=20, help_text="crd, committed_date, target_date, icdd")
    old = models.DateField(null=True)
    new = models.DateField(null=True)
    requester = models.CharField(max_length=10, choices=Fact.Source.choices)
    reason = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    fact = models.ForeignKey(Fact, on_delete=models.CASCADE, related_name="date_changes")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["fact", "field"], name="date_change_once")]
        indexes = [
            models.Index(fields=["-at"], name="date_change_slip", condition=Q(field="target_date", old__isnull=False)),
        ]


class CancelRequest(models.Model):
    """Our wish to cancel a partner order, with its own states (DOMAIN 5.1)."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        ASSESSING = "assessing", "Partner weighs it"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"

    STATE_LOOK = {
        "requested": ("Requested", "blue"),
        "assessing": ("Partner weighs it", "secondary"),
        "accepted": ("Accepted", "secondary"),
        "refused": ("Refused", "red"),
    }
    SUBJECT = "cancel_request"
    TRANSITIONS = {
        "requested": ("assessing", "accepted", "refused"),
        "assessing": ("accepted", "refused"),
        "accepted": (),
        "refused": (),
    }

    partner_order = models.ForeignKey(PartnerOrder, on_delete=models.CASCADE, related_name="cancel_requests")
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    reason = models.CharField(max_length=300)
    requested_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner_order"],
                condition=Q(state__in=["requested", "assessing", "accepted"]),
                name="cancel_one_open",
            ),
        ]


class Note(models.Model):
    """A remark on an order. Internal notes are never shown to customers or operators."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=4000)
    internal = models.BooleanField(default=True)
    author = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()


class Attachment(models.Model):
    """A file on an order: type and size are checked, it is served as a download only."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    author = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()


class DecompositionRule(models.Model):
    """When an item of this kind or offering is ordered, these related items are added. Data, editable."""

    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="the tenant; empty: for all",
    )
    name = models.CharField(max_length=120)
    when_kind = models.CharField(max_length=12, choices=Offering.Kind.choices, blank=True)
    when_offering = models.ForeignKey(Offering, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    add_offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    optional = models.BooleanField(default=False, help_text="offered, not forced")
    # Whether the added item waits for the main one, or the main one for it
    order_dependency = models.CharField(
        max_length=10,
        choices=[("none", "independent"), ("after", "after the main item"), ("before", "before the main item")],
        default="none",
    )
    active = models.BooleanField(default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(when_kind="") | Q(when_offering__isnull=False), name="decomposition_has_condition"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ServiceRecordQuerySet(ScopedQuerySet["ServiceRecord"]):
    """Inventory of a tenant; a customer sees its own."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        if acting.organisation.kind == "customer":
            return self.filter(customer_id=acting.organisation_id)
        return self.filter(organisation_id=acting.organisation_id)


class ServiceRecord(models.Model):
    """A live service: the inventory that a completed item creates."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        CEASED = "ceased", "Ceased"

    STATE_LOOK = {"active": ("Active", "green"), "ceased": ("Ceased", "secondary")}
    SUBJECT = "service"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="services")
    customer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="services_as_customer")
    reference = models.CharField(max_length=20, unique=True)
    item = models.OneToOneField(OrderItem, on_delete=models.PROTECT, related_name="service")
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="services")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+")
    partner_ref = models.CharField(max_length=120, blank=True)
    place_text = models.CharField(max_length=300)
    postcode = models.CharField(max_length=12)
    country = models.CharField(max_length=2, default="GB")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    active_from = models.DateTimeField()
    ceased_at = models.DateTimeField(null=True)
    simulated = models.BooleanField(default=False)

    objects = ServiceRecordQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "customer"], name="service_customer"),
            models.Index(fields=["organisation", "-active_from"], name="service_tenant"),
        ]

    def __str__(self) -> str:
        return self.reference


class StageExpectation(models.Model):
    """How long the news-less time in a stage lasts in our history: beyond its P90, silence is a signal (DOMAIN R28)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(Operator, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=20, choices=State.choices)
    p90_hours = models.FloatField()
    sample = models.PositiveIntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "operator", "state"], name="stage_once", nulls_distinct=False
            ),
        ]
