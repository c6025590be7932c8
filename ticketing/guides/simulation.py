"""A simulated month of faults through the real guides: invented people with hidden causes and stated probabilities.

Nothing here is an observation. The people answer the real engine's screens, tests are rows with results drawn by the
cause, and who calls again is drawn too. Run it inside a transaction that is rolled back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

from ofx.core.models import Organisation
from ofx.orders.models import Order, OrderItem, ServiceRecord
from partners.models import Endpoint, Offering, Operator
from ticketing.guides import actions, neighbours
from ticketing.guides.actions.judging import IDLE_AFTER, judge, left
from ticketing.guides.models import GuideRun, GuideStep
from ticketing.guides.path import node_of
from ticketing.guides.queries import guide_for
from ticketing.guides.screens import Screen, screen_of
from ticketing.guides.walking import open_step
from ticketing.tickets.models import ServiceTest

MONTH = timedelta(days=28)
PATIENCE = 60  # screens; nobody looks at more


@dataclass(frozen=True)
class Cause:
    """What is really wrong, which the engine never sees: what people complain of, what tests say, what helps."""

    name: str
    share: int  # of 100 faults
    complaints: Mapping[str, int]  # fault class → weight
    tests: Mapping[tuple[str, str], int]  # (colour, code) → weight, until it is mended
    helps: str = ""  # the picture of the instruction that mends it; empty: only engineers can
    says: Mapping[str, str] = field(default_factory=dict)  # node → answer


GREEN = ("green", "LINE_OK")
DARK = ("red", "ONT_NO_LIGHT")
PORT = ("amber", "UNIPORT_ERRORS")
CAUSES = (
    Cause("router hung", 18, {"no_connection": 50, "intermittent": 25, "slow_speed": 25}, {GREEN: 90, PORT: 10},
          "router-restart"),
    Cause("loose cable", 16, {"no_connection": 50, "intermittent": 50}, {GREEN: 60, PORT: 40}, "cable-ont-router",
          {"lan": "off"}),
    Cause("Wi-Fi in a bad place", 16, {"wifi": 60, "slow_speed": 25, "intermittent": 15}, {GREEN: 100}, "wifi-place",
          {"who": "wifi", "where": "wifi", "cabled": "yes", "near": "yes"}),
    Cause("no power at the box", 8, {"no_connection": 100}, {("red", "ONT_DYING_GASP"): 100}, "power-plug",
          {"power": "no"}),
    Cause("bent fibre", 6, {"no_connection": 70, "intermittent": 30}, {DARK: 100}, "fibre-bend",
          {"los": "red", "lan2": "yes"}),
    Cause("phone in the wrong socket", 5, {"voice": 100}, {GREEN: 100}, "phone-port", {"net": "yes", "what": "silent"}),
    Cause("fault on the line", 20, {"no_connection": 50, "intermittent": 30, "slow_speed": 10, "voice": 10},
          {DARK: 85, ("amber", "PON_ERRORS"): 15}, "", {"los": "red"}),
    Cause("known incident", 3, {"no_connection": 60, "intermittent": 40}, {("red", "KNOWN_INCIDENT"): 100}),
    Cause("Ethernet tail down", 4, {"ethernet_down": 100}, {("red", "CFM_DOWN"): 90, GREEN: 10}, "",
          {"works": "no", "ntu": "alarm"}),
    Cause("old laptop", 4, {"slow_speed": 100}, {GREEN: 100}),
)  # fmt: skip


@dataclass(frozen=True)
class Chances:
    """How people behave: assumed, not measured."""

    leaves_at_once: float = 0.10  # closes the page within the first minute
    leaves: float = 0.02  # at each later screen
    reports: float = 0.03  # at each screen: would rather report it now
    does_it: float = 0.80  # really does what an instruction says
    notices: float = 0.95  # of those whose fault is mended: says so
    mistaken: float = 0.05  # says “works now” at an instruction although it does not
    returns: float = 0.06  # a mended fault comes back within the week, and they call
    calls: float = 0.60  # an unmended fault without a ticket: they call within the week
    test_fails: float = 0.04  # the partner's test gives no answer
    phone_on_line: float = 0.20  # the home phone depends on the line: no restart is advised
    agrees: float = 0.80  # to a test that interrupts


@dataclass
class Person:
    """Somebody with a fault. `mended`: whether it is, whatever they say."""

    cause: Cause
    dice: Random
    chances: Chances
    mended: bool = False

    def luck(self, chance: float) -> bool:
        """Whether something of a probability happens."""
        return self.dice.random() < chance


@dataclass(frozen=True)
class Told:
    """One case: how it ended for the engine, and what was true."""

    run: GuideRun
    cause: str
    mended: bool


def month(*, at: datetime, cases: int, seed: int, chances: Chances | None = None) -> Iterator[Told]:
    """Play `cases` faults that begin within the 28 days before `at`. Leaves rows: roll the transaction back."""
    dice, given = Random(seed), chances or Chances()  # noqa: S311 - a simulation, no secret
    for service in scratch(at - 2 * MONTH, cases):
        cause = dice.choices(CAUSES, [one.share for one in CAUSES])[0]
        begins = at - timedelta(seconds=dice.randrange(int(MONTH.total_seconds())))
        person = Person(cause, dice, given)
        run = played(service, person, begins)
        yield Told(run, cause.name, person.mended)


def scratch(at: datetime, count: int) -> list[ServiceRecord]:
    """An invented provider with as many lines as there are cases; its partner's system is never called."""
    provider = _organisation("service_provider", "Scratch Provider (simulated)")
    customer = _organisation("customer", "Scratch Customer (simulated)", provider=provider)
    home = _organisation("operator", "Scratch Network (simulated)")
    operator = Operator.objects.create(organisation=home, code="scratch-simulated", name=home.name)
    Endpoint.objects.create(
        operator=operator, kind="tmf621", dialect="northfibre", name="simulated", base_url="http://127.0.0.1:9",
        inbound_key="scratch-simulated", services={"tmf653": "http://127.0.0.1:9/"}, simulated=True,
    )  # fmt: skip
    offering = Offering.objects.create(operator=operator, code="scratch-500", name="Scratch 500", technology="FTTP")
    common: dict[str, Any] = {"place_text": "1 Invented Street", "postcode": "ZZ1 1ZZ", "simulated": True}
    mine = {"organisation": provider, "customer": customer}
    orders = Order.objects.bulk_create(
        Order(reference=f"SIMO-{n:06d}", created_at=at, state="completed", **mine, **common) for n in range(count)
    )
    items = OrderItem.objects.bulk_create(
        OrderItem(order=order, position=1, offering=offering, state="completed") for order in orders
    )
    return ServiceRecord.objects.bulk_create(
        ServiceRecord(
            reference=f"SIMS-{n:06d}", item=item, operator=operator, offering=offering, partner_ref=f"SIM-{n}",
            active_from=at, **mine, **common,
        )
        for n, item in enumerate(items)
    )  # fmt: skip


