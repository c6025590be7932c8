"""Orders made from the rows of a bulk qualification: what was chosen, and what became of each row."""

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models import Order
from ofx.search.models import BulkRun
from partners.models import Address, Operator, Place


class OrderBatch(models.Model):
    """Rows of a file that are to become orders, and by which rule. Its worker holds a lease, fenced on `attempt`."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Placing orders"
        STOPPED = "stopped", "Stopped"
        DONE = "done", "Done"

    STATE_LOOK = {
        "queued": ("Waiting for a worker", "secondary"),
        "running": ("Placing orders", "blue"),
        "stopped": ("Stopped", "amber"),
        "done": ("Done", "secondary"),
    }
    SUBJECT = "order_batch"
    TRANSITIONS = {
        "queued": ("running", "stopped", "done"),
        "running": ("done", "stopped"),
        "stopped": ("queued",),
        "done": (),
    }

    class Rule(models.TextChoices):
        BEST = "best", "Best by rank"
        CHEAPEST = "cheapest", "Cheapest a month"
        OPERATOR = "operator", "Best of one operator"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(BulkRun, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=200, help_text="the file's name")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    rule = models.CharField(max_length=10, choices=Rule.choices, default=Rule.BEST)
    operator = models.ForeignKey(Operator, null=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+", help_text="of rows that name none"
    )
    make_customers = models.BooleanField(default=False, help_text="a name that is not known becomes a customer")
    requested_date = models.DateField(null=True)
    contact_name = models.CharField(max_length=120, blank=True, help_text="of rows that name none")
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_email = models.EmailField(blank=True)
    submit = models.BooleanField(default=False, help_text="off: drafts")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="batch_tenant"),
            models.Index(fields=["id"], name="batch_open", condition=Q(state__in=["queued", "running"])),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Progress and what became of each row."""
        return f"/search/batches/{self.pk}/"


class BatchRow(models.Model):
    """One row and its order. The idempotency key of the order is made of batch and line: placed once, whatever dies."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DRAFT = "draft", "Draft"
        SENT = "sent", "On its way"
        FAILED = "failed", "No order"

    STATE_LOOK = {
        "waiting": ("Waiting", "secondary"),
        "draft": ("Draft", "amber"),
        "sent": ("On its way", "blue"),
        "failed": ("No order", "red"),
    }

    batch = models.ForeignKey(OrderBatch, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    given = models.CharField(max_length=300)
    reference = models.CharField(max_length=80, blank=True)
    customer = models.CharField(max_length=120, blank=True)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_email = models.CharField(max_length=254, blank=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    address = models.ForeignKey(Address, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    order = models.ForeignKey(Order, null=True, on_delete=models.SET_NULL, related_name="+")
    problem = models.CharField(max_length=500, blank=True, help_text="why there is no order, or only a draft")

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="batch_row_once")]
        indexes = [models.Index(fields=["batch", "line"], name="batch_row_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return self.given
