"""Places, what operators publish about them, and at what price."""

from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from partners.operators.models import Agreement, Operator


class Place(models.Model):
    """A postcode or ZIP: the smallest place that every country's public data names."""

    country = models.CharField(max_length=2)
    code = models.CharField(max_length=12, help_text="normalised: upper case, no spaces (SW1A1AA, 22201)")
    outcode = models.CharField(max_length=8, help_text="GB outcode, US ZIP3, else the code's first part")
    sector = models.CharField(max_length=10, help_text="GB sector (SW1A1), else the code")
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    district = models.CharField(max_length=80, blank=True)
    live = models.BooleanField(null=True, help_text="True where an OS or ONS file says so; unknown otherwise")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "code"], name="place_once")]
        indexes = [
            models.Index(fields=["country", "outcode"], name="place_outcode"),
            models.Index(fields=["lat", "lon"], name="place_position"),
        ]

    def __str__(self) -> str:
        return self.code


class Address(models.Model):
    """A premises. `uprn` is the national id where the country has one."""

    country = models.CharField(max_length=2)
    uprn = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=64, help_text="what footprints name it by: the UPRN, or a digest of the address")
    postcode = models.CharField(max_length=12, help_text="code of its Place")
    text = models.CharField(max_length=250, help_text="one line as people write it")
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "key"], name="address_once")]
        indexes = [
            models.Index(fields=["country", "postcode"], name="address_postcode"),
            models.Index(fields=["country", "uprn"], name="address_uprn", condition=~Q(uprn="")),
            GinIndex(fields=["text"], opclasses=["gin_trgm_ops"], name="address_text_trgm"),
        ]

    def __str__(self) -> str:
        return self.text


class FootprintQuerySet(ScopedQuerySet["Footprint"]):
    """An operator sees its own publications; service providers those that are or were in force."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        if acting.organisation.kind == "operator":
            return self.filter(operator__organisation_id=acting.organisation_id)
        if acting.organisation.kind == "service_provider":
            mine = Q(operator__on_net_of=None) | Q(operator__on_net_of_id=acting.organisation_id)
            return self.filter(mine)
        return self.none()


class Footprint(models.Model):
    """One published version of an operator's coverage. Exactly one is active; the one before can be restored."""

    class State(models.TextChoices):
        LOADING = "loading", "Loading"
        ACTIVE = "active", "Active"
        REPLACED = "replaced", "Replaced"
        FAILED = "failed", "Failed"

    STATE_LOOK = {
        "loading": ("Loading", "blue"),
        "active": ("In force", "green"),
        "replaced": ("Replaced", "secondary"),
        "failed": ("Failed", "red"),
    }
    SUBJECT = "footprint"

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="footprints")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.LOADING)
    source = models.CharField(max_length=200, blank=True, help_text="file name or generator")
    synthetic = models.BooleanField(default=False)
    rows_total = models.BigIntegerField(default=0)
    rows_rejected = models.BigIntegerField(default=0)
    summary = models.JSONField(default=list, help_text="rows by technology, level and status, counted while loading")
    published_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True, help_text="while loading: dead after this, the sweep ends it")
    pruned_at = models.DateTimeField(null=True, help_text="when its rows were deleted; it cannot be restored then")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    objects = FootprintQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "number"], name="footprint_number_once"),
            models.UniqueConstraint(fields=["operator"], condition=Q(state="active"), name="footprint_one_active"),
        ]

    def __str__(self) -> str:
        return f"{self.operator} footprint {self.number}"

    def get_absolute_url(self) -> str:
        """The version's page."""
        return f"/coverage/{self.pk}/"


class OfferingQuerySet(ScopedQuerySet["Offering"]):
    """Who sees an operator sees what it sells; prices are another matter (queries.prices_on)."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation, as operators are."""
        if acting.organisation.kind == "operator":
            return self.filter(operator__organisation_id=acting.organisation_id)
        if acting.organisation.kind == "service_provider":
            return self.filter(Q(operator__on_net_of=None) | Q(operator__on_net_of_id=acting.organisation_id))
        return self.none()


