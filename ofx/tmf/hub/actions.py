"""Every write about subscriptions and notifications that a person or a buyer's system asks for."""

import base64
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from ofx.core import outbound
from ofx.core.audit.actions import record
from ofx.core.celery_wake import wake
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.tmf.hub.catalogue import capability_of
from ofx.tmf.hub.models import Notification, Subscription
from ofx.tmf.hub.wanted import read_wanted

MOST_SUBSCRIPTIONS = 50  # of one tenant at one API


class BadCallback(ValueError):
    """The callback is not one that we may post to; `args[0]` says why."""


class Refused(ValueError):
    """One more subscription is refused; `args[1]` is the id of the one that stands in its way, 0 for none."""


def subscribe(
    *, actor: User, api: str, version: str, callback: str, query: str, bare: bool, at: datetime
) -> tuple[Subscription, str]:
    """A new subscription and its signing secret, which is told once. Raises BadCallback, Refused, ValidationError."""
    permit(actor, capability_of(api))
    check_callback(callback=callback)
    read_wanted(query, api, version)
    organisation = actor.acting.organisation  # type: ignore[union-attr]
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    with transaction.atomic():
        mine = Subscription.objects.filter(organisation=organisation, api=api)
        if mine.count() >= MOST_SUBSCRIPTIONS:
            raise Refused(f"At most {MOST_SUBSCRIPTIONS} subscriptions: delete one first.", 0)
        row, fresh = Subscription.objects.get_or_create(
            organisation=organisation,
            api=api,
            version=version,
            callback=callback,
            query=query,
            defaults={"created_by": actor, "bare": bare, "secret": secret, "created_at": at},
        )
        if not fresh:
            raise Refused("This callback is subscribed to the same already.", row.pk)
        subject = f"subscription:{row.pk}"
        told = {"api": api, "callback": callback}
        record(actor=actor, subject=subject, verb="subscribed", at=at, organisation_id=organisation.pk, **told)
    return row, secret


def check_callback(*, callback: str) -> None:
    """Raise BadCallback for an address that we do not post to: HUB item 23, the guard of every outgoing call."""
    try:
        parts = urlsplit(callback)
        port = parts.port
    except ValueError as error:
        raise BadCallback("That is no address.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise BadCallback("An http or https address without a user name is expected.")
    if settings.OFX_ENV == "production" and parts.scheme != "https":
        raise BadCallback("Only https is told of orders.")
    try:
        outbound.checked_address(parts.hostname, port or 0)
    except outbound.NotSent as error:
        raise BadCallback(str(error)) from error


def unsubscribe(*, actor: User, subscription: Subscription, at: datetime) -> None:
    """End a subscription; what waits for it is not sent any more."""
    permit(actor, capability_of(subscription.api))
    with transaction.atomic():
        subject, organisation = f"subscription:{subscription.pk}", subscription.organisation_id
        told = {"api": subscription.api, "callback": subscription.callback}
        record(actor=actor, subject=subject, verb="unsubscribed", at=at, organisation_id=organisation, **told)
        subscription.delete()


def resend(*, actor: User, subscription: Subscription, at: datetime) -> int:
    """Send what was given up, and what waits, again now. Returns how many. Raises IllegalTransition without any."""
    permit(actor, capability_of(subscription.api))
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=subscription.pk)
        waiting = Notification.objects.filter(subscription=row, state__in=["queued", "failed"])
        count = waiting.update(state="queued", next_attempt_at=at, lease_until=None, created_at=at, ended_at=None)
        if not count:
            raise IllegalTransition("everything was delivered: there is nothing to send again")
        Subscription.objects.filter(pk=row.pk).update(state="active", failures=0, open_until=None)
        subject = f"subscription:{row.pk}"
        record(actor=actor, subject=subject, verb="sent again", at=at, organisation_id=row.organisation_id, count=count)
        transaction.on_commit(lambda: wake("ofx.tmf.tasks.notify"), robust=True)
    return count
