"""The one history: events, and which subscriber has handled which (ARCHITECTURE 4)."""

from typing import Self

from django.db import models

from ofx.core.scoping import ScopedQuerySet


class EventQuerySet(ScopedQuerySet["Event"]):
    """Events of a tenant; an operator or customer sees events only through the objects that they may see."""

    def about(self, *subjects: str) -> Self:
        """Events whose subject is one of the references, newest first."""
        return self.filter(subject__in=subjects).order_by("-at", "-id")


class Event(models.Model):
    """A fact, `<thing>.<past participle>`, inserted in the transaction of the change it tells of."""

    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=80)
    organisation = models.ForeignKey("core.Organisation", null=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    payload = models.JSONField(default=dict)
    settled = models.BooleanField(default=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="event_open", condition=models.Q(settled=False)),
            models.Index(fields=["subject", "at"], name="event_subject"),
            models.Index(fields=["organisation", "-at"], name="event_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.subject}"


class Handled(models.Model):
    """Written in the same transaction as the subscriber's effect: replay is a no-op."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="handled")
    subscriber = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="handled_once")]


class Failing(models.Model):
    """A subscriber that failed on an event: tried again by the sweep with growing pauses, shown to operators."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="failing")
    subscriber = models.CharField(max_length=120)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="failing_once")]
