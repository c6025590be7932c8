"""Send the digests that are due."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from ofx.core.audit.actions import record
from ofx.core.models import User
from ofx.portal.digest.queries import Digest, digest_for, headline

log = logging.getLogger(__name__)
HOUR = 7  # in the person's own zone
WEEKEND = (5, 6)
KINDS = ("service_provider",)


def send_due(*, at: datetime, limit: int = 200) -> int:
    """Send each person who wants it the digest of their day, once, from 7 in their own zone on. Returns how many.

    The row is locked while the mail is sent and marked in the same transaction: a crash in between may send a digest
    twice, never lose it. A mail server that refuses one person's mail holds up nobody else's.
    """
    sent = 0
    for pk in _candidates(at)[:limit]:
        try:
            sent += _send_one(pk, at)
        except OSError as error:
            log.warning("digest not sent", extra={"user": pk, "error": repr(error)})
    return sent


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
            _mail(user, found, local).send()
        record(actor=None, subject=f"user:{user.pk}", verb="sent the day's digest", at=at)
    return 1


def _mail(user: User, found: Digest, local: datetime) -> EmailMultiAlternatives:
    context = {"user": user, "digest": found, "day": local.date(), "base": settings.OFX_BASE_URL}
    text = render_to_string("emails/digest.txt", context)
    subject = f"OFX, {local:%A %-d %B}: {headline(found)}"
    mail = EmailMultiAlternatives(subject, text, to=[user.email])
    mail.attach_alternative(render_to_string("emails/digest.html", context), "text/html")
    return mail
