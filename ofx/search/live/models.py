"""Live answers: what an operator's own system says about one place, until when, and whether it proved true."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from partners.models import Address, Endpoint, Operator, Place


class LiveQueryQuerySet(ScopedQuerySet["LiveQuery"]):
    """Questions and answers are the tenant's own: they name its customers' places and its prices."""

    def valid(self, at: datetime) -> Self:
        """Answers that still hold."""
        return self.filter(state="answered", valid_until__gt=at)


class LiveQuery(models.Model):
    """A question to one operator about one place (TMF679 or TMF645) and its answer. Append-only, one open at a time."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked"
        ANSWERED = "answered", "Answered"
        NO_ANSWER = "no_answer", "No answer"
        FAILED = "failed", "Refused"

    STATE_LOOK = {
        "asked": ("Asking", "blue"),
        "answered": ("Answered", "secondary"),
        "no_answer": ("No live answer", "amber"),
        "failed": ("No live answer", "amber"),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(Endpoint, null=True, on_delete=models.SET_NULL, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    address = models.ForeignKey(Address, null=True, on_delete=models.CASCADE, related_name="+")
    country = models.CharField(max_length=2)
    code = models.CharField(max_length=12, help_text="of the place, so that a search finds answers without a join")
    api = models.CharField(max_length=10, help_text="tmf679 or tmf645")
    reason = models.CharField(max_length=10, help_text="search, order or api")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    available = models.BooleanField(null=True, help_text="whether any of the asked products is available")
    lines = models.JSONField(default=list, help_text="per product: see connectors.tmf679.answers.Line")
    valid_until = models.DateTimeField(null=True)
    detail = models.CharField(max_length=300, blank=True, help_text="why there is no answer, in words")
    simulated = models.BooleanField(default=False)
    # The queue, measured by the database's clock
    attempt = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=120, blank=True, help_text="the partner's id of an answer under way")

    objects = LiveQueryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "operator", "place", "address"],
                condition=Q(state="asked"),
                nulls_distinct=False,
                name="live_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(valid_until__isnull=False), name="live_answer_has_an_end"
            ),
        ]
        indexes = [
            models.Index(fields=["code", "country", "organisation", "operator", "-asked_at"], name="live_place"),
            models.Index(fields=["endpoint", "due_at"], name="live_due", condition=Q(state="asked")),
            models.Index(fields=["asked_at"], name="live_age"),
        ]

    def __str__(self) -> str:
        return f"{self.operator} at {self.code}"


class LiveGate(models.Model):
    """The circuit breaker of an endpoint's live service; apart from the endpoint's own, so that orders still leave."""

    endpoint = models.OneToOneField(Endpoint, on_delete=models.CASCADE, related_name="+")
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    open_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)


class Verdict(models.Model):
    """An order proved an availability true or false. False is a ghost: it lowers the confidence of that place there."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="+")
    country = models.CharField(max_length=2)
    code = models.CharField(max_length=12)
    premises = models.CharField(max_length=64, blank=True, help_text="key of the address, where one was ordered for")
    subject = models.CharField(max_length=80, help_text="what proved it, such as partner_order:17")
    order = models.CharField(max_length=40, blank=True, help_text="that order's reference")
    confirmed = models.BooleanField()
    reason = models.CharField(max_length=40, blank=True, help_text="canonical reason of a refusal")
    text = models.CharField(max_length=300, blank=True)
    live = models.ForeignKey(
        LiveQuery, null=True, on_delete=models.SET_NULL, related_name="+", help_text="the live answer that was judged"
    )
    at = models.DateTimeField()
    simulated = models.BooleanField(default=False, help_text="stays out of the rate")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "subject"], name="verdict_once")]
        indexes = [
            models.Index(fields=["code", "country", "organisation", "operator", "-at"], name="verdict_place"),
            models.Index(fields=["operator", "organisation", "confirmed"], name="verdict_rate"),
        ]