def _organisation(kind: str, name: str, **fields: Any) -> Organisation:
    slug = f"scratch-simulated-{kind.replace('_', '-')}"
    return Organisation.objects.create(kind=kind, name=name, slug=slug, **fields)


def played(service: ServiceRecord, person: Person, at: datetime) -> GuideRun:
    """One person and one guide, from the first page to the judgement a week later."""
    complaints = person.cause.complaints
    fault_class = person.dice.choices(list(complaints), list(complaints.values()))[0]
    guide = guide_for(fault_class=fault_class, organisation=service.organisation)
    if guide is None:
        raise LookupError(f"No guide is published for {fault_class}: load the shipped ones first.")
    run = actions.start(
        guide=guide, actor=None, at=at, organisation=service.organisation, customer=service.customer, service=service,
        fault_class=fault_class, simulated=True,
    )  # fmt: skip
    if not person.luck(person.chances.leaves_at_once):
        run = _walk(run, person, at)
    run = GuideRun.objects.get(pk=run.pk)
    if run.state == "running":
        left(run, run.last_at + IDLE_AFTER)
    _week(run, person)
    return GuideRun.objects.select_related("guide").get(pk=run.pk)


def _walk(run: GuideRun, person: Person, at: datetime) -> GuideRun:
    """Screen by screen until it ends, or they leave."""
    for seen in range(PATIENCE):
        step, screen = open_step(run), screen_of(run)
        if step is None or screen is None or not run.running:
            return run
        at += timedelta(seconds=person.dice.randrange(20, 70))
        if screen.kind == "busy":
            run = _tested(run, step, person, at)
        elif seen and person.luck(person.chances.leaves):
            return run
        elif screen.kind != "raise" and person.luck(person.chances.reports):
            run = actions.give_up(run=run, actor=None, at=at)
        else:
            given = _answer(step, screen, person, at)
            run = actions.answer(run=run, actor=None, at=at, position=step.position, given=given)
    return run


