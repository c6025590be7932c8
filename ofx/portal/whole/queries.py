"""What each 360° page reads. Every read is bounded and served by an index, so that size does not matter."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from ofx.core.models import Event, Membership
from ofx.orders.models import Appointment, Charge, Order, OrderItem, PartnerOrder, ServiceRecord
from ofx.orders.watching import SENTENCES, sentence
from ofx.portal.home.queries import News
from partners.coverage.normalise import display
from partners.models import Leg, Message, Operator

MOST = 10
LATEST_ORDERS = 30  # whose messages and news are shown


@dataclass(frozen=True)
class Site:
    """A postcode of a country where the tenant has orders or services."""

    country: str
    postcode: str


def orders_of(user: Any, kind: str, thing: Any) -> QuerySet[Order]:
    """The orders that a page is about."""
    rows = Order.objects.visible_to(user).select_related("customer")
    if kind == "customer":
        return rows.filter(customer=thing)
    if kind == "site":
        return rows.filter(country=thing.country, postcode=thing.postcode)
    if kind == "service":
        changes = OrderItem.objects.filter(changes_service=thing).values_list("order", flat=True)[:LATEST_ORDERS]
        return rows.filter(pk__in={thing.item.order_id, *changes})  # an OR over the joins would read every order
    return rows.filter(partner_orders__operator=thing)


def services_of(user: Any, kind: str, thing: Any) -> QuerySet[ServiceRecord]:
    """The services that a page is about."""
    rows = ServiceRecord.objects.visible_to(user).select_related("offering", "operator", "customer")
    if kind == "customer":
        return rows.filter(customer=thing)
    if kind == "site":
        at_place = orders_of(user, kind, thing).order_by().values("pk")
        return rows.filter(item__order__in=at_place)
    return rows.filter(operator=thing)


def parts_of(orders: list[Order]) -> list[PartnerOrder]:
    """The partner orders of some orders."""
    return list(PartnerOrder.objects.filter(order__in=orders).select_related("operator"))


def messages_of(parts: list[PartnerOrder]) -> list[Message]:
    """The newest messages with partners about these partner orders, without their bytes."""
    legs = Leg.objects.filter(our_key__in=[part.our_key for part in parts]).values("pk")
    rows = Message.objects.filter(leg__in=legs).exclude(state="duplicate").select_related("endpoint")
    return list(rows.defer("raw", "wire", "answer", "headers", "canonical").order_by("-created_at", "-pk")[:MOST])


def news_of(user: Any, orders: list[Order], parts: list[PartnerOrder]) -> list[News]:
    """What happened to these orders lately."""
    subjects = [f"partner_order:{part.pk}" for part in parts]
    rows = Event.objects.visible_to(user).filter(subject__in=subjects, name__in=SENTENCES).order_by("-at", "-pk")
    names: dict[Any, Operator] = {part.operator_id: part.operator for part in parts}
    by_pk = {order.pk: order for order in orders}
    found = []
    for event in rows[:MOST]:
        order = by_pk.get(event.payload.get("order_id"))
        if order is not None:
            words = sentence(event, names.get(event.payload.get("operator_id")))
            found.append(News(event.at, order.reference, order.get_absolute_url(), words))
    return found


def appointments_of(user: Any, kind: str, thing: Any) -> QuerySet[Appointment]:
    """The visits that a page is about."""
    rows = Appointment.objects.visible_to(user).select_related("operator", "partner_order__order")
    if kind == "customer":
        return rows.filter(customer=thing)
    if kind == "site":
        return rows.filter(partner_order__order__in=orders_of(user, kind, thing).order_by().values("pk"))
    if kind == "service":
        return rows.filter(partner_order__order__in=orders_of(user, kind, thing).order_by().values("pk"))
    return rows.filter(operator=thing)


def charges_of(user: Any, kind: str, thing: Any) -> QuerySet[Charge]:
    """The extra charges that a page is about."""
    rows = Charge.objects.visible_to(user).select_related("partner_order__operator", "partner_order__order")
    if kind == "operator":
        return rows.filter(partner_order__operator=thing)
    return rows.filter(partner_order__order__in=orders_of(user, kind, thing).order_by().values("pk"))


def sites_of(user: Any, customer: Any) -> list[dict[str, Any]]:
    """Where a customer has services or open orders, most services first."""
    rows: Any = Order.objects.visible_to(user).filter(customer=customer).order_by()
    found = rows.values("country", "postcode").annotate(n=Count("pk"), going=Count("pk", filter=Q(closed_at=None)))
    sites = list(found.order_by("-n", "postcode")[:MOST])
    return [{**site, "shown": display(site["country"], site["postcode"])} for site in sites]


def people_of(customer: Any) -> QuerySet[Membership]:
    """Who of the customer may sign in."""
    rows = Membership.objects.filter(organisation=customer, user__is_active=True).select_related("user")
    return rows.order_by("user__name", "user__email")
