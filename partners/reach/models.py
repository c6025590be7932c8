"""Who reaches how much of which area, counted in a worker so that no page ever counts."""

from django.db import models

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from partners.coverage.models import Footprint
from partners.operators.models import Operator


class ReachArea(models.Model):
    """An area of a country: how many postcodes and known premises it has, and where its middle is."""

    country = models.CharField(max_length=2)
    area = models.CharField(max_length=10)
    postcodes = models.PositiveIntegerField()
    premises = models.PositiveIntegerField()
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    stamp = models.CharField(max_length=40, help_text="newest place and address that were counted")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "area"], name="reach_area_once")]

    def __str__(self) -> str:
        return f"{self.country}:{self.area}"


class ReachMap(models.Model):
    """What one footprint serves live in one area by one technology (empty: any): bitmaps of place and address ids.

    The bitmaps are Roaring bitmaps in their portable form: their unions are exact and cost no query.
    """

    footprint = models.ForeignKey(Footprint, on_delete=models.CASCADE, related_name="reach")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="+")
    technology = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    area = models.CharField(max_length=10)
    postcodes = models.BinaryField()
    premises = models.BinaryField()
    postcodes_count = models.PositiveIntegerField()
    premises_count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["footprint", "technology", "country", "area"], name="reach_map_once")
        ]
        indexes = [models.Index(fields=["operator", "technology"], name="reach_map_operator")]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.technology} {self.country}:{self.area}"


class ReachCount(models.Model):
    """That a footprint was counted, against which places, and when."""

    footprint = models.OneToOneField(Footprint, on_delete=models.CASCADE, related_name="reach_count")
    stamp = models.CharField(max_length=40)
    counted_at = models.DateTimeField()


class ReachRun(models.Model):
    """How fresh a tenant's reach is. `stamp` names the footprints and agreements that it was counted from."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="+")
    stamp = models.CharField(max_length=64)
    counted_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()


class ReachLine(models.Model):
    """What a tenant can order in one area by one technology (empty: any): its own network, its agreements, together."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    technology = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    area = models.CharField(max_length=10)
    name = models.CharField(max_length=60, blank=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    postcodes_known = models.PositiveIntegerField(default=0)
    premises_known = models.PositiveIntegerField(default=0)
    on_postcodes = models.PositiveIntegerField(default=0)
    off_postcodes = models.PositiveIntegerField(default=0)
    postcodes = models.PositiveIntegerField(default=0, help_text="distinct, on-net and off-net together")
    on_premises = models.PositiveIntegerField(default=0)
    off_premises = models.PositiveIntegerField(default=0)
    premises = models.PositiveIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "technology", "country", "area"], name="reach_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.name}".strip()


class ReachGain(models.Model):
    """What one more agreement would add to a tenant's reach in one area: what nobody that it may order from serves."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="+")
    technology = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    area = models.CharField(max_length=10)
    postcodes = models.PositiveIntegerField()
    premises = models.PositiveIntegerField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "operator", "technology", "country", "area"], name="reach_gain_once"
            )
        ]
        indexes = [models.Index(fields=["organisation", "technology", "country", "area"], name="reach_gain_area")]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.country}:{self.area}"
