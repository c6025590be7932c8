"""Requests for a copy of, or the erasure of, what we hold on a person."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.accounts.models import Organisation, User
from ofx.core.scoping import ScopedQuerySet


class PersonalRequestQuerySet(ScopedQuerySet["PersonalRequest"]):
    """Very private: who asked, the person themselves, and the administrators of the organisation it was asked in."""

    def visible_to(self, user: Any) -> Self:
        """Not even the exchange sees another's, unless it asked itself."""
        acting = getattr(user, "acting", None)
        if acting is None or not user.is_active:
            return self.none()
        mine = Q(asked_by_id=user.pk)
        if acting.role == "admin":
            mine |= Q(organisation_id=acting.organisation_id)
        return self.filter(mine)


class PersonalRequest(models.Model):
    """One export or erasure, worked by a worker step by step."""

    STATE_LOOK = {
        "waiting": ("Waiting", "grey"),
        "running": ("Running", "blue"),
        "done": ("Done", "green"),
        "failed": ("Failed", "red"),
    }

    class Kind(models.TextChoices):
        EXPORT = "export", "Copy of the data"
        ERASURE = "erasure", "Erasure"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    email = models.EmailField(help_text="whose data; replaced once it is erased")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.CASCADE, related_name="+", help_text="only in here; empty: everywhere"
    )
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="when the file is deleted")
    file = models.FileField(upload_to="personal/", blank=True)
    report = models.JSONField(default=list, help_text="what was done and what was kept, in words")

    objects = PersonalRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["email", "kind", "organisation"],
                condition=Q(state__in=["waiting", "running"]),
                name="personal_request_open_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.email}"

    def ready(self, at: datetime) -> bool:
        """Whether there is a file to download."""
        return bool(self.file) and self.expires_at is not None and at < self.expires_at
