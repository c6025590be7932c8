"""Reads of watching and alerts."""

from typing import Any

from ofx.core.accounts.models import Membership
from ofx.core.alerts.models import Alert, Watch

MOST_COUNTED = 99


def watchers(organisation_id: int, *subjects: str) -> set[int]:
    """User ids of those who watch any of the subjects and still belong to the organisation."""
    rows = Watch.objects.filter(organisation_id=organisation_id, subject__in=subjects, user__is_active=True)
    belong = Membership.objects.filter(organisation_id=organisation_id).values("user_id")
    return set(rows.filter(user__in=belong).values_list("user_id", flat=True))


def belongs(organisation_id: int, user_id: int | None) -> bool:
    """Whether an active person still belongs to the organisation."""
    rows = Membership.objects.filter(organisation_id=organisation_id, user__is_active=True)
    return user_id is not None and rows.filter(user_id=user_id).exists()


def unread(user: Any) -> int:
    """How many alerts the person has not read, up to 99."""
    return Alert.objects.visible_to(user).filter(read_at=None)[:MOST_COUNTED].count()


def watches(user: Any, subject: str) -> bool:
    """Whether the person watches the subject."""
    return Watch.objects.visible_to(user).filter(subject=subject).exists()
