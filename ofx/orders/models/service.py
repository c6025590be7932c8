"""The inventory that completed items create."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models.order import OrderItem
from partners.models import Offering, Operator


class ServiceRecordQuerySet(ScopedQuerySet["ServiceRecord"]):
    """Inventory of a tenant; a customer sees its own."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        if acting.organisation.kind == "customer":
            return self.filter(customer_id=acting.organisation_id)
        return self.filter(organisation_id=acting.organisation_id)


class ServiceRecord(models.Model):
    """A live service: the inventory that a completed item creates."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        CEASED = "ceased", "Ceased"

    STATE_LOOK = {"active": ("Active", "green"), "ceased": ("Ceased", "secondary")}
    SUBJECT = "service"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="services")
    customer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="services_as_customer")
    reference = models.CharField(max_length=20, unique=True)
    item = models.OneToOneField(OrderItem, on_delete=models.PROTECT, related_name="service")
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="services")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+")
    partner_ref = models.CharField(max_length=120, blank=True)
    place_text = models.CharField(max_length=300)
    postcode = models.CharField(max_length=12)
    country = models.CharField(max_length=2, default="GB")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    active_from = models.DateTimeField()
    ceased_at = models.DateTimeField(null=True)
    simulated = models.BooleanField(default=False)

    objects = ServiceRecordQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "customer"], name="service_customer"),
            models.Index(fields=["organisation", "-active_from"], name="service_tenant"),
            models.Index(fields=["organisation", "postcode"], name="service_postcode"),
            models.Index(fields=["operator", "partner_ref"], name="service_partner_ref", condition=~Q(partner_ref="")),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The service's page."""
        return f"/services/{self.reference}/"
