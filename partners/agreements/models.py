"""The terms of agreements: rounds of asking and offering, each kept, one of them in force on a day."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ofx.core.scoping import ScopedQuerySet
from partners.coverage.models import Offering
from partners.operators.models import Agreement


class TermsQuerySet(ScopedQuerySet["Terms"]):
    """Both parties see the terms of their agreement; nobody else does."""

    def scope(self, acting: Any) -> Self:
        """Terms of the agreements where one's organisation is a party."""
        return self.filter(agreement__in=Agreement.objects.all().scope(acting))


class Terms(models.Model):
    """One round: what a provider asks for, or what an operator offers. Accepted offers hold from their first day on."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked"
        ANSWERED = "answered", "Answered"
        OFFERED = "offered", "Offered"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        REPLACED = "replaced", "Replaced"

    STATE_LOOK = {
        "asked": ("Asked", "blue"),
        "answered": ("Answered", "grey"),
        "offered": ("Offered", "amber"),
        "accepted": ("Accepted", "green"),
        "declined": ("Declined", "grey"),
        "withdrawn": ("Withdrawn", "grey"),
        "replaced": ("Replaced", "grey"),
    }
    OPEN = ("asked", "offered")

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="terms")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    regions = ArrayField(
        models.CharField(max_length=16),
        default=list,
        blank=True,
        help_text="GB, GB:SW, GB:SW1A, US:VA, US:222; empty: wherever the operator serves",
    )
    currency = models.CharField(max_length=3, default="GBP")
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True, help_text="first day that is no longer covered")
    at_list = models.BooleanField(
        default=False,
        help_text="asked: an answer not above list is accepted beforehand; offered: other products at list price",
    )
    note = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.CharField(max_length=1000, blank=True, help_text="why it was declined or withdrawn")

    objects = TermsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="terms_number_once"),
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(state__in=["asked", "offered"]), name="terms_one_open"
            ),
            models.CheckConstraint(condition=Q(ends=None) | Q(ends__gt=F("starts")), name="terms_period"),
            models.CheckConstraint(
                condition=~Q(state__in=["offered", "accepted"]) | Q(starts__isnull=False), name="terms_has_start"
            ),
        ]
        indexes = [
            models.Index(fields=["agreement", "starts"], name="terms_accepted", condition=Q(state="accepted")),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}, round {self.number}"


class TermsLine(models.Model):
    """A product of the terms; without prices where it is only asked for."""

    terms = models.ForeignKey(Terms, on_delete=models.CASCADE, related_name="lines")
    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="+")
    one_off = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    monthly = models.DecimalField(max_digits=10, decimal_places=2, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["terms", "offering"], name="terms_line_once")]

    def __str__(self) -> str:
        return f"{self.offering}"
