"""What a customer's pages show, through the scoped door."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext as _

from ofx.core.models import LogEntry, Membership
from ofx.orders.models import Appointment, Order, ServiceRecord
from ofx.portal.customer.health import Health, health_of
from ofx.portal.customer.road import Road, need, road, words
from ticketing.models import Attachment, Complaint, Outage, ServiceTest, Ticket, TicketNote
from ticketing.outages.queries import mother_of
from ticketing.tickets.vocabulary import ENDED

MOST = 6  # of each kind on the first page; the rest is a list away
SEEN = ("customer", "all")
TOLD = 200  # entries of one fault's story


@dataclass(frozen=True)
class Need:
    """Something that waits for the customer."""

    title: str
    detail: str
    url: str
    label: str


@dataclass(frozen=True)
class Line:
    """One entry of a fault's story. `mine`: the reader wrote it."""

    at: datetime
    who: str
    text: str
    kind: str = "note"
    question: bool = False
    mine: bool = False
    file: Attachment | None = None


@dataclass(frozen=True)
class FaultPage:
    """One fault."""

    ticket: Ticket
    road: Road
    question: TicketNote | None
    story: list[Line] = field(default_factory=list)
    outage: Outage | None = None
    test: ServiceTest | None = None


def active_services(user: Any) -> QuerySet[ServiceRecord]:
    """Connections in use; equipment left out."""
    rows = ServiceRecord.objects.visible_to(user).exclude(offering__kind="device").filter(state="active")
    return rows.select_related("offering").order_by("place_text", "pk")


def home(user: Any, at: datetime) -> dict[str, Any]:
    """The first page: what needs the customer, connections, open orders, open faults. A constant number of queries."""
    services = list(active_services(user)[: MOST + 1])
    orders = list(Order.objects.visible_to(user).filter(closed_at=None).order_by("-created_at")[: MOST + 1])
    faults = list(open_faults(user)[: MOST + 1])
    visits = Appointment.objects.visible_to(user).filter(state__in=Appointment.OPEN, slot_end__gte=at)
    return {
        "needs": [*_fault_needs(faults), *_order_needs(orders)],
        "healths": health_of(user, services[:MOST], at),
        "more_services": len(services) > MOST,
        "orders": orders[:MOST],
        "more_orders": len(orders) > MOST,
        "faults": [(row, words(row)[0]) for row in faults[:MOST]],
        "more_faults": len(faults) > MOST,
        "visits": list(visits.select_related("partner_order__order").order_by("slot_start")[:3]),
    }


