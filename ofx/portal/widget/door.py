"""Who may come in by the widget: pages of listed origins, with a token that the provider's server signed.

From here on the reader is a person of that one customer, and everything goes through the scoped door as ever.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from ofx.core.accounts.actions import visitor
from ofx.core.clock import now
from ofx.core.models import Membership, Organisation, User
from ofx.portal.widget.models import WidgetKey, WidgetSite
from ofx.portal.widget.tokens import Claims, TokenInvalid, key_id_of, read

METHODS = "GET, POST, OPTIONS"
HEADERS = "authorization, content-type"
KEPT = "600"  # seconds that a browser keeps our answer to its preflight


@dataclass(frozen=True)
class Pass:
    """What a request came in by."""

    claims: Claims
    key: WidgetKey


class WidgetAuthentication(BaseAuthentication):
    """`Authorization: Bearer` with the provider's signed token. No cookie counts here."""

    def __init__(self, provider: str) -> None:
        self.provider = provider

    def authenticate(self, request: Any) -> tuple[User, Pass] | None:
        """The person and what they came in by. Raises AuthenticationFailed (401)."""
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return None
        try:
            return admitted(token.strip(), self.provider)
        except TokenInvalid as error:
            raise AuthenticationFailed(str(error)) from error

    def authenticate_header(self, request: HttpRequest) -> str:
        """What a 401 says in WWW-Authenticate."""
        return 'Bearer realm="ofx-widget"'


def admitted(token: str, provider: str) -> tuple[User, Pass]:
    """Who a token speaks for. Raises TokenInvalid: unknown or revoked key, wrong signature, other tenant's customer."""
    at = now()
    rows = WidgetKey.objects.select_related("organisation").filter(organisation__slug=provider)
    key = rows.filter(key_id=key_id_of(token), organisation__active=True).first()
    if key is None or not key.counts(at):
        raise TokenInvalid("The key that `kid` names is unknown, ended or revoked.")
    claims = read(token, key=key, issuer=provider, at=at)
    if key.last_used_on != at.date():
        WidgetKey.objects.filter(pk=key.pk).update(last_used_on=at.date())
    membership = _person(_customer(key.organisation, claims), claims)
    user = membership.user
    user.acting = membership
    return user, Pass(claims, key)


def _customer(provider: Organisation, claims: Claims) -> Organisation:
    rows = Organisation.objects.filter(kind="customer", provider=provider, active=True)
    named = rows.filter(slug=claims.customer).first()
    if named is not None:
        return named
    numbered = list(rows.filter(account_number=claims.customer)[:2])
    if len(numbered) != 1:
        raise TokenInvalid("`customer` names no customer of yours.")
    return numbered[0]


def _person(customer: Organisation, claims: Claims) -> Membership:
    """The customer's own person where the provider names them by e-mail; else a visitor, known by `sub` only."""
    if claims.email and not claims.preview:
        rows = Membership.objects.select_related("user", "organisation").filter(organisation=customer)
        found = rows.filter(user__email__iexact=claims.email, user__is_active=True, user__is_service=False).first()
        if found is not None:
            return found
    subject = "preview" if claims.preview else f"as:{claims.subject}"
    return visitor(organisation=customer, subject=subject, name=claims.name, at=now())


class WidgetDoor:
    """In front of an API view: answers preflights, refuses pages that are not listed, names the one that is."""

    provider = ""
    schema: Any = None  # for our own script: docs/portal.md describes what it asks

    def get_authenticators(self) -> list[BaseAuthentication]:
        """The signed token, and nothing else."""
        return [WidgetAuthentication(self.provider)]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The CORS rules. Without an Origin it is no foreign page, and the token decides alone."""
        self.provider = kwargs.pop("provider")
        origin = request.headers.get("Origin", "")
        if origin and origin != f"{request.scheme}://{request.get_host()}" and not listed(origin, self.provider):
            reason = f"Pages of {origin[:100]} may not use this widget. Its administrator lists them under Widget."
            return _with(JsonResponse({"code": "origin_not_listed", "reason": reason}, status=403), "")
        if request.method == "OPTIONS":
            return _with(HttpResponse(status=204), origin)
        return _with(super().dispatch(request, *args, **kwargs), origin)  # type: ignore[misc]


def listed(origin: str, provider: str) -> bool:
    """Whether pages of an origin may embed a provider's widget."""
    found = WidgetSite.objects.filter(organisation__slug=provider, organisation__active=True).first()
    return found is not None and origin in found.origins


def _with(response: HttpResponse, origin: str) -> HttpResponse:
    """No credentials are ever allowed: cookies of our own pages do not count here."""
    patch_vary_headers(response, ["Origin"])
    response.headers["Cache-Control"] = "no-store"
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = HEADERS
        response.headers["Access-Control-Max-Age"] = KEPT
    return response
