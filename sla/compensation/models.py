"""Rates by the date from which they hold, and who is in the scheme."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet


class CompensationRate(models.Model):
    """One amount, from a date on, with where it was printed (R29). Never changed: a new one follows."""

    class Event(models.TextChoices):
        REPAIR_DAY = "repair_day", "Delayed repair, a day"
        MISSED_VISIT = "missed_visit", "Missed appointment"
        LATE_START_DAY = "late_start_day", "Delayed start, a day"

    scheme = models.CharField(max_length=20, default="GB-AUTOMATIC", help_text="Ofcom automatic compensation")
    event = models.CharField(max_length=16, choices=Event.choices)
    effective_from = models.DateField()
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3, default="GBP")
    source = models.CharField(max_length=200, help_text="where it was printed")
    read_on = models.DateField(help_text="when we read it there")

    class Meta:
        ordering = ["event", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "event", "effective_from"], name="compensation_rate_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="compensation_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.amount} from {self.effective_from}"


class CoverQuerySet(ScopedQuerySet["CompensationCover"]):
    """A provider sees its own; its customers are shown what follows of it, not the rows."""

    def scope(self, acting: Any) -> Self:
        """By organisation."""
        if acting.organisation.kind == "service_provider":
            return self.filter(organisation_id=acting.organisation_id)
        return self.none()


class CompensationCover(models.Model):
    """Whether a provider's customers are in the scheme: all of them, or this one whatever holds for all.

    The scheme is voluntary and for consumers; without a row nobody is in it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="empty: all others"
    )
    covered = models.BooleanField()
    changed_at = models.DateTimeField()

    objects = CoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "customer"], nulls_distinct=False, name="compensation_cover_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer or 'all others'}: {'in' if self.covered else 'not in'} the scheme"
