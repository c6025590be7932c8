"""A partner's order desk: takes orders, lets time pass, decides amends and cancels, writes the news."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from typing import Any

from sandbox import book, changes, csvmail, lifecycle, scenarios
from sandbox.config import Config, Partner
from sandbox.dialects import DIALECTS, render
from sandbox.house import House
from sandbox.lifecycle import Order, World, stamp
from sandbox.store import Row

BATCH = 100
CANCEL_DAYS, AMEND_DAYS, CEASE_DAYS = 0.3, 0.5, 2.0


class TooLate(Exception):
    """An amend or cancel that the partner refuses at once; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Desk(House):
    """All that one partner does with orders. Every writing method is one transaction of its store."""

    def __init__(self, config: Config, partner: Partner) -> None:
        super().__init__(config, partner)
        self.dialect = DIALECTS[partner.id]

    # orders

    def weights(self) -> dict[str, float]:
        """The scenario weights at present."""
        return self.store.setting("weights") or self.partner.habits.weights or scenarios.WEIGHTS

    def world(self, order: Order) -> World:
        """What happens now to this order may know this."""
        chance = self.rng(order.number, order.external_id, order.sequence)
        return World(self.now(), chance, frozenset(self.dialect.reasons))

    def href(self, order_id: str) -> str:
        """Address of an order."""
        return f"{self.config.base_url(self.partner.id)}/productOrder/{order_id}"

    def show(self, order: Order) -> dict[str, Any]:
        """The order in the partner's own words."""
        return render(order, self.dialect, self.partner.name, self.href(order.id))

    def scenario(self, request: Mapping[str, Any], external_id: str) -> str:
        """The scenario that the order asks for, else one by seed."""
        chance = self.rng("scenario", external_id or self.store.next_number())
        asked = scenarios.wanted(request)
        if asked == changes.ONCE and self._first(request):
            return "cease_refused"
        return asked or changes.usual(request) or scenarios.drawn(chance, self.weights())

    def _first(self, request: Mapping[str, Any]) -> bool:
        """Whether no order about these products was ever here."""
        products = changes.products_of(request)
        return not any(set(changes.products_of(order.request)) & set(products) for order in self.store.orders())

    def place(self, request: dict[str, Any], mail: dict[str, str] | None = None) -> Order:
        """Take an order. Creates are not idempotent: the same `externalId` again is a second order."""
        with self.store.transaction():
            number = self.store.next_number()
            external_id = str(request.get("externalId") or "")
            order = Order(
                number=number,
                id=self.dialect.order_id(number),
                external_id=external_id,
                scenario=self.scenario(request, external_id),
                request=request,
                order_date=stamp(self.now()),
                mail=mail or {},
            )
            lifecycle.receive(order, self.world(order))
            self._wait_for_step(order)
            self.announce(order, "ProductOrderCreateEvent")
        return order

    def _wait_for_step(self, order: Order) -> None:
        steps = scenarios.STEPS[order.scenario]
        if order.step < len(steps):
            self.store.start_timer(self.after(steps[order.step][0]), order.number, "step")
            self.wake.set()

    def _stop(self, order: Order) -> None:
        self.store.run("DELETE FROM timers WHERE number = ? AND kind = 'step'", (order.number,))

    def patch(self, order: Order, changes: Mapping[str, Any], notes: list[dict[str, Any]]) -> None:
        """Take over attributes that need no decision."""
        with self.store.transaction():
            merged = {**order.request, **changes}
            order.request = {name: value for name, value in merged.items() if value is not None}
            order.external_id = str(order.request.get("externalId") or "")
            if notes:
                order.request["note"] = [*(order.request.get("note") or []), *notes]
            lifecycle.change(order, self.world(order), "update")
            self.announce(order, "ProductOrderAttributeValueChangeEvent")

    def amend(self, order: Order, wanted: str) -> None:
        """Ask for another date; TooLate if it is refused at once."""
        if order.visited or order.ended or order.state in lifecycle.CANCELLING:
            raise TooLate("PONR_PASSED", "requestedCompletionDate can no longer be changed")
        if order.committed and lifecycle.day_of(wanted) < lifecycle.day_of(order.committed):
            text = f"requestedCompletionDate may not be before the committed date {order.committed[:10]}"
            raise TooLate("DATE_BEFORE_COMMITTED", text)
        with self.store.transaction():
            amendment = lifecycle.request_amend(order, self.world(order), wanted)
            if self.partner.habits.amend_at_once:
                lifecycle.decide_amend(order, self.world(order), amendment)
            else:
                lifecycle.change(order, self.world(order), "update", text="Your change of date is assessed")
                due = self.after(AMEND_DAYS)
                self.store.start_timer(due, order.number, "amend", amendment["id"])
            self.announce(order, "ProductOrderAttributeValueChangeEvent")
        self.wake.set()

    def tell(self, order: Order, update: str, text: str) -> None:
        """A change that only tells something."""
        with self.store.transaction():
            lifecycle.change(order, self.world(order), update, text=text)
            self.announce(order, "ProductOrderAttributeValueChangeEvent")

    def doubts_consent(self, order: Order) -> bool:
        """Scenario `charge_refused_once`: the first consent is not taken."""
        key = f"consent:{order.number}"
        if order.scenario != "charge_refused_once" or not lifecycle.open_charge(order) or self.store.setting(key):
            return False
        self.store.set(key, True)
        return True

    def answer_charge(self, order: Order, accepted: bool) -> None:
        """Consent to the open charge, or decline it; TooLate if none is open."""
        if not lifecycle.open_charge(order) or order.ended:
            raise TooLate("NO_OPEN_CHARGE", "charge: none awaits a response")
        with self.store.transaction():
            before = self.dialect.state(order.state)
            if (lifecycle.open_charge(order) or {}).get("type") == "cancellation":
                changes.answer_cancel_charge(order, self.world(order), accepted)
                self.announce_change(order, before)
                return
            self._stop(order)
            effect = lifecycle.accept_charge if accepted else lifecycle.decline_charge
            effect(order, self.world(order))
            if accepted:
                order.step += 1  # past the time-out that was waiting
                self._wait_for_step(order)
            self.announce_change(order, before)

    # cancel

    def request_cancel(self, order: Order, request: dict[str, Any]) -> dict[str, Any]:
        """Take a cancelProductOrder task; TooLate if the order has ended or is being cancelled."""
        if order.ended or order.state in lifecycle.CANCELLING:
            raise TooLate("ORDER_ENDED", f"productOrder {order.id} is {self.dialect.state(order.state)}")
        with self.store.transaction():
            task = {**request, "state": "acknowledged", "simulated": True, "@type": "CancelProductOrder"}
            task["productOrder"] = {"id": order.id, "href": self.href(order.id)}
            number = self.store.run("INSERT INTO cancels (number, doc) VALUES (?, '')", (order.number,))
            task["id"] = str(number)
            task["href"] = f"{self.config.base_url(self.partner.id)}/cancelProductOrder/{number}"
            self._save_cancel(task)
            self._notify(order, self._hubs(), "CancelProductOrderCreateEvent", {"cancelProductOrder": task})
            self.store.start_timer(self.after(CANCEL_DAYS), order.number, "cancel", task["id"])
        self.wake.set()
        return task

    def _save_cancel(self, task: dict[str, Any]) -> None:
        self.store.run("UPDATE cancels SET doc = ? WHERE id = ?", (json.dumps(task), int(task["id"])))

    def cancel_tasks(self, task_id: str = "") -> list[dict[str, Any]]:
        """The cancel tasks, or the one of that id."""
        found = self.store.rows(
            "SELECT doc FROM cancels WHERE ?1 = '' OR CAST(id AS TEXT) = ?1 ORDER BY id", (task_id,)
        )
        return [json.loads(row["doc"]) for row in found]

    def _cancel_step(self, order: Order, task: dict[str, Any]) -> None:
        """One step of a cancel: assessing, then accepted or refused, then cancelled."""
        world = self.world(order)
        if order.ended and order.state != "cancelled":
            task.update(state="terminatedWithError", refusalReason="ORDER_ENDED: the order has ended")
        elif order.state not in lifecycle.CANCELLING:
            lifecycle.assess_cancel(order, world)
            task["state"] = "inProgress"
        elif order.visited:
            lifecycle.refuse_cancel(order, world)
            task.update(state="terminatedWithError", refusalReason="PONR_PASSED: the visit has begun")
        elif changes.charge_for_cancel(order, world):
            return
        elif order.state == "assessingCancellation":
            lifecycle.accept_cancel(order, world)
        else:
            lifecycle.cancel(order, world)
            task.update(state="done", effectiveCancellationDate=stamp(world.at))

    def _advance_cancel(self, order: Order, task_id: str) -> None:
        task = self.cancel_tasks(task_id)[0]
        if any(row["type"] == "cancellation" and row["status"] == "declined" for row in order.charges):
            task.update(state="terminatedWithError", refusalReason="CHARGE_DECLINED: the charge was declined")
            self._save_cancel(task)
            return
        before, sequence, task_before = self.dialect.state(order.state), order.sequence, task["state"]
        self._cancel_step(order, task)
        self._save_cancel(task)
        if order.sequence != sequence:
            self.announce_change(order, before)
        if task["state"] != task_before:
            self._notify(order, self._hubs(), "CancelProductOrderStateChangeEvent", {"cancelProductOrder": task})
        if task["state"] in ("acknowledged", "inProgress"):
            self.store.start_timer(self.after(CANCEL_DAYS), order.number, "cancel", task_id)
        elif order.ended:
            self._stop(order)

    # time passes

    def work(self) -> float:
        """Do what has come due; seconds until the next is."""
        while True:
            with self.store.transaction():
                due = self.store.due_timers(time.time(), BATCH)
                for timer in due:
                    self._ring_safely(timer)
            if len(due) < BATCH:
                break
        upcoming = self.store.next_due()
        return max(0.0, upcoming - time.time()) if upcoming else 3600.0

    def _ring_safely(self, timer: Row) -> None:
        try:
            with self.store.transaction():
                self.store.run("DELETE FROM timers WHERE id = ?", (timer["id"],))
                self._ring(timer)
        except Exception as error:  # one broken order must not stop the partner's clock
            self.store.run("DELETE FROM timers WHERE id = ?", (timer["id"],))
            sys.stderr.write(f"sandbox {self.partner.id}: order {timer['number']} {timer['kind']}: {error!r}\n")

    def _ring(self, timer: Row) -> None:
        order = self.store.order("number = ?", (timer["number"],))
        if order is None:
            return
        if timer["kind"] == "step":
            self._take_step(order)
        elif timer["kind"] == "amend":
            self._decide_amend(order, timer["ref"])
        elif timer["kind"] == "cease_unasked":
            self.place(changes.unasked(order), dict(order.mail))
        else:
            self._advance_cancel(order, timer["ref"])

    def _take_step(self, order: Order) -> None:
        if order.ended:
            return
        if order.state in lifecycle.CANCELLING:
            self.store.start_timer(self.after(CANCEL_DAYS), order.number, "step")
            return
        before = self.dialect.state(order.state)
        changes.EFFECTS[scenarios.STEPS[order.scenario][order.step][1]](order, self.world(order))
        order.step += 1
        self.announce_change(order, before)
        if not order.ended:
            self._wait_for_step(order)
        elif order.scenario == "unsolicited_cease" and order.state == "completed":
            self.store.start_timer(self.after(CEASE_DAYS), order.number, "cease_unasked")

    def _decide_amend(self, order: Order, amendment_id: str) -> None:
        amendment = next(a for a in order.amendments if a["id"] == amendment_id)
        if amendment["state"] == "assessing":
            lifecycle.decide_amend(order, self.world(order), amendment)
            self.announce(order, "ProductOrderAttributeValueChangeEvent")

    # news

    def announce_change(self, order: Order, before: str) -> None:
        """Save the order and tell of its newest change; `before` is the state word it had."""
        same = self.dialect.state(order.state) == before
        name = "AttributeValueChange" if same else "StateChange"
        self.announce(order, f"ProductOrder{name}Event")

    def announce(self, order: Order, event_type: str) -> None:
        """Save the order and put the news of it into the outbox."""
        book.follow(self.store, order)
        self.store.save(order, self.dialect.state(order.state))
        if self.partner.kind == "email":
            row = csvmail.update_row(order, self.dialect)
            self._post(order, event_type, f"{order.id}-{order.sequence}", "", row)
            return
        hubs = self._hubs()
        if not hubs:
            return
        shown = {"productOrder": self.show(order)}
        self._notify(order, hubs, event_type, shown)
        if order.changes[-1]["update"] == "information_required":
            self._notify(order, hubs, "ProductOrderInformationRequiredEvent", shown)

    def _hubs(self) -> list[Row]:
        return self.store.rows("SELECT * FROM hubs") if self.partner.habits.webhooks else []

    def _notify(self, order: Order, hubs: list[Row], event_type: str, event: Mapping[str, Any]) -> None:
        """Put one event into the outbox, for every subscription that wants it."""
        wanted = [hub for hub in hubs if wants(hub["query"], event_type)]
        if not wanted:
            return
        event_id = self._event_id(order)
        envelope = {
            "eventId": event_id,
            "eventTime": stamp(self.now()),
            "eventType": event_type,
            "domain": "simulated",
            "title": self.partner.name,
            "event": event,
        }
        for hub in wanted:
            self._post(order, event_type, event_id, hub["id"], envelope)

    def _event_id(self, order: Order) -> str:
        sql = "SELECT count(DISTINCT event_id) AS n FROM outbox WHERE number = ?"
        row = self.store.one(sql, (order.number,))
        return f"{order.id}-{(row['n'] if row else 0) + 1}"

    def _post(self, order: Order, event_type: str, event_id: str, hub_id: str, body: Mapping[str, Any]) -> None:
        chance, current = self.rng("news", event_id, hub_id), self.faults()
        late = chance.random() < current.reorder
        due = time.time() + (chance.uniform(0.5, 3.0) * self.day if late else 0.0)
        copies = int(chance.random() < current.repeat)
        in_order = int(not late and not self.partner.habits.reorder)
        self.store.run(
            "INSERT INTO outbox (event_id, event_type, number, hub_id, body, due, copies, in_order)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (event_id, event_type, order.number, hub_id, json.dumps(body), due, copies, in_order),
        )
        self.wake.set()


def wants(query: str, event_type: str) -> bool:
    """Whether a hub's query (`eventType=A,B`) asks for this event; an empty one asks for all."""
    asked = [part.split("=", 1)[1] for part in query.split("&") if part.startswith("eventType=")]
    names = {name.strip() for part in asked for name in part.split(",")}
    return not names or event_type in names
