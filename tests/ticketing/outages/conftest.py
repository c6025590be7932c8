"""Services in one sector, and what runs on its own in the product: jobs and subscribers."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.events.actions import handle_due
from ofx.orders.models import Order, OrderItem, ServiceRecord
from partners.models import Operator
from tests.conftest import AT, agreement, offering, operator, organisation, person, place
from ticketing.outages import actions, running
from ticketing.outages.models import Outage, OutageJob
from ticketing.tickets import actions as tickets
from ticketing.tickets.models import Ticket

SECTOR = "SW1A1"


@pytest.fixture
def net(world: SimpleNamespace) -> SimpleNamespace:
    """Two operators at one sector; `net.services(5)` makes live services, each of a customer of its own."""
    world.north, world.south = world.northfibre, operator("southlink", "Southlink")
    world.fttp = {op.pk: offering(op, f"{op.code}-500") for op in (world.north, world.south)}
    for op in (world.north, world.south):
        agreement(world.brightwave, op)
    for number in range(3):
        place(f"SW1A1A{chr(65 + number)}", lat=51.5 + number / 100)
    world.count = 0

    def services(
        n: int, *, op: Operator | None = None, code: str = "SW1A1AA", user: bool = True, **fields: Any
    ) -> list:
        return [_service(world, op or world.north, code, user, fields) for _ in range(n)]

    world.services = services
    return world


def _service(world: Any, op: Operator, code: str, user: bool, fields: dict[str, Any]) -> ServiceRecord:
    world.count += 1
    number = world.count
    customer = fields.get("customer") or organisation("customer", f"Customer {number}", provider=world.brightwave)
    if user and not fields.get("customer"):
        person(f"person{number}@example.com", customer, "user")
    order = Order.objects.create(
        organisation=world.brightwave, customer=customer, reference=f"OFX-9{number:05d}", created_at=AT,
        place_text=f"{number} Example Street", postcode=code, contact_email=fields.get("contact", ""),
    )  # fmt: skip
    item = OrderItem.objects.create(order=order, position=1, offering=world.fttp[op.pk])
    return ServiceRecord.objects.create(
        organisation=world.brightwave, customer=customer, reference=f"SVC-9{number:05d}", item=item, operator=op,
        offering=world.fttp[op.pk], partner_ref=f"NF-{number}", place_text=f"{number} Example Street", postcode=code,
        active_from=AT - timedelta(days=200),
    )  # fmt: skip


def fault(world: Any, service: ServiceRecord, minutes: float = 0, **fields: Any) -> Ticket:
    """A fault reported so many minutes after the start."""
    values = {"title": "No internet", "fault_class": "no_connection", "impact": "down", "channel": "phone", **fields}
    return tickets.open_ticket(
        actor=world.alice, at=AT + timedelta(minutes=minutes), organisation=world.brightwave, service=service, **values
    )


def settle(minutes: float = 60) -> None:
    """Run subscribers and jobs until nothing is left, as worker and sweeps do."""
    at = AT + timedelta(minutes=minutes)
    for _ in range(20):
        ran = 0
        while more := handle_due(older_than=timedelta(seconds=-1)):
            ran += more
        for pk in OutageJob.objects.exclude(state="done").values_list("pk", flat=True):
            ran += running.run(pk, lambda: at)
        if not ran:
            return


@pytest.fixture
def declared(net: SimpleNamespace) -> Callable[..., Outage]:
    """An open outage of the sector at Northfibre, declared by Alice, told to everybody."""

    def make(minutes: float = 0, **fields: Any) -> Outage:
        values = {"title": "No internet in SW1A 1", "keys": [("sector", SECTOR)], "operator": net.north, **fields}
        row = actions.declare(
            actor=net.alice, at=AT + timedelta(minutes=minutes), organisation=net.brightwave, **values
        )
        settle(minutes)
        row.refresh_from_db()
        return row

    return make
