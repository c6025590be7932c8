"""A fault comes to us."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import F, Q

from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.orders.models import Order, ServiceRecord
from ticketing.tickets.advice import Situation, next_action
from ticketing.tickets.guarding import TicketInvalid, is_customer, one_of, words
from ticketing.tickets.models import SopStep, SopTemplate, Ticket, TicketParty
from ticketing.tickets.settle import log, tell
from ticketing.tickets.vocabulary import (
    EARLY_LIFE_DAYS,
    PRIORITY,
    REPEAT_DAYS,
    Channel,
    FaultClass,
    Impact,
    Severity,
)

NOTHING: Mapping[str, str] = {}
ENDED_WELL = ("resolved", "closed")
MOST_ANSWERS = 60
YES = ("yes", "true", "y", "1")


def open_ticket(
    *,
    actor: User | None,
    at: datetime,
    organisation: Organisation,
    title: str,
    description: str = "",
    customer: Organisation | None = None,
    service: ServiceRecord | None = None,
    order: Order | None = None,
    place: Mapping[str, str] | None = None,
    fault_class: str = "other",
    channel: str = "portal",
    severity: str = "moderate",
    impact: str = "degraded",
    contact: Mapping[str, str] | None = None,
    answers: Mapping[str, Any] | None = None,
    external_id: str = "",
    idempotency_key: str = "",
    reported_by: User | None = None,
    simulated: bool = False,
) -> Ticket:
    """A new ticket with its priority, flags and checklist; the same idempotency key gives the same ticket.

    `place`: country, postcode, text; `contact`: name, phone, email; `answers`: characteristic code → value.
    Raises PermissionDenied where the rows belong to somebody else, TicketInvalid naming each wrong field.
    """
    permit(actor, "ticket.report")
    customer = customer or (service.customer if service else order.customer if order else _own_customer(actor))
    _belong(actor, organisation, customer, service, order)
    values: dict[str, Any] = {
        "title": words(title, "title", 200),
        "description": words(description, "description", 8000, needed=False),
        "fault_class": one_of(fault_class, FaultClass, "fault_class"),
        "channel": one_of(channel, Channel, "channel"),
        "severity": one_of(severity, Severity, "severity"),
        "impact": one_of(impact, Impact, "impact"),
        "external_id": words(external_id, "external_id", 80, needed=False),
        "idempotency_key": words(idempotency_key, "idempotency_key", 80, needed=False),
        "answers": checked_answers(answers),
        **_place(place, service, order),
        **_contact(contact),
    }
    with transaction.atomic():
        known = _known(organisation, values["idempotency_key"])
        if known is not None:
            return known
        ticket = _write(actor, at, organisation, customer, service, order, values, reported_by, simulated)
        _parties(ticket)
        copy_checklist(ticket)
        log(ticket, "opened the ticket", actor, at, channel=channel)
        tell(ticket, "opened", at, channel=channel, priority=ticket.priority, postcode=ticket.postcode)
        return ticket


def _own_customer(actor: User | None) -> Organisation | None:
    acting: Any = getattr(actor, "acting", None)
    return acting.organisation if acting is not None and is_customer(actor) else None


def _belong(
    actor: User | None,
    organisation: Organisation,
    customer: Organisation | None,
    service: ServiceRecord | None,
    order: Order | None,
) -> None:
    """Raise PermissionDenied unless all rows belong together, and to the actor."""
    acting: Any = getattr(actor, "acting", None)
    mine = True
    if acting is not None:
        side = customer if is_customer(actor) else organisation
        mine = side is not None and side.pk == acting.organisation_id
    if not mine or (customer is not None and customer.provider_id != organisation.pk):
        raise PermissionDenied("This customer belongs to another service provider.")
    for row in (service, order):
        if row is None:
            continue
        if row.organisation_id != organisation.pk or (customer is not None and row.customer_id != customer.pk):
            raise PermissionDenied("This service or order belongs to somebody else.")


def _known(organisation: Organisation, key: str) -> Ticket | None:
    """The ticket of a key. Two calls with one key wait for each other until the first has committed."""
    if not key:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ticket:{organisation.pk}:{key}"])
    return Ticket.objects.filter(organisation=organisation, idempotency_key=key).first()


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('ticketing_ticket', 'id'))")
        return int(cursor.fetchone()[0])


def _write(
    actor: User | None,
    at: datetime,
    organisation: Organisation,
    customer: Organisation | None,
    service: ServiceRecord | None,
    order: Order | None,
    values: dict[str, Any],
    reported_by: User | None,
    simulated: bool,
) -> Ticket:
    number = _next_number()
    ticket = Ticket(
        pk=number,
        reference=f"TT-{number:06d}",
        organisation=organisation,
        customer=customer,
        service=service,
        order=order or (service.item.order if service else None),
        operator=service.operator if service else None,
        priority=PRIORITY[values["severity"], values["impact"]],
        early_life=service is not None and early_life(service, at),
        repeat_fault=service is not None and repeats(service, values["fault_class"], at),
        digital_voice=_digital_voice(values),
        reported_by=reported_by or (actor if is_customer(actor) else None),
        created_by=actor,
        created_at=at,
        acknowledged_at=at,
        simulated=simulated or bool(service and service.simulated),
        holder="us",
        holder_since=at,
        **values,
    )
    # Nothing waits yet, so what is next needs no further reading.
    ticket.next_action, ticket.next_action_at = next_action(
        Situation(state=ticket.state, priority=ticket.priority, tier=ticket.tier, assigned=False, since=at)
    )
    ticket.save(force_insert=True)
    return ticket


def early_life(service: ServiceRecord, at: datetime) -> bool:
    """Whether a fault now is an early-life failure (DOMAIN 1.4 ELF, R15)."""
    return at < service.active_from + timedelta(days=EARLY_LIFE_DAYS)


def repeats(service: ServiceRecord, fault_class: str, at: datetime, besides: int = 0) -> bool:
    """Whether the same service had a fault of the same class, ended not longer ago than REPEAT_DAYS."""
    rows = Ticket.objects.filter(service=service, fault_class=fault_class, state__in=ENDED_WELL).exclude(pk=besides)
    since = at - timedelta(days=REPEAT_DAYS)
    return rows.filter(Q(closed_at__gte=since) | Q(closed_at=None, resolved_at__gte=since)).exists()


def _digital_voice(values: dict[str, Any]) -> bool:
    said = str(values["answers"].get("DIGITAL_VOICE", "")).lower()
    return values["fault_class"] == "voice" or said in YES


def _place(place: Mapping[str, str] | None, service: ServiceRecord | None, order: Order | None) -> dict[str, str]:
    known = service or order
    given = place or NOTHING
    country = (given.get("country") or (known.country if known else "GB")).upper()
    if len(country) != 2 or not country.isalpha():
        raise TicketInvalid({"country": "Give the country as two letters, such as GB."})
    return {
        "country": country,
        "postcode": words(given.get("postcode") or (known.postcode if known else ""), "postcode", 12, needed=False),
        "place_text": words(given.get("text") or (known.place_text if known else ""), "place", 300, needed=False),
    }


def _contact(contact: Mapping[str, str] | None) -> dict[str, str]:
    given = contact or NOTHING
    email = words(given.get("email"), "contact_email", 254, needed=False)
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise TicketInvalid({"contact_email": "This is not an e-mail address: name@example.com."}) from error
    return {
        "contact_name": words(given.get("name"), "contact_name", 120, needed=False),
        "contact_phone": words(given.get("phone"), "contact_phone", 40, needed=False),
        "contact_email": email,
    }


def checked_answers(answers: Mapping[str, Any] | None) -> dict[str, str]:
    """Structured answers as plain texts; empty ones are left out. Raises TicketInvalid."""
    given = {str(name): value for name, value in (answers or {}).items()}
    if len(given) > MOST_ANSWERS or any(len(name) > 60 for name in given):
        raise TicketInvalid({"answers": f"At most {MOST_ANSWERS} answers, their names at most 60 characters."})
    return {
        name: text
        for name, value in given.items()
        if (text := words(_plain(value), f"answers.{name}", 1000, needed=False))
    }


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _parties(ticket: Ticket) -> None:
    rows = []
    if ticket.reported_by_id:
        rows.append(TicketParty(ticket=ticket, role="originator", user_id=ticket.reported_by_id))
    if ticket.contact_name or ticket.contact_email:
        rows.append(TicketParty(ticket=ticket, role="contact", name=ticket.contact_name, email=ticket.contact_email))
    if rows:
        TicketParty.objects.bulk_create(rows)


def copy_checklist(ticket: Ticket) -> None:
    """The steps of the newest published checklist of the class: the tenant's own before the exchange's (SOP)."""
    rows = SopTemplate.objects.filter(Q(organisation=None) | Q(organisation=ticket.organisation_id))
    template = (
        rows.filter(fault_class=ticket.fault_class)
        .exclude(published_at=None)
        .order_by(F("organisation").asc(nulls_last=True), "-version")
        .first()
    )
    if template is None:
        return
    SopStep.objects.bulk_create(
        SopStep(
            ticket=ticket,
            template=template,
            position=position,
            title=str(step.get("title", ""))[:200],
            help=str(step.get("help", "")),
            wants=str(step.get("evidence") or "none")[:8],
            mandatory=bool(step.get("mandatory")),
            by="partner" if step.get("by") == "partner" else "desk",
        )
        for position, step in enumerate(template.steps, start=1)
    )
