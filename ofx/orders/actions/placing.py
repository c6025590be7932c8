"""From a chosen offer to an order on its way."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.text import slugify

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.orders.decomposition import Line, Planned, decompose
from ofx.orders.models import Order, OrderItem, PartnerOrder
from ofx.orders.outbound import open_leg, outbound, told_by
from ofx.orders.pricing import Quote, quote
from ofx.orders.rechecking import recheck_order
from ofx.orders.refold import lock
from ofx.orders.settle import append, settle
from ofx.orders.validation import OrderInvalid, problems_of
from ofx.orders.vocabulary import ENDED
from partners.conversations import actions as conversations
from partners.conversations.routing import way_to
from partners.models import Address, Place

UNSENT = ("draft", "validated")
DELIVERED = ("completed", "accepted", "partial")


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where and for whom, as the form and the API give it."""

    place_text: str
    postcode: str
    country: str = "GB"
    place: Place | None = None
    address: Address | None = None
    requested_date: date | None = None
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    access_notes: str = ""

    def columns(self) -> dict[str, Any]:
        """The order's columns of the same names."""
        return dict(self.__dict__)


def own(actor: User | None, order: Order) -> None:
    """Raise PermissionDenied unless the actor may write orders of this order's tenant."""
    permit(actor, "order.write")
    if actor is not None and (actor.acting is None or actor.acting.organisation_id != order.organisation_id):
        raise PermissionDenied("This order belongs to another organisation.")


def create_customer(*, actor: User | None, organisation: Organisation, name: str, at: datetime) -> Organisation:
    """A customer of the tenant; one of the same name is taken as it is."""
    permit(actor, "order.write")
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        known = Organisation.objects.filter(kind="customer", provider=organisation, name__iexact=name).first()
        if known:
            return known
        slug = f"{slugify(name)[:45] or 'customer'}-{secrets.token_hex(4)}"
        customer = Organisation.objects.create(
            kind="customer", provider=organisation, name=name, slug=slug, country=organisation.country
        )
        subject = f"organisation:{customer.pk}"
        record(actor=actor, subject=subject, verb="created customer", at=at, organisation_id=organisation.pk, name=name)
    return customer


def create_order(
    *,
    actor: User | None,
    organisation: Organisation,
    customer: Organisation,
    lines: Sequence[Line],
    site: Site,
    at: datetime,
    ticked: Iterable[int] = (),
    idempotency_key: str = "",
    external_id: str = "",
) -> Order:
    """A draft with its items, those that rules add included. The same idempotency key gives the same order."""
    permit(actor, "order.write")
    if customer.provider_id != organisation.pk:
        raise PermissionDenied("This customer belongs to another service provider.")
    with transaction.atomic():
        if idempotency_key:
            _one_at_a_time(organisation, idempotency_key)
            known = Order.objects.filter(organisation=organisation, idempotency_key=idempotency_key).first()
            if known:
                return known
        number = _next_number()
        order = Order(
            pk=number,
            organisation=organisation,
            customer=customer,
            reference=f"OFX-{number:06d}",
            external_id=external_id,
            idempotency_key=idempotency_key,
            owner=actor,
            created_by=actor,
            created_at=at,
            holder="us",
            next_action="Finish and submit the order",
            **site.columns(),
        )
        order.save(force_insert=True)
        _write_items(order, decompose(organisation, lines, ticked), at)
        subject = f"order:{order.pk}"
        record(actor=actor, subject=subject, verb="created the order", at=at, organisation_id=organisation.pk)
        publish("product_order.draft", subject, at=at, organisation_id=organisation.pk, order_id=order.pk)
    return order


