"""Visits of an engineer: the slot, how long it is reserved, and whose fault it was when nothing came of it."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.core.ui.display import local
from ofx.orders.models.partner_order import PartnerOrder
from ofx.orders.vocabulary import ClockOwner
from partners.models import Operator


def slot_words(start: datetime, end: datetime) -> str:
    """A slot as people read it: `Tue 12 Mar 2026, 08:00 to 13:00`, in the zone of the reader."""
    first, last = local(start), local(end)
    return f"{first:%a %-d %b %Y, %H:%M} to {last:%H:%M}"


class AppointmentQuerySet(ScopedQuerySet["Appointment"]):
    """Appointments belong to a tenant; its customer sees its own, an operator those with it."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        kind = acting.organisation.kind
        if kind == "service_provider":
            return self.filter(organisation_id=acting.organisation_id)
        if kind == "customer":
            return self.filter(customer_id=acting.organisation_id)
        if kind == "operator":
            return self.filter(operator__organisation_id=acting.organisation_id)
        return self.none()

    def open(self) -> Self:
        """Those that a visit may still come of."""
        return self.filter(state__in=Appointment.OPEN)

    def lapsing(self, at: datetime) -> Self:
        """Reserved ones whose reservation ends by then."""
        return self.filter(state="reserved", reserved_until__lte=at)


class Appointment(models.Model):
    """A visit at the customer's. A reservation has an end; a missed visit is the partner's, a failed one is ours."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Asked for"
        RESERVED = "reserved", "Reserved"
        CONFIRMED = "confirmed", "Confirmed"
        COMPLETED = "completed", "Completed"
        MISSED = "missed", "Missed by the partner"
        FAILED = "failed", "Failed on our side"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Reservation lapsed"
        REFUSED = "refused", "Refused by the partner"

    OPEN = ("requested", "reserved", "confirmed")
    STATE_LOOK = {
        "requested": ("Asked for", "secondary"),
        "reserved": ("Reserved", "amber"),
        "confirmed": ("Confirmed", "blue"),
        "completed": ("Completed", "green"),
        "missed": ("Missed by the partner", "red"),
        "failed": ("Failed on our side", "amber"),
        "cancelled": ("Cancelled", "secondary"),
        "expired": ("Reservation lapsed", "red"),
        "refused": ("Refused by the partner", "secondary"),
    }
    SUBJECT = "appointment"
    TRANSITIONS = {
        "requested": ("reserved", "confirmed", "refused", "cancelled"),
        "reserved": ("confirmed", "completed", "missed", "failed", "cancelled", "expired"),
        "confirmed": ("completed", "missed", "failed", "cancelled"),
        # A partner may hold to a slot whose reservation we took for lapsed.
        "expired": ("confirmed", "completed"),
        "completed": (),
        "missed": (),
        "failed": (),
        "cancelled": (),
        "refused": (),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="appointments")
    customer = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="appointments_as_customer"
    )
    partner_order = models.ForeignKey(
        PartnerOrder,
        null=True,
        on_delete=models.CASCADE,
        related_name="appointments",
        help_text="empty: reserved before there is an order",
    )
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="appointments")
    our_key = models.CharField(max_length=100, unique=True, help_text="found at the partner by it")
    place_text = models.CharField(max_length=300)
    postcode = models.CharField(max_length=12)
    country = models.CharField(max_length=2, default="GB")
    slot_start = models.DateTimeField()
    slot_end = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    reserved_until = models.DateTimeField(null=True, help_text="the reservation lapses then unless it is confirmed")
    partner_ref = models.CharField(max_length=120, blank=True)
    by_hand = models.BooleanField(default=False, help_text="agreed by people: the partner has no appointment API")
    simulated = models.BooleanField(default=False)
    requested_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="older news changes nothing")
    outcome_reason = models.CharField(max_length=40, blank=True, help_text="canonical reason")
    outcome_text = models.CharField(max_length=500, blank=True)
    outcome_owner = models.CharField(max_length=15, choices=ClockOwner.choices, blank=True)
    warned_at = models.DateTimeField(null=True, help_text="when it was told that the reservation will lapse: once")
    asked = models.JSONField(default=dict, help_text="what we asked the partner for and do not know the answer to")
    asked_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="replaced_by")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["slot_start", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(slot_end__gt=F("slot_start")), name="appointment_slot"),
            models.UniqueConstraint(
                fields=["partner_order"],
                condition=Q(state__in=["requested", "reserved", "confirmed"]),
                name="appointment_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "slot_start"], name="appointment_tenant"),
            models.Index(fields=["customer", "slot_start"], name="appointment_customer"),
            models.Index(fields=["operator", "slot_start"], name="appointment_operator"),
            models.Index(fields=["reserved_until"], name="appointment_lapses", condition=Q(state="reserved")),
            models.Index(fields=["asked_at"], name="appointment_unknown", condition=Q(asked_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.slot_start:%d %b %Y %H:%M}"

    @property
    def open(self) -> bool:
        """Whether a visit may still come of it."""
        return self.state in self.OPEN

    @property
    def words(self) -> str:
        """The slot as people read it."""
        return slot_words(self.slot_start, self.slot_end)
