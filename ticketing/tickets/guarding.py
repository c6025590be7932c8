"""Who may act on a ticket, and the words in which bad input is refused."""

from typing import Any

from django.core.exceptions import PermissionDenied

from ofx.core.models import User
from ofx.core.scoping import may, permit
from ticketing.tickets.models import PartnerTicket, Ticket

CONTROLS = {ordinal: None for ordinal in range(32) if chr(ordinal) not in "\n\t\r"}


class TicketInvalid(ValueError):
    """What was given is not taken. `problems`: field → what is wrong and how to put it right."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


class NotReady(TicketInvalid):
    """The fault cannot be raised with the partner yet. `problems`: field → what to do first."""


def guard(actor: User | None, ticket: Ticket, *capabilities: str) -> None:
    """Raise PermissionDenied unless the actor holds one of the capabilities and sees the ticket. None: the system."""
    if actor is None:
        return
    if not any(may(actor, one) for one in capabilities):
        permit(actor, capabilities[0])
    if not Ticket.objects.visible_to(actor).filter(pk=ticket.pk).exists():
        raise PermissionDenied("This ticket belongs to somebody else.")


def guard_partner(actor: User | None, row: PartnerTicket) -> None:
    """Raise PermissionDenied unless the actor answers for the operator of this partner ticket. None: the system."""
    permit(actor, "ticket.answer")
    if actor is not None and not PartnerTicket.objects.visible_to(actor).filter(pk=row.pk).exists():
        raise PermissionDenied("This fault was raised with another operator.")


def is_customer(actor: User | None) -> bool:
    """Whether the actor acts for a customer."""
    acting: Any = getattr(actor, "acting", None)
    return acting is not None and acting.organisation.kind == "customer"


def words(value: Any, field: str, most: int, *, needed: bool = True) -> str:
    """A text as people may give it, control characters left out. Raises TicketInvalid naming the field."""
    text = str(value or "").translate(CONTROLS).strip()
    if needed and not text:
        raise TicketInvalid({field: "Write something here."})
    if len(text) > most:
        raise TicketInvalid({field: f"At most {most:,} characters; this has {len(text):,}."})
    return text


def one_of(value: str, choices: Any, field: str) -> str:
    """A code of a list. Raises TicketInvalid naming the field and what is possible."""
    if value not in choices.values:
        raise TicketInvalid({field: f"“{value}” is not known. Possible: {', '.join(choices.values)}."})
    return value
