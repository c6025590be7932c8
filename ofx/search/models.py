"""What search keeps: promises from history, and how a tenant weighs offers."""

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.search.bulk.models import BulkPlace, BulkRun
from ofx.search.live.models import LiveGate, LiveQuery, Verdict
from partners.models import Operator

__all__ = ["BulkPlace", "BulkRun", "LiveGate", "LiveQuery", "Promise", "RankingWeights", "Verdict"]


class Promise(models.Model):
    """How long an operator really took: P50/P80 in calendar days from submission to completion, with the sample size.

    Written by upper packages through `search.actions.write_promises`. `organisation` empty: pooled over tenants
    (ARCHITECTURE 9: only from three tenants and 30 cases up). `area` empty: everywhere; `technology` empty: any.
    """

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="promises")
    technology = models.CharField(max_length=20, blank=True)
    area = models.CharField(max_length=10, blank=True, help_text="postcode area or outcode")
    sample = models.PositiveIntegerField()
    p50_days = models.FloatField()
    p80_days = models.FloatField()
    on_time = models.FloatField(null=True, help_text="share completed by the committed date")
    fallout = models.FloatField(null=True, help_text="share rejected, failed or cancelled")
    computed_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "operator", "technology", "area"], name="promise_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(sample__gt=0), name="promise_has_cases"),
        ]
        indexes = [models.Index(fields=["operator", "area"], name="promise_operator_area")]


class RankingWeights(models.Model):
    """How much each reason counts in the ranking of offers, per tenant. The weights are shown and adjustable."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="ranking_weights")
    price = models.PositiveSmallIntegerField(default=30)
    speed = models.PositiveSmallIntegerField(default=15)
    lead_time = models.PositiveSmallIntegerField(default=25)
    reliability = models.PositiveSmallIntegerField(default=20)
    confidence = models.PositiveSmallIntegerField(default=10)

    objects = ScopedQuerySet.as_manager()
