"""Who is calling? A name, phone, postcode, reference or service → the customer, the service, what is open."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from ofx.core.models import Membership, Organisation
from ofx.orders.filters import POSTCODE, compact, starting
from ofx.orders.models import Order, ServiceRecord
from ofx.orders.models.order import PHONE_DIGITS, last_digits
from ticketing.tickets.filters import search_tickets
from ticketing.tickets.models import Ticket

MOST = 8  # customers shown
EACH = 6  # services, orders and tickets of each
LOOKED_AT = 40
PHONE = re.compile(r"^[+()\d\s./-]{6,}$")
Hit = tuple[int, str, dict[str, str], int | None]  # customer, why, contact, service


@dataclass
class Caller:
    """A customer that it may be, with what is open there."""

    customer: Organisation
    why: str
    contact: dict[str, str] = field(default_factory=dict)
    services: list[ServiceRecord] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)

    @property
    def asked(self) -> str:
        """Who calls, as parameters of the new ticket's page."""
        return urlencode({"customer": self.customer.slug, **self.contact})

    def ticket_of(self, service: ServiceRecord) -> Ticket | None:
        """An open ticket of the service."""
        return next((row for row in self.tickets if row.service_id == service.pk), None)


def digits(text: str) -> str:
    """The last digits of a telephone number."""
    return re.sub(r"\D", "", text)[-PHONE_DIGITS:]


def look_up(user: Any, text: str) -> list[Caller]:
    """At most MOST customers that the text may mean, the surest first. A constant number of queries."""
    text = text.replace("\x00", "").strip()[:100]
    if len(text) < 2:
        return []
    found: dict[int, tuple[str, dict[str, str]]] = {}
    chosen: set[int] = set()
    for customer, why, contact, service in _hits(user, text):
        found.setdefault(customer, (why, contact))
        if service:
            chosen.add(service)
        if len(found) >= MOST:
            break
    return _filled(user, found, chosen)


def _hits(user: Any, text: str) -> list[Hit]:
    """(customer, why, contact, service) by what the text looks like, the surest kind first."""
    if PHONE.match(text) and len(digits(text)) >= 6:
        return _by_phone(user, text)
    found = [*_by_reference(user, text), *_by_postcode(user, text)]
    return found or _by_name(user, text)


def _by_phone(user: Any, text: str) -> list[Hit]:
    wanted = digits(text)
    hits: list[Hit] = []
    for model in (Ticket, Order):
        rows: Any = model.objects.visible_to(user).annotate(plain=last_digits("contact_phone"))  # type: ignore[attr-defined]
        rows = (
            rows.exclude(contact_phone="")
            .filter(plain=wanted, customer__isnull=False)
            .order_by("-created_at")[:LOOKED_AT]
        )
        hits += [(row.customer_id, "by phone", _contact(row), getattr(row, "service_id", None)) for row in rows]
    return hits


def _contact(row: Any) -> dict[str, str]:
    return {"name": row.contact_name, "phone": row.contact_phone, "email": row.contact_email}


def _by_reference(user: Any, text: str) -> list[Hit]:
    key = compact(text)
    hits: list[Hit] = []
    services = ServiceRecord.objects.visible_to(user).filter(Q(reference=key) | Q(partner_ref=text))
    hits += [(row.customer_id, f"service {row.reference}", {}, row.pk) for row in services[:LOOKED_AT]]
    orders = Order.objects.visible_to(user).filter(Q(reference=key) | Q(external_id=text))
    hits += [(row.customer_id, f"order {row.reference}", _contact(row), None) for row in orders[:LOOKED_AT]]
    if key.startswith("TT") or not hits:
        rows = search_tickets(Ticket.objects.visible_to(user), text) if key.startswith("TT") else _external(user, text)
        tickets = rows.filter(customer__isnull=False).order_by("-created_at")[:LOOKED_AT]
        hits += [
            (row.customer_id, f"ticket {row.reference}", _contact(row), row.service_id)
            for row in tickets
            if row.customer_id
        ]
    accounts = Organisation.objects.visible_to(user).filter(kind="customer", account_number=text)
    return hits + [(row.pk, f"account {text}", {}, None) for row in accounts[:LOOKED_AT]]


def _external(user: Any, text: str) -> QuerySet[Ticket]:
    return Ticket.objects.visible_to(user).filter(external_id=text)


def _by_postcode(user: Any, text: str) -> list[Hit]:
    code = compact(text)
    if not POSTCODE.match(code):
        return []
    rows = ServiceRecord.objects.visible_to(user).filter(starting("postcode", code), state="active")
    hits: list[Hit] = [(row.customer_id, f"service at {row.postcode}", {}, row.pk) for row in rows[:LOOKED_AT]]
    orders = Order.objects.visible_to(user).filter(starting("postcode", code)).order_by("-created_at")[:LOOKED_AT]
    return hits + [(row.customer_id, f"order at {row.postcode}", _contact(row), None) for row in orders]


def _by_name(user: Any, text: str) -> list[Hit]:
    customers = Organisation.objects.visible_to(user).filter(kind="customer")
    named = customers.filter(name__icontains=text).order_by("name")[:MOST]
    hits: list[Hit] = [(row.pk, "by name", {}, None) for row in named]
    people = Membership.objects.filter(organisation__in=customers.values("pk"), user__is_active=True)
    people = people.filter(Q(user__name__icontains=text) | Q(user__email__iexact=text)).select_related("user")
    for row in people[:MOST]:
        contact = {"name": row.user.name, "email": row.user.email}
        hits.append((row.organisation_id, f"{row.user.name or row.user.email} works there", contact, None))
    tickets = Ticket.objects.visible_to(user).open().filter(contact_name__icontains=text, customer__isnull=False)
    contacts = tickets.order_by("-created_at")[:MOST]
    return hits + [
        (row.customer_id, "contact of a ticket", _contact(row), row.service_id) for row in contacts if row.customer_id
    ]


def _filled(user: Any, found: dict[int, tuple[str, dict[str, str]]], chosen: set[int]) -> list[Caller]:
    """The customers with their services (those that the text named first), open orders and open tickets."""
    customers = Organisation.objects.visible_to(user).in_bulk(list(found))
    callers = {
        pk: Caller(customers[pk], why, {name: value for name, value in contact.items() if value})
        for pk, (why, contact) in found.items()
        if pk in customers
    }
    services = (
        ServiceRecord.objects.visible_to(user).filter(customer__in=callers).select_related("offering", "operator")
    )
    named = list(services.filter(pk__in=chosen))
    others = services.filter(state="active").exclude(pk__in=chosen).order_by("-active_from")[: LOOKED_AT * 2]
    for service in [*named, *others]:
        _put(callers[service.customer_id].services, service)
    orders = Order.objects.visible_to(user).filter(customer__in=callers, closed_at=None).order_by("-created_at")
    for order in orders[: LOOKED_AT * 2]:
        _put(callers[order.customer_id].orders, order)
    by_customer: dict[int, list[Ticket]] = defaultdict(list)
    tickets = Ticket.objects.visible_to(user).open().filter(customer__in=callers).order_by("priority", "-created_at")
    for ticket in tickets[: LOOKED_AT * 2]:
        by_customer[ticket.customer_id or 0].append(ticket)
    for pk, rows in by_customer.items():
        callers[pk].tickets = rows[: EACH * 2]
    for caller in callers.values():
        for service in caller.services:
            service.open_ticket = caller.ticket_of(service)  # type: ignore[attr-defined]
    return list(callers.values())


def _put(rows: list[Any], row: Any) -> None:
    if len(rows) < EACH:
        rows.append(row)
