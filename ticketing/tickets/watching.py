"""Tickets can be watched; who has one in hand, or watches it, is told of what matters."""

from typing import Any

from ofx.core.alerts.actions import tell
from ofx.core.alerts.queries import belongs, watchers
from ofx.core.alerts.subjects import Seen, watchable
from ofx.core.events.models import Event
from ofx.core.events.registry import on
from partners.models import Operator
from ticketing.tickets.models import Ticket

# Event → how it reads after "TT-000123: "
SENTENCES = {
    "ticket.assigned": "is yours now",
    "ticket.answered": "was answered",
    "ticket.reopened": "was reopened: {why}",
    "ticket.confirmed": "the customer says that it works",
    "ticket.handed_to_tsc": "went to the TSC",
    "ticket.given_back": "is back from the TSC",
    "partner_ticket.failed_to_send": "did not reach {operator}",
    "partner_ticket.rejected": "was refused by {operator}",
    "partner_ticket.held": "was put on hold by {operator}",
    "partner_ticket.resolved": "{operator} says that it is mended",
    "partner_ticket.silent": "{operator} has been silent for too long",
    "service_test.completed": "its test is done: {colour}",
    "service_test.failed": "its test could not be run",
}
ASKED = "{operator} asks us something"


@watchable("ticket")
def tickets_seen(user: Any, numbers: list[int]) -> list[Seen]:
    """The tickets that the user may see."""
    rows = Ticket.objects.visible_to(user).filter(pk__in=numbers)
    return [Seen(f"ticket:{row.pk}", row.reference, row.get_absolute_url()) for row in rows]


@on(*SENTENCES)
def tell_who_has_it(event: Event) -> None:
    """Whoever has it in hand, and everybody who watches it, its service or its customer, hears of it."""
    if event.payload.get("author") != "staff":
        _tell(event, SENTENCES[event.name])


@on("ticket.asked")
def tell_of_a_question(event: Event) -> None:
    """A partner's question to us wants an answer soon."""
    if event.payload.get("owner") == "us":
        _tell(event, ASKED)


@on("ticket.noted")
def tell_of_a_customers_note(event: Event) -> None:
    """The customer, or the partner, said something."""
    if event.payload.get("author") in ("customer", "partner") and not event.payload.get("is_question"):
        who = "the customer" if event.payload["author"] == "customer" else "the partner"
        _tell(event, f"{who} wrote a note")


def _tell(event: Event, sentence: str) -> None:
    ticket = Ticket.objects.filter(pk=event.payload.get("ticket_id") or 0).first()
    if ticket is None:
        return
    people = _people(ticket)
    if event.payload.get("by") is not None:
        people.discard(event.payload["by"])  # nobody is told what they did themselves
    if not people:
        return
    tell(
        people=people,
        organisation_id=ticket.organisation_id,
        subject=f"ticket:{ticket.pk}",
        text=f"{ticket.reference}: {_words(event, sentence)}",
        url=ticket.get_absolute_url(),
        key=f"event:{event.pk}",
        at=event.at,
    )


def _people(ticket: Ticket) -> set[int]:
    subjects = [f"ticket:{ticket.pk}", f"customer:{ticket.customer_id}", f"service:{ticket.service_id}"]
    people = watchers(ticket.organisation_id, *subjects)
    if ticket.assigned_to_id is not None and belongs(ticket.organisation_id, ticket.assigned_to_id):
        people.add(ticket.assigned_to_id)
    return people


def _words(event: Event, sentence: str) -> str:
    told = event.payload
    operator = Operator.objects.filter(pk=told.get("operator_id") or 0).first() if "{operator}" in sentence else None
    return sentence.format(
        operator=operator or "the partner", why=told.get("why") or "", colour=told.get("colour") or "no colour"
    )
