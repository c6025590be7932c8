"""Orders as the simulated partners would show them after each step of a scenario, without any process."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.changes import EFFECTS
from sandbox.dialects import DIALECTS, render
from sandbox.lifecycle import Order, World, accept_charge, receive
from sandbox.scenarios import STEPS

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def play(partner: str, scenario: str, seed: int = 1, answer_charge: bool = False) -> list[dict[str, Any]]:
    """The order's shape after each step, oldest first."""
    dialect, rng = DIALECTS[partner], random.Random(seed)
    order = Order(
        number=1,
        id=dialect.order_id(1),
        external_id="OFX-1",
        scenario=scenario,
        request={"externalId": "OFX-1", "productOrderItem": [{"id": "1", "action": "add"}]},
        order_date="2026-03-02T09:00:00.000000Z",
    )
    at, shown = START, []

    def world() -> World:
        return World(at, rng, frozenset(dialect.reasons))

    receive(order, world())
    shown.append(render(order, dialect, partner, f"/{order.id}"))
    for days, effect in STEPS[scenario]:
        at += timedelta(days=days)
        if effect == "charge_timeout" and answer_charge:
            accept_charge(order, world())
        elif not order.ended:
            EFFECTS[effect](order, world())
        shown.append(render(order, dialect, partner, f"/{order.id}"))
    return shown
