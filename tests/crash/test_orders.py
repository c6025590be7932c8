"""The same murder with whole orders: placed by the desk, two partners each, folded from what comes back."""

import random
import time
from datetime import timedelta
from typing import Any

import pytest

from ofx.core.calendars.actions import publish_calendar
from ofx.core.clock import now
from ofx.core.events.models import Event, Failing
from ofx.orders import actions
from ofx.orders.models import Fact, Order, PartnerOrder, ServiceRecord
from partners.models import Operator
from tests.conftest import AT, agreement, offering, place
from tests.crash.harness import FAULTS, Stage, audit
from tests.crash.test_crash import PARTNERS, endpoints, settled, stage, where
from tests.ofx.orders.conftest import CODE, serve

__all__ = ["stage"]
pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]
STATES = {"completed": {"completed", "accepted"}, "rejected": {"rejected"}, "cancelled": {"cancelled"}}


def shelf(world: Any) -> dict[str, Any]:
    """An offer of every partner at one postcode, under an agreement."""
    publish_calendar(code="england-wales", at=AT, first_year=2026, last_year=2028)
    world.place = place(CODE)
    made = {}
    for name in PARTNERS:
        op = Operator.objects.get(code=name)
        agreement(world.brightwave, op)
        serve(op, "FTTP")
        made[name] = offering(op, f"{name}-500")
    return made


def order_two(world: Any, shelf: dict[str, Any], first: str, second: str) -> Order:
    """Alice orders a line from each of two partners."""
    made = actions.create_order(
        actor=world.alice,
        organisation=world.brightwave,
        customer=world.harbour,
        lines=[actions.Line(offering=shelf[first]), actions.Line(offering=shelf[second])],
        site=actions.Site(
            place_text="1 Example Street, SW1A 1AA",
            postcode=CODE,
            place=world.place,
            contact_name="Paula Placeholder",
            contact_phone="020 7946 0000",
            requested_date=(now() + timedelta(days=120)).date(),
        ),
        at=now(),
    )
    return actions.submit_order(actor=world.alice, order=made, at=now())


def done() -> bool:
    """Everything sent, read, handled and folded."""
    return settled() and not Event.objects.filter(settled=False).exists()


def told() -> dict[str, list[dict[str, Any]]]:
    """Our key → the partner's facts on that order."""
    facts: dict[str, list[dict[str, Any]]] = {}
    rows = Fact.objects.filter(source="partner").select_related("partner_order").order_by("pk")
    for row in rows:
        facts.setdefault(row.partner_order.our_key, []).append(
            {
                "external_id": row.data.get("external_id", ""),
                "sequence": row.sequence,
                "issued_at": row.issued_at.isoformat(),
                "update_type": row.update_type,
                "milestone": row.data.get("milestone", ""),
            }
        )
    return facts


def states_agree(stage: Stage) -> None:
    """Every partner order stands where its partner says, and every finished line is a service."""
    for name in PARTNERS:
        for there in stage.sandbox.orders(name):
            row = PartnerOrder.objects.get(our_key=there["externalId"])
            assert row.operator.code == name
            assert row.partner_ref == there["id"]
            assert row.state in STATES[there["state"]], f"{name} {there['id']}: {there['state']}, ours {row.state}"
    finished = PartnerOrder.objects.filter(state__in=["completed", "accepted"])
    assert ServiceRecord.objects.count() == finished.count()
    assert not Failing.objects.exists()


def test_orders_over_two_partners_each_arrive_whatever_is_killed(
    world: Any, stage: Stage, pytestconfig: pytest.Config
) -> None:
    number = max(6, pytestconfig.getoption("--crash-orders") // 3)
    rng = random.Random(20260303)
    stage.sandbox.control("faults", {"partner": "*", **FAULTS})
    endpoints(world, stage)
    offers = shelf(world)
    stage.broker.start()
    stage.web()
    stage.workers()
    stage.wait_for_web()
    orders = [order_two(world, offers, *rng.sample(PARTNERS, 2)) for _ in range(number)]
    stage.murder(max(8.0, number * 0.1), rng, broker=True)
    stage.finish(done, 120 + number * 4, where)
    placed = list(PartnerOrder.objects.values_list("operator__code", "our_key"))
    keys = {name: {key for code, key in placed if code == name} for name in PARTNERS}
    assert sum(len(mine) for mine in keys.values()) == 2 * len(orders)
    end = time.monotonic() + 20
    while True:
        try:
            for name in PARTNERS:
                audit(stage.sandbox, name, keys[name], told())
            states_agree(stage)
            return
        except AssertionError as error:
            if time.monotonic() > end or "not exactly once" in str(error):
                raise
            time.sleep(0.5)
            stage.finish(done, 30, where)
