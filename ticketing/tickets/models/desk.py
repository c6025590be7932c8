"""What the desk works with: checklists, macros, mail, files, measured minutes, hand-over."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ticketing.tickets.models.ticket import Ticket
from ticketing.tickets.vocabulary import FaultClass


class OwnAndSharedQuerySet(ScopedQuerySet[Any]):
    """A tenant's own rows and those of the exchange."""

    def scope(self, acting: Any) -> Self:
        """By tenant; nobody else's people."""
        if acting.organisation.kind != "service_provider":
            return self.none()
        return self.filter(Q(organisation=None) | Q(organisation_id=acting.organisation_id))


class SopTemplate(models.Model):
    """A version of the agreed steps for one fault class (SOP). The newest published one is taken by new tickets."""

    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    fault_class = models.CharField(max_length=16, choices=FaultClass.choices)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    steps = models.JSONField(default=list, help_text="[{title, help, evidence: none|text|file|test, mandatory, by}]")
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")

    objects = OwnAndSharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "fault_class", "version"], name="sop_version_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class SopStep(models.Model):
    """One step of a ticket's checklist: who did it, when, with what evidence."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="sop_steps")
    template = models.ForeignKey(SopTemplate, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    help = models.TextField(blank=True)
    wants = models.CharField(max_length=8, default="none", help_text="evidence: none, text, file, test")
    mandatory = models.BooleanField(default=False)
    by = models.CharField(max_length=8, default="desk", help_text="whose work it is: desk, partner")
    evidence = models.TextField(blank=True, max_length=2000)
    skipped = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["ticket", "position"], name="sop_step_once")]


class Macro(models.Model):
    """A reply that people give often, with placeholders such as {contact} and {reference}."""

    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=3, blank=True, help_text="keystrokes on the ticket page")
    text = models.TextField(max_length=4000)
    audience = models.CharField(max_length=10, default="customer")
    then_state = models.CharField(max_length=12, blank=True, help_text="pending: waits for the answer")

    objects = OwnAndSharedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="macro_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name


class Attachment(models.Model):
    """A file at a ticket. Checked as those of orders are (name, size, kind)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    audience = models.CharField(max_length=10, default="internal")
    author = models.CharField(max_length=10, default="staff")
    user = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]


class TicketMail(models.Model):
    """A mail in a ticket's thread, in or out; unmatched ones wait for a person (ticket empty)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="ticket_mails")
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.CASCADE, related_name="mails")
    direction = models.CharField(max_length=3, choices=[("in", "In"), ("out", "Out")])
    message_id = models.CharField(max_length=250)
    in_reply_to = models.CharField(max_length=250, blank=True)
    sender = models.CharField(max_length=250)
    recipient = models.CharField(max_length=250)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, help_text="unmatched mail: when a person dealt with it")
    suggested = models.ForeignKey(
        Ticket, null=True, on_delete=models.SET_NULL, related_name="+", help_text="which ticket it seems to be about"
    )
    why = models.CharField(max_length=200, blank=True, help_text="why a person must look at it")
    automatic = models.BooleanField(default=False, help_text="written by a machine: kept, never answered")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "message_id"], name="ticket_mail_once")]
        indexes = [
            models.Index(
                fields=["organisation", "-at"],
                name="ticket_mail_unmatched",
                condition=Q(ticket=None, settled_at=None),
            )
        ]


class DeskTime(models.Model):
    """Active seconds of one person on one ticket in one minute: time on the page with input, and acts."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="desk_times")
    user = models.ForeignKey("core.User", on_delete=models.CASCADE, related_name="+")
    minute = models.DateTimeField(help_text="start of the minute")
    seconds = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "user", "minute"], name="desk_time_once"),
            models.CheckConstraint(condition=Q(seconds__lte=60), name="desk_time_minute"),
        ]


class Handover(models.Model):
    """A shift's hand-over: what the next one must know."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="handovers")
    author = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(max_length=8000)
    figures = models.JSONField(default=dict, help_text="the queue as it was then")
    at = models.DateTimeField()
    taken_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["organisation", "-at"], name="handover_tenant")]
