"""The link in every mail by which its reader turns such mails off, without signing in."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from ofx.core.mail.actions import Stop
from ofx.core.notices.registry import KINDS

SALT = "ofx.notices.stop"


class BadLink(ValueError):
    """The link was not made by us, or was changed on its way."""


@dataclass(frozen=True)
class StopLink:
    """Which house's news of which kind, and to which address."""

    organisation_id: int
    kind: str
    email: str


def signed(link: StopLink) -> str:
    """The link's token, safe inside an address."""
    return signing.Signer(salt=SALT).sign_object([link.organisation_id, link.kind, link.email]).replace(":", "~")


def read(token: str) -> StopLink:
    """The link of a token. Raises BadLink."""
    try:
        values: Any = signing.Signer(salt=SALT).unsign_object(token.replace("~", ":"))
        number, kind, email = values
        return StopLink(int(number), str(kind), str(email))
    except (signing.BadSignature, ValueError, TypeError, UnicodeError) as error:
        raise BadLink("this link was not made by us, or was changed on its way") from error


def stop(organisation_id: int, kind: str, email: str) -> Stop:
    """What stands at the end of a mail of this kind: how to turn it off, or why that cannot be."""
    known = KINDS[kind]
    if "email" in known.fixed:
        return Stop(words=str(known.fixed["email"]))
    token = signed(StopLink(organisation_id, kind, email.lower()))
    words = _("You do not want mails of this kind (%s)? Turn them off here:") % known.label
    return Stop(words=words, url=f"{settings.OFX_BASE_URL}/notices/{token}/")
