"""Which events of tickets another system is told of, as which events of TMF621.

One event may have several audiences: the provider's tools, the customer's, and those of the operators that have the
fault. Each is told of what it may read, in the order in which things happened to that ticket.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from ofx.core.events.models import Event
from ofx.tmf.hub.telling import News, one_at_a_time, subscriptions, tell
from ofx.tmf.trouble_ticket.faces import SEEN, TICKET, Viewer
from ofx.tmf.trouble_ticket.partner_faces import RAISED, TO_PARTNER
from ofx.tmf.trouble_ticket.reading import prepared, raised
from ofx.tmf.trouble_ticket.words import API, PARTNER_STATUS, STATUS
from ticketing.models import PartnerTicket, Ticket
from ticketing.tickets.vocabulary import PartnerState, State

Json = dict[str, Any]
# our event → (word of the standard's event, title, the attribute that changed)
TOLD: dict[str, tuple[str, str, str]] = {
    "ticket.opened": ("Create", "A fault was reported", ""),
    "ticket.noted": ("AttributeValueChange", "There is a new note", "note"),
    "ticket.answered": ("AttributeValueChange", "A question was answered", "note"),
    "ticket.attached": ("AttributeValueChange", "There is a new file", "attachment"),
    "ticket.changed": ("AttributeValueChange", "The ticket was changed", ""),
    "ticket.asked": ("InformationRequired", "An answer is needed", "note"),
    "ticket.deleted": ("Delete", "The ticket was deleted", ""),
}
STATES = tuple(f"ticket.{state}" for state in State.values)
RAISED_STATES = tuple(f"partner_ticket.{state}" for state in PartnerState.values)
NAMES = (*TOLD, *STATES)
PARTNER_NAMES = ("partner_ticket.raised", *RAISED_STATES)
FIELDS = {"title": "name", "fault_class": "ticketType", "external_id": "externalId", "service": "relatedEntity"}


@dataclass(frozen=True)
class Audience:
    """Whose systems are told, of which row, and how a version writes it."""

    organisation_id: int | None
    resource: str
    document: Callable[[str], Json | None]
    viewer: Viewer | None  # None: an operator


def fan_out(event: Event, subscriber: str) -> None:
    """Write the notifications of an event and, before them, those of earlier events of the same ticket."""
    audiences = list(_audiences(event))
    to = {one: subscriptions(one.organisation_id, API, event.recorded_at) for one in audiences}
    if not any(to.values()):
        return
    one_at_a_time(_number(event))
    names = (*NAMES, *PARTNER_NAMES)
    rows = Event.objects.filter(settled=False, pk__lt=event.pk, subject=event.subject, name__in=names)
    for told in (*rows.exclude(handled__subscriber=subscriber).order_by("pk"), event):
        for audience, listeners in to.items():
            wanted = [row for row in listeners if row.created_at <= told.recorded_at]
            for news in news_of(told, audience):
                tell(news, event_id=told.pk, at=told.at, to=wanted, part=audience.resource)


def _number(event: Event) -> int:
    return int(event.subject.partition(":")[2])


def _audiences(event: Event) -> Iterator[Audience]:
    if event.subject.startswith("partner_ticket:"):
        row = PartnerTicket.objects.select_related("operator").filter(pk=_number(event)).first()
        if row is not None:
            yield _operator(row)
            document = _ticket(row.ticket_id, event, "provider")
            yield Audience(row.organisation_id, f"ticket:{row.ticket_id}", document, "provider")
        return
    ticket = Ticket.objects.filter(pk=_number(event)).first()
    customer = ticket.customer_id if ticket else event.payload.get("customer_id")
    yield Audience(event.organisation_id, event.subject, _ticket(_number(event), event, "provider"), "provider")
    yield Audience(customer, event.subject, _ticket(_number(event), event, "customer"), "customer")
    if event.name in ("ticket.noted", "ticket.answered", "ticket.attached"):
        legs = PartnerTicket.objects.select_related("operator").filter(ticket=_number(event), raised_at__lte=event.at)
        yield from map(_operator, legs.filter(Q(ended_at=None) | Q(ended_at__gte=event.at)))


def _operator(row: PartnerTicket) -> Audience:
    def document(version: str) -> Json | None:
        return RAISED[version].document(raised(PartnerTicket.objects.filter(pk=row.pk), None).get())

    return Audience(row.operator.organisation_id, f"partner_ticket:{row.pk}", document, None)


def _ticket(number: int, event: Event, viewer: Viewer) -> Callable[[str], Json | None]:
    def document(version: str) -> Json | None:
        last: Json = event.payload.get("last", {}).get(viewer, {})
        if version in last:
            return dict(last[version])
        row = prepared(Ticket.objects.filter(pk=number), None).first()
        return TICKET[viewer][version].document(row) if row else None

    return document


def news_of(event: Event, audience: Audience) -> Iterator[News]:
    """What TMF621 says of one event to one audience."""
    if event.name.startswith("partner_ticket.") and audience.viewer:
        if event.name == "partner_ticket.pending":
            yield _news(event, audience, "InformationRequired", "The operator waits for an answer", "note")
    elif event.name in STATES or event.name in RAISED_STATES:
        yield from _moved(event, audience)
    elif event.name == "partner_ticket.raised":
        yield _news(event, audience, "Create", "A fault was raised with you", "")
    elif event.name in TOLD and _may_read(event, audience):
        word, title, path = TOLD[event.name]
        fields = ",".join(FIELDS.get(name, name) for name in event.payload.get("fields", ()))
        yield _news(event, audience, word, title, path or fields)


def _may_read(event: Event, audience: Audience) -> bool:
    """Whether what was said is for this audience; nobody is told of what it said itself to us as an operator."""
    said = event.payload.get("audience", "all")
    if audience.viewer is None:
        return said in TO_PARTNER and event.payload.get("author") != "partner"
    return said in SEEN[audience.viewer]


def _moved(event: Event, audience: Audience) -> Iterator[News]:
    """A change of state, where it is one in the standard's words; and the one event more of a solution."""
    words = STATUS if audience.viewer else PARTNER_STATUS
    before = str(event.payload.get("from") or event.payload.get("was") or "")
    was, to = words.get(before), words.get(str(event.payload.get("to") or event.payload.get("state") or ""))
    if not to or was is None or was == to:
        return
    told = {"status": to}
    yield _news(event, audience, "StatusChange", f"The ticket is {to}", "status", told)
    if to == "resolved":
        yield _news(event, audience, "Resolved", "The fault is solved", "resolutionDate", told)


def _news(event: Event, audience: Audience, word: str, title: str, path: str, more: Json | None = None) -> News:
    def document(version: str) -> Json | None:
        found = audience.document(version)
        return {**found, **(more or {})} if found else None

    return News(
        api=API,
        resource=audience.resource,
        event_type=f"TroubleTicket{word}Event",
        member="troubleTicket",
        document=document,
        title=title,
        correlation=str(event.payload.get("reference") or event.subject),
        field_path=path,
    )
