"""What an order costs beside its price, and what we asked its partner to change."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models.partner_order import Fact, PartnerOrder

WORDS = {
    "requested_date": "date",
    "contact_name": "site contact",
    "contact_phone": "phone",
    "contact_email": "e-mail",
    "access_notes": "access notes",
}


class ChargeQuerySet(ScopedQuerySet["Charge"]):
    """A service provider sees those of its orders, an operator those that it raised; a customer none."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        kind = acting.organisation.kind
        if kind == "service_provider":
            return self.filter(partner_order__organisation_id=acting.organisation_id)
        if kind == "operator":
            return self.filter(partner_order__operator__organisation_id=acting.organisation_id)
        return self.none()


class Charge(models.Model):
    """A price on top that a partner asks for; it needs our consent, and often our customer's (R02)."""

    class Kind(models.TextChoices):
        ECC = "ecc", "Excess construction"
        CANCELLATION = "cancellation", "Cancellation"
        AMEND = "amend", "Change"

    class State(models.TextChoices):
        RAISED = "raised", "Awaits our answer"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        LAPSED = "lapsed", "Not answered in time"
        WITHDRAWN = "withdrawn", "No longer asked"

    STATE_LOOK = {
        "raised": ("Awaits our answer", "amber"),
        "accepted": ("Accepted", "blue"),
        "declined": ("Declined", "secondary"),
        "lapsed": ("Not answered in time", "red"),
        "withdrawn": ("No longer asked", "secondary"),
    }
    SUBJECT = "charge"

    partner_order = models.ForeignKey(PartnerOrder, on_delete=models.CASCADE, related_name="charges")
    fact = models.OneToOneField(Fact, on_delete=models.CASCADE, related_name="+", help_text="the news that raised it")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ECC)
    ident = models.CharField(max_length=60, blank=True, help_text="the partner's id of it")
    amount = models.DecimalField(max_digits=10, decimal_places=2, null=True, help_text="empty: the text names it")
    currency = models.CharField(max_length=3, default="GBP")
    text = models.CharField(max_length=500, blank=True)
    blocking = models.BooleanField(default=True, help_text="work stands still until it is answered")
    raised_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RAISED)
    answered_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)
    consent_by = models.CharField(max_length=120, blank=True, help_text="who at the customer consented")
    consent_reference = models.CharField(max_length=80, blank=True, help_text="the customer's own reference of it")
    refusal = models.CharField(max_length=500, blank=True, help_text="why the partner did not take our last answer")

    objects = ChargeQuerySet.as_manager()

    class Meta:
        ordering = ["raised_at", "pk"]
        indexes = [
            models.Index(fields=["partner_order", "raised_at"], name="charge_order"),
            models.Index(
                fields=["answer_by"], name="charge_due", condition=Q(state="raised") & Q(answer_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount or ''} {self.currency}"


class AmendRequest(models.Model):
    """A change that we asked a partner for, and what it said (DOMAIN 5.1: amend has its own states)."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Partner weighs it"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"
        OVERTAKEN = "overtaken", "The order ended first"

    STATE_LOOK = {
        "requested": ("Partner weighs it", "secondary"),
        "accepted": ("Accepted", "blue"),
        "refused": ("Refused", "red"),
        "overtaken": ("The order ended first", "secondary"),
    }
    SUBJECT = "amend_request"

    partner_order = models.ForeignKey(PartnerOrder, on_delete=models.CASCADE, related_name="amend_requests")
    number = models.PositiveSmallIntegerField()
    changes = models.JSONField(default=dict, help_text="field → wanted value")
    before = models.JSONField(default=dict, help_text="field → value until then")
    requester = models.CharField(max_length=10, choices=Fact.Source.choices)
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    requested_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["partner_order", "number"], name="amend_number_once")]

    @property
    def words(self) -> str:
        """What was to change, in words."""
        lines = [f"{WORDS.get(name, name)} → {value or 'none'}" for name, value in self.changes.items()]
        return "; ".join(lines)