class Offering(models.Model):
    """A product that an operator sells."""

    class Kind(models.TextChoices):
        BROADBAND = "broadband", "Broadband"
        ETHERNET = "ethernet", "Ethernet"
        DEVICE = "device", "Device"
        SIM = "sim", "SIM"
        DELIVERY = "delivery", "Delivery"

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="offerings")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.BROADBAND)
    technology = models.CharField(max_length=20, blank=True, help_text="FTTP, FTTC, EAD …; empty: any")
    down_mbps = models.FloatField(null=True, blank=True)
    up_mbps = models.FloatField(null=True, blank=True)
    lead_days = models.PositiveIntegerField(null=True, blank=True, help_text="list lead time in working days")
    # False: offered only at premises whose footprint row names it (`offering`), as in files with a plan per address.
    everywhere = models.BooleanField(default=True)
    active = models.BooleanField(default=True)

    objects = OfferingQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["operator", "code"], name="offering_once")]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What an offering costs from a day on: under an agreement, or at list where `agreement` is empty."""

    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="prices")
    agreement = models.ForeignKey(Agreement, null=True, blank=True, on_delete=models.CASCADE, related_name="prices")
    one_off = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    monthly = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="GBP")
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True, help_text="first day that it no longer holds")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends=None) | Q(ends__gt=F("starts")), name="price_period"),
            models.UniqueConstraint(
                fields=["offering", "agreement", "starts"], name="price_once", nulls_distinct=False
            ),
        ]


class FootprintRow(models.Model):
    """A place, or an area, that an operator serves or plans to serve with a technology."""

    class Level(models.TextChoices):
        PREMISES = "premises", "Premises"
        POSTCODE = "postcode", "Postcode"
        SECTOR = "sector", "Postcode sector"
        OUTCODE = "outcode", "Area"

    class Status(models.TextChoices):
        LIVE = "live", "Live"
        PLANNED = "planned", "Planned"
        BUILD = "build", "In build"

    footprint = models.ForeignKey(
        Footprint, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="rows"
    )
    country = models.CharField(max_length=2)
    level = models.CharField(max_length=8, choices=Level.choices)
    key = models.CharField(max_length=64, help_text="address key, postcode, sector or outcode / ZIP")
    technology = models.CharField(max_length=20)
    status = models.CharField(max_length=8, choices=Status.choices)
    available_from = models.DateField(null=True)
    down_mbps = models.FloatField(null=True)
    up_mbps = models.FloatField(null=True)
    lead_days = models.PositiveSmallIntegerField(null=True, help_text="installation lead time in working days")
    offering = models.ForeignKey(
        Offering, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["country", "key", "level"], name="footprint_row_key")]


class RejectedRow(models.Model):
    """A row of an import that was not taken, and why; downloadable."""

    footprint = models.ForeignKey(Footprint, on_delete=models.CASCADE, related_name="rejected")
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    raw = models.JSONField(help_text="[column, cell] pairs in the file's order")


class Import(models.Model):
    """A file on its way to becoming a footprint: uploaded, columns mapped, previewed, then loaded by a worker."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Needs its columns mapped"
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Loading"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    STATE_LOOK = {
        "uploaded": ("Needs its columns mapped", "amber"),
        "queued": ("Waiting for a worker", "secondary"),
        "running": ("Loading", "blue"),
        "done": ("Done", "green"),
        "failed": ("Failed", "red"),
    }
    SUBJECT = "import"
    TRANSITIONS = {
        "uploaded": ("queued", "failed"),
        "queued": ("running", "failed"),
        "running": ("done", "failed"),
        "done": (),
        "failed": ("queued",),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="imports")
    footprint = models.OneToOneField(Footprint, null=True, on_delete=models.SET_NULL, related_name="origin")
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    file = models.FileField(upload_to="imports/%Y/%m/")
    file_name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, default="GB")
    mapping = models.JSONField(default=dict, help_text="our column → theirs")
    bytes_total = models.BigIntegerField(default=0)
    bytes_done = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    lease_until = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        """The upload's page: columns, progress, result."""
        return f"/coverage/import/{self.pk}/"
