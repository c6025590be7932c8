"""The mother: one common cause of many faults, one row a tenant (ARCHITECTURE 9)."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models import ServiceRecord
from partners.coverage.normalise import display
from partners.models import Endpoint, Operator
from ticketing.outages.vocabulary import (
    CHILD_LOOK,
    PUBLIC,
    RUNNING,
    STATE_LOOK,
    TRANSITIONS,
    ChildState,
    KeyKind,
    Source,
    State,
)
from ticketing.tickets.models import ServiceTest, Ticket
from ticketing.tickets.vocabulary import Impact, Severity


class OutageQuerySet(ScopedQuerySet["Outage"]):
    """A service provider's own; a customer those that were made public and touch a service of its own."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        kind = acting.organisation.kind
        if kind == "service_provider":
            return self.filter(organisation_id=acting.organisation_id)
        if kind == "customer":
            mine = OutageChild.objects.filter(customer_id=acting.organisation_id).exclude(state="detached")
            return self.filter(state__in=PUBLIC, pk__in=mine.values("outage"))
        return self.none()


class Outage(models.Model):
    """One outage or planned work: what is affected, since when, until when, who was told."""

    STATE_LOOK = STATE_LOOK
    SUBJECT = "outage"
    TRANSITIONS = TRANSITIONS

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="outages")
    reference = models.CharField(max_length=20, unique=True, help_text="OUT-000123, shown to people")
    operator = models.ForeignKey(
        Operator, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="only its services"
    )
    title = models.CharField(max_length=160)
    public_text = models.TextField(blank=True, max_length=2000, help_text="what customers and the status page read")
    internal_text = models.TextField(blank=True, max_length=4000)
    cause = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CANDIDATE)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.STAFF)
    severity = models.CharField(max_length=12, choices=Severity.choices, default=Severity.SIGNIFICANT)
    impact = models.CharField(max_length=12, choices=Impact.choices, default=Impact.DOWN)
    planned = models.BooleanField(default=False)
    window_start = models.DateTimeField(null=True, blank=True)
    window_end = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField()
    expected_at = models.DateTimeField(null=True, blank=True, help_text="when it is expected to work again")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    cleared_at = models.DateTimeField(null=True, help_text="when the cause was gone; children end by their own tests")
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True, help_text="why it was rejected or re-opened")
    partner_ref = models.CharField(max_length=120, blank=True)
    partner_cleared_at = models.DateTimeField(null=True, help_text="the partner says it is fixed: a claim (R24)")
    external_id = models.CharField(max_length=120, blank=True, help_text="the id at whoever reported it")
    idempotency_key = models.CharField(max_length=120, blank=True)
    proposal_key = models.CharField(max_length=120, blank=True, help_text="kind:value that raised the proposal")
    evidence = models.JSONField(default=dict, help_text="what raised the proposal: counts, baseline, rows behind them")
    on_status_page = models.BooleanField(default=True)
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")

    objects = OutageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="outage_idempotency_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "proposal_key"],
                condition=~Q(proposal_key="") & Q(state__in=RUNNING),
                name="outage_proposal_once",
            ),
            models.CheckConstraint(
                condition=Q(window_end=None) | Q(window_start=None) | Q(window_end__gt=models.F("window_start")),
                name="outage_window",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-started_at"], name="outage_tenant"),
            models.Index(fields=["organisation"], name="outage_running", condition=Q(state__in=RUNNING)),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The outage's page."""
        return f"/outages/{self.reference}/"


class OutageKey(models.Model):
    """One part of an outage's scope. Services that have any of its keys are affected, at its operator if it has one."""

    outage = models.ForeignKey(Outage, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=10, choices=KeyKind.choices)
    value = models.CharField(max_length=80)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["outage", "kind", "value"], name="outage_key_once")]
        indexes = [models.Index(fields=["kind", "value"], name="outage_key_value")]

    def __str__(self) -> str:
        shown = display("GB", self.value, self.kind) if self.kind in ("sector", "postcode") else self.value
        return f"{self.get_kind_display()} {shown}"


class OutageChild(models.Model):
    """One affected service, or a ticket about a place. Keeps its own clock whatever the mother's is (R31)."""

    STATE_LOOK = CHILD_LOOK
    SUBJECT = "outage_child"

    outage = models.ForeignKey(Outage, on_delete=models.CASCADE, related_name="children")
    service = models.ForeignKey(ServiceRecord, null=True, on_delete=models.PROTECT, related_name="outage_children")
    ticket = models.ForeignKey(
        Ticket, null=True, on_delete=models.SET_NULL, related_name="outage_children", help_text="empty: has not called"
    )
    customer = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ChildState.choices, default=ChildState.ATTACHED)
    reason = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField(help_text="its own clock: since when this customer is without")
    attached_at = models.DateTimeField()
    informed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="its own clock's end")
    test = models.ForeignKey(ServiceTest, null=True, on_delete=models.SET_NULL, related_name="outage_children")
    test_due_at = models.DateTimeField(null=True)
    test_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outage", "service"], condition=Q(service__isnull=False), name="outage_child_service_once"
            ),
            models.UniqueConstraint(
                fields=["outage", "ticket"], condition=Q(ticket__isnull=False), name="outage_child_ticket_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")), name="outage_child_clock"
            ),
        ]
        indexes = [
            models.Index(fields=["outage", "state", "id"], name="outage_child_state"),
            models.Index(fields=["outage", "id"], name="outage_child_walk"),
            models.Index(fields=["test_due_at"], name="outage_child_retest", condition=Q(state="retesting")),
        ]

    def __str__(self) -> str:
        return str(self.service or self.ticket or "")


class OutageParty(models.Model):
    """Somebody in whose own tool the mother exists: a partner (TMF656), or a customer's ITSM (TMF621 or TMF656)."""

    outage = models.ForeignKey(Outage, on_delete=models.CASCADE, related_name="parties")
    operator = models.ForeignKey(Operator, null=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    endpoint = models.ForeignKey(Endpoint, null=True, on_delete=models.SET_NULL, related_name="+")
    our_key = models.CharField(max_length=80, unique=True)
    external_id = models.CharField(max_length=120, blank=True)
    url = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=14, blank=True, help_text="as the party says, in our words")
    said_at = models.DateTimeField(null=True, help_text="when it said so: what it said before comes too late")
    problem = models.CharField(max_length=300, blank=True, help_text="why it could not be told")
    affected = models.PositiveIntegerField(default=0)
    cleared_at = models.DateTimeField(null=True, help_text="the party says it is over")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outage", "operator"], condition=Q(operator__isnull=False), name="outage_party_operator"
            ),
            models.UniqueConstraint(
                fields=["outage", "customer"], condition=Q(customer__isnull=False), name="outage_party_customer"
            ),
            models.CheckConstraint(
                condition=Q(operator__isnull=True) ^ Q(customer__isnull=True), name="outage_party_one"
            ),
        ]

    def __str__(self) -> str:
        return str(self.operator or self.customer or "")
