"""Live services change by orders: we cease or modify them, or a partner ceases one by itself (R16)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.orders.actions.placing import Site, create_order, submit_order
from ofx.orders.decomposition import Line
from ofx.orders.models import Order, OrderItem, PartnerOrder, ServiceRecord
from ofx.orders.outbound import open_leg
from ofx.orders.settle import append, settle
from ofx.orders.validation import OrderInvalid, Problem
from partners.mapping.canonical import News
from partners.models import Endpoint, Leg, Offering


def cease_service(
    *,
    actor: User | None,
    service: ServiceRecord,
    at: datetime,
    reason: str = "",
    requested_date: date | None = None,
    scenario: str = "",
) -> Order:
    """Order the end of a live service at its operator. Returns the order, submitted.

    Raises OrderInvalid, IllegalTransition where it is ceased or being changed already. `scenario`: simulations only.
    """
    return _ordered(actor, service, "delete", service.offering, at, reason, requested_date, scenario)


def modify_service(
    *,
    actor: User | None,
    service: ServiceRecord,
    offering: Offering,
    at: datetime,
    reason: str = "",
    requested_date: date | None = None,
    scenario: str = "",
) -> Order:
    """Order another product of the same operator in the place of a live one. Returns the order, submitted.

    Raises OrderInvalid, IllegalTransition as for a cease.
    """
    if offering.operator_id != service.operator_id or offering.pk == service.offering_id or not offering.active:
        raise OrderInvalid([Problem("offering", f"Choose another product of {service.operator} that is on offer.")])
    return _ordered(actor, service, "modify", offering, at, reason, requested_date, scenario)


def _ordered(
    actor: User | None,
    service: ServiceRecord,
    action: str,
    offering: Offering,
    at: datetime,
    reason: str,
    requested_date: date | None,
    scenario: str,
) -> Order:
    permit(actor, "order.write")
    with transaction.atomic():
        service = _changeable(service)
        characteristics = {"scenario": scenario} if scenario and service.simulated else {}
        characteristics |= {"reason": reason.strip()[:200]} if reason.strip() else {}
        line = Line(offering=offering, action=action, about=service, characteristics=characteristics)
        order = _order(actor, service, line, at, requested_date)
        return submit_order(actor=actor, order=order, at=at)


def _changeable(service: ServiceRecord) -> ServiceRecord:
    """The service, its row locked, if nothing else changes it."""
    rows = ServiceRecord.objects.select_related("organisation", "customer", "item__order__place", "offering__operator")
    service = rows.select_for_update(of=("self",), no_key=True).get(pk=service.pk)
    if service.state != "active":
        raise IllegalTransition(f"{service.reference} is ceased: there is nothing to change")
    going = open_change(service=service)
    if going is not None:
        raise IllegalTransition(f"{going.order.reference} is changing {service.reference} already; look there first")
    return service


def open_change(*, service: ServiceRecord) -> OrderItem | None:
    """The item of an order that is changing this service now."""
    rows = service.changes.select_related("order").filter(partner_order__completed_at=None)
    return rows.filter(partner_order__ended_at=None).order_by("-pk").first()


def _order(actor: User | None, service: ServiceRecord, line: Line, at: datetime, requested_date: date | None) -> Order:
    first = service.item.order
    site = Site(
        place_text=service.place_text,
        postcode=service.postcode,
        country=service.country,
        place=first.place,
        address=first.address,
        requested_date=requested_date,
        contact_name=first.contact_name,
        contact_phone=first.contact_phone,
        contact_email=first.contact_email,
        access_notes="" if line.action == "delete" else first.access_notes,
    )
    return create_order(
        actor=actor, organisation=service.organisation, customer=service.customer, lines=[line], site=site, at=at
    )


def adopt_unsolicited(*, endpoint: Endpoint, news: News, at: datetime) -> Order | None:
    """An order on our side for a cease that a partner makes by itself (R16); its owner is told by an event.

    The news names the partner's order and our live service there. None: we have no such service, or one order stands
    already. What the partner says of its order from then on finds it by its id.
    """
    ref, external_id = str(news.extra.get("service_ref") or ""), news.external_id
    if not ref or not external_id or Leg.objects.filter(endpoint=endpoint, external_id=external_id).exists():
        return None
    rows = ServiceRecord.objects.filter(operator=endpoint.operator_id, partner_ref=ref, state="active")
    rows = rows.filter(organisation=endpoint.organisation_id) if endpoint.organisation_id else rows
    with transaction.atomic():
        service = rows.select_for_update(of=("self",), no_key=True).order_by("pk").first()
        if service is None or Leg.objects.filter(endpoint=endpoint, external_id=external_id).exists():
            return None
        line = Line(offering=service.offering, action="delete", about=service)
        order = _order(None, service, line, at, None)
        owner = service.item.order.owner
        Order.objects.filter(pk=order.pk).update(owner=owner, external_id=f"unsolicited {external_id}"[:80])
        _take_over(order, endpoint, external_id, news, at)
        row = order.partner_orders.get()
        _tell(order, service, row, owner, at)
    return order


def _take_over(order: Order, endpoint: Endpoint, external_id: str, news: News, at: datetime) -> None:
    """The partner made it: it is at the partner from the first moment, and nothing is sent."""
    rows = PartnerOrder.objects.select_related("order", "operator", "item")
    row = rows.get(order=order)
    order.items.update(state="validated")
    order.partner_orders.update(state="validated")
    leg = open_leg(order, row, endpoint, at)
    Leg.objects.filter(pk=leg.pk).update(external_id=external_id)
    told: dict[str, Any] = {"text": news.text, "partner_ref": external_id, "extra": news.extra}
    moment = min(news.issued_at, at)
    fresh = {
        append(row, "SUBMITTED", key="submitted:1", at=at, source="system", issued_at=moment),
        append(row, "CREATED", key=news.dedupe_key, at=at, source="partner", issued_at=moment, **told),
    }
    settle(order, {row.pk}, {pk for pk in fresh if pk}, at)


def _tell(order: Order, service: ServiceRecord, row: PartnerOrder, owner: User | None, at: datetime) -> None:
    subject = f"order:{order.pk}"
    record(
        actor=None,
        subject=subject,
        verb="created for a cease by the partner",
        at=at,
        organisation_id=order.organisation_id,
        service=service.reference,
    )
    publish(
        "order.unsolicited",
        subject,
        at=at,
        organisation_id=order.organisation_id,
        order_id=order.pk,
        reference=order.reference,
        service_id=service.pk,
        partner_order_id=row.pk,
        operator_id=row.operator_id,
        owner_id=owner.pk if owner else None,
    )
