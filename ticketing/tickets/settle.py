"""After every change of a ticket: its state follows its open waits, and who has it and what is next are written down.

Lock order, everywhere in this slice: Ticket, then its PartnerTickets, then (in conversations) the leg.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.core.transitions import transition
from ticketing.tickets.advice import Leg, Situation, Waiting, next_action
from ticketing.tickets.models import PartnerTicket, Ticket, TicketWait

# Of several open waits the one of those who can act soonest decides who has the ticket.
FIRST_HOLDER = ("us", "end_customer", "partner", "third_party", "force_majeure")
PARTNER_OWES = ("submitted", "acknowledged", "in_progress", "held")
RUNNING = ("acknowledged", "in_progress", "pending", "held")


def lock(ticket_id: int) -> Ticket:
    """The newest version of a ticket, its row locked until the transaction ends. Raises Ticket.DoesNotExist."""
    return Ticket.objects.select_for_update(no_key=True).get(pk=ticket_id)


def tell(ticket: Ticket, name: str, at: datetime, **more: Any) -> None:
    """Publish `ticket.<name>` with the ids that listeners need."""
    payload = {
        "ticket_id": ticket.pk,
        "reference": ticket.reference,
        "customer_id": ticket.customer_id,
        "service_id": ticket.service_id,
        "operator_id": ticket.operator_id,
        "fault_class": ticket.fault_class,
        "simulated": ticket.simulated,
        **more,
    }
    publish(f"ticket.{name}", f"ticket:{ticket.pk}", at=at, organisation_id=ticket.organisation_id, **payload)


def log(ticket: Ticket, verb: str, actor: User | None, at: datetime, **data: Any) -> None:
    """One entry of the ticket's audit."""
    record(actor=actor, subject=f"ticket:{ticket.pk}", verb=verb, at=at, organisation_id=ticket.organisation_id, **data)


def settle(ticket: Ticket, *, at: datetime, actor: User | None = None, why: str = "") -> Ticket:
    """Derive state, holder and next action of a locked ticket, and write what changed."""
    waits = list(ticket.waits.filter(closed_at=None))
    legs = list(ticket.partner_tickets.select_related("operator").order_by("pk"))
    if ticket.state in RUNNING:
        _follow_waits(ticket, waits, legs, at, actor, why)
    wait = _deciding(waits)
    holder = _holder(ticket, wait, legs)
    values: dict[str, Any] = {}
    if holder != ticket.holder or ticket.holder_since is None:
        values = {"holder": holder, "holder_since": at}
        ticket.holder, ticket.holder_since = holder, at
    said, due = next_action(_situation(ticket, wait, legs, at))
    values |= {"next_action": said, "next_action_at": due}
    changed = {name: value for name, value in values.items() if getattr(ticket, name) != value or name in HOLDING}
    if changed:
        Ticket.objects.filter(pk=ticket.pk).update(**changed)
    ticket.next_action, ticket.next_action_at = said, due
    return ticket


HOLDING = ("holder", "holder_since")


def _follow_waits(
    ticket: Ticket, waits: list[TicketWait], legs: list[PartnerTicket], at: datetime, actor: User | None, why: str
) -> None:
    wanted = _wanted(ticket, waits, legs)
    if wanted == ticket.state:
        return
    if ticket.state == "acknowledged" and wanted != "in_progress":
        transition(ticket, "in_progress", at=at, actor=actor, why=why)
    transition(ticket, wanted, at=at, actor=actor, why=why, state_reason=why[:300])


def _wanted(ticket: Ticket, waits: list[TicketWait], legs: list[PartnerTicket]) -> str:
    """Pending while we or the customer must act, held while only others must (DOMAIN 5.2)."""
    if any(wait.owner in ("us", "end_customer") for wait in waits):
        return "pending"
    if waits:
        return "held"
    untouched = ticket.state == "acknowledged" and ticket.assigned_to_id is None and not legs
    return "acknowledged" if untouched else "in_progress"


def _deciding(waits: Sequence[TicketWait]) -> TicketWait | None:
    return min(waits, key=lambda wait: (FIRST_HOLDER.index(wait.owner), wait.opened_at), default=None)


def _holder(ticket: Ticket, wait: TicketWait | None, legs: list[PartnerTicket]) -> str:
    if ticket.state == "resolved":
        ours = knowledge_missing(ticket) and ticket.confirmed_by_customer
        return "us" if ours or written_since_fix(ticket) else "end_customer"
    if wait is not None:
        return wait.owner
    return "partner" if any(leg.state in PARTNER_OWES for leg in legs) else "us"


def knowledge_missing(ticket: Ticket) -> bool:
    """Whether a fix of the TSC has not yet become a known error."""
    return ticket.resolved_tier == "tsc" and not ticket.knowledge_reference


def written_since_fix(ticket: Ticket) -> bool:
    """Whether the customer wrote after the fix, without saying that it works, and nobody of ours has written since."""
    if ticket.state != "resolved" or ticket.confirmed_by_customer is not None or ticket.resolved_at is None:
        return False
    said = ticket.notes.filter(author__in=["customer", "staff"], at__gte=ticket.resolved_at)
    return said.order_by("-at", "-pk").values_list("author", flat=True).first() == "customer"


def _situation(ticket: Ticket, wait: TicketWait | None, legs: list[PartnerTicket], at: datetime) -> Situation:
    return Situation(
        state=ticket.state,
        priority=ticket.priority,
        tier=ticket.tier,
        assigned=ticket.assigned_to_id is not None,
        since=ticket.holder_since or at,
        waiting=None
        if wait is None
        else Waiting(
            owner=wait.owner,
            text=wait.text,
            opened_at=wait.opened_at,
            until=wait.until,
            partner=wait.source_key.startswith("partner:"),
        ),
        legs=tuple(
            Leg(
                operator=leg.operator.name,
                state=leg.state,
                question=bool(leg.question),
                expected_at=leg.expected_at,
                silent=leg.silence_told_at is not None,
            )
            for leg in legs
        ),
        auto_close_at=ticket.auto_close_at,
        knowledge_missing=knowledge_missing(ticket),
        written=written_since_fix(ticket),
        confirmed=ticket.confirmed_by_customer,
    )
