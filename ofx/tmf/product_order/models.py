"""What a buyer's system sent us beside what our orders hold, and its wishes to cancel."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models import Order


class BuyerQuerySet(ScopedQuerySet[Any]):
    """Rows of a tenant; customers and operators have no part in them."""

    def scope(self, acting: Any) -> Self:
        """The service provider's own."""
        if acting.organisation.kind != "service_provider":
            return self.none()
        return self.filter(organisation_id=acting.organisation_id)


class BuyerOrder(models.Model):
    """An order as the buyer's system wrote it, kept to be given back as it was written."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="buyer_order")
    external_id = models.CharField(max_length=80, blank=True, help_text="the buyer's own id; once a tenant")
    digest = models.CharField(max_length=64, blank=True, help_text="of what was sent: the same again is the same order")
    version = models.CharField(max_length=4, default="v4", help_text="the version of the API that it came by")
    wish = models.JSONField(default=dict, help_text="what was sent, read: description, items, parties, dates …")
    fallout = models.CharField(max_length=1000, blank=True, help_text="why it could not be routed; a person decides")
    created_at = models.DateTimeField()

    objects = BuyerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "external_id"], condition=~Q(external_id=""), name="buyer_order_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} as {self.external_id or 'sent'}"


class CancelTask(models.Model):
    """A cancelProductOrder: a wish to cancel a whole order, and what became of it."""

    class State(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        IN_PROGRESS = "in_progress", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Refused"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="cancel_tasks")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACKNOWLEDGED)
    reason = models.CharField(max_length=300)
    requested_for = models.DateTimeField(null=True, help_text="when the buyer wants it to take effect")
    effective_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = BuyerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["acknowledged", "in_progress"]), name="cancel_task_one_open"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-created_at"], name="cancel_task_tenant")]

    def __str__(self) -> str:
        return f"cancel {self.order}"
