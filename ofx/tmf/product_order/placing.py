"""From a buyer's wish to an order: submitted where our rules can route it, else handed to the desk. Never refused.

ARCHITECTURE 9: a TMF622 POST that our rules cannot route is acknowledged and falls out to a person.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.orders import actions
from ofx.orders.models import Order, ServiceRecord
from ofx.tmf.offers import candidates, choose
from ofx.tmf.places import Where, find
from ofx.tmf.product_order.models import BuyerOrder
from ofx.tmf.product_order.wish import Wish, contact_of, customer_of
from ofx.tmf.rest.dates import moment
from ofx.tmf.rest.errors import Conflict
from partners.models import Offering

ACCESS_LIMIT = 1000
CHANGES = ("modify", "delete")
HIDDEN_TRAITS = {"contactname", "contactphone", "contactemail", "accessnotes"}  # they have columns of their own


@dataclass
class Routed:
    """What an order can be made of, and what a person must still decide."""

    where: Where
    lines: list[actions.Line] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    service: ServiceRecord | None = None  # the live one that a modify or delete is about


def place(*, actor: User, wish: Wish, version: str, at: datetime) -> Order:
    """The order of a wish; the same wish under the same externalId is the same order.

    Raises Conflict where that externalId already names another one, PermissionDenied for a role that may not order.
    """
    permit(actor, "order.write")
    organisation: Organisation = actor.acting.organisation  # type: ignore[union-attr]
    with transaction.atomic():
        known = _known(organisation, wish)
        if known:
            return known
        order, routed = _create(actor, organisation, wish, at)
        row, fresh = BuyerOrder.objects.get_or_create(
            order=order,
            defaults={
                "organisation": organisation,
                "external_id": wish.external_id,
                "digest": wish.digest,
                "version": version,
                "wish": {**wish.document, "positions": routed.positions, "draft": wish.draft},
                "created_at": at,
            },
        )
        if not fresh:  # another request with this externalId was quicker
            return _same(row, wish)
        if not wish.draft:
            submit(actor=actor, buyer=row, problems=routed.problems, at=at)
    return order


def _known(organisation: Organisation, wish: Wish) -> Order | None:
    rows = BuyerOrder.objects.select_related("order").filter(organisation=organisation)
    row = rows.filter(external_id=wish.external_id).first() if wish.external_id else None
    return _same(row, wish) if row else None


def _same(row: BuyerOrder, wish: Wish) -> Order:
    if row.digest != wish.digest:
        text = f"externalId {row.external_id!r} is another order of yours already: {row.order.reference}."
        raise Conflict(text)
    return row.order


def _create(actor: User, organisation: Organisation, wish: Wish, at: datetime) -> tuple[Order, Routed]:
    document = wish.document
    routed = route(actor, document, at)
    contact, where = contact_of(document), routed.where
    if routed.service and not contact.name:
        first = routed.service.item.order
        contact.name, contact.phone, contact.email = first.contact_name, first.contact_phone, first.contact_email
    key = hashlib.sha256(f"tmf622:{wish.external_id}".encode()).hexdigest() if wish.external_id else ""
    order = actions.create_order(
        actor=actor,
        organisation=organisation,
        customer=routed.service.customer if routed.service else _customer(actor, organisation, document, at),
        lines=routed.lines,
        site=actions.Site(
            place_text=where.text[:300] or "not named",
            postcode=where.postcode,
            country=where.country,
            place=where.place,
            address=where.address,
            requested_date=_day(document.get("requestedCompletionDate")),
            contact_name=contact.name[:120],
            contact_phone=contact.phone[:40],
            contact_email=contact.email[:254],
            access_notes="\n".join(contact.access)[:ACCESS_LIMIT],
        ),
        at=at,
        idempotency_key=key[:64],
        external_id=wish.external_id,
    )
    return order, routed


def _day(text: str | None) -> Any:
    return moment(text).date() if text else None


def _customer(actor: User, organisation: Organisation, document: dict[str, Any], at: datetime) -> Organisation:
    """The customer that a party of that role names: by our id, by its account number, by its name, else a new one.

    Without such a party the order is for the provider itself.
    """
    party = customer_of(document) or {"id": "", "name": f"{organisation.name} (own use)"}
    mine = Organisation.objects.filter(kind="customer", provider=organisation, active=True)
    identifier = party["id"]
    if identifier:
        number = int(identifier) if identifier.isascii() and identifier.isdigit() and len(identifier) < 16 else 0
        found = mine.filter(pk=number).first() or mine.filter(account_number=identifier[:40]).first()
        if found:
            return found
    name = (party["name"] or identifier or "Customer not named")[:120]
    return actions.create_customer(actor=actor, organisation=organisation, name=name, at=at)


def route(actor: User, document: dict[str, Any], at: datetime) -> Routed:
    """Find the place and the offers. What cannot be found is a problem in words, never an exception."""
    organisation: Organisation = actor.acting.organisation  # type: ignore[union-attr]
    places = [item["place"] for item in document["items"] if item["place"]]
    service = next((found for item in document["items"] if (found := _service(actor, item))), None)
    where = _where(service) if service else find(places[0] if places else {}, organisation.country)
    routed = Routed(where, service=service)
    if routed.where.problem:
        routed.problems.append(routed.where.problem)
    if len({str(one.get("id") or one.get("postcode")) for one in places}) > 1:
        routed.problems.append("Its items name several places: one order is for one place.")
    for item in document["items"]:
        _route_item(actor, organisation, item, routed, at)
    return routed


def _service(actor: User, item: dict[str, Any]) -> ServiceRecord | None:
    """The live service that an item is about, by its reference; None for a new one, and where there is none."""
    if item["action"] not in CHANGES or not item["product"]:
        return None
    rows = ServiceRecord.objects.visible_to(actor).select_related(
        "customer", "operator", "offering__operator", "item__order__place", "item__order__address"
    )
    return rows.filter(reference=item["product"], state="active").first()


def _where(service: ServiceRecord) -> Where:
    """Where a live service is."""
    first = service.item.order
    return Where(service.country, service.postcode, service.place_text, first.place, first.address)


def _route_item(actor: User, organisation: Organisation, item: dict[str, Any], routed: Routed, at: datetime) -> None:
    service = _service(actor, item)
    if item["action"] != "add" and service is None:
        wanted = item["product"] or "a product"
        routed.problems.append(f"Item {item['id']} asks to {item['action']} {wanted!r}: no live service of that id.")
        return
    going = actions.open_change(service=service) if service else None
    if going is not None:
        routed.problems.append(f"Item {item['id']}: {going.order.reference} is changing {item['product']} already.")
        return
    offering = _offering(actor, organisation, item, service, routed, at)
    if offering is not None:
        routed.lines.append(_line(item, offering, service))
        routed.positions[item["id"]] = len(routed.lines)


def _offering(
    actor: User,
    organisation: Organisation,
    item: dict[str, Any],
    service: ServiceRecord | None,
    routed: Routed,
    at: datetime,
) -> Offering | None:
    """What is ordered: a cease names nothing new, a modify another product of the same operator."""
    if service and item["action"] == "delete":
        return service.offering
    identifier, name = item["offering"].get("id", ""), item["offering"].get("name", "")
    found = candidates(actor, identifier, name)
    if service:
        found = [one for one in found if one.operator_id == service.operator_id and one.pk != service.offering_id]
    offering = choose(found, organisation, routed.where, at)
    if offering is None:
        why = "is sold by several operators, by none of them here" if found else "is no product that we can order"
        routed.problems.append(f"Item {item['id']}: {(identifier or name or 'no product')!r} {why}.")
    return offering


def _line(item: dict[str, Any], offering: Offering, service: ServiceRecord | None) -> actions.Line:
    traits = {
        name[:100]: str(value)[:200]
        for name, value in item["characteristics"].items()
        if name.lower() not in HIDDEN_TRAITS
    }
    return actions.Line(
        offering=offering, quantity=item["quantity"], action=item["action"], about=service, characteristics=traits
    )


def submit(*, actor: User, buyer: BuyerOrder, problems: list[str], at: datetime) -> None:
    """Send it to its operators; what our rules refuse goes to the desk with its reasons."""
    order = buyer.order
    words = list(problems)
    if not words:
        try:
            with transaction.atomic():
                actions.submit_order(actor=actor, order=order, at=at)
            buyer.fallout = ""
            buyer.save(update_fields=["fallout"])
            return
        except actions.OrderInvalid as error:
            words = [problem.message for problem in error.problems]
        except IllegalTransition as error:
            words = [str(error)]
    buyer.fallout = " ".join(words)[:1000]
    buyer.save(update_fields=["fallout"])
    actions.hand_to_desk(actor=actor, order=order, why=buyer.fallout, at=at)
