"""A question of a buyer's system and the answer that it got."""

from django.db import models

from ofx.core.models import Organisation
from ofx.tmf.product_order.models import BuyerQuerySet


class Inquiry(models.Model):
    """One question. `answer` holds what the standard's resource shows of it, `given` what was asked."""

    class Kind(models.TextChoices):
        ADDRESS = "address", "Address validation"
        OFFERS = "offers", "Product offering qualification"
        CHECK = "check", "Service check"
        QUERY = "query", "Service query"
        QUOTE = "quote", "Quote"
        SLOTS = "slots", "Search for a time slot"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=24)
    external_id = models.CharField(max_length=80, blank=True)
    given = models.JSONField(default=dict)
    answer = models.JSONField(default=dict)
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, help_text="the answer holds until then")

    objects = BuyerQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["organisation", "kind", "-created_at"], name="inquiry_tenant"),
            models.Index(fields=["created_at"], name="inquiry_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
