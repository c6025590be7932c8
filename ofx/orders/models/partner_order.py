"""The order at one operator, the facts that it is folded from, and the fold written down for queries.

State lives on the partner order and is a fold over its facts (fold.py): recomputed, never nudged, so that news which
comes late, twice or out of order gives the same answer. The columns of PartnerOrder from `state` on, Flag,
MilestoneReached and DateChange are that fold.
"""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models.order import Order, OrderItem
from ofx.orders.vocabulary import ENDED, STATE_LOOK, TRANSITIONS, ClockOwner, Milestone, State, UpdateType
from partners.models import Message, Operator


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
