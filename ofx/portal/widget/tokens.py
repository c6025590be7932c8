"""What a provider's server signs: who is looking, for which customer, for how long. HS256, so one key does both."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ofx.portal.widget.models import WidgetKey

LONGEST = timedelta(minutes=15)  # a token lives no longer, whatever it says
SKEW = timedelta(seconds=60)  # by which two servers' clocks may differ
NEEDED = ["iss", "aud", "sub", "customer", "iat", "exp"]
KEY_ID = re.compile(r"wk_[0-9a-f]{12}")


class TokenInvalid(ValueError):
    """The token is not believed; the text says why, for the developer who reads the answer."""


@dataclass(frozen=True)
class Claims:
    """A token that was checked. `customer`: slug or account number; `subject`: the person, in the provider's words."""

    subject: str
    customer: str
    service: str = ""
    name: str = ""
    email: str = ""
    preview: bool = False


def key_id_of(token: str) -> str:
    """Which key says it has signed. Raises TokenInvalid."""
    try:
        found = jwt.get_unverified_header(token).get("kid", "")
    except jwt.InvalidTokenError as error:
        raise TokenInvalid("This is no token that we can read.") from error
    if not isinstance(found, str) or not KEY_ID.fullmatch(found):
        raise TokenInvalid("The token's header names no key of ours in `kid`.")
    return found


def read(token: str, *, key: WidgetKey, issuer: str, at: datetime) -> Claims:
    """The claims, after signature, issuer, audience and times are checked. Raises TokenInvalid."""
    # The times are compared with the product's own clock, which tests and demonstrations may shift.
    options: Any = {"require": NEEDED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        said = jwt.decode(
            token, key.secret, algorithms=["HS256"], audience=settings.OFX_BASE_URL, issuer=issuer, options=options
        )
    except jwt.InvalidAudienceError as error:
        raise TokenInvalid(f"`aud` must be {settings.OFX_BASE_URL}.") from error
    except jwt.InvalidIssuerError as error:
        raise TokenInvalid(f"`iss` must be {issuer}.") from error
    except jwt.MissingRequiredClaimError as error:
        raise TokenInvalid(f"The token lacks `{error.claim}`.") from error
    except jwt.InvalidTokenError as error:
        raise TokenInvalid("The signature does not fit.") from error
    _timely(said, at)
    return Claims(
        subject=_text(said, "sub", 120),
        customer=_text(said, "customer", 60),
        service=_text(said, "service", 20),
        name=_text(said, "name", 120),
        email=_email(said),
        preview=said.get("preview") is True,
    )


def _timely(said: dict[str, Any], at: datetime) -> None:
    times = said["iat"], said["exp"]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in times):
        raise TokenInvalid("`iat` and `exp` are seconds since 1970.")
    issued, ends, now = times[0], times[1], at.timestamp()
    if ends - issued > LONGEST.total_seconds():
        raise TokenInvalid(f"The token lives too long: `exp` at most {LONGEST.seconds // 60} minutes after `iat`.")
    if issued > now + SKEW.total_seconds():
        raise TokenInvalid("The token was issued in the future. Look at your server's clock.")
    if now >= ends + SKEW.total_seconds():
        raise TokenInvalid("The token has expired.")


def _text(said: dict[str, Any], name: str, longest: int) -> str:
    value = said.get(name, "")
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise TokenInvalid(f"`{name}` must be text of at most {longest} characters.")
    if name in NEEDED and not value.strip():
        raise TokenInvalid(f"`{name}` is empty.")
    return value.strip()


def _email(said: dict[str, Any]) -> str:
    value = _text(said, "email", 254).lower()
    try:
        if value:
            validate_email(value)
    except ValidationError as error:
        raise TokenInvalid("`email` is no e-mail address.") from error
    return value


def sign(claims: dict[str, Any], *, key: WidgetKey, at: datetime) -> str:
    """A token as the provider's server makes it: for the preview on our own page, and for tests."""
    issued = int(at.timestamp())
    whole = {
        "iss": key.organisation.slug,
        "aud": settings.OFX_BASE_URL,
        "iat": issued,
        "exp": issued + int(LONGEST.total_seconds()),
        **claims,
    }
    return jwt.encode(whole, key.secret, algorithm="HS256", headers={"kid": key.key_id})
