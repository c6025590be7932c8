"""A simulated company's fault desk: keeps cases, lets time pass, writes the news. Each kind of case says the rest."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.care.case import Case
from sandbox.care.words import Words
from sandbox.desk import wants
from sandbox.house import House
from sandbox.lifecycle import stamp
from sandbox.store import Row
from sandbox.wire import Answer, Call, Columns

BATCH = 100


@dataclass(frozen=True)
class Kind:
    """One resource of one API."""

    name: str  # ticket | test | problem
    root: str
    resource: str
    prefix: str  # of event ids
    event: str
    status: str  # the attribute that holds the state
    show: Callable[[Care, Case], dict[str, Any]]
    ring: Callable[[Care, Case, str], None]
    create: Callable[[Care, Call], Answer]
    patch: Callable[[Care, Call, Case], Answer]

    @property
    def columns(self) -> Columns:
        """What a list may be filtered by at once."""
        texts = {"externalId": "external_id", "id": "id", self.status: "state"}
        return Columns(texts, {"lastUpdate": "last_update", "creationDate": "created"})


class Care:
    """All that one company does with faults. Callers hold the store's transaction."""

    def __init__(self, house: House, words: Words, kinds: Sequence[Kind]) -> None:
        self.house = house
        self.store = house.store
        self.words = words
        self.kinds = {kind.name: kind for kind in kinds}
        self.after_change: Callable[[Case], None] = lambda case: None

    @property
    def name(self) -> str:
        """How it signs its notes."""
        return self.house.partner.name

    # rows

    def word(self, case: Case) -> str:
        """The state as it stands on the wire: tickets have the company's own words."""
        return self.words.state(case.state) if case.kind == "ticket" else case.state

    def href(self, case: Case) -> str:
        """Address of a case."""
        kind = self.kinds[case.kind]
        return f"{self.house.config.url}/{self.house.partner.id}/{kind.root}/{kind.resource}/{case.id}"

    def show(self, case: Case) -> dict[str, Any]:
        """The case in the company's own words."""
        return self.kinds[case.kind].show(self, case)

    def add(self, case: Case) -> Case:
        """A new row with the next id of its kind."""
        row = self.store.one("SELECT count(*) AS n FROM cases WHERE kind = ?", (case.kind,))
        case.id = self.words.ident(case.kind, (row["n"] if row else 0) + 1)
        case.created = case.last_update = stamp(self.house.now())
        sql = "INSERT INTO cases (kind, id, external_id, service, state, created, last_update, doc)"
        case.number = self.store.run(
            f"{sql} VALUES (?,?,?,?,'',?,?,'')",
            (case.kind, case.id, case.external_id, case.service, case.created, case.created),
        )
        return case

    def save(self, case: Case) -> None:
        """Write it back."""
        self.store.run(
            "UPDATE cases SET external_id = ?, service = ?, state = ?, last_update = ?, doc = ? WHERE number = ?",
            (
                case.external_id,
                case.service,
                self.word(case),
                case.last_update,
                json.dumps(case.to_dict()),
                case.number,
            ),
        )

    def cases(self, where: str, values: Sequence[Any] = ()) -> list[Case]:
        """Cases of an SQL condition, oldest first."""
        rows = self.store.rows(f"SELECT doc FROM cases WHERE {where} ORDER BY number", values)  # noqa: S608
        return [Case(**json.loads(row["doc"])) for row in rows]

    def case(self, where: str, values: Sequence[Any]) -> Case | None:
        """The newest case of an SQL condition."""
        found = self.cases(where, values)
        return found[-1] if found else None

    # time

    def start(self, case: Case, seconds: float, kind: str) -> None:
        """Have `kind` happen to the case after so many real seconds."""
        sql = "INSERT INTO case_timers (due, number, kind) VALUES (?,?,?)"
        self.store.run(sql, (time.time() + seconds, case.number, kind))
        self.house.care_wake.set()

    def stop(self, case: Case, kind: str = "") -> None:
        """Nothing (of that kind) happens to the case any more."""
        self.store.run("DELETE FROM case_timers WHERE number = ?1 AND (?2 = '' OR kind = ?2)", (case.number, kind))

    def work(self) -> float:
        """Do what has come due; seconds until the next is."""
        while True:
            with self.store.transaction():
                sql = "SELECT * FROM case_timers WHERE due <= ? ORDER BY due, id LIMIT ?"
                due = self.store.rows(sql, (time.time(), BATCH))
                for timer in due:
                    self._ring(timer)
            if len(due) < BATCH:
                break
        row = self.store.one("SELECT min(due) AS due FROM case_timers")
        return max(0.0, row["due"] - time.time()) if row and row["due"] else 3600.0

    def _ring(self, timer: Row) -> None:
        self.store.run("DELETE FROM case_timers WHERE id = ?", (timer["id"],))
        case = self.case("number = ?", (timer["number"],))
        if case is None:
            return
        try:
            with self.store.transaction():
                self.kinds[case.kind].ring(self, case, timer["kind"])
        except Exception as error:  # one broken case must not stop the company's clock
            sys.stderr.write(f"sandbox {self.house.partner.id}: {case.kind} {case.id} {timer['kind']}: {error!r}\n")

    # news

    def tell(self, case: Case, *names: str) -> None:
        """Save the case, and put these events of it into the outbox: `Create`, `StatusChange`, …"""
        self.save(case)
        self.after_change(case)
        kind = self.kinds[case.kind]
        hubs = self.store.rows("SELECT * FROM case_hubs WHERE kind = ?", (case.kind,))
        shown = self.show(case) if hubs else {}
        for name in names:
            event_type = f"{kind.event}{name}Event"
            wanted = [hub["id"] for hub in hubs if wants(hub["query"], event_type)]
            event_id = self._event_id(case)
            for hub_id in wanted:
                self._post(case, event_id, event_type, hub_id, {kind.resource: shown})

    def _event_id(self, case: Case) -> str:
        row = self.store.one("SELECT count(DISTINCT event_id) AS n FROM case_news WHERE number = ?", (case.number,))
        return f"{self.kinds[case.kind].prefix}-{case.id}-{(row['n'] if row else 0) + 1}"

    def _post(self, case: Case, event_id: str, event_type: str, hub_id: str, event: Mapping[str, Any]) -> None:
        envelope = {
            "eventId": event_id,
            "eventTime": stamp(self.house.now()),
            "eventType": event_type,
            "domain": "simulated",
            "title": self.name,
            "event": event,
        }
        chance, current = self.house.rng("case news", event_id, hub_id), self.house.faults()
        late = chance.random() < current.reorder
        delay = chance.uniform(0.5, 3.0) * self.house.day if late else 0.0
        copies = int(chance.random() < current.repeat)
        in_order = int(not late and not self.house.partner.habits.reorder)
        self.queue(case, event_id, event_type, hub_id, json.dumps(envelope), delay, copies, in_order)

    def queue(
        self,
        case: Case,
        event_id: str,
        event_type: str,
        hub_id: str,
        body: str,
        delay: float = 0.0,
        copies: int = 0,
        in_order: int = 1,
    ) -> None:
        """A row of the outbox, due after so many real seconds."""
        self.store.run(
            "INSERT INTO case_news (event_id, event_type, number, hub_id, body, due, copies, in_order)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (event_id, event_type, case.number, hub_id, body, time.time() + delay, copies, in_order),
        )
        self.house.care_wake.set()
