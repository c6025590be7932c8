"""How an order is decomposed, and how long a stage may stay silent."""

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.vocabulary import State
from partners.models import Offering, Operator


class DecompositionRule(models.Model):
    """When an item of this kind or offering is ordered, these related items are added. Data, editable."""

    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="the tenant; empty: for all",
    )
    name = models.CharField(max_length=120)
    when_kind = models.CharField(max_length=12, choices=Offering.Kind.choices, blank=True)
    when_offering = models.ForeignKey(Offering, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    add_offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    optional = models.BooleanField(default=False, help_text="offered, not forced")
    # Whether the added item waits for the main one, or the main one for it
    order_dependency = models.CharField(
        max_length=10,
        choices=[("none", "independent"), ("after", "after the main item"), ("before", "before the main item")],
        default="none",
    )
    active = models.BooleanField(default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(when_kind="") | Q(when_offering__isnull=False), name="decomposition_has_condition"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StageExpectation(models.Model):
    """How long the news-less time in a stage lasts in our history: beyond its P90, silence is a signal (DOMAIN R28)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(Operator, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=20, choices=State.choices)
    p90_hours = models.FloatField()
    sample = models.PositiveIntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "operator", "state"], name="stage_once", nulls_distinct=False
            ),
        ]