def open_faults(user: Any) -> QuerySet[Ticket]:
    """Faults that have not ended, those that wait for the customer first."""
    waits = Case(
        When(state="resolved", then=Value(0)),
        When(holder="end_customer", then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return Ticket.objects.visible_to(user).exclude(state__in=ENDED).order_by(waits, "-created_at", "-pk")


def ended_faults(user: Any) -> QuerySet[Ticket]:
    """Faults that are over, the latest first."""
    return Ticket.objects.visible_to(user).filter(state__in=ENDED).order_by("-created_at", "-pk")


def _fault_needs(faults: list[Ticket]) -> list[Need]:
    said = {
        "answer": (_("We need an answer from you."), _("Answer")),
        "check": (_("Does it work again?"), _("Tell us")),
    }
    return [
        Need(said[need(row)][0], f"{row.title} · {row.reference}", f"/my/faults/{row.reference}/", said[need(row)][1])
        for row in faults
        if need(row)
    ]


def _order_needs(orders: list[Order]) -> list[Need]:
    return [
        Need(_("Your order needs something from you."), row.place_text, row.get_absolute_url(), _("Look"))
        for row in orders
        if row.holder == "end_customer"
    ]


def fault_page(ticket: Ticket, user: Any, at: datetime) -> FaultPage:
    """One fault in plain words, with all that its customer may read."""
    partners = list(ticket.partner_tickets.values_list("state", flat=True))
    at_partner = any(state not in (*ENDED, "failed_to_send") for state in partners)
    notes = list(ticket.notes.filter(audience__in=SEEN).select_related("user").order_by("-at", "-pk")[:TOLD])
    child = mother_of(ticket)
    tests = ServiceTest.objects.visible_to(user).filter(ticket=ticket, state="completed").order_by("-requested_at")
    asked = (row for row in notes if row.is_question and row.answered_at is None and row.author != "customer")
    return FaultPage(
        ticket=ticket,
        road=road(ticket, at_partner=at_partner, at=at),
        question=None if ticket.ended or ticket.state == "resolved" else next(asked, None),
        story=_story(ticket, notes, user),
        outage=child.outage if child else None,
        test=tests.first(),
    )


def _story(ticket: Ticket, notes: list[TicketNote], user: Any) -> list[Line]:
    """What was said and done, the newest first."""
    me = user.pk
    lines = []  # the newest first, as sorting keeps the order of what happened at one moment
    if ticket.closed_at:
        lines.append(Line(ticket.closed_at, "", _("Closed."), "event"))
    if ticket.resolved_at:
        lines.append(Line(ticket.resolved_at, "", _("Put right. %s") % ticket.fix, "event"))
    lines += [
        Line(row.at, _who(row.author, row.user, ticket, user), row.text, "note", row.is_question, row.user_id == me)
        for row in notes
    ]
    files = ticket.attachments.filter(audience__in=SEEN).defer("content").select_related("user")
    lines += [
        Line(one.at, _who(one.author, one.user, ticket, user), one.name, "file", False, one.user_id == me, one)
        for one in files[:TOLD]
    ]
    lines += _turns(ticket, user)
    lines.append(Line(ticket.created_at, "", _("Reported: %s") % ticket.title, "event"))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _turns(ticket: Ticket, reader: Any) -> list[Line]:
    """How often it was put right before, and who said that it was not."""
    if not ticket.reopened:
        return []
    moves = LogEntry.objects.filter(subject=f"{Ticket.SUBJECT}:{ticket.pk}", data__has_keys=["from", "to"])
    theirs = set(Membership.objects.filter(organisation=ticket.customer_id).values_list("user_id", flat=True))
    lines = []
    for row in moves.select_related("actor").order_by("-at", "-pk")[:TOLD]:
        if row.data["to"] == "resolved" and row.at != ticket.resolved_at:
            lines.append(Line(row.at, "", _("Put right."), "event"))
        elif row.data["from"] == "resolved" and row.data["to"] == "in_progress":
            said = row.actor_id in theirs
            text = _("It still does not work: %s") % row.data["why"] if said else _("It was not right yet. We go on.")
            who = _who("customer", row.actor, ticket, reader) if said else ""
            lines.append(Line(row.at, who, text, "event", mine=said and row.actor_id == reader.pk))
    return lines


def _who(author: str, person: Any, ticket: Ticket, reader: Any) -> str:
    if person is not None and person.pk == reader.pk:
        return _("You")
    if author == "customer":
        return str(person) if person else _("Your company")
    return _("The network's engineers") if author == "partner" else ticket.organisation.name


def service_page(user: Any, service: ServiceRecord, at: datetime) -> dict[str, Any]:
    """One connection: health, its last tests, its faults."""
    tests = ServiceTest.objects.visible_to(user).filter(service=service).exclude(state="cancelled")
    faults = Ticket.objects.visible_to(user).filter(service=service).order_by("-created_at")
    return {
        "health": health_of(user, [service], at)[0],
        "tests": list(tests.order_by("-requested_at")[:5]),
        "faults": [(row, words(row)[0]) for row in faults[:10]],
    }


def complaints_of(user: Any) -> QuerySet[Complaint]:
    """Complaints that the user may read, those that wait longest first."""
    rows = Complaint.objects.visible_to(user).select_related("ticket", "customer", "made_by", "organisation")
    return rows.order_by("-made_at", "-pk")


__all__ = ["FaultPage", "Health", "Line", "Need", "active_services", "complaints_of", "fault_page", "home"]
