"""What the order board reads when it is narrowed to an operator, a product or both."""

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models.order import Order
from ofx.orders.vocabulary import ClockOwner


class BoardEntry(models.Model):
    """A copy of what the board sorts an open order by, once for each narrowing that the order's open parts fall under.

    An order may be at several operators, so no index over the orders can answer "those at this operator, oldest
    first". Written with the fold and with nothing else (entries.py); an order that ended has none.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="board_entries", db_index=False)
    narrowing = models.CharField(max_length=60, help_text="operator's id and kind of product: 7:, :device, 7:device")
    holder = models.CharField(max_length=15, choices=ClockOwner.choices, blank=True)
    blocked_since = models.DateTimeField(null=True)
    value_monthly = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    target_date = models.DateField(null=True, help_text="none where the order is completed")
    silent_from = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "narrowing"], name="board_entry_once")]
        indexes = [
            models.Index(
                fields=["organisation", "narrowing", "holder", "blocked_since"],
                name="board_blocked",
                condition=Q(blocked_since__isnull=False),
            ),
            models.Index(
                fields=["organisation", "narrowing", "holder", "-value_monthly"],
                name="board_blocked_value",
                condition=Q(blocked_since__isnull=False),
            ),
            models.Index(
                fields=["organisation", "narrowing", "target_date", "-value_monthly"],
                name="board_target",
                condition=Q(target_date__isnull=False),
            ),
            models.Index(
                fields=["organisation", "narrowing", "silent_from"],
                name="board_silent",
                condition=Q(silent_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} under {self.narrowing}"
