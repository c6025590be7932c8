"""Workers, web, scheduler and broker are killed with SIGKILL at random while partners lose answers, fail, repeat and
reorder. At the end the partners' own journals are counted (issue, done when 5)."""

import random
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from ofx.core.clock import now
from ofx.core.models import Event
from partners.conversations import actions
from partners.models import Endpoint, Leg, Message, Operator
from sandbox.process import Running
from tests.conftest import operator
from tests.crash.harness import FAULTS, Stage, audit
from tests.partners.conversations.conftest import order

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]
PARTNERS = ("northfibre", "southlink", "eastwave", "mailtel")
WEIGHTS = {"clean": 5, "delay": 3, "held_customer": 1, "appointment_missed": 1, "rejected": 1, "unknown_code": 1}


@pytest.fixture
def seed() -> int:
    """The same every time; another one by hand when hunting."""
    return 20260302


@pytest.fixture
def stage(tmp_path: Path, transactional_db: Any) -> Iterator[Stage]:
    """A sandbox with faults on, and a stage around it. All is killed at the end."""
    with Running(tmp_path / "sandbox-home", day_seconds=0.15) as sandbox:
        sandbox.control("weights", {"partner": "*", "weights": WEIGHTS})
        made = Stage(tmp_path, sandbox)
        yield made
        made.close()


def endpoints(world: Any, stage: Stage) -> dict[str, Endpoint]:
    """One shared endpoint a partner. Northfibre is heard by webhook alone, Southlink and Mailtel by polling alone."""
    made = {}
    for name in PARTNERS:
        partner = stage.sandbox.config.partner(name)
        made[name] = Endpoint.objects.create(
            operator=Operator.objects.filter(code=name).first() or operator(name),
            kind=partner.kind,
            dialect=name,
            name=partner.name,
            base_url=f"{stage.sandbox.url}{partner.base_path}" if partner.base_path else "",
            address=partner.address,
            token=partner.token,
            inbound_key=f"crash-{name}-{uuid.uuid4().hex}",
            inbound_secret=partner.webhook_secret,
            simulated=True,
            timeout_seconds=1,
            poll_seconds=1,
            rate_per_minute=60_000,
        )
    return made


def place(world: Any, ways: dict[str, Endpoint], numbers: range, rng: random.Random) -> dict[str, set[str]]:
    """Orders of two tenants over all partners; a third is amended at once. Returns our keys by partner."""
    keys: dict[str, set[str]] = {name: set() for name in ways}
    for index in numbers:
        name, key = PARTNERS[index % len(PARTNERS)], f"CR-{index:05d}"
        leg = actions.open_leg(
            organisation=world.brightwave if index % 3 else world.cobalt,
            case=f"case:{key}",
            subject=f"case:{key}",
            endpoint=ways[name],
            our_key=key,
            at=now(),
            simulated=True,
        )
        actions.send(leg=leg, verb="create", order=order(key, simulated=True), at=now(), actor=None)
        if rng.random() < 0.33:
            changed = order(key, changes={"requested_date": "2031-05-05"})
            actions.send(leg=leg, verb="amend", order=changed, at=now(), actor=None)
        keys[name].add(key)
    return keys


def told() -> dict[str, list[dict[str, Any]]]:
    """Our key → the distinct news that reached it, in the order of its first arrival."""
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for event in Event.objects.filter(name="message.received").order_by("pk"):
        for news in event.payload["news"]:
            assert event.payload["leg_subject"] == f"case:{event.payload['our_key']}"
            seen.setdefault((event.payload["our_key"], news["dedupe_key"]), news)
    facts: dict[str, list[dict[str, Any]]] = {}
    for (key, _), news in seen.items():
        facts.setdefault(key, []).append(news)
    return facts


def settled() -> bool:
    """Everything sent, everything read, every case at its end."""
    waiting = Message.objects.filter(state__in=["queued", "stored"]).exists()
    return not waiting and not Leg.objects.filter(closed_at=None).exists()


def where() -> dict[str, Any]:
    """What is not settled."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT direction, verb, state, count(*) FROM partners_message GROUP BY 1, 2, 3")
        messages = cursor.fetchall()
    stuck = Message.objects.filter(state__in=["queued", "stored", "failed", "unrouted", "rule_failed"])
    open_legs = Leg.objects.filter(closed_at=None)
    return {
        "messages": messages,
        "stuck": list(stuck.values_list("pk", "verb", "state", "attempt", "reason")[:10]),
        "open": list(open_legs.values_list("our_key", "external_id", "endpoint__name", "next_refresh_at")[:10]),
        "ways": list(Endpoint.objects.values_list("name", "state", "failures", "open_until", "last_error", "hub_id")),
    }


def miscounted(stage: Stage, keys: dict[str, set[str]]) -> str:
    """The first thing in which our facts and the partners' books differ; empty where they agree."""
    facts = told()
    try:
        for name in PARTNERS:
            audit(stage.sandbox, name, keys[name], facts)
    except AssertionError as error:
        return str(error) or repr(error)
    return ""


def check(stage: Stage, keys: dict[str, set[str]]) -> None:
    """The count; late copies of webhooks and mails have some seconds to come."""
    end = time.monotonic() + 20
    while wrong := miscounted(stage, keys):
        if time.monotonic() > end or "not exactly once" in wrong:
            raise AssertionError(wrong)
        stage.finish(settled, 30, where)
        time.sleep(0.5)
    facts = told()
    bad = Message.objects.filter(state__in=["unrouted", "unrecognised", "rule_failed", "rejected"])
    assert list(bad.values_list("verb", "state", "reason")) == []
    for leg in Leg.objects.select_related("endpoint"):
        outs = leg.messages.filter(direction="out")
        assert outs.get(verb="create").state == "delivered", leg
        amended = [news for news in facts[leg.our_key] if news["update_type"] == "AMENDED"]
        assert len(amended) <= 1, f"{leg}: amended {len(amended)} times"


def test_orders_survive_sigkill_of_everything_while_partners_misbehave(
    world: Any, stage: Stage, seed: int, pytestconfig: pytest.Config
) -> None:
    number = pytestconfig.getoption("--crash-orders")
    rng = random.Random(seed)
    stage.sandbox.control("faults", {"partner": "*", **FAULTS})
    ways = endpoints(world, stage)
    stage.broker.start()
    stage.web()
    stage.workers()
    stage.wait_for_web()
    keys = place(world, ways, range(number // 2), rng)
    stage.murder(max(9.0, number * 0.08), rng, broker=True)
    more = place(world, ways, range(number // 2, number), rng)  # a second wave, while everything is dying
    stage.murder(max(4.0, number * 0.05), rng, broker=False)
    assert sum(part.kills for part in stage.parts) >= 3
    stage.finish(settled, 120 + number * 2, where)
    check(stage, {name: keys[name] | more[name] for name in PARTNERS})
    print(f"{number} orders, kills: { {part.name: part.kills for part in stage.parts} }")


def test_with_the_broker_off_the_sweeper_alone_finishes_the_work(
    world: Any, stage: Stage, seed: int, pytestconfig: pytest.Config
) -> None:
    number = max(8, pytestconfig.getoption("--crash-orders") // 4)
    rng = random.Random(seed + 1)
    stage.sandbox.control("faults", {"partner": "*", **FAULTS})
    ways = endpoints(world, stage)
    stage.web()
    stage.sweeper()
    stage.wait_for_web()
    keys = place(world, ways, range(number), rng)
    stage.murder(3, rng, broker=False)
    stage.finish(settled, 120 + number * 2, where)
    check(stage, keys)
    assert not stage.broker.socket.exists()
