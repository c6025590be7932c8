"""`Authorization: Bearer TOKEN` for the API."""

import hashlib
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from ofx.core.accounts.models import ApiToken, Membership, Organisation, User
from ofx.core.clock import now
from ofx.core.prepared import fetch


def digest(token: str) -> str:
    """The SHA-256 under which a token is kept; tokens are 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


# What a request needs of whom it comes from; Django fetches anything else when it is asked for.
PARTS: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (ApiToken, ("id", "membership_id")),
    (Membership, ("id", "user_id", "organisation_id", "role")),
    (User, ("id", "email", "name", "time_zone", "is_active")),
    (Organisation, ("id", "kind", "name", "slug", "country", "provider_id", "active")),
)
# Every API call begins with this; as a prepared statement it costs a quarter of the same by the ORM.
# In the same statement the token's day of use is kept: one write a day.
BY_DIGEST = f"""
WITH used AS (
    UPDATE core_apitoken SET last_used_on = %(at)s::date
    WHERE digest = %(digest)s AND revoked_at IS NULL AND (last_used_on IS NULL OR last_used_on < %(at)s::date)
)
SELECT {", ".join(f't{number}."{name}"' for number, (_, names) in enumerate(PARTS) for name in names)}
FROM core_apitoken t0 JOIN core_membership t1 ON t1.id = t0.membership_id
JOIN core_user t2 ON t2.id = t1.user_id JOIN core_organisation t3 ON t3.id = t1.organisation_id
WHERE t0.digest = %(digest)s AND t0.revoked_at IS NULL AND (t0.expires_at IS NULL OR t0.expires_at > %(at)s)
"""  # noqa: S608  our own column names


def _token(wanted: str) -> ApiToken | None:
    """The token with its membership, user and organisation; None where it is unknown, expired or revoked."""
    rows = fetch(BY_DIGEST, {"digest": wanted, "at": now()})
    if not rows:
        return None
    values = list(rows[0])
    made: list[Any] = []
    for model, names in PARTS:
        made.append(model.from_db("default", names, values[: len(names)]))
        values = values[len(names) :]
    token, membership, user, organisation = made
    membership.user, membership.organisation = user, organisation
    token.membership = membership
    return token


class TokenAuthentication(BaseAuthentication):
    """One user acting in one organisation."""

    def authenticate(self, request: Any) -> tuple[User, ApiToken] | None:
        """User and token; None without a bearer header; AuthenticationFailed (401) for a wrong or revoked one."""
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = _token(digest(secret.strip()))
        if token is None or not token.membership.user.is_active:
            raise AuthenticationFailed("This API token is unknown, expired or revoked.")
        user = token.membership.user
        user.acting = token.membership
        return user, token

    def authenticate_header(self, request: HttpRequest) -> str:
        """What a 401 says in WWW-Authenticate."""
        return 'Bearer realm="ofx"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document calls our tokens."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token in the Authorization header."""
        return {"type": "http", "scheme": "bearer", "description": "One user acting in one organisation."}
