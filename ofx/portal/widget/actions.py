"""Keys of the widget: made, followed by a newer one, revoked; and the pages that may embed it."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.portal.widget.models import WidgetKey, WidgetSite

OVERLAP = timedelta(hours=24)  # planning default: how long the key before still counts after a newer one was made


def make_key(*, organisation: Organisation, actor: User | None, at: datetime) -> tuple[WidgetKey, str]:
    """A new key. Those before it count for another day, so that servers can be changed over without a gap.

    Returns the row and the secret, which is shown this once.
    """
    permit(actor, "widget.write")
    secret = secrets.token_urlsafe(36)
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # two clicks wait for each other
        WidgetKey.objects.filter(organisation=organisation, ends_at=None, revoked_at=None).update(ends_at=at + OVERLAP)
        row = WidgetKey.objects.create(
            organisation=organisation,
            key_id=f"wk_{secrets.token_hex(6)}",
            secret=secret,
            hint=secret[-4:],
            created_at=at,
            created_by=actor,
        )
        _tell(row, "made", "made a key of the widget", actor, at)
    return row, secret


def revoke_key(*, key: WidgetKey, actor: User | None, at: datetime) -> None:
    """From now on nothing that it signed is believed. A second call changes nothing."""
    permit(actor, "widget.write")
    with transaction.atomic():
        if WidgetKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
            _tell(key, "revoked", "revoked a key of the widget", actor, at)


def allow_origins(*, organisation: Organisation, origins: list[str], actor: User | None, at: datetime) -> WidgetSite:
    """Say on which pages the widget may stand; pages of other origins are refused by browsers and by us."""
    permit(actor, "widget.write")
    with transaction.atomic():
        values = {"origins": origins, "updated_at": at}
        row, _ = WidgetSite.objects.update_or_create(organisation=organisation, defaults=values)
        record(
            actor=actor, subject=f"organisation:{organisation.pk}", verb="changed where the widget may stand", at=at,
            organisation_id=organisation.pk, origins=origins,
        )  # fmt: skip
    return row


def _tell(key: WidgetKey, name: str, verb: str, actor: User | None, at: datetime) -> None:
    about, organisation = f"organisation:{key.organisation_id}", key.organisation_id
    record(actor=actor, subject=about, verb=verb, at=at, organisation_id=organisation, key=key.key_id)
    publish(f"widget_key.{name}", about, at=at, organisation_id=organisation, key_id=key.key_id)
