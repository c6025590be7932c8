"""Every write about people, organisations and tokens."""

import secrets
from datetime import datetime

from django.db import transaction

from ofx.core.accounts.authentication import digest
from ofx.core.accounts.models import ApiToken, Membership, User
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
