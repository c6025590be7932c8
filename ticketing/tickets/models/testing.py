"""Service tests at partners (TMF653), and what each partner demands before a fault is raised (DOMAIN A05, A08)."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models import ServiceRecord
from partners.models import Operator
from ticketing.tickets.models.ticket import Ticket
from ticketing.tickets.vocabulary import COLOUR_LOOK, TEST_MAX_AGE_MINUTES, Colour


class FaultRulesQuerySet(ScopedQuerySet["FaultRules"]):
    """A tenant's own and those of the exchange."""

    def scope(self, acting: Any) -> Self:
        """By tenant."""
        return self.filter(Q(organisation=None) | Q(organisation_id=acting.organisation_id))


class FaultRules(models.Model):
    """What one operator demands before it takes a fault, and how it is told. Data, editable in the browser."""

    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="empty: for all"
    )
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="fault_rules")
    required = models.JSONField(default=list, help_text="characteristics that must be given (DOMAIN 4.3)")
    max_lengths = models.JSONField(default=dict, help_text="characteristic or `description` → most characters")
    test_required = models.BooleanField(default=True)
    test_max_age_minutes = models.PositiveIntegerField(default=TEST_MAX_AGE_MINUTES)
    green_blocks = models.BooleanField(default=True, help_text="a green test bars raising unless overridden")
    barring_codes = models.JSONField(default=list, help_text="test codes that bar raising, such as KNOWN_INCIDENT")
    notes_to_customer = models.BooleanField(default=True, help_text="the customer reads what this partner notes")
    ticket_url = models.CharField(
        max_length=300, blank=True, help_text="deep link to its ticket: https://…/{partner_ref}"
    )

    objects = FaultRulesQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "organisation"], name="fault_rules_once", nulls_distinct=False)
        ]


class ServiceTestQuerySet(ScopedQuerySet["ServiceTest"]):
    """Tests of a tenant's services; a customer sees those of its own services."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        if acting.organisation.kind == "customer":
            return self.filter(service__customer_id=acting.organisation_id)
        return self.filter(organisation_id=acting.organisation_id)


class ServiceTest(models.Model):
    """One remote diagnostic of one service: asked for, running, and what it found."""

    class State(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", "Asked for"
        IN_PROGRESS = "in_progress", "Running"
        COMPLETED = "completed", "Done"
        FAILED = "failed", "Could not be run"
        CANCELLED = "cancelled", "Cancelled"

    STATE_LOOK = {
        "acknowledged": ("Asked for", "blue"),
        "in_progress": ("Running", "blue"),
        "completed": ("Done", "secondary"),
        "failed": ("Could not be run", "amber"),
        "cancelled": ("Cancelled", "secondary"),
    }
    COLOUR_LOOK = COLOUR_LOOK
    SUBJECT = "service_test"
    TRANSITIONS = {
        "acknowledged": ("in_progress", "completed", "failed", "cancelled"),
        "in_progress": ("completed", "failed", "cancelled"),
        "completed": (),
        "failed": (),
        "cancelled": (),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="service_tests")
    service = models.ForeignKey(ServiceRecord, on_delete=models.PROTECT, related_name="tests")
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.SET_NULL, related_name="tests")
    kind = models.CharField(max_length=40, default="line", help_text="line, ont, cfm, uniport")
    our_key = models.CharField(max_length=80, unique=True)
    partner_ref = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACKNOWLEDGED)
    colour = models.CharField(max_length=6, choices=Colour.choices, blank=True)
    code = models.CharField(max_length=60, blank=True, help_text="the partner's result code, such as ONT_NO_LIGHT")
    text = models.CharField(max_length=500, blank=True, help_text="what it means, in words")
    measures = models.JSONField(default=list, help_text="[{name, value, unit, note}]")
    stale_port = models.BooleanField(default=False, help_text="the ONT is down, so its port data is old (R20)")
    disruptive = models.BooleanField(default=False)
    consent = models.CharField(max_length=200, blank=True, help_text="who agreed to a disruptive test, and when (R19)")
    why = models.CharField(max_length=20, blank=True, help_text="guide, desk, retest, gate, outage, api")
    requested_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField(null=True, help_text="when the worker asks the partner for the result")
    give_up_at = models.DateTimeField(null=True, help_text="after this time nobody asks for the result any more")
    lease_until = models.DateTimeField(null=True, help_text="a worker is at it until then")
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True, help_text="why it could not be run")
    simulated = models.BooleanField(default=False)

    objects = ServiceTestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["service", "-requested_at"], name="service_test_service"),
            models.Index(fields=["organisation", "-requested_at"], name="service_test_tenant"),
            models.Index(
                fields=["next_look_at"],
                name="service_test_due",
                condition=Q(state__in=["acknowledged", "in_progress"]),
            ),
        ]

    def __str__(self) -> str:
        return f"Test of {self.service}"
