"""The figures of one day of one tenant, counted in the background so that the home page reads one row a day."""

from django.db import models

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet


class DayFigures(models.Model):
    """What happened on a day, and how the tenant stood at its end (today: at `computed_at`).

    Simulated orders count here, as on the board: these are the desk's own numbers, never a statistic about a partner.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    computed_at = models.DateTimeField()
    ordered = models.PositiveIntegerField(default=0, help_text="orders placed")
    completed = models.PositiveIntegerField(default=0, help_text="partner orders that were completed")
    committed = models.PositiveIntegerField(default=0, help_text="commitments that partners gave")
    slipped = models.PositiveIntegerField(default=0, help_text="target dates that partners moved to a later day")
    ended_unfulfilled = models.PositiveIntegerField(default=0, help_text="orders rejected, failed or cancelled")
    open_orders = models.PositiveIntegerField(default=0)
    ages = models.JSONField(default=dict, help_text="holder → open orders by age, youngest bucket first")
    money = models.JSONField(default=list, help_text="[operator, active services, a month, currency], dearest first")
    standing = models.JSONField(default=dict, help_text="blocked, late, silent, in jeopardy, due today")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "day"], name="day_figures_once")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.day}"
