"""What tickets learn from below and from themselves."""

from datetime import datetime
from typing import Any

from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ticketing.tickets import actions
from ticketing.tickets.actions.customer_mail import (
    ask_whether_fixed,
    mail_note,
    tell_closed,
    tell_ended,
    tell_expected,
)
from ticketing.tickets.models import ServiceTest, Ticket, TicketNote
from ticketing.tickets.retesting import note_result

RUNNING_TESTS = ("acknowledged", "in_progress")
PARTNER, CUSTOMER = "partner_ticket:", "customer_ticket:"


def carried(event: Event, prefix: str) -> int | None:
    """The row of ours that an event's leg carries; None where the leg carries something else."""
    subject = str(event.payload.get("leg_subject", ""))
    number = subject.removeprefix(prefix)
    return int(number) if subject.startswith(prefix) and number.isdigit() else None


def faults(event: Event) -> list[dict[str, Any]]:
    """The news of an event that is about a fault."""
    return [one for one in event.payload.get("news", ()) if one.get("entity") == "ticket"]


@on("message.received")
def partners_news(event: Event) -> None:
    """A partner's news becomes facts."""
    row = carried(event, PARTNER)
    if row is not None and (news := faults(event)):
        message = event.payload.get("message_id")
        actions.apply_news(partner_ticket_id=row, news=news, message_id=message, at=event.at)


@on("message.received")
def customers_news(event: Event) -> None:
    """What the customer's own system says of the ticket."""
    row = carried(event, CUSTOMER)
    if row is not None and (news := faults(event)):
        actions.apply_customer_news(ticket_id=row, news=news, at=event.at)


@on("ticket.reported")
def raised_there(event: Event) -> None:
    """A customer's own system has a ticket that we do not know."""
    actions.take_reported(told=event.payload, at=event.at)


def about(event: Event) -> Ticket:
    """The ticket of an event of ours."""
    return Ticket.objects.select_related("customer", "organisation").get(pk=int(event.subject.partition(":")[2]))


@on("ticket.opened")
def opened(event: Event) -> None:
    """The customer's own system has it as well (S1)."""
    actions.mirror(ticket=about(event), at=event.at)


@on("ticket.in_progress", "ticket.pending", "ticket.held", "ticket.resolved", "ticket.closed", "ticket.cancelled")
def moved(event: Event) -> None:
    """The customer's own system follows."""
    state, why = event.payload.get("to", ""), str(event.payload.get("why") or "")
    actions.mirror_state(ticket=about(event), state=state, why=why, at=event.at)


@on("message.failed")
def delivery_ended(event: Event) -> None:
    """A message of ours will never arrive."""
    row = carried(event, PARTNER)
    if row is not None:
        actions.delivery_failed(
            partner_ticket_id=row,
            message_id=event.payload["message_id"],
            verb=event.payload.get("verb", ""),
            reason=event.payload.get("reason", ""),
            at=event.at,
            tries=int(event.payload.get("round") or 0),
        )


@on("message.delivered")
def arrived(event: Event) -> None:
    """The partner has the fault, and we its number."""
    row = carried(event, PARTNER)
    if row is not None:
        actions.delivered(
            partner_ticket_id=row,
            message_id=event.payload["message_id"],
            verb=event.payload.get("verb", ""),
            external_id=str(event.payload.get("external_id") or ""),
            at=event.at,
            tries=int(event.payload.get("round") or 0),
        )


@on("service_test.completed", "service_test.failed")
def tested_again(event: Event) -> None:
    """After the partner's fix: all read what the test found; a red one goes back to the partner at once."""
    test = ServiceTest.objects.select_related("ticket__organisation").filter(pk=event.payload.get("test_id")).first()
    if test is None or test.ticket is None or test.why != "retest":
        return
    ticket = test.ticket
    note_result(ticket, test, event)
    if test.colour == "red" and ticket.state == "resolved":
        why = f"The test after the fix is red: {test.code} {test.text}".strip()[:300]
        actions.reopen(ticket=ticket, actor=None, at=event.at, why=why)
    else:
        ask_whether_fixed(ticket=ticket, at=event.at)


@on("ticket.noted")
def mail_to_customer(event: Event) -> None:
    """What we, or a partner, wrote to the customer goes out by mail, in the ticket's thread."""
    wanted = TicketNote.objects.select_related("ticket__organisation", "ticket__reported_by")
    note = wanted.filter(pk=event.payload.get("note_id")).first()
    if note is not None:
        mail_note(note=note, at=event.at)


@on("ticket.resolved")
def does_it_work(event: Event) -> None:
    """The customer is asked, after the test that follows a partner's fix: a red one opens the ticket again."""
    ticket = about(event)
    if not ServiceTest.objects.filter(ticket=ticket, why="retest", state__in=RUNNING_TESTS).exists():
        ask_whether_fixed(ticket=ticket, at=event.at)


@on("service_test.cancelled")
def not_tested_again(event: Event) -> None:
    """Nobody tests after the fix, so the customer is asked without it."""
    test = ServiceTest.objects.filter(pk=int(event.subject.partition(":")[2]), why="retest").first()
    ticket = Ticket.objects.select_related("organisation").filter(tests=test).first() if test else None
    if ticket is not None:
        ask_whether_fixed(ticket=ticket, at=event.at)


@on("ticket.closed")
def closed(event: Event) -> None:
    """Closed by time or by us: whoever reported it knows."""
    tell_closed(ticket=about(event), at=event.at)


@on("ticket.rejected", "ticket.cancelled")
def ended(event: Event) -> None:
    """Not taken, or withdrawn."""
    tell_ended(ticket=about(event), at=event.at)


@on("ticket.expectation_moved")
def expected(event: Event) -> None:
    """The time at which it should work again is new, or moved."""
    old = event.payload.get("old")
    new = datetime.fromisoformat(event.payload["new"])
    moved = datetime.fromisoformat(old) if old else None
    tell_expected(ticket=about(event), old=moved, new=new, key=str(event.pk), at=event.at)
