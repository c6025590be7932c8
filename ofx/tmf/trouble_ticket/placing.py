"""From a wish to a ticket: what it is about is looked up, the ticket opened, notes and files put to it.

The same wish under the same externalId of the same caller is the same ticket.
"""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from rest_framework.exceptions import ValidationError

from ofx.core.models import Organisation, User
from ofx.core.scoping import may, permit
from ofx.orders.actions.papers import TYPES, BadFile
from ofx.orders.models import Order, ServiceRecord
from ofx.tmf.inquiry.reading import unsaid
from ofx.tmf.places import Where, find
from ofx.tmf.rest.errors import invalid
from ofx.tmf.sent import once_key, same
from ofx.tmf.trouble_ticket.models import BuyerTicket
from ofx.tmf.trouble_ticket.wish import File, Wish
from ofx.tmf.trouble_ticket.words import API, MOTHERS, fault_class_of, impact_of, is_outage, severity_of, squeezed
from ticketing.models import Outage, Ticket
from ticketing.outages import actions as outages
from ticketing.tickets import actions
from ticketing.tickets.guarding import TicketInvalid

# Attribute of the standard for a field of ours, for refusals.
ATTRIBUTE = {
    "title": "name", "text": "note", "fault_class": "ticketType", "external_id": "externalId",
    "postcode": "relatedEntity", "country": "relatedEntity", "place": "relatedEntity",
    "contact_name": "relatedParty", "contact_phone": "relatedParty", "contact_email": "relatedParty",
    "fix": "statusChangeReason", "why": "statusChangeReason", "answers": "troubleTicketCharacteristic",
}  # fmt: skip
JOINABLE = ("candidate", "open")
Json = dict[str, Any]


def refused(error: TicketInvalid) -> ValidationError:
    """A refusal of ours in the standard's names."""
    told: dict[str, list[str]] = {}
    for name, words in error.problems.items():
        told.setdefault(ATTRIBUTE.get(name.partition(".")[0], name), []).append(words)
    return ValidationError(told)


def place(*, actor: User, wish: Wish, version: str, at: datetime) -> Ticket:
    """The ticket of a wish. Raises ValidationError, Conflict for another content under the same externalId."""
    permit(actor, "ticket.report")
    caller: Organisation = actor.acting.organisation  # type: ignore[union-attr]
    known = BuyerTicket.objects.select_related("ticket").of(caller, wish.external_id).first()
    if known:
        return same(known, wish.digest).ticket
    try:
        with transaction.atomic():
            return _placed(actor, caller, wish, version, at)
    except TicketInvalid as error:
        raise refused(error) from error


def _placed(actor: User, caller: Organisation, wish: Wish, version: str, at: datetime) -> Ticket:
    about = _about(actor, caller, wish)
    known = {one["id"] for one in wish.relations if _outage(actor, one["id"])}
    wish.kept["relations"] = [one for one in wish.relations if one["id"] not in known]
    ticket = actions.reported_before(customer=caller, external_id=wish.external_id) or actions.open_ticket(
        actor=actor,
        at=at,
        title=wish.title or wish.description.splitlines()[0][:200],
        description=wish.description,
        fault_class=fault_class_of(wish.ticket_type),
        channel="api",
        severity=severity_of(wish.severity),
        impact=_impact(wish),
        contact=wish.contact or None,
        answers={name: value for name, value in wish.traits.items() if squeezed(name) != "impact"},
        external_id=wish.external_id,
        idempotency_key=once_key(API, caller, wish.external_id),
        **about,
    )
    row, fresh = BuyerTicket.objects.get_or_create(
        ticket=ticket,
        defaults={
            "organisation": caller,
            "external_id": wish.external_id,
            "digest": wish.digest,
            "version": version,
            "given": wish.kept,
            "created_at": at,
        },
    )
    if not fresh:  # another request with this externalId was quicker
        return same(row, wish.digest).ticket
    add_notes(actor, ticket, wish.notes, at)
    add_files(actor, ticket, wish.files, at)
    join_outages(actor, ticket, wish, at)
    return ticket


def _outage(actor: User, identifier: str) -> Outage | None:
    """An outage that the caller may see, by its reference."""
    return Outage.objects.visible_to(actor).filter(reference=identifier).first()


def join_outages(actor: User, ticket: Ticket, wish: Wish, at: datetime) -> None:
    """A ticket that names an outage becomes its child; one that is a parent itself reports one (a candidate)."""
    for one in wish.relations:
        outage = _outage(actor, one["id"])
        if outage is not None and outage.state in JOINABLE:
            outages.attach(outage=outage, ticket=ticket, actor=None, at=at)
    mother = is_outage(wish.ticket_type) or any(squeezed(one["kind"]) in MOTHERS for one in wish.relations)
    keys = [("service", ticket.service.reference)] if ticket.service else []
    keys += [("postcode", ticket.postcode)] if ticket.postcode and not keys else []
    if mother and keys and may(actor, "outage.report"):
        outages.report(
            actor=actor, at=at, organisation=ticket.organisation, customer=ticket.customer, title=ticket.title[:160],
            keys=keys, text=ticket.description[:4000], external_id=ticket.external_id, severity=ticket.severity,
            impact=ticket.impact, operator=ticket.operator, tickets=[ticket], idempotency_key=f"{API}:{ticket.pk}",
        )  # fmt: skip


