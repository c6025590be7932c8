"""Find an order, customer, operator or place by any id, name or postcode: the global search box."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from ofx.core.models import Organisation
from ofx.orders.models import Order, PartnerOrder, ServiceRecord
from partners.coverage.normalise import BadPlace, display, normalise
from partners.models import Operator, Place
from ticketing.tickets.models import PartnerTicket, Ticket

LIMIT = 5


@dataclass(frozen=True)
class Hit:
    """One thing found: what it is, its name, a detail, where it lives, and whether the text names exactly it."""

    kind: str
    icon: str
    label: str
    detail: str
    url: str
    exact: bool = False


def find(user: Any, text: str) -> list[Hit]:
    """At most LIMIT hits a kind among what the user may see, exact ones first. `text` is what the person typed."""
    text = text.strip()[:100]
    if len(text) < 2:
        return []
    hits = [
        *_orders(user, text),
        *_tickets(user, text),
        *_services(user, text),
        *_operators(user, text),
        *_customers(user, text),
    ]
    hits += _places(user, text)
    return sorted(hits, key=lambda hit: not hit.exact)


def _orders(user: Any, text: str) -> list[Hit]:
    key = text.upper()
    named = Q(reference=key) | Q(external_id=text)
    partner = PartnerOrder.objects.visible_to(user).filter(Q(our_key=text) | Q(partner_ref=text)).values("order_id")
    rows = Order.objects.visible_to(user).filter(named | Q(pk__in=partner)).select_related("customer")
    if key.startswith("OFX-") and len(key) > 6:
        rows = rows | Order.objects.visible_to(user).filter(reference__startswith=key).select_related("customer")
    return [
        Hit(
            "Order",
            "package",
            row.reference,
            f"{row.customer} · {row.place_text}",
            row.get_absolute_url(),
            row.reference == key,
        )
        for row in rows.order_by("-created_at")[:LIMIT]
    ]


def _tickets(user: Any, text: str) -> list[Hit]:
    key = text.upper()
    rows = Ticket.objects.visible_to(user)
    if key.startswith("TT-") and len(key) > 5:
        found = rows.filter(reference__gte=key, reference__lt=key + "\uffff")
    else:
        partner = PartnerTicket.objects.visible_to(user).filter(Q(our_key=text) | Q(partner_ref=text))
        known = [*partner.values_list("ticket_id", flat=True)[:LIMIT]]
        found = rows.filter(Q(external_id=text) | Q(pk__in=known))
    return [
        Hit("Fault", "ticket", row.reference, row.title, row.get_absolute_url(), row.reference == key)
        for row in found.order_by("-created_at")[:LIMIT]
    ]


def _services(user: Any, text: str) -> list[Hit]:
    rows = ServiceRecord.objects.visible_to(user).filter(Q(reference=text.upper()) | Q(partner_ref=text))
    return [
        Hit("Service", "plug-connected", row.reference, row.place_text, f"/services/{row.reference}/", True)
        for row in rows[:LIMIT]
    ]


def _operators(user: Any, text: str) -> list[Hit]:
    rows = Operator.objects.visible_to(user).filter(Q(name__icontains=text) | Q(code=text.lower()))
    return [
        Hit("Operator", "building", row.name, row.country, f"/operators/{row.code}/", row.name.lower() == text.lower())
        for row in rows[:LIMIT]
    ]


def _customers(user: Any, text: str) -> list[Hit]:
    rows = Organisation.objects.visible_to(user).filter(kind="customer")
    rows = rows.filter(Q(name__icontains=text) | Q(account_number=text))
    url = reverse("orders") if user.acting else ""
    return [
        Hit(
            "Customer",
            "users",
            row.name,
            row.account_number or "their orders",
            f"{url}?{urlencode({'customer': row.name})}",
            row.name.lower() == text.lower(),
        )
        for row in rows.order_by("name")[:LIMIT]
    ]


def _places(user: Any, text: str) -> list[Hit]:
    if user.acting is None or user.acting.organisation.kind != "service_provider":
        return []
    hits = []
    for country in dict.fromkeys((user.acting.organisation.country, "GB", "US")):
        try:
            code = normalise(country, text).code
        except BadPlace:
            continue
        for row in Place.objects.filter(country=country, code=code):
            url = f"{reverse('search')}?{urlencode({'q': display(country, row.code), 'country': country})}"
            hits.append(Hit("Place", "map-pin", display(country, row.code), "who serves it", url, True))
    return hits
