"""Links by which whoever reported a fault says from a mail, without signing in, whether it works again.

Signed, for one fix of one ticket and one recipient; stored nowhere. A later fix has another link.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing

from ticketing.tickets.models import Ticket

SALT = "ofx.ticket.fixed"


class BadLink(ValueError):
    """The link was not made by us, or was changed on its way."""


@dataclass(frozen=True)
class FixLink:
    """Whose answer it is, and to which fix: `turn` counts how often the ticket had been reopened."""

    ticket_id: int
    turn: int
    recipient: str


def signed(link: FixLink) -> str:
    """The link's token, safe inside an address."""
    values = [link.ticket_id, link.turn, link.recipient]
    return signing.Signer(salt=SALT).sign_object(values).replace(":", "~")


def read(token: str) -> FixLink:
    """The link of a token. Raises BadLink."""
    try:
        values: Any = signing.Signer(salt=SALT).unsign_object(token.replace("~", ":"))
        number, turn, recipient = values
        return FixLink(int(number), int(turn), str(recipient))
    except (signing.BadSignature, ValueError, TypeError, UnicodeError) as error:
        raise BadLink("this link was not made by us, or was changed on its way") from error


def address(ticket: Ticket, recipient: str) -> str:
    """Where the recipient says whether this fix holds."""
    return f"{settings.OFX_BASE_URL}/fixed/{signed(FixLink(ticket.pk, ticket.reopened, recipient))}/"
