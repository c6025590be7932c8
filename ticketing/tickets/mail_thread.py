"""How a mail names its ticket: by Message-IDs of ours, or by a signed token in the subject."""

import hmac
import re
from hashlib import sha256

from django.conf import settings

from ticketing.tickets.models import Ticket, TicketMail

_IDS = re.compile(r"<[^<>\s]{3,240}>")
_TOKEN = re.compile(r"\[(TT-\d{6,9})\s+([0-9a-f]{8})\]", re.IGNORECASE)
_PLAIN = re.compile(r"\b(TT-\d{6,9})\b", re.IGNORECASE)
MOST_IDS = 30


def signature(reference: str) -> str:
    """Eight letters that only we can make for a reference."""
    key = f"ticket-mail:{settings.SECRET_KEY}".encode()
    return hmac.new(key, reference.encode(), sha256).hexdigest()[:8]


def token(ticket: Ticket) -> str:
    """`[TT-000123 1a2b3c4d]`: stands in the subject of every mail about the ticket."""
    return f"[{ticket.reference} {signature(ticket.reference)}]"


def message_id(ticket: Ticket, part: str) -> str:
    """The Message-ID of one mail of ours, the same at every try."""
    return f"<{ticket.reference.lower()}.{part}@{settings.DESK_MAIL_DOMAIN}>"


def address(slug: str) -> str:
    """Where a provider's customers write to."""
    return f"{slug}@{settings.DESK_MAIL_DOMAIN}"


def reference_in(subject: str) -> str:
    """The reference of a token with our signature in it; empty without one."""
    for reference, said in _TOKEN.findall(subject):
        if hmac.compare_digest(said.lower(), signature(reference.upper())):
            return str(reference).upper()
    return ""


def named_in(subject: str) -> str:
    """A reference that stands in the subject, signed or not: a hint for a person only."""
    found = _PLAIN.search(subject)
    return found.group(1).upper() if found else ""


def ids_in(headers: str) -> list[str]:
    """Message-IDs in In-Reply-To and References, the last first: that is what was answered."""
    return list(dict.fromkeys(reversed(_IDS.findall(headers))))[:MOST_IDS]


def ticket_of(headers: str, subject: str, organisation_id: int | None) -> Ticket | None:
    """The ticket that a mail answers; within one provider where it is known."""
    scope = {"organisation_id": organisation_id} if organisation_id else {}
    ids = ids_in(headers)
    if ids:
        known = TicketMail.objects.filter(message_id__in=ids, ticket__isnull=False, **scope)
        mail = known.select_related("ticket__organisation", "ticket__customer").order_by("-pk").first()
        if mail is not None:
            return mail.ticket
    reference = reference_in(subject)
    if not reference:
        return None
    rows = Ticket.objects.filter(reference=reference, **scope)
    return rows.select_related("organisation", "customer").first()