def _tested(run: GuideRun, step: GuideStep, person: Person, at: datetime) -> GuideRun:
    """The partner's test ends as the line really is."""
    tests = {GREEN: 1} if person.mended else person.cause.tests
    colour, code = person.dice.choices(list(tests), list(tests.values()))[0]
    done: dict[str, Any] = {"state": "completed", "colour": colour, "code": code, "done_at": at}
    if person.luck(person.chances.test_fails):
        done = {"state": "failed"}
    ServiceTest.objects.filter(guide_steps=step).update(**done)
    return actions.settle(run=run, at=at)


def _answer(step: GuideStep, screen: Screen, person: Person, at: datetime) -> dict[str, str]:
    """What they press or write at a screen."""
    if screen.kind == "raise":
        return {one.name: _filled(one.kind, at) for one in screen.fields}
    if screen.kind == "guidance":
        return {"value": _followed(step, screen, person)}
    if screen.kind == "consent":
        return {"value": "agree" if person.luck(person.chances.agrees) else "decline"}
    if screen.kind == "question":
        return {"value": _said(step, screen, person, at)}
    return {"value": {"outage": "tell", "kedb": "none"}.get(screen.kind) or screen.choices[0].value}


def _filled(kind: str, at: datetime) -> str:
    """The last form: plainly invented."""
    kinds = {"yes_no": "yes", "date": f"{at:%Y-%m-%d}", "tel": "020 7946 0000"}
    return kinds.get(kind, "simulated")


def _followed(step: GuideStep, screen: Screen, person: Person) -> str:
    """Whether they do it, whether it helps, and what they say of it."""
    helps = bool(person.cause.helps) and screen.picture == person.cause.helps
    if helps and person.luck(person.chances.does_it):
        person.mended = True
    if not node_of(step).get("ask_fixed"):
        return "done"
    says = person.chances.notices if person.mended else person.chances.mistaken
    return "fixed" if person.luck(says) else "not"


def _said(step: GuideStep, screen: Screen, person: Person, at: datetime) -> str:
    """The answer of the cause where it has one; else whatever the screen takes."""
    offered = [one.value for one in screen.choices if one.value != "unsure"]
    wanted = person.cause.says.get(step.node, "")
    if node_of(step).get("code") == "digital_voice":
        wanted = "yes" if person.luck(person.chances.phone_on_line) else "no"
    if offered:
        return wanted if wanted in offered else person.dice.choice(offered)
    kinds = {"number": "3", "date": f"{at - timedelta(days=1):%Y-%m-%d}"}
    return kinds.get(screen.answer, "simulated")


def _week(run: GuideRun, person: Person) -> None:
    """The seven days after: some call about it, then the real judgement."""
    if run.judge_at is None:
        return
    if person.luck(person.chances.returns if person.mended else person.chances.calls):
        since = cast(datetime, run.ended_at or run.last_at)
        neighbours.tickets.open_ticket(
            actor=None, at=since + timedelta(hours=person.dice.randrange(2, 160)), organisation=run.organisation,
            customer=run.customer, service=run.service, title="Simulated call: it does not work",
            fault_class=run.fault_class, channel="phone", simulated=True,
        )  # fmt: skip
    judge(run, run.judge_at)
