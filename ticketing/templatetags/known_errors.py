"""Known errors on other pages: `{% known_errors_for ticket as articles %}`."""

from typing import Any

from django import template

from ticketing.known_errors.queries import Signature, Suggestion, suggest
from ticketing.known_errors.vocabulary import Outcome
from ticketing.tickets.models import ServiceTest, Ticket

register = template.Library()
SHOWN = 5


def signature_of(ticket: Ticket) -> Signature:
    """What the newest finished test and the closure say."""
    test = ServiceTest.objects.filter(ticket=ticket, state="completed").order_by("-done_at", "-pk").first()
    lights = " ".join(f"PON {ticket.answers[key]}" for key in ("SYNC_LIGHT",) if ticket.answers.get(key))
    code, colour = (test.code, test.colour) if test else ("", "")
    return Signature(code=code, colour=colour, leds=lights, closure=ticket.clear_code)


@register.simple_tag
def known_errors_for(ticket: Ticket) -> list[Suggestion]:
    """Suggestions for a ticket by its words, its newest test and its operator; the likeliest first."""
    return suggest(
        organisation=ticket.organisation,
        text=f"{ticket.title}. {ticket.description[:500]}",
        signature=signature_of(ticket),
        operator=ticket.operator,
        limit=SHOWN,
    )


@register.simple_tag
def known_error_uses(ticket: Ticket) -> dict[int, Any]:
    """Record id → its use for this ticket."""
    return {use.article_id: use for use in ticket.known_error_uses.all()}


@register.filter
def outcome_label(use: Any) -> str:
    """What came of a use, in words."""
    return str(Outcome(use.outcome).label)
