"""What a buyer's system says of a visit beside what our visit holds."""

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.orders.models import Appointment
from ofx.tmf.product_order.models import BuyerQuerySet


class BuyerVisit(models.Model):
    """A visit as the buyer's system wrote it, kept to be given back."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="buyer_visit")
    external_id = models.CharField(max_length=80, blank=True, help_text="the buyer's own id; once a tenant")
    given = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = BuyerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "external_id"], condition=~Q(external_id=""), name="buyer_visit_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment} as {self.external_id or 'sent'}"
