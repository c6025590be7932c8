"""`Authorization: Bearer TOKEN` for the API."""

import hashlib
from typing import Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from ofx.core.accounts.models import ApiToken, User


def digest(token: str) -> str:
    """The SHA-256 under which a token is kept; tokens are 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class TokenAuthentication(BaseAuthentication):
    """One user acting in one organisation."""

    def authenticate(self, request: Any) -> tuple[User, ApiToken] | None:
        """User and token; None without a bearer header; AuthenticationFailed (401) for a wrong or revoked one."""
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        rows = ApiToken.objects.select_related("membership__user", "membership__organisation")
        token = rows.filter(digest=digest(secret.strip()), revoked_at=None).first()
        if token is None or not token.membership.user.is_active:
            raise AuthenticationFailed("This API token is unknown or revoked.")
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
