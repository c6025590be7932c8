"""What outages listen to: faults, tests, and what partners say."""

from datetime import datetime

from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ofx.core.transitions import IllegalTransition
from ticketing.outages import clearing, mailed, parties, proposing, reporting
from ticketing.outages.actions import attach, follow_merge
from ticketing.outages.finding import CALLED_BEFORE, start_of
from ticketing.outages.queries import covering, why_not_raised
from ticketing.outages.topology import learn_from
from ticketing.tickets.barriers import bars_raising
from ticketing.tickets.models import ServiceTest, Ticket

PARTY = "outage_party:"


@on("ticket.opened")
def join_or_count(event: Event) -> None:
    """A new fault under an open outage becomes its child at once (R17); any other counts for detection."""
    ticket = _ticket(event)
    if ticket is None or ticket.channel == "outage" or ticket.fault_class in proposing.NOT_FAULTS:
        return
    outage = covering(
        organisation=ticket.organisation, service=ticket.service, country=ticket.country, postcode=ticket.postcode,
        operator=ticket.operator, at=event.at,
    )  # fmt: skip
    if outage is None or ticket.created_at < start_of(outage) - CALLED_BEFORE:  # heard of late: another fault
        proposing.see_ticket(ticket)
        return
    try:
        attach(outage=outage, ticket=ticket, actor=None, at=event.at)
    except IllegalTransition:
        proposing.see_ticket(ticket)  # it was cleared meanwhile


@on("ticket.merged")
def the_other_is_the_child(event: Event) -> None:
    """A child's fault goes on in another ticket."""
    gone, into = _ticket(event), Ticket.objects.filter(pk=event.payload.get("into") or 0).first()
    if gone is not None and into is not None:
        follow_merge(gone=gone, into=into, at=event.at)


@on("service_test.completed", "service_test.failed")
def judge_or_count(event: Event) -> None:
    """A re-test decides on its child; a red test counts for detection; measures may name the equipment."""
    number = event.payload.get("test_id") or event.payload.get("service_test_id") or event.subject.partition(":")[2]
    test = ServiceTest.objects.select_related("service__operator", "organisation").filter(pk=number).first()
    if test is None:
        return
    learn_from(test, at=event.at)
    clearing.hear_test(test=test, at=event.at)
    proposing.see_test(test)


@on("service_test.hit_incident")
def partner_knows(event: Event) -> None:
    """A test says KNOWN_INCIDENT: the partner has an outage there, a candidate if we did not know (DOMAIN A02)."""
    test = ServiceTest.objects.select_related("service__operator", "organisation", "ticket")
    found = test.filter(pk=event.payload.get("test_id") or 0).first()
    if found is not None:
        reporting.known_incident(found, incident=str(event.payload.get("incident") or ""), at=event.at)


@on("message.delivered")
def party_was_told(event: Event) -> None:
    """Our message reached a party: its id there is kept."""
    party = _party(event)
    if party is not None:
        external_id = str(event.payload.get("external_id") or "")
        parties.delivered(party_id=party, message_id=_message(event), external_id=external_id, at=event.at)


@on("message.failed")
def party_was_not_told(event: Event) -> None:
    """Our message will not reach a party."""
    party = _party(event)
    if party is not None:
        reason = str(event.payload.get("reason") or "could not be sent")
        parties.refused(party_id=party, message_id=_message(event), reason=reason)


@on("message.received")
def party_speaks(event: Event) -> None:
    """A party's news about its copy of the mother."""
    party = _party(event)
    if party is None:
        return
    told = event.payload.get("news") or []
    for news in [told] if isinstance(told, dict) else told:
        parties.hear(party_id=party, news=news, at=event.at)


@on("problem.reported")
def somebody_reports(event: Event) -> None:
    """A partner, or a customer's own system, tells of an outage: a candidate, known by its id there."""
    reporting.take(event.payload, organisation_id=event.organisation_id, at=event.at)


@on("maintenance.received")
def works_are_announced(event: Event) -> None:
    """A mail about planned works at a partner's endpoint: a notice, read or waiting for a person."""
    mailed.take(event.payload, organisation_id=event.organisation_id, at=event.at)


@bars_raising
def not_one_by_one(ticket: Ticket, at: datetime) -> str:
    """Children are not raised with the partner singly (DOMAIN 9.3)."""
    return " ".join(why_not_raised(ticket).values())


def _ticket(event: Event) -> Ticket | None:
    number = event.payload.get("ticket_id") or event.subject.partition(":")[2]
    wanted = ("organisation", "service__operator", "operator", "customer")
    return Ticket.objects.select_related(*wanted).filter(pk=number).first()


def _message(event: Event) -> int:
    return int(event.payload.get("message_id") or 0)


def _party(event: Event) -> int | None:
    subject = str(event.payload.get("leg_subject") or "")
    return int(subject[len(PARTY) :]) if subject.startswith(PARTY) and subject[len(PARTY) :].isdigit() else None
