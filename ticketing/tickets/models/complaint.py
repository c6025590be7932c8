"""A complaint has its own clock, whatever the fault's is."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ticketing.tickets.models.ticket import Ticket


class ComplaintQuerySet(ScopedQuerySet["Complaint"]):
    """A service provider's own; a customer's own, a user those that they made."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        if acting.organisation.kind == "customer":
            rows = self.filter(customer_id=acting.organisation_id)
            return rows if acting.role == "admin" else rows.filter(made_by_id=acting.user_id)
        if acting.organisation.kind == "service_provider":
            return self.filter(organisation_id=acting.organisation_id)
        return self.none()


class Complaint(models.Model):
    """Somebody is not satisfied with us. Answered by a day that is told at once."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"
        ESCALATED = "escalated", "Taken further"

    STATE_LOOK = {
        "received": ("Received", "blue"),
        "answered": ("Answered", "green"),
        "closed": ("Closed", "secondary"),
        "escalated": ("Taken further", "amber"),
    }
    SUBJECT = "complaint"
    TRANSITIONS = {
        "received": ("answered", "closed"),
        "answered": ("closed", "escalated", "received"),
        "escalated": ("answered", "closed"),
        "closed": (),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="complaints")
    customer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="complaints_as_customer")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="complaints")
    reference = models.CharField(max_length=20, unique=True)
    made_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(max_length=8000)
    wish = models.TextField(blank=True, max_length=2000, help_text="what would put it right")
    answer = models.TextField(blank=True, max_length=8000)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    made_at = models.DateTimeField()
    answer_by = models.DateTimeField(help_text="the deadline that was promised")
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "answer_by"], name="complaint_due", condition=Q(state="received")),
            models.Index(fields=["customer", "-made_at"], name="complaint_customer"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The complaint's page."""
        return f"/complaints/{self.reference}/"
