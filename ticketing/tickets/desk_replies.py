"""Reply macros: their placeholders, filled from a ticket."""

import re
from dataclasses import dataclass
from typing import Any

from ticketing.tickets.models import Macro, Ticket

# Placeholder → what stands for it. Unknown ones stay as they are, so that the writer sees them.
PLACEHOLDERS = {
    "contact": "the contact's first name",
    "reference": "the ticket's reference",
    "title": "what is wrong",
    "service": "the service's reference",
    "place": "where it is",
    "operator": "the partner's name",
    "provider": "our name",
    "me": "your name",
    "expected": "when it is expected to work again",
}
_NAMED = re.compile(r"\{([a-z_]+)\}")


def filled(text: str, ticket: Ticket, writer: str) -> str:
    """The macro's text with every known placeholder replaced."""
    values = {
        "contact": ticket.contact_name.split(" ")[0] if ticket.contact_name else "there",
        "reference": ticket.reference,
        "title": ticket.title,
        "service": str(ticket.service or "your service"),
        "place": ticket.place_text or ticket.postcode or "your address",
        "operator": str(ticket.operator or "our partner"),
        "provider": str(ticket.organisation),
        "me": writer,
        "expected": f"{ticket.expected_at:%-d %B, %H:%M}" if ticket.expected_at else "we will tell you soon",
    }
    return _NAMED.sub(lambda found: values.get(found.group(1), found.group(0)), text)


def unknown_placeholders(text: str) -> list[str]:
    """Names in braces that nothing stands for."""
    return sorted({name for name in _NAMED.findall(text) if name not in PLACEHOLDERS})


@dataclass(frozen=True)
class Reply:
    """A macro as it reads on one ticket."""

    pk: int
    name: str
    key: str
    audience: str
    then_state: str
    text: str


def replies_for(user: Any, ticket: Ticket, writer: str) -> list[Reply]:
    """The macros that the user may use, their placeholders filled for this ticket."""
    return [
        Reply(row.pk, row.name, row.key, row.audience, row.then_state, filled(row.text, ticket, writer))
        for row in Macro.objects.visible_to(user)[:60]
    ]
