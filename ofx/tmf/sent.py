"""What another system sent us beside what our rows hold, kept to be given back; and its own id, once a caller."""

import hashlib
import json
from typing import Any, Self, TypeVar

from django.db import models

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.tmf.rest.errors import Conflict

S = TypeVar("S", bound="Sent")


class SentQuerySet(ScopedQuerySet[Any]):
    """Rows of whoever sent them."""

    def of(self, organisation: Organisation, external_id: str) -> Self:
        """What this caller sent under an id of its own; none without one."""
        return self.filter(organisation=organisation, external_id=external_id) if external_id else self.none()


class Sent(models.Model):
    """A resource as a caller's system wrote it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+", help_text="the caller")
    external_id = models.CharField(max_length=80, blank=True, help_text="the caller's own id; once a caller")
    digest = models.CharField(max_length=64, blank=True, help_text="of what was sent: the same again is the same")
    version = models.CharField(max_length=4, default="v4")
    given = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = SentQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.external_id or "sent"


def digest_of(document: dict[str, Any]) -> str:
    """The same for the same content, whatever the order of its attributes."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()


def once_key(api: str, organisation: Organisation, external_id: str) -> str:
    """A key that is one for each caller and id, for rows that know no callers. Empty without an id."""
    if not external_id:
        return ""
    return hashlib.sha256(f"{api}:{organisation.pk}:{external_id}".encode()).hexdigest()


def same(row: S, digest: str) -> S:
    """The row, if it was sent with this content. Raises Conflict where it was sent with another."""
    if row.digest != digest:
        raise Conflict(f"externalId: {row.external_id!r} was sent before with another content.")
    return row
