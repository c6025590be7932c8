"""Bulk qualification: a file of places, worked chunk by chunk, and one result row for each of its rows."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from partners.models import Address, Offering, Operator, Place


class BulkRun(models.Model):
    """One file of places. Its worker holds a lease; every chunk is fenced on `attempt` and commits with `rows_done`."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Needs its columns mapped"
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    STATE_LOOK = {
        "uploaded": ("Needs its columns mapped", "amber"),
        "queued": ("Waiting for a worker", "secondary"),
        "running": ("Running", "blue"),
        "paused": ("Paused", "amber"),
        "done": ("Done", "secondary"),
        "cancelled": ("Cancelled", "secondary"),
        "failed": ("Failed", "red"),
    }
    SUBJECT = "bulk_run"
    TRANSITIONS = {
        "uploaded": ("queued", "cancelled"),
        "queued": ("running", "paused", "cancelled"),
        "running": ("done", "queued", "paused", "cancelled", "failed"),
        "paused": ("queued", "cancelled"),
        "failed": ("queued", "cancelled"),
        "done": (),
        "cancelled": (),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    file = models.FileField(upload_to="bulk/%Y/%m/")
    file_name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, default="GB")
    mapping = models.JSONField(default=dict, help_text="our column → theirs")
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0, help_text="rows whose result is committed")
    rows_bad = models.PositiveIntegerField(default=0)
    rows_served = models.PositiveIntegerField(default=0)
    rows_orderable = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="bulk_tenant"),
            models.Index(fields=["id"], name="bulk_open", condition=Q(state__in=["queued", "running"])),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        """Columns, progress and result."""
        return f"/search/bulk/{self.pk}/"


class BulkPlace(models.Model):
    """The answer to one row of the file. `error` says why a row could not be read; it is kept like the others."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="places", db_index=False)
    line = models.PositiveIntegerField(help_text="the row's number in the file, from 1, the heading not counted")
    given = models.CharField(max_length=300, help_text="the place as the file names it")
    reference = models.CharField(max_length=80, blank=True)
    customer = models.CharField(max_length=120, blank=True)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_email = models.CharField(max_length=254, blank=True)
    error = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="such as: address not known, answered for postcode")
    # No constraint: places and offers change, an answer is what was said on its day.
    place = models.ForeignKey(
        Place, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    address = models.ForeignKey(
        Address, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    postcode = models.CharField(max_length=12, blank=True)
    served = models.BooleanField(default=False, help_text="some operator is live here")
    orderable = models.BooleanField(default=False)
    operators = ArrayField(models.BigIntegerField(), default=list, help_text="live here")
    technologies = ArrayField(models.CharField(max_length=20), default=list, help_text="live here")
    offers = models.PositiveSmallIntegerField(default=0)
    best = models.ForeignKey(
        Offering, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+",
        help_text="first by rank",
    )  # fmt: skip
    best_operator = models.ForeignKey(
        Operator, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    technology = models.CharField(max_length=20, blank=True)
    down_mbps = models.FloatField(null=True)
    up_mbps = models.FloatField(null=True)
    lead_days = models.PositiveSmallIntegerField(null=True, help_text="list lead time in working days")
    score = models.FloatField(null=True)
    monthly = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    one_off = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    cheapest = models.ForeignKey(
        Offering, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+",
        help_text="lowest monthly price among the best's kind",
    )  # fmt: skip
    cheapest_monthly = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    missing = models.CharField(max_length=120, blank=True, help_text="where nothing can be ordered: why")

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="bulk_place_once")]
