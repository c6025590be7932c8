"""Sign-in by an organisation's own OpenID Connect provider, by allauth's flow with the strictness that tenants need.

Added to allauth: the issuer must be the configured one (Discovery 4.3), the ID token's signature, issuer, audience,
expiry and nonce are checked (Core 3.1.3.7), every call passes the outgoing guard, and a provider signs in only people
who act for its organisation and for no other.
"""

import json
import secrets
from typing import Any

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from ofx.core import outbound
from ofx.core.accounts.actions.sign_on import Refused, welcome
from ofx.core.accounts.models import SingleSignOn
from ofx.core.clock import now

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
LEEWAY = 60  # seconds that two clocks may differ
TIMEOUT = 8.0  # seconds


class Guarded(BaseAdapter):
    """Lets a library's requests pass the outgoing guard: no private address, no redirect, bounded time and size."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """One request by `ofx.core.outbound`. Raises OAuth2Error where it was refused or not answered."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        try:
            reply = outbound.request(
                request.method or "GET",
                request.url or "",
                headers=dict(request.headers),
                body=body,
                timeout=TIMEOUT,
                max_bytes=512 * 1024,
            )
        except (outbound.NotSent, outbound.Unanswered) as error:
            raise OAuth2Error(str(error)) from error
        if 300 <= reply.status < 400:
            raise OAuth2Error("the provider redirects where it must answer")
        answer = requests.Response()
        answer.status_code, answer._content, answer.request = reply.status, reply.body, request
        answer.headers, answer.url = CaseInsensitiveDict(reply.headers), request.url or ""
        return answer

    def close(self) -> None:
        """Nothing is kept open."""


def guarded_session() -> requests.Session:
    """A requests session whose every call is guarded."""
    session = requests.Session()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, Guarded())
    return session


class Client(OpenIDConnectOAuth2Adapter):
    """allauth's client with the checks that OpenID Connect asks for."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Discovery, of exactly the issuer that was configured."""
        config: dict[str, Any] = super().openid_config
        if str(config.get("issuer", "")).rstrip("/") != self.get_provider().app.settings["issuer"].rstrip("/"):
            raise OAuth2Error("the provider names another issuer than the one that is configured")
        missing = [name for name in ENDPOINTS if not config.get(name)]
        if missing:
            raise OAuth2Error(f"the provider does not name its {', '.join(missing)}")
        return config

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            return self._verified(app, id_token)
        except (jwt.PyJWTError, ValueError, KeyError) as error:
            raise OAuth2Error(f"the ID token is not valid: {error}") from error

    def _verified(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        with guarded_session() as session:
            keys = jwt.PyJWKSet.from_json(session.get(self.openid_config["jwks_uri"]).text).keys
        kid = jwt.get_unverified_header(id_token).get("kid")
        fitting = [key for key in keys if kid is None or key.key_id == kid]
        if len(fitting) != 1:
            raise jwt.InvalidTokenError("no key of the provider fits its signature")
        claims: dict[str, Any] = jwt.decode(
            id_token,
            fitting[0],
            algorithms=ALGORITHMS,
            audience=app.client_id,
            issuer=self.openid_config["issuer"],
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
        )
        if claims.get("azp", app.client_id) != app.client_id:
            raise jwt.InvalidAudienceError("the ID token was made for another client")
        return claims

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> Any:
        """As allauth, but never without an ID token, and never about two different people."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("the provider sent no ID token")
        app.settings["fetch_userinfo"] = bool(self.openid_config.get("userinfo_endpoint"))
        try:
            login = super().complete_login(request, app, token, **kwargs)
        except (KeyError, ValueError, TypeError) as error:
            raise OAuth2Error(f"the provider's answer cannot be read: {error}") from error
        data = login.account.extra_data
        if data.get("userinfo", {}).get("sub", data["id_token"]["sub"]) != data["id_token"]["sub"]:
            raise OAuth2Error("the provider's user info is about somebody else")
        return login


class OrganisationProvider(OpenIDConnectProvider):
    """An organisation's provider: with PKCE and a nonce, and without what the request's address would add."""

    oauth2_adapter_class = Client
    pkce_enabled_default = True

    def redirect(self, request: HttpRequest, process: Any, next_url: Any = None, data: Any = None, **kw: Any) -> Any:
        """To the provider; the nonce waits in the session beside the state."""
        nonce = secrets.token_urlsafe(24)
        given = {"auth_params": {"nonce": nonce}, "scope": self.get_default_scope()}
        try:
            return super().redirect(request, "login", next_url, data, nonce=nonce, **given)
        except (OAuth2Error, requests.RequestException, KeyError, ValueError) as error:
            return refusal(request, f"{self.name} cannot be reached just now.", str(error), status=502)


class SignOnAdapter(DefaultSocialAccountAdapter):
    """Who may come in by which provider."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        """The one active provider of that key; a list of all is never shown to anybody."""
        row = SingleSignOn.objects.filter(key=provider or "", active=True, organisation__active=True).first()
        return [_as_app(row)] if row else []

    def get_requests_session(self) -> requests.Session:
        """Guarded calls only."""
        return guarded_session()

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """Name and e-mail as the provider says them."""
        user = sociallogin.user
        user.email, user.name = str(data.get("email") or "").lower(), str(data.get("name") or "")[:150]
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Check the nonce, find or make the person by our rules, or answer with the reason why not."""
        claims = sociallogin.account.extra_data.get("id_token", {})
        expected = sociallogin.state.get("nonce")
        if not expected or not secrets.compare_digest(str(claims.get("nonce", "")), expected):
            raise ImmediateHttpResponse(refusal(request, "This sign-in was not begun in this browser."))
        try:
            welcome(login=sociallogin, at=now())
        except Refused as error:
            raise ImmediateHttpResponse(refusal(request, str(error))) from error

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """In our words, with the provider's reason for whoever has to mend it."""
        detail = str(exception or request.GET.get("error_description") or request.GET.get("error") or "")
        words = f"The sign-in by {provider.name} was not finished."
        raise ImmediateHttpResponse(refusal(request, words, detail))


def refusal(request: HttpRequest, words: str, detail: str = "", status: int = 403) -> HttpResponse:
    """A page that says why nobody was signed in, and what to do."""
    return render(request, "account/sso_refused.html", {"words": words, "detail": detail[:300]}, status=status)


def _as_app(row: SingleSignOn) -> SocialApp:
    """allauth's picture of a provider; never saved, so the secret stays encrypted in our own table."""
    settings = {"server_url": row.issuer.rstrip("/"), "issuer": row.issuer, "fetch_userinfo": True}
    return SocialApp(
        provider="openid_connect",
        provider_id=row.key,
        name=row.name,
        client_id=row.client_id,
        secret=row.client_secret,
        settings=settings,
    )


def discover(issuer: str) -> str:
    """What is wrong with an issuer's discovery document, in words; empty where all is well."""
    try:
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        reply = outbound.request("GET", url, timeout=TIMEOUT, max_bytes=512 * 1024)
        found = json.loads(reply.body) if reply.status == 200 else {}
    except (outbound.NotSent, outbound.Unanswered) as error:
        return f"It cannot be asked: {error}."
    except ValueError:
        return "What it answers is not JSON."
    if reply.status != 200 or not isinstance(found, dict):
        return f"It answers {reply.status} at /.well-known/openid-configuration."
    if str(found.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        return f"It calls itself {str(found.get('issuer'))[:100]}. Give exactly that address."
    missing = [name for name in ENDPOINTS if not found.get(name)]
    return f"It does not name its {', '.join(missing)}." if missing else ""