def _one_at_a_time(organisation: Organisation, key: str) -> None:
    """Two clicks with one key wait for each other until the first has committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"order:{organisation.pk}:{key}"])


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('orders_order', 'id'))")
        return int(cursor.fetchone()[0])


def _write_items(order: Order, plan: list[Planned], at: datetime) -> None:
    items = []
    for position, planned in enumerate(plan, start=1):
        price = quote(planned.line.offering, order.organisation, at.date())
        if planned.line.action == "delete":
            price = Quote(price.one_off * 0, price.monthly * 0, price.currency)
        items.append(
            OrderItem.objects.create(
                order=order,
                position=position,
                action=planned.line.action,
                offering=planned.line.offering,
                quantity=planned.line.quantity,
                characteristics=planned.line.characteristics,
                one_off=price.one_off,
                monthly=price.monthly,
                currency=price.currency,
                added_by_rule=planned.rule,
                changes_service=planned.line.about,
            )
        )
    for item, planned in zip(items, plan, strict=True):
        item.depends_on.set([items[number] for number in planned.after])
        _write_partner_order(order, item, at)
    _sum_up(order, items)


def _write_partner_order(order: Order, item: OrderItem, at: datetime) -> None:
    """One partner order an item; an item on our own network has one too, but no message ever leaves for it."""
    operator = item.offering.operator
    PartnerOrder.objects.create(
        organisation=order.organisation,
        order=order,
        item=item,
        operator=operator,
        # Partners keep this key for ever: the random part keeps two installations, or two lives of one, apart.
        our_key=f"{order.reference}-{item.position}-{secrets.token_hex(3)}",
        simulated=operator.provenance == "simulated",
        created_at=at,
        crd=order.requested_date,
        holder="us",
    )


def _sum_up(order: Order, items: Sequence[OrderItem]) -> None:
    order.value_monthly = sum((item.monthly * item.quantity for item in items), start=order.value_monthly * 0)
    order.currency = items[0].currency if items else order.currency
    order.simulated = any(item.offering.operator.provenance == "simulated" for item in items)
    order.save(update_fields=["value_monthly", "currency", "simulated"])


def revise_draft(
    *,
    actor: User | None,
    order: Order,
    customer: Organisation,
    lines: Sequence[Line],
    site: Site,
    at: datetime,
    ticked: Iterable[int] = (),
) -> Order:
    """Write a draft anew, prices of today included. Raises IllegalTransition once anything was sent."""
    own(actor, order)
    if customer.provider_id != order.organisation_id:
        raise PermissionDenied("This customer belongs to another service provider.")
    with transaction.atomic():
        order = lock(order.pk)
        _unsent(order)
        for name, value in {**site.columns(), "customer": customer, "state": "draft"}.items():
            setattr(order, name, value)
        order.save()
        order.items.all().delete()
        _write_items(order, decompose(order.organisation, lines, ticked), at)
        subject = f"order:{order.pk}"
        record(actor=actor, subject=subject, verb="changed the draft", at=at, organisation_id=order.organisation_id)
    return order


def _unsent(order: Order) -> None:
    if order.state not in UNSENT:
        raise IllegalTransition(f"order is {order.state}: it can no longer be changed here")


def refresh_prices(*, actor: User | None, order: Order, at: datetime) -> None:
    """Take today's prices into a draft."""
    own(actor, order)
    with transaction.atomic():
        order = lock(order.pk)
        _unsent(order)
        items = list(order.items.select_related("offering__operator"))
        for item in items:
            price = quote(item.offering, order.organisation, at.date())
            item.one_off, item.monthly, item.currency = price.one_off, price.monthly, price.currency
            item.save(update_fields=["one_off", "monthly", "currency"])
        _sum_up(order, items)
        subject = f"order:{order.pk}"
        record(actor=actor, subject=subject, verb="took new prices", at=at, organisation_id=order.organisation_id)


def validate_order(*, actor: User | None, order: Order, at: datetime) -> None:
    """draft → validated. Raises OrderInvalid with every problem, or IllegalTransition once it was sent."""
    own(actor, order)
    with transaction.atomic():
        order = lock(order.pk)
        _unsent(order)
        items = list(order.items.select_related("offering__operator"))
        problems = problems_of(order, items, at)
        if problems:
            raise OrderInvalid(problems)
        if order.state == "validated":
            return
        order.items.update(state="validated")
        order.partner_orders.update(state="validated", crd=order.requested_date)
        Order.objects.filter(pk=order.pk).update(state="validated", next_action="Submit the order")
        subject = f"order:{order.pk}"
        record(actor=actor, subject=subject, verb="validated the order", at=at, organisation_id=order.organisation_id)
        publish("product_order.validated", subject, at=at, organisation_id=order.organisation_id, order_id=order.pk)


