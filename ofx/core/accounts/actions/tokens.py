"""API tokens, the programs that hold them, and visitors whom another server vouches for."""

import hashlib
import secrets
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from ofx.core.accounts.actions.people import permit_over
from ofx.core.accounts.authentication import digest
from ofx.core.accounts.models import VISITORS, ApiToken, Membership, Organisation, User
from ofx.core.audit.actions import record
from ofx.core.events.actions import publish


def issue_token(
    *, membership: Membership, label: str, actor: User | None, at: datetime, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Create an API token. Returns the row and the secret, which is shown once and kept nowhere.

    For oneself, or by an administrator for a program (service account) of their organisation.
    """
    if actor is not None and membership.user_id != actor.pk:
        permit_over(actor, membership.organisation)
    secret = f"ofx_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            membership=membership,
            label=label,
            hint=secret[-6:],
            digest=digest(secret),
            created_at=at,
            expires_at=expires_at,
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
    """Revoke a token at once; a second call changes nothing. One's own, or as an administrator anybody's."""
    if actor is not None and token.membership.user_id != actor.pk:
        permit_over(actor, token.membership.organisation)
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


def create_service(*, organisation: Organisation, name: str, role: str, actor: User | None, at: datetime) -> Membership:
    """A program as a member of its own: it acts by tokens, has no password and can never sign in."""
    permit_over(actor, organisation)
    with transaction.atomic():
        address = f"service-{secrets.token_hex(6)}@service.invalid"
        user = User.objects.create_user(address, None, name=name, is_service=True, digest=False)
        membership = Membership.objects.create(user=user, organisation=organisation, role=role)
        subject = f"user:{user.pk}"
        record(actor=actor, subject=subject, verb="added a program", at=at, organisation_id=organisation.pk, role=role)
        publish(
            "member.joined", subject, at=at, organisation_id=organisation.pk, membership_id=membership.pk, role=role
        )
    return membership


def visitor(*, organisation: Organisation, subject: str, name: str, at: datetime) -> Membership:
    """Somebody of a customer who has no account here: the provider's own server says who they are.

    The same subject is the same visitor. They have no password, no token and no address, and can never sign in.
    """
    key = hashlib.sha256(f"{organisation.pk}:{subject}".encode()).hexdigest()[:40]
    address, called = f"{key}{VISITORS}", name or "Visitor"
    rows = Membership.objects.select_related("user", "organisation").filter(organisation=organisation)
    known = rows.filter(user__email=address).first()
    if known is not None:
        if name and known.user.name != name:
            User.objects.filter(pk=known.user_id).update(name=name)
            known.user.name = name
        return known
    values = {"name": called, "is_service": True, "digest": False, "password": make_password(None)}
    with transaction.atomic():
        user, _ = User.objects.get_or_create(email=address, defaults=values)
        row, fresh = Membership.objects.get_or_create(user=user, organisation=organisation, defaults={"role": "user"})
        if fresh:
            subject = f"user:{user.pk}"
            record(actor=None, subject=subject, verb="came as a visitor", at=at, organisation_id=organisation.pk)
    return row
