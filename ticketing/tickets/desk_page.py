"""Everything that one ticket's page shows, in a constant number of queries."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q

from ofx.core.audit.models import LogEntry
from ofx.orders.models import Order
from partners.models import Leg, Message
from ticketing.tickets.models import (
    Attachment,
    FaultRules,
    PartnerTicket,
    ServiceTest,
    SopStep,
    Ticket,
    TicketFact,
    TicketLink,
    TicketMail,
    TicketNote,
    TicketParty,
    TicketWait,
)
from ticketing.tickets.vocabulary import ENDED

MOST = 200  # entries of a kind in the timeline
FEW = 10


@dataclass
class TicketPage:
    """One ticket with all that is known of it."""

    ticket: Ticket
    notes: list[TicketNote]
    waits: list[TicketWait]
    tests: list[ServiceTest]
    partner_tickets: list[PartnerTicket]
    messages: list[Message]
    mails: list[TicketMail]
    log: list[LogEntry]
    files: list[Attachment]
    steps: list[SopStep]
    links: list[TicketLink]
    parties: list[TicketParty]
    merged: list[Ticket] = field(default_factory=list)
    siblings: list[Ticket] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    @property
    def wait(self) -> TicketWait | None:
        """What it waits for now."""
        return next((row for row in reversed(self.waits) if row.closed_at is None), None)

    @property
    def at_partner(self) -> PartnerTicket | None:
        """The open ticket at a partner; else the last one."""
        going = [row for row in self.partner_tickets if row.state in PartnerTicket.OPEN]
        rows = going or self.partner_tickets
        return rows[-1] if rows else None

    @property
    def going_at_partner(self) -> bool:
        """Whether a partner has it now."""
        return any(row.state in PartnerTicket.OPEN for row in self.partner_tickets)

    @property
    def questions(self) -> list[TicketNote]:
        """Questions that nobody answered yet."""
        return [row for row in self.notes if row.is_question and row.answered_at is None]

    @property
    def steps_done(self) -> int:
        """Steps that are done or skipped."""
        return sum(1 for step in self.steps if step.done_at or step.skipped)

    @property
    def test(self) -> ServiceTest | None:
        """The newest test of the service."""
        return self.tests[0] if self.tests else None

    @property
    def revision(self) -> str:
        """A text that changes when the timeline does."""
        seen = (self.notes, self.waits, self.messages, self.mails, self.log, self.files)
        tests = "".join(f"{row.pk}{row.state}" for row in self.tests[:FEW])
        # The newest number beside the count: a long timeline shows its last entries only, always as many.
        shown = ".".join(f"{len(rows)}-{max((row.pk for row in rows), default=0)}" for rows in seen)
        return f"{shown}.{self.ticket.state}.{tests}"


def ticket_page(ticket: Ticket, user: Any) -> TicketPage:
    """Read it all. What the user may see was decided by who may see the ticket."""
    at_partners = _partner_tickets(ticket)
    subjects = [f"ticket:{ticket.pk}", *(f"partner_ticket:{row.pk}" for row in at_partners)]
    return TicketPage(
        ticket=ticket,
        notes=list(ticket.notes.select_related("user").order_by("-at", "-pk")[:MOST])[::-1],
        waits=list(ticket.waits.all()),
        tests=_tests(ticket),
        partner_tickets=at_partners,
        messages=_messages([*subjects[1:], f"customer_ticket:{ticket.pk}"]),
        mails=list(ticket.mails.defer("text").order_by("-at", "-pk")[:MOST]),
        log=list(LogEntry.objects.visible_to(user).about(*subjects)[:MOST]),
        files=list(ticket.attachments.defer("content").select_related("user")),
        steps=list(ticket.sop_steps.select_related("done_by")),
        links=_links(ticket),
        parties=list(ticket.parties.select_related("user", "organisation")),
        merged=list(ticket.merged.only("reference", "title", "state")[:FEW]),
        siblings=_siblings(ticket),
        orders=_orders(ticket),
    )


def _partner_tickets(ticket: Ticket) -> list[PartnerTicket]:
    facts = TicketFact.objects.select_related("actor").order_by("issued_at", "pk")
    rows = ticket.partner_tickets.select_related("operator", "test").prefetch_related(Prefetch("facts", facts))
    return list(rows.order_by("raised_at", "pk"))


def _tests(ticket: Ticket) -> list[ServiceTest]:
    """Of the ticket, and the newest of its service, whoever asked for them; newest first."""
    wanted = Q(ticket=ticket)
    if ticket.service_id:
        wanted |= Q(service_id=ticket.service_id)
    rows = ServiceTest.objects.filter(wanted, organisation_id=ticket.organisation_id)
    return list(rows.select_related("operator", "requested_by").order_by("-requested_at", "-pk")[: FEW * 2])


def _messages(subjects: list[str]) -> list[Message]:
    legs = Leg.objects.filter(subject__in=subjects).values("pk")
    rows = Message.objects.filter(leg__in=legs).defer("raw", "wire", "headers", "canonical")
    return list(rows.select_related("endpoint").order_by("-created_at", "-pk")[:MOST])


def _links(ticket: Ticket) -> list[TicketLink]:
    """Both ways; `shown` is the other ticket, `words` how it belongs."""
    rows = TicketLink.objects.filter(Q(ticket=ticket) | Q(other=ticket)).select_related("ticket", "other")
    found = list(rows.order_by("-at", "-pk")[: FEW * 3])
    for row in found:
        mine = row.ticket_id == ticket.pk
        row.shown = row.other if mine else row.ticket  # type: ignore[attr-defined]
        row.words = _words(row.kind, mine)  # type: ignore[attr-defined]
    return found


def _words(kind: str, mine: bool) -> str:
    ways = {
        "related": ("related", "related"),
        "duplicate": ("is a duplicate of", "has the duplicate"),
        "split": ("was split from", "was split into"),
        "follows": ("follows", "is followed by"),
    }
    return ways.get(kind, (kind, kind))[0 if mine else 1]


def _siblings(ticket: Ticket) -> list[Ticket]:
    """Other tickets of the same service, the newest first."""
    if not ticket.service_id:
        return []
    rows = Ticket.objects.filter(service_id=ticket.service_id, organisation_id=ticket.organisation_id)
    return list(rows.exclude(pk=ticket.pk).exclude(merged_into=ticket).order_by("-created_at")[:5])


def _orders(ticket: Ticket) -> list[Order]:
    """Open orders of the same customer at the same place: perhaps the fault is one of them."""
    if not ticket.customer_id:
        return []
    rows = Order.objects.filter(organisation_id=ticket.organisation_id, customer_id=ticket.customer_id, closed_at=None)
    return list(rows.select_related("customer").order_by("-created_at")[:5])


def duplicates(ticket_service: int | None, organisation_id: int) -> list[Ticket]:
    """Open tickets of a service: a second one is rarely wanted."""
    if not ticket_service:
        return []
    rows = Ticket.objects.filter(service_id=ticket_service, organisation_id=organisation_id)
    return list(rows.exclude(state__in=ENDED).order_by("-created_at")[:5])


def deep_link(row: PartnerTicket, rules: FaultRules | None) -> str:
    """Where the partner's own ticket stands, by its own word or by the pattern of its rules."""
    if row.partner_url.startswith(("https://", "http://")):
        return row.partner_url
    pattern = rules.ticket_url if rules else ""
    if not pattern.startswith(("https://", "http://")) or not row.partner_ref:
        return ""
    return pattern.replace("{partner_ref}", row.partner_ref)


def waits_ending(rows: Any, until: datetime) -> Any:
    """Tickets whose next action comes due before a moment, the first first."""
    return rows.filter(next_action_at__lte=until).exclude(state="resolved").order_by("next_action_at")