def submit_order(*, actor: User | None, order: Order, at: datetime) -> Order:
    """Validate, then hand every item whose dependencies are done to its partner. A second click sends nothing more.

    Raises OrderInvalid, or IllegalTransition when the order has ended.
    """
    own(actor, order)
    warnings = recheck_order(order=order, at=at)
    with transaction.atomic():
        order = lock(order.pk)
        if order.closed_at or order.state in ENDED:
            raise IllegalTransition(f"order is {order.state}: it cannot be submitted")
        if order.submitted_at:
            return order
        validate_order(actor=actor, order=order, at=at)
        subject = f"order:{order.pk}"
        told = {"warnings": warnings} if warnings else {}
        record(
            actor=actor,
            subject=subject,
            verb="submitted the order",
            at=at,
            organisation_id=order.organisation_id,
            **told,
        )
        _send_due(order, at=at, actor=actor)
        order.refresh_from_db()
    return order


def send_waiting(*, order_id: int, at: datetime) -> int:
    """Send the items whose dependencies are done by now. Returns how many were sent."""
    with transaction.atomic():
        order = lock(order_id)
        if order.closed_at or not order.submitted_at:
            return 0
        return _send_due(order, at=at, actor=None)


def release_item(*, actor: User | None, partner_order: PartnerOrder, at: datetime) -> None:
    """Send an item although the one that it waits for is not done."""
    with transaction.atomic():
        order = lock(partner_order.order_id)
        own(actor, order)
        row = _rows(order).get(pk=partner_order.pk)
        if row.state != "validated" or not order.submitted_at:
            raise IllegalTransition(f"partner order is {row.state}: it is not waiting for another item")
        subject = f"partner_order:{row.pk}"
        record(actor=actor, subject=subject, verb="sent without waiting", at=at, organisation_id=order.organisation_id)
        settle(order, {row.pk}, _hand_over(order, row, at, actor), at)


def _rows(order: Order) -> Any:
    wanted = ("item__offering", "operator", "order__customer", "order__address", "order__organisation")
    return order.partner_orders.select_related(*wanted).prefetch_related("item__depends_on")


def _send_due(order: Order, *, at: datetime, actor: User | None) -> int:
    rows = list(_rows(order).order_by("item__position"))
    states = {row.item_id: row.state for row in rows}
    due = [
        row
        for row in rows
        if row.state == "validated" and all(states[need.pk] in DELIVERED for need in row.item.depends_on.all())
    ]
    fresh: set[int] = set()
    for row in due:
        fresh |= _hand_over(order, row, at, actor)
    if due:
        settle(order, {row.pk for row in due}, fresh, at)
    return len(due)


def _hand_over(order: Order, row: PartnerOrder, at: datetime, actor: User | None) -> set[int]:
    """The SUBMITTED fact, and the message. Our own network gets none; an operator without a way is told by people."""
    on_net = row.operator.on_net_of_id == order.organisation_id
    endpoint = None if on_net else way_to(operator=row.operator, organisation=order.organisation, at=at)
    values = {
        "crd": row.crd.isoformat() if row.crd else None,
        "on_net": on_net or None,
        "by_hand": (endpoint is None and not on_net) or None,
    }
    fact = append(row, "SUBMITTED", key="submitted:1", at=at, actor=actor, **values)
    if fact is None:
        return set()
    if endpoint is not None:
        if endpoint.simulated and not row.simulated:
            row.simulated = True
            row.save(update_fields=["simulated"])
            Order.objects.filter(pk=order.pk).update(simulated=True)
        leg = open_leg(order, row, endpoint, at)
        told = outbound(row, recipients=told_by(endpoint))
        conversations.send(leg=leg, verb="create", order=told, at=at, actor=actor)
    return {fact}
