"""The simulated order and what can happen to it. Pure: no clock, no file, no network.

States, updates, milestones and reasons are neutral words here; sandbox.dialects makes them a partner's own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sandbox.scenarios import CUSTOMER_REASONS, DELAY_REASONS, REASON_TEXTS

ENDED = frozenset({"completed", "rejected", "cancelled"})
CANCELLING = frozenset({"assessingCancellation", "pendingCancellation"})


def stamp(at: datetime) -> str:
    """ISO 8601, UTC, microseconds, Z: such stamps sort as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def working_day(start: date, days: int) -> date:
    """The day that many working days (Monday to Friday) after `start`."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def end_of(day: date) -> str:
    """The moment at which a promised day ends: 17:00 UTC."""
    return datetime.combine(day, time(17), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(moment: str) -> date:
    """The day of an ISO 8601 moment, in any of its spellings."""
    return datetime.fromisoformat(moment).date()


def promise(start: date, days: int) -> str:
    """A promised moment: so many working days from `start`, at 17:00 UTC."""
    return end_of(working_day(start, days))


@dataclass
class Order:
    """One order at a simulated partner. `changes` is its whole history."""

    number: int
    id: str
    external_id: str
    scenario: str
    request: dict[str, Any]
    order_date: str
    state: str = "acknowledged"
    step: int = 0
    sequence: int = 0
    last_update: str = ""
    changes: list[dict[str, Any]] = field(default_factory=list)
    delays: list[dict[str, Any]] = field(default_factory=list)
    charges: list[dict[str, Any]] = field(default_factory=list)
    amendments: list[dict[str, Any]] = field(default_factory=list)
    appointment: dict[str, Any] | None = None
    booked: dict[str, Any] | None = None  # what lies in the appointment book for this order
    expected: str = ""
    committed: str = ""
    completed_on: str = ""
    visited: bool = False
    before_cancel: str = ""
    mail: dict[str, str] = field(default_factory=dict)  # email partners: sender and Message-ID of the order

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for storage."""
        return asdict(self)

    @property
    def ended(self) -> bool:
        """Nothing more will happen."""
        return self.state in ENDED


@dataclass(frozen=True)
class World:
    """What an effect may know: the moment, chance, and the reasons that the partner has words for."""

    at: datetime
    rng: random.Random
    reasons: frozenset[str]

    def pick(self, pool: tuple[str, ...]) -> str:
        """One of the reasons of the pool that the partner can say."""
        return self.rng.choice([reason for reason in pool if reason in self.reasons])


def change(
    order: Order,
    world: World,
    update: str,
    *,
    state: str = "",
    milestone: str = "",
    reason: str = "",
    text: str = "",
) -> None:
    """Append one change: the sequence rises, the state follows."""
    order.sequence += 1
    order.state = state or order.state
    order.last_update = stamp(world.at)
    order.changes.append(
        {
            "sequence": order.sequence,
            "issuedOn": order.last_update,
            "update": update,
            "state": order.state,
            "milestone": milestone,
            "reason": reason,
            "text": text,
        }
    )


def _open_delay(order: Order, world: World, reason: str, expected: str) -> None:
    order.delays.append(
        {
            "id": str(len(order.delays) + 1),
            "reason": reason,
            "text": REASON_TEXTS[reason],
            "expected": expected,
            "since": stamp(world.at),
            "sequence": order.sequence + 1,
        }
    )


def _close_delays(order: Order, world: World) -> None:
    for delay in order.delays:
        if "until" not in delay:
            delay["until"] = stamp(world.at)
            delay["untilSequence"] = order.sequence + 1


def _later(order: Order, world: World, days: int) -> str:
    start = day_of(order.expected) if order.expected else world.at.date()
    return promise(start, days)


def _appoint(order: Order, day: str) -> None:
    number = 1 + int(order.appointment["id"]) if order.appointment else 1
    order.appointment = {
        "id": str(number),
        "status": "confirmed",
        "start": f"{day[:10]}T08:00:00Z",
        "end": f"{day[:10]}T13:00:00Z",
    }


def acknowledge(order: Order, world: World) -> None:
    """KCI1."""
    change(order, world, "acknowledged", milestone="ACKNOWLEDGED", text="Order accepted")


