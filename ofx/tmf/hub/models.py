"""Who wants to be told of what, and every notification until it was taken or given up."""

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.core.secrets import SecretField


class Subscription(models.Model):
    """A callback of a tenant's system at one API (TMF630 hub)."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        GONE = "gone", "Gone"

    STATE_LOOK = {"active": ("Active", "green"), "gone": ("Callback is gone", "red")}

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    api = models.CharField(max_length=60, help_text="such as productOrderingManagement")
    version = models.CharField(max_length=4)
    callback = models.CharField(max_length=500)
    query = models.CharField(max_length=1000, blank=True)
    bare = models.BooleanField(default=False, help_text="posted to the callback itself, not to callback/listener/…")
    secret = SecretField(help_text="signs what we send (Standard Webhooks); shown once")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    # A callback that does not answer rests, so that it takes no time from the others.
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_success_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "api", "version", "callback", "query"], name="subscription_once"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "api"], name="subscription_api", condition=Q(state="active"))]

    def __str__(self) -> str:
        return self.callback


class Notification(models.Model):
    """One event told to one callback. Ids follow the order of the events of a resource."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    STATE_LOOK = {
        "queued": ("Waiting", "secondary"),
        "delivered": ("Delivered", "green"),
        "failed": ("Given up", "red"),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="notifications")
    resource = models.CharField(max_length=80, help_text="what it is about; told in order")
    event_id = models.UUIDField(help_text="the same for every callback and every try")
    event_type = models.CharField(max_length=80)
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["subscription", "event_id"], name="notification_once")]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="notification_due", condition=Q(state="queued")),
            models.Index(
                fields=["subscription", "resource", "id"], name="notification_order", condition=Q(state="queued")
            ),
            models.Index(fields=["organisation", "-id"], name="notification_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} to {self.subscription}"
