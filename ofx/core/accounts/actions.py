"""Every write about people, organisations and tokens."""

import secrets
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ofx.core.accounts.authentication import digest
from ofx.core.accounts.models import ApiToken, Membership, SavedView, User
from ofx.core.audit.actions import record


def issue_token(*, membership: Membership, label: str, actor: User | None, at: datetime) -> tuple[ApiToken, str]:
    """Create an API token. Returns the row and the secret, which is shown once and kept nowhere."""
    secret = f"ofx_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            membership=membership, label=label, hint=secret[-6:], digest=digest(secret), created_at=at
        )
        record(
            actor=actor,
            subject=f"user:{membership.user_id}",
            verb="issued an API token",
            at=at,
            organisation_id=membership.organisation_id,
            token=token.pk,
            label=label,
        )
    return token, secret


def revoke_token(*, token: ApiToken, actor: User | None, at: datetime) -> None:
    """Revoke a token at once; a second call changes nothing."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
            record(
                actor=actor,
                subject=f"user:{token.membership.user_id}",
                verb="revoked an API token",
                at=at,
                organisation_id=token.membership.organisation_id,
                token=token.pk,
            )


def change_profile(*, user: User, name: str, time_zone: str, digest: bool, actor: User | None, at: datetime) -> None:
    """Change how a person is called and the zone (IANA name) in which they read times."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(name=name, time_zone=time_zone, digest=digest)
        record(actor=actor, subject=f"user:{user.pk}", verb="changed the profile", at=at, name=name, zone=time_zone)
    user.name, user.time_zone, user.digest = name, time_zone, digest


def save_view(*, user: User, path: str, name: str, query: str, shared: bool = False, at: datetime) -> SavedView:
    """Keep a list's query string under a name for the organisation the user acts for; the same name replaces it.

    `shared`: colleagues of that organisation see it too.
    """
    if user.acting is None:
        raise PermissionDenied("You belong to no organisation, so there is no list to keep.")
    organisation = user.acting.organisation_id
    with transaction.atomic():
        view, _ = SavedView.objects.update_or_create(
            user_id=user.pk,
            organisation_id=organisation,
            path=path,
            name=name,
            defaults={"query": query, "shared": shared},
        )
        record(
            actor=user, subject=f"user:{user.pk}", verb="saved a view", at=at, organisation_id=organisation, path=path
        )
    return view


def delete_view(*, view: SavedView, actor: User | None, at: datetime) -> None:
    """Remove a saved view."""
    with transaction.atomic():
        subject, organisation, path = f"user:{view.user_id}", view.organisation_id, view.path
        view.delete()
        record(actor=actor, subject=subject, verb="deleted a view", at=at, organisation_id=organisation, path=path)