def start(order: Order, world: World) -> None:
    """Work proceeds."""
    change(order, world, "update", state="inProgress", text="Planning has begun")


def commit(order: Order, world: World) -> None:
    """KCI2: a promise of ten working days, or the day asked for if that is later."""
    wanted = str(order.request.get("requestedCompletionDate") or "")
    order.committed = promise(world.at.date(), 10)
    if wanted and day_of(wanted) > day_of(order.committed):
        order.committed = end_of(day_of(wanted))
    if order.booked:
        order.committed = end_of(day_of(order.booked["start"]))
    order.expected = order.committed
    _appoint(order, order.committed)
    if order.booked and order.appointment:
        order.appointment |= {"start": order.booked["start"], "end": order.booked["end"]}
    change(order, world, "committed", milestone="COMMITTED", text=f"Committed for {order.committed[:10]}")


def delay(order: Order, world: World) -> None:
    """The partner, or a third party, holds the order up; the forecast moves by five working days."""
    reason = "UNKNOWN" if order.scenario == "unknown_code" else world.pick(DELAY_REASONS)
    order.expected = _later(order, world, 5)
    _open_delay(order, world, reason, order.expected)
    if order.appointment:
        _appoint(order, order.expected)
    change(order, world, "delay", state="waitPartner", reason=reason, text=REASON_TEXTS[reason])


def hold_customer(order: Order, world: World) -> None:
    """The customer must do something first."""
    reason = world.pick(CUSTOMER_REASONS)
    _open_delay(order, world, reason, _later(order, world, 12))
    text = REASON_TEXTS[reason]
    change(order, world, "information_required", state="waitCustomer", reason=reason, text=text)


def resume(order: Order, world: World) -> None:
    """What held the order up is over."""
    _close_delays(order, world)
    change(order, world, "resumed", state="inProgress", text="Work goes on")


def miss(order: Order, world: World) -> None:
    """The engineer did not come."""
    reason = "PARTNER_MISSED_APPOINTMENT"
    if order.appointment:
        order.appointment["status"] = "missed"
    order.expected = _later(order, world, 3)
    _open_delay(order, world, reason, order.expected)
    change(order, world, "delay", state="waitPartner", reason=reason, text=REASON_TEXTS[reason])


def reappoint(order: Order, world: World) -> None:
    """The partner gives a new slot."""
    _appoint(order, order.expected)
    change(order, world, "reappointed", text=f"New appointment on {order.expected[:10]}, 08:00 to 13:00 UTC")


def reject(order: Order, world: World) -> None:
    """Refused instead of KCI1."""
    reason = "ORDER_DATA_ERROR"
    change(order, world, "terminated", state="rejected", reason=reason, text=REASON_TEXTS[reason])


def charge(order: Order, world: World) -> None:
    """Extra construction: a blocking charge waits for consent."""
    order.charges.append(
        {
            "id": str(len(order.charges) + 1),
            "type": "excessConstruction",
            "status": "awaitingResponse",
            "blocking": True,
            "price": {"value": float(world.rng.randrange(250, 2500, 50)), "unit": "GBP"},
            "raisedOn": stamp(world.at),
            "respondBy": promise(world.at.date(), 5),
            "text": REASON_TEXTS["ECC_APPROVAL"],
        }
    )
    price = f"Construction charge of GBP {order.charges[-1]['price']['value']:.2f} awaits your consent"
    _open_delay(order, world, "ECC_APPROVAL", "")
    change(
        order,
        world,
        "information_required",
        state="waitUs",
        milestone="ECC_RAISED",
        reason="ECC_APPROVAL",
        text=price,
    )


def open_charge(order: Order) -> dict[str, Any] | None:
    """The charge that waits for an answer, if any."""
    return next((c for c in order.charges if c["status"] == "awaitingResponse"), None)


def accept_charge(order: Order, world: World) -> None:
    """We consented: work goes on."""
    asked = open_charge(order)
    if asked:
        asked["status"] = "completed"
    _close_delays(order, world)
    text = "Construction charge agreed"
    change(order, world, "resumed", state="inProgress", milestone="ECC_ACCEPTED", text=text)


