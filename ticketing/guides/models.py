"""Guides, their versions, and what people did in them (DOMAIN 9.2, 9.4)."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.models import ServiceRecord
from ticketing.tickets.models import ServiceTest, Ticket
from ticketing.tickets.vocabulary import Channel, FaultClass

SELF_SERVICE = ("portal", "widget", "api")  # channels whose runs count for deflection


class GuideQuerySet(ScopedQuerySet["Guide"]):
    """A tenant's own guides and those of the exchange; customers those that are meant for them."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        kind = acting.organisation.kind
        if kind == "customer":
            shared = Q(organisation=None) | Q(organisation_id=acting.organisation.provider_id)
            return self.filter(shared, audience__in=("customer", "both"), active=True)
        if kind == "service_provider":
            return self.filter(Q(organisation=None) | Q(organisation_id=acting.organisation_id))
        return self.none()


class Guide(models.Model):
    """A way through one kind of fault. A tenant's guide stands before the exchange's of the same fault class."""

    class Audience(models.TextChoices):
        CUSTOMER = "customer", "Customers"
        AGENT = "agent", "The desk"
        BOTH = "both", "Customers and the desk"

    SUBJECT = "guide"

    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="empty: for all"
    )
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300, blank=True, help_text="what it does, in the reader's words")
    fault_class = models.CharField(max_length=16, choices=FaultClass.choices)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.BOTH)
    minutes = models.PositiveSmallIntegerField(default=5, help_text="how long it takes, about")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")

    objects = GuideQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="guide_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The guide's page for staff."""
        return f"/guides/{self.pk}/"


class GuideVersion(models.Model):
    """One state of a guide's graph: a draft that is worked on, the published one, and those before it."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    STATE_LOOK = {
        "draft": ("Draft", "amber"),
        "published": ("Published", "green"),
        "retired": ("Retired", "secondary"),
    }
    SUBJECT = "guide_version"
    TRANSITIONS = {"draft": ("published",), "published": ("retired",), "retired": ()}

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    graph = models.JSONField(help_text="{start, nodes: {id: node}}, see docs/guides.md")
    note = models.CharField(max_length=300, blank=True, help_text="what changed and why")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["guide", "number"], name="guide_version_once"),
            models.UniqueConstraint(fields=["guide"], name="guide_published_once", condition=Q(state="published")),
            models.UniqueConstraint(fields=["guide"], name="guide_draft_once", condition=Q(state="draft")),
        ]

    def __str__(self) -> str:
        return f"{self.guide} v{self.number}"


class GuideRunQuerySet(ScopedQuerySet["GuideRun"]):
    """A service provider sees all of its runs; a customer's person their own, on whatever device."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        kind = acting.organisation.kind
        if kind == "customer":
            return self.filter(customer_id=acting.organisation_id, user_id=acting.user_id)
        if kind == "service_provider":
            return self.filter(organisation_id=acting.organisation_id)
        return self.none()

    def counted(self) -> Self:
        """Runs that count for statistics of deflection: self-service, no trial of a draft."""
        return self.filter(trial=False, channel__in=SELF_SERVICE)


class GuideRun(models.Model):
    """One way of one person through a guide. It exists from the moment that its first page was shown (offered)."""

    class State(models.TextChoices):
        RUNNING = "running", "Under way"
        FIXED = "fixed", "Fixed"
        INFORMED = "informed", "Told of an outage"
        ESCALATED = "escalated", "Became a ticket"
        ENDED = "ended", "Ended without a fix"
        LEFT = "left", "Left"

    class Outcome(models.TextChoices):
        PROVISIONAL = "provisional", "Fixed, not yet confirmed"
        CONFIRMED = "confirmed", "Confirmed"
        WAITING = "waiting", "Left, not yet judged"
        IMPLIED = "implied", "Implied"
        ABANDONED = "abandoned", "Abandoned"
        ESCALATED = "escalated", "Escalated"
        RECONTACTED = "recontacted", "Came back about it"
        INFORMED = "informed", "Told of an outage"

    STATE_LOOK = {
        "running": ("Under way", "blue"),
        "fixed": ("Fixed", "green"),
        "informed": ("Told of an outage", "blue"),
        "escalated": ("Became a ticket", "amber"),
        "ended": ("Ended without a fix", "secondary"),
        "left": ("Left", "secondary"),
    }
    SUBJECT = "guide_run"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="guide_runs")
    guide = models.ForeignKey(Guide, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(GuideVersion, on_delete=models.PROTECT, related_name="runs")
    customer = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey(ServiceRecord, null=True, on_delete=models.SET_NULL, related_name="guide_runs")
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.SET_NULL, related_name="guide_runs")
    user = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    token = models.CharField(max_length=40, unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PORTAL)
    fault_class = models.CharField(max_length=16, choices=FaultClass.choices)
    words = models.CharField(max_length=500, blank=True, help_text="the person's own words")
    email = models.EmailField(blank=True, help_text="of somebody who has no account here")
    outage = models.CharField(max_length=40, blank=True, help_text="subject of the outage that they were told of")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    fixed_by = models.CharField(max_length=8, blank=True, help_text="person, test: who says that it works")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    trial = models.BooleanField(default=False, help_text="a test run of a draft: counted nowhere")
    simulated = models.BooleanField(default=False, help_text="stays out of statistics")
    offered_at = models.DateTimeField()
    first_step_at = models.DateTimeField(null=True, help_text="the first step was taken: started (DOMAIN 9.4)")
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    judge_at = models.DateTimeField(null=True, help_text="when the provisional outcome becomes final")

    objects = GuideRunQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at", "-pk"]
        indexes = [
            models.Index(fields=["organisation", "-offered_at"], name="guide_run_tenant"),
            models.Index(fields=["user", "-offered_at"], name="guide_run_user"),
            models.Index(fields=["service", "-offered_at"], name="guide_run_service"),
            models.Index(fields=["version", "-offered_at"], name="guide_run_version"),
            models.Index(fields=["last_at"], name="guide_run_idle", condition=Q(state="running")),
            models.Index(fields=["judge_at"], name="guide_run_judge", condition=Q(judge_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.guide} {self.offered_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        """The run's page for staff."""
        return f"/guides/runs/{self.token}/"

    @property
    def running(self) -> bool:
        """Whether it can go on."""
        return self.state == "running"


class GuideStep(models.Model):
    """One node on the path, as it was shown and answered. Going back supersedes steps and keeps them."""

    run = models.ForeignKey(GuideRun, on_delete=models.CASCADE, related_name="steps")
    version = models.ForeignKey(GuideVersion, on_delete=models.PROTECT, related_name="steps")
    node = models.CharField(max_length=60)
    position = models.PositiveIntegerField()
    shown_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.JSONField(default=dict, help_text="{value, …}: what was answered or found")
    before = models.JSONField(default=dict, help_text="the answer that was given here before going back")
    test = models.ForeignKey(ServiceTest, null=True, on_delete=models.SET_NULL, related_name="guide_steps")
    user = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="guide_step_once"),
            models.UniqueConstraint(
                fields=["run"], name="guide_step_open", condition=Q(answered_at=None, superseded_at=None)
            ),
        ]
        indexes = [models.Index(fields=["version", "node"], name="guide_step_node")]
