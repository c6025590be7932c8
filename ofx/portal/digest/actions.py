"""Send the digests that are due."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from ofx.core.audit.actions import record
from ofx.core.mail.actions import post
from ofx.core.models import User
from ofx.portal.digest.queries import Digest, digest_for, headline

HOUR = 7  # in the person's own zone
WEEKEND = (5, 6)
KINDS = ("service_provider",)


def send_due(*, at: datetime, limit: int = 200) -> int:
    """Send each person who wants it the digest of their day, once, from 7 in their own zone on. Returns how many.

    The mail is posted in the transaction that marks the day as done, and leaves after it: neither lost nor sent twice.
    """
    return sum(_send_one(pk, at) for pk in _candidates(at)[:limit])


def _candidates(at: datetime) -> list[int]:
    """People whose day may have begun: the day of the farthest zone decides, the person's own is checked later."""
    latest = (at + timedelta(hours=14)).date()
    rows = User.objects.filter(is_active=True, digest=True, memberships__organisation__kind__in=KINDS)
    rows = rows.filter(Q(digest_on=None) | Q(digest_on__lt=latest))
    return list(rows.distinct().order_by("pk").values_list("pk", flat=True))


def _send_one(pk: int, at: datetime) -> int:
    with transaction.atomic():
        user = User.objects.select_for_update(skip_locked=True).filter(pk=pk, digest=True).first()
        if user is None:
            return 0
        local = at.astimezone(ZoneInfo(user.time_zone))
        if local.hour < HOUR or local.weekday() in WEEKEND or user.digest_on == local.date():
            return 0
        user.digest_on = local.date()
        user.save(update_fields=["digest_on"])
        if user.acting is None or user.acting.organisation.kind not in KINDS:
            return 0
        with timezone.override(user.time_zone):
            found = digest_for(user, at, local.date())
            if found.empty:
                return 0
            _post(user, found, local, at)
        record(actor=None, subject=f"user:{user.pk}", verb="sent the day's digest", at=at)
    return 1


def _post(user: User, found: Digest, local: datetime, at: datetime) -> None:
    context = {"user": user, "digest": found, "day": local.date(), "base": settings.OFX_BASE_URL}
    post(
        to=user.email,
        subject=f"OFX, {local:%A %-d %B}: {headline(found)}",
        text=render_to_string("emails/digest.txt", context),
        html=render_to_string("emails/digest.html", context),
        at=at,
    )
