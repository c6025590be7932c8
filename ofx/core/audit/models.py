"""Who did what, when, through which door."""

from typing import Self

from django.db import models

from ofx.core.scoping import ScopedQuerySet


class LogEntryQuerySet(ScopedQuerySet["LogEntry"]):
    """Audit entries of a tenant."""

    def about(self, *subjects: str) -> Self:
        """Entries whose subject is one of the references, newest first."""
        return self.filter(subject__in=subjects).order_by("-at", "-id")


class LogEntry(models.Model):
    """One act by a person, a token or the system. Append-only."""

    at = models.DateTimeField()
    actor = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150, default="OFX")
    organisation = models.ForeignKey("core.Organisation", null=True, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=80)
    verb = models.CharField(max_length=120)
    data = models.JSONField(default=dict)

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "at"], name="log_subject"),
            models.Index(fields=["organisation", "-at"], name="log_tenant"),
            models.Index(fields=["-at", "-id"], name="log_time"),
            models.Index(fields=["actor", "-at"], name="log_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.verb} {self.subject}"
