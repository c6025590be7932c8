"""A postcode sector full of services, and the day its cabinet burns: what the outage story begins with.

Runs in the product's environment: `manage.py shell -c "from tests.browser.sector import prepare; prepare()"`.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count

from ofx.core.clock import now
from ofx.core.models import Organisation, User
from ofx.orders.actions import create_customer
from ofx.orders.models import Order, OrderItem, ServiceRecord
from partners.models import Offering, Operator
from ticketing.outages.models import Outage, OutageReceipt
from ticketing.tickets.actions import open_ticket

CALLERS, OTHERS = 12, 40
STEP = timedelta(seconds=50)  # between two calls: the twelve come within ten minutes


def prepare() -> None:
    """52 customers of Northfibre in one sector, Harbour Books among those who do not call; twelve call.

    Prints, as JSON, the sector, the partner's ids of the services and which of them are the callers'.
    """
    at = now()
    alice = User.objects.get(email="alice@example.com")
    mine = alice.acting.organisation  # type: ignore[union-attr]
    sector = next(f"LD{n}9" for n in range(1, 90) if not ServiceRecord.objects.filter(postcode__startswith=f"LD{n}9"))
    with transaction.atomic():
        services = [_service(alice, mine, sector, number, at) for number in range(CALLERS + OTHERS)]
        for number, service in enumerate(services[:CALLERS]):
            _call(alice, service, at - STEP * (CALLERS - 1 - number))
    refs = [service.partner_ref for service in services]
    print(json.dumps({"sector": sector, "refs": refs, "references": [service.reference for service in services]}))


def _service(alice: User, mine: Organisation, sector: str, number: int, at: datetime) -> ServiceRecord:
    name = "Harbour Books" if number == CALLERS else f"Candle Shop {sector} {number:02d}"
    customer = create_customer(actor=alice, organisation=mine, name=name, at=at)
    code = f"{sector}{'ABDEFGHJLN'[number % 10]}A"
    offering = Offering.objects.filter(operator__code="northfibre", kind="broadband").earliest("pk")
    north = Operator.objects.get(code="northfibre")
    order = Order.objects.create(
        organisation=mine, customer=customer, reference=f"OFX-{sector}{number:02d}", state="accepted", created_at=at,
        place_text=f"{number + 1} Wick Street, {code}", postcode=code,
        contact_email=f"candle-{sector}-{number:02d}@example.com".lower(),
    )  # fmt: skip
    item = OrderItem.objects.create(order=order, position=1, action="add", offering=offering, currency="GBP")
    return ServiceRecord.objects.create(
        organisation=mine, customer=customer, reference=f"SVC-{sector}{number:02d}", item=item, operator=north,
        offering=offering, partner_ref=f"NF-{sector}-{number:02d}", place_text=order.place_text, postcode=code,
        active_from=at - timedelta(days=200),
    )  # fmt: skip


def _call(alice: User, service: ServiceRecord, at: datetime) -> None:
    open_ticket(
        actor=alice, at=at, organisation=service.organisation, service=service, title="No internet at all",
        fault_class="no_connection", impact="down", channel="phone",
        contact={"name": "Wanda Wick", "phone": "01632 960000", "email": f"wanda-{service.pk}@example.com"},
    )  # fmt: skip


def receipts(reference: str) -> None:
    """Print, as JSON, who was told: update → customers who had not called, callers, parties; and anybody told twice."""
    outage = Outage.objects.get(reference=reference)
    called = set(outage.children.filter(ticket__channel="phone").values_list("customer_id", flat=True))
    told: dict[int, dict[str, int]] = {}
    for update in outage.updates.order_by("number"):
        rows = OutageReceipt.objects.filter(update=update)
        people = set(rows.exclude(channel="system").values_list("customer_id", flat=True))
        told[update.number] = {
            "not_called": len(people - called), "called": len(people & called),
            "mails": rows.filter(channel="mail").count(), "parties": rows.filter(channel="system").count(),
        }  # fmt: skip
    twice: Any = OutageReceipt.objects.filter(update__outage=outage, channel="mail").values("update", "recipient")
    repeated = twice.annotate(n=Count("pk")).filter(n__gt=1).count()
    print(json.dumps({"told": told, "twice": repeated}))
