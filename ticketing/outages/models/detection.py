"""What proposals are made from: topology, signals, and what is usual for each key."""

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models import ServiceRecord
from ticketing.outages.models.outage import Outage
from ticketing.outages.vocabulary import KeyKind


class ServiceTopology(models.Model):
    """What a service hangs on: OLT, exchange, handover. From tests, partners' data, or a file."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey(ServiceRecord, on_delete=models.CASCADE, related_name="topology")
    kind = models.CharField(max_length=10, choices=KeyKind.choices)
    value = models.CharField(max_length=80)
    source = models.CharField(max_length=12, default="file", help_text="test, partner, file")
    at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "kind"], name="service_topology_once")]
        indexes = [models.Index(fields=["organisation", "kind", "value"], name="service_topology_value")]


class OutageSignal(models.Model):
    """One fault or failed test counted for one key. What distinct thing it was stands in `thing`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=80)
    thing = models.CharField(max_length=80, help_text="service:ID or postcode: counted once a window")
    source = models.CharField(max_length=40, help_text="ticket:ID or service_test:ID")
    outage = models.ForeignKey(Outage, null=True, on_delete=models.SET_NULL, related_name="signals")
    at = models.DateTimeField()
    learnt = models.BooleanField(default=False, help_text="counted in the baseline")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "value"], name="outage_signal_once")]
        indexes = [
            models.Index(fields=["organisation", "kind", "value", "at"], name="outage_signal_key"),
            models.Index(fields=["at"], name="outage_signal_new", condition=Q(learnt=False)),
        ]


class OutageBaseline(models.Model):
    """How many signals a key had in each hour of the week, outages left out."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=80)
    hour = models.PositiveSmallIntegerField(help_text="0 is Monday midnight UTC, 167 the last of Sunday")
    count = models.FloatField(default=0, help_text="fades: half of it is forgotten in 13 weeks")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "value", "hour"], name="outage_baseline_once")
        ]


class OutageWatching(models.Model):
    """How far detection has come for one tenant."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(help_text="when we began to count")
    seen_signal = models.BigIntegerField(default=0, help_text="the last signal that was judged")
    faded_at = models.DateTimeField(help_text="up to when old counts were faded")
    weeks = models.FloatField(default=0, help_text="weeks behind the counts, faded like them")