def _impact(wish: Wish) -> str:
    """As the caller says; else as bad as the kind of fault."""
    said = next((value for name, value in wish.traits.items() if squeezed(name) == "impact"), "")
    usual = {"no_connection": "down", "ethernet_down": "down", "intermittent": "intermittent"}
    return impact_of(said) or usual.get(fault_class_of(wish.ticket_type), "degraded")


def _about(actor: User, caller: Organisation, wish: Wish) -> Json:
    """Service, order, customer and place; what the entities name beside them is kept."""
    tenant = caller.provider if caller.kind == "customer" else caller
    found: Json = {"organisation": tenant, "service": None, "order": None, "place": None}
    kept = []
    for one in wish.entities:
        kind = _kind(one)
        if kind == "service":
            found["service"] = found["service"] or _service(actor, one)
        elif kind == "order":
            found["order"] = found["order"] or _order(actor, one)
        elif kind == "place":
            where = find({"id": one["id"], "name": one["name"]}, caller.country)
            found["place"] = found["place"] or _place_of(where)
        else:
            kept.append(one)
    wish.kept["entities"] = kept
    owner = found["service"] or found["order"]
    found["customer"] = owner.customer if owner else caller if caller.kind == "customer" else _customer(caller, wish)
    return found


def _kind(one: Json) -> str:
    """Which of our things an entity means, by its type, else by its role."""
    for words in (squeezed(one["kind"]), squeezed(one["role"])):
        if "order" in words:
            return "order"
        if words in ("product", "service", "productref", "serviceref", "affectedservice", "affectedproduct", "circuit"):
            return "service"
        if "geographic" in words or words in ("place", "address", "location", "site"):
            return "place"
    return ""


def _service(actor: User, one: Json) -> ServiceRecord:
    """By our reference, else by the operator's. Raises ValidationError."""
    rows = ServiceRecord.objects.visible_to(actor).select_related("customer", "operator", "item__order")
    found = rows.filter(reference=one["id"]).first()
    if found is None and one["id"]:
        named = list(rows.filter(partner_ref=one["id"])[:2])
        found = named[0] if len(named) == 1 else None
    if found is None:
        raise invalid("relatedEntity.id", f"You have no service {one['id'][:60]!r}.")
    return found


def _order(actor: User, one: Json) -> Order:
    found = Order.objects.visible_to(actor).select_related("customer").filter(reference=one["id"]).first()
    if found is None:
        raise invalid("relatedEntity.id", f"You have no order {one['id'][:60]!r}.")
    return found


def _place_of(where: Where) -> dict[str, str]:
    return {"country": where.country, "postcode": where.postcode[:12], "text": where.text[:300]}


def _customer(provider: Organisation, wish: Wish) -> Organisation | None:
    """The provider's customer that a party of that role names: by our id, account number or name."""
    given = wish.customer
    if not given:
        return None
    mine = Organisation.objects.filter(kind="customer", provider=provider, active=True)
    identifier = given["id"]
    number = int(identifier) if identifier.isascii() and identifier.isdigit() and len(identifier) < 16 else 0
    found = mine.filter(pk=number).first() or mine.filter(account_number=identifier[:40] or "-").first()
    found = found or mine.filter(name__iexact=given["name"]).first()
    if found is None:
        wish.kept["parties"].append({name: given[name] for name in ("id", "name", "role", "kind")})
    return found


def add_notes(actor: User, ticket: Ticket, given: list[Json], at: datetime) -> int:
    """Notes that are not there yet; what answers an open question is its answer. Returns how many were new."""
    customer = actor.acting.organisation.kind == "customer"  # type: ignore[union-attr]
    unseen = ("internal", "partner") if customer else ("internal",)
    fresh = unsaid(given, ticket.notes.exclude(audience__in=unseen).values_list("text", flat=True))
    for text in fresh:
        if customer and ticket.notes.filter(is_question=True, answered_at=None).exclude(audience="partner").exists():
            actions.answer_question(ticket=ticket, actor=actor, at=at, text=text)
        else:
            author = "customer" if customer else "staff"
            audience = "all" if customer else "customer"
            actions.add_note(ticket=ticket, actor=actor, at=at, text=text, audience=audience, author=author)
    return len(fresh)


def add_files(actor: User, ticket: Ticket, files: list[File], at: datetime) -> None:
    """Attachments by value. Raises ValidationError for a file that is not taken."""
    for one in files:
        try:
            upload = SimpleUploadedFile(_named(one), one.content)
            actions.attach(ticket=ticket, actor=actor, at=at, upload=upload, audience="customer")
        except BadFile as error:
            raise invalid("attachment", f"{one.name[:80]}: {error}") from error


def _named(one: File) -> str:
    """The name with an ending that says what it is; plain text may come without."""
    ending = one.name.rpartition(".")[2].lower()
    return one.name if ending in TYPES or "." in one.name else f"{one.name}.txt"
