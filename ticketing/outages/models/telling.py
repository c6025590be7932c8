"""Updates, who was told of which, and the jobs that tell a hundred thousand of them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ticketing.outages.models.outage import Outage, OutageChild


class OutageUpdate(models.Model):
    """One piece of news, written once, for each audience in its own words."""

    class Kind(models.TextChoices):
        OPENED = "opened", "Outage"
        UPDATE = "update", "Update"
        CLEARED = "cleared", "Cleared"

    outage = models.ForeignKey(Outage, on_delete=models.CASCADE, related_name="updates")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.UPDATE)
    public_text = models.TextField(max_length=2000)
    partner_text = models.TextField(blank=True, max_length=2000, help_text="empty: the public text")
    internal_text = models.TextField(blank=True, max_length=4000)
    expected_at = models.DateTimeField(null=True, blank=True)
    author = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["outage", "number"], name="outage_update_once")]

    def __str__(self) -> str:
        return f"{self.outage} {self.number}"


class OutageReceipt(models.Model):
    """One recipient was told of one update through one channel. Unique, so nobody is told twice."""

    class Channel(models.TextChoices):
        PORTAL = "portal", "Portal"
        MAIL = "mail", "E-mail"
        SYSTEM = "system", "Own system"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENT = "sent", "Sent"
        SEEN = "seen", "Seen"
        FAILED = "failed", "Could not be sent"

    STATE_LOOK = {
        "queued": ("Queued", "blue"),
        "sent": ("Sent", "green"),
        "seen": ("Seen", "green"),
        "failed": ("Could not be sent", "red"),
    }

    update = models.ForeignKey(OutageUpdate, on_delete=models.CASCADE, related_name="receipts")
    child = models.ForeignKey(OutageChild, null=True, on_delete=models.CASCADE, related_name="receipts")
    customer = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=6, choices=Channel.choices)
    recipient = models.CharField(max_length=254, help_text="child:ID, an e-mail address, or party:ID")
    state = models.CharField(max_length=6, choices=State.choices, default=State.QUEUED)
    mail_number = models.BigIntegerField(null=True, help_text="the mail; it is forgotten after a month")
    message_number = models.BigIntegerField(null=True, help_text="to a system: the hub's message; forgotten as well")
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["update", "channel", "recipient"], name="outage_receipt_once")]
        indexes = [
            models.Index(fields=["id"], name="outage_receipt_queued", condition=Q(state="queued", channel="mail")),
            models.Index(Lower("recipient"), name="outage_receipt_mail", condition=Q(channel="mail")),
        ]


class OutageJob(models.Model):
    """Work on all children of one outage, chunk by chunk. Jobs of one outage run one after the other."""

    class Kind(models.TextChoices):
        ATTACH = "attach", "Finding who is affected"
        PLACES = "places", "Finding its tickets"
        UPDATE = "update", "Telling them"
        CLEAR = "clear", "Re-testing them"
        REOPEN = "reopen", "Opening them again"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    STATE_LOOK = {
        "queued": ("Waiting for a worker", "secondary"),
        "running": ("Running", "blue"),
        "done": ("Done", "green"),
    }

    outage = models.ForeignKey(Outage, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    update = models.ForeignKey(OutageUpdate, null=True, on_delete=models.CASCADE, related_name="jobs")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    cursor = models.BigIntegerField(default=0, help_text="the last id that is committed")
    done = models.PositiveIntegerField(default=0, help_text="rows that are committed")
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True, help_text="after a failure")
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["id"], name="outage_job_open", condition=~Q(state="done")),
            models.Index(fields=["outage", "id"], name="outage_job_outage"),
        ]


class MaintenanceNotice(models.Model):
    """A partner's mail or calendar file about works, or a system's report whose scope nobody can tell: read by itself,
    or waiting for a person."""

    class State(models.TextChoices):
        READ = "read", "Read"
        WAITING = "waiting", "Needs a person"
        SETTLED = "settled", "Settled"

    STATE_LOOK = {
        "read": ("Read", "green"),
        "waiting": ("Needs a person", "amber"),
        "settled": ("Settled", "secondary"),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="maintenance_notices")
    outage = models.ForeignKey(Outage, null=True, on_delete=models.SET_NULL, related_name="notices")
    state = models.CharField(max_length=8, choices=State.choices)
    digest = models.CharField(max_length=64, help_text="of the raw bytes, so that twice is once")
    sender = models.CharField(max_length=250, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    raw = models.BinaryField()
    data = models.JSONField(default=list, help_text="what the parser read: one entry a maintenance")
    reported = models.JSONField(default=dict, help_text="no mail but a report of a system: the event's payload")
    problem = models.CharField(max_length=300, blank=True, help_text="why a person must look")
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "digest"], name="notice_once")]
        indexes = [
            models.Index(fields=["organisation", "-received_at"], name="notice_tenant"),
            models.Index(fields=["organisation"], name="notice_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return self.subject or self.kind

    def get_absolute_url(self) -> str:
        """The notice's page."""
        return f"/outages/works/{self.pk}/"

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "A report of an outage" if self.reported else "A maintenance notice"