def _stop_for_charge(order: Order, world: World, status: str, text: str) -> None:
    asked = open_charge(order)
    if asked:
        asked["status"] = status
    _close_delays(order, world)
    change(order, world, "terminated", state="cancelled", reason="ECC_APPROVAL", text=text)


def decline_charge(order: Order, world: World) -> None:
    """We refused: the partner ends the order."""
    _stop_for_charge(order, world, "declined", "Construction charge declined; order cancelled")


def charge_timeout(order: Order, world: World) -> None:
    """Nobody answered: a blocking charge stops the order (DOMAIN R02)."""
    _stop_for_charge(order, world, "timeout", "No answer to the construction charge; order cancelled")


def visit(order: Order, world: World) -> None:
    """The engineer is on site: from here neither amend nor cancel."""
    order.visited = True
    if order.appointment:
        order.appointment["status"] = "inProgress"
    change(order, world, "update", milestone="VISIT_STARTED", text="Engineer on site")


def test(order: Order, world: World) -> None:
    """Fitted and tested."""
    if order.appointment:
        order.appointment["status"] = "completed"
    change(order, world, "update", milestone="FIT_TEST_DONE", text="Fitted; light level within limits")


def complete(order: Order, world: World) -> None:
    """KCI3."""
    order.completed_on = stamp(world.at)
    change(order, world, "completed", state="completed", milestone="COMPLETED", text="Service handed over")


EFFECTS: dict[str, Callable[[Order, World], None]] = {
    effect.__name__: effect
    for effect in (
        acknowledge,
        start,
        commit,
        delay,
        hold_customer,
        resume,
        miss,
        reappoint,
        reject,
        charge,
        charge_timeout,
        visit,
        test,
        complete,
    )
}


def receive(order: Order, world: World) -> None:
    """The first change: the order is here."""
    change(order, world, "received", state="acknowledged", text="Simulated order: no network is touched")


def request_amend(order: Order, world: World, wanted: str) -> dict[str, Any]:
    """Write down that another date is asked for; the decision is another effect."""
    amendment = {
        "id": str(len(order.amendments) + 1),
        "attribute": "requestedCompletionDate",
        "from": order.request.get("requestedCompletionDate"),
        "to": wanted,
        "state": "assessing",
        "requestedOn": stamp(world.at),
    }
    order.amendments.append(amendment)
    return amendment


def decide_amend(order: Order, world: World, amendment: dict[str, Any]) -> None:
    """Accept a new date, or refuse it once the visit has begun or the order has ended."""
    amendment["decidedOn"] = stamp(world.at)
    if order.scenario == "amend_refused_once" and len(order.amendments) == 1:
        amendment["state"] = "refused"
        amendment["reason"] = "NO_CREW: no crew is free on that day; ask for another one"
        change(order, world, "amend_refused", text=amendment["reason"])
        return
    if order.visited or order.ended:
        amendment["state"] = "refused"
        amendment["reason"] = "PONR_PASSED: the visit has begun or the order has ended"
        change(order, world, "amend_refused", text=amendment["reason"])
        return
    amendment["state"] = "accepted"
    order.request["requestedCompletionDate"] = amendment["to"]
    if order.committed:
        order.committed = order.expected = end_of(day_of(amendment["to"]))
        _appoint(order, order.committed)
    change(order, world, "amended", text=f"Date changed to {day_of(amendment['to'])} at your request")


def assess_cancel(order: Order, world: World) -> None:
    """Our cancel is being weighed; the work stands still."""
    order.before_cancel = order.state
    change(order, world, "update", state="assessingCancellation", text="Cancellation is being assessed")


def accept_cancel(order: Order, world: World) -> None:
    """The partner will cancel."""
    change(order, world, "update", state="pendingCancellation", text="Cancellation accepted")


def cancel(order: Order, world: World) -> None:
    """Cancelled at our request."""
    _close_delays(order, world)
    change(order, world, "cancelled", state="cancelled", text="Cancelled at your request")


def refuse_cancel(order: Order, world: World) -> None:
    """Too late: back to where it was."""
    text = "PONR_PASSED: the visit has begun"
    change(order, world, "cancel_refused", state=order.before_cancel, text=text)
