"""After the partner's fix the line is tested again, before the customer is asked (DOMAIN A12)."""

from datetime import datetime

from ofx.core.events.models import Event
from ticketing.tickets.models import ServiceTest, Ticket, TicketNote
from ticketing.tickets.testing import NotTestable, start_test


def retest(ticket: Ticket, *, at: datetime) -> ServiceTest | None:
    """Ask for a test of the resolved ticket's service; None where none can be run."""
    if ticket.service is None:
        return None
    try:
        return start_test(
            service=ticket.service, actor=None, at=at, ticket=ticket, why="retest", after=ticket.resolved_at or at
        )
    except NotTestable:
        return None


def note_result(ticket: Ticket, test: ServiceTest, event: Event) -> TicketNote:
    """What the re-test found, for all to read, once."""
    words = {
        "green": "We tested the line after the fix: it is good.",
        "amber": "We tested the line after the fix: it works, with values that we keep an eye on.",
        "red": "We tested the line after the fix: it is still faulty, so the work goes on.",
    }
    found = words.get(test.colour, "The test after the fix could not be run.")
    note, _ = TicketNote.objects.get_or_create(
        ticket=ticket,
        dedupe_key=f"retest:{test.pk}",
        defaults={"audience": "all", "author": "system", "text": found, "at": event.at},
    )
    return note
