"""The record of a known error (DOMAIN 9.1), and every version of it."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from partners.models import Operator
from ticketing.known_errors.vocabulary import (
    AUDIENCES,
    CONFIDENCE_LOOK,
    STATE_LOOK,
    TRANSITIONS,
    Confidence,
    Domain,
    State,
    Visibility,
)
from ticketing.tickets.vocabulary import Colour, FaultClass


class KnownErrorQuerySet(ScopedQuerySet["KnownError"]):
    """A tenant's own and the exchange's approved ones. Customers read what is approved and public."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        kind = acting.organisation.kind
        if kind == "service_provider":
            return self.filter(Q(organisation_id=acting.organisation_id) | Q(organisation=None, state=State.APPROVED))
        if kind == "customer":
            return self.readable_by(acting.organisation.provider_id, "public")
        return self.none()

    def readable_by(self, organisation_id: int | None, audience: str) -> Self:
        """Approved records of a provider, and of the exchange, that an audience may read."""
        mine = Q(organisation=None) | Q(organisation_id=organisation_id)
        return self.filter(mine, state=State.APPROVED, visibility__in=AUDIENCES[audience])


class KnownError(models.Model):
    """Something that went wrong before, how to know it again, and what helps."""

    STATE_LOOK = STATE_LOOK
    CONFIDENCE_LOOK = CONFIDENCE_LOOK
    SUBJECT = "known_error"
    TRANSITIONS = TRANSITIONS

    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="known_errors"
    )
    # Identity
    reference = models.CharField(max_length=20, unique=True, help_text="KE-000012, shown to people")
    code = models.SlugField(max_length=60, blank=True, help_text="of a record that comes with the product")
    language = models.CharField(max_length=8, default="en")
    title = models.CharField(max_length=200)
    supersedes = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="newer")
    error_strings = models.JSONField(default=list, blank=True, help_text="exact texts that people or systems show")
    # Symptom
    symptom_customer = models.TextField(blank=True, max_length=4000)
    symptom_technical = models.TextField(blank=True, max_length=4000)
    # Scope
    fault_class = models.CharField(max_length=16, choices=FaultClass.choices, blank=True)
    operator = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    product = models.CharField(max_length=80, blank=True)
    technology = models.CharField(max_length=20, blank=True)
    cpe_model = models.CharField(max_length=80, blank=True)
    firmware_from = models.CharField(max_length=40, blank=True)
    firmware_to = models.CharField(max_length=40, blank=True)
    affected = models.JSONField(default=list, blank=True, help_text="[{item, reason}]")
    # Diagnostic signature
    test_codes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    test_colour = models.CharField(max_length=8, choices=Colour.choices, blank=True)
    leds = models.CharField(max_length=120, blank=True)
    closure_codes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    # Cause and what helps
    cause = models.TextField(blank=True, max_length=4000)
    cause_domain = models.CharField(max_length=10, choices=Domain.choices, default=Domain.UNKNOWN)
    workaround = models.CharField(max_length=300, blank=True)
    steps = models.JSONField(default=list, blank=True, help_text="[{text, risk, consent, prerequisites, rollback}]")
    verify = models.CharField(max_length=200, blank=True, help_text="which test must go green")
    # In a customer's words
    customer_title = models.CharField(max_length=160, blank=True)
    customer_text = models.TextField(blank=True, max_length=4000)
    # Permanent fix
    fix_what = models.CharField(max_length=300, blank=True)
    fix_owner = models.CharField(max_length=120, blank=True)
    fix_eta = models.DateField(null=True, blank=True)
    fix_partner_ref = models.CharField(max_length=120, blank=True)
    # State
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    confidence = models.CharField(max_length=14, choices=Confidence.choices, default=Confidence.WORKING)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL)
    version = models.PositiveIntegerField(default=1)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    # Evidence: counted from KnownErrorUse and KnownErrorTicket, never nudged
    tickets_linked = models.PositiveIntegerField(default=0)
    first_seen = models.DateTimeField(null=True)
    last_seen = models.DateTimeField(null=True)
    times_applied = models.PositiveIntegerField(default=0)
    times_worked = models.PositiveIntegerField(default=0)
    times_failed = models.PositiveIntegerField(default=0)
    # Upkeep
    owner_group = models.CharField(max_length=80, blank=True)
    review_by = models.DateField(null=True, blank=True)
    review_reason = models.CharField(max_length=300, blank=True, help_text="set: it waits for somebody to look at it")
    alike = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    not_alike = models.JSONField(default=list, blank=True, help_text="ids that somebody said are something else")
    documents = models.JSONField(default=list, blank=True, help_text="[{name, url}]")
    drafted_from = models.ForeignKey(
        "ticketing.Ticket", null=True, blank=True, on_delete=models.SET_NULL, related_name="drafted_known_errors"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField()

    objects = KnownErrorQuerySet.as_manager()

    class Meta:
        verbose_name = "known error"
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="known_error_shipped_once"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False), name="known_error_approved_at"
            ),
            # What customers may read is written for them: there is nothing else that a page could show.
            models.CheckConstraint(
                condition=~Q(state="approved", visibility="public") | ~Q(customer_title="") & ~Q(customer_text=""),
                name="known_error_for_customers",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-updated_at"], name="known_error_tenant"),
            models.Index(fields=["review_by"], name="known_error_review", condition=Q(state="approved")),
            models.Index(fields=["state", "updated_at"], name="known_error_waiting", condition=Q(state="waiting")),
            models.Index(fields=["alike"], name="known_error_alike", condition=Q(alike__isnull=False)),
            GinIndex(fields=["test_codes"], name="known_error_codes"),
            GinIndex(fields=["closure_codes"], name="known_error_closures"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The record's page for staff."""
        return f"/knowledge/{self.reference}/"

    @property
    def public(self) -> bool:
        """Whether customers may read it."""
        return self.state == State.APPROVED and self.visibility == Visibility.PUBLIC

    @property
    def effectiveness(self) -> float | None:
        """Share of judged uses in which it worked, 0 to 1; None until anything was judged."""
        judged = self.times_worked + self.times_failed
        return self.times_worked / judged if judged else None


class KnownErrorVersion(models.Model):
    """What a record said in one version."""

    article = models.ForeignKey(KnownError, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="known_error_version_once")]
