"""Who watches what, and what they were told (references such as `order:17` name the thing, ARCHITECTURE 3)."""

from typing import Any, Self

from django.db import models

from ofx.core.accounts.models import Organisation, User
from ofx.core.scoping import ScopedQuerySet


class OwnQuerySet(ScopedQuerySet[Any]):
    """Rows of the person themselves, in the organisation they act for: not even the exchange sees them."""

    def visible_to(self, user: Any) -> Self:
        """One's own rows."""
        acting = getattr(user, "acting", None)
        if acting is None or not user.is_active:
            return self.none()
        return self.filter(user_id=user.pk, organisation_id=acting.organisation_id)


class Watch(models.Model):
    """A person wants to hear what happens to a thing."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="watches")
    subject = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    objects = OwnQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organisation", "subject"], name="watch_once")]
        indexes = [models.Index(fields=["subject"], name="watch_subject")]

    def __str__(self) -> str:
        return f"{self.user} watches {self.subject}"


class Alert(models.Model):
    """One thing that a person was told in the product. `key` makes telling twice a no-op."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alerts")
    subject = models.CharField(max_length=80)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=200)
    key = models.CharField(max_length=120)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="alert_once")]
        indexes = [
            models.Index(fields=["user", "-at"], name="alert_person"),
            models.Index(fields=["user"], name="alert_unread", condition=models.Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.text
