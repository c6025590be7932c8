"""One SQLite file a partner: orders, timers, subscriptions, outgoing news, settings, journal.

WAL with full sync: what was committed outlives `kill -9`. One connection, one lock, short transactions.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.lifecycle import Order

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, external_id TEXT NOT NULL,
  state TEXT NOT NULL, scenario TEXT NOT NULL, sequence INTEGER NOT NULL, order_date TEXT NOT NULL,
  last_update TEXT NOT NULL,
  doc TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS orders_id ON orders (id);
CREATE INDEX IF NOT EXISTS orders_external ON orders (external_id);
CREATE INDEX IF NOT EXISTS orders_updated ON orders (last_update);
CREATE TABLE IF NOT EXISTS timers (
  id INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL,
  ref TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS timers_due ON timers (due, id);
CREATE INDEX IF NOT EXISTS timers_number ON timers (number);
CREATE TABLE IF NOT EXISTS cancels (
  id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS hubs (id TEXT PRIMARY KEY, callback TEXT NOT NULL, query TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, event_type TEXT NOT NULL,
  number INTEGER NOT NULL, hub_id TEXT NOT NULL, body TEXT NOT NULL, due REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, copies INTEGER NOT NULL DEFAULT 0, in_order INTEGER NOT NULL,
  waiting INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due) WHERE waiting = 1;
CREATE INDEX IF NOT EXISTS outbox_number ON outbox (number);
CREATE INDEX IF NOT EXISTS outbox_lane ON outbox (hub_id, number, id) WHERE waiting = 1;
CREATE TABLE IF NOT EXISTS journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL, method TEXT NOT NULL,
  path TEXT NOT NULL, external_id TEXT NOT NULL, order_id TEXT NOT NULL, headers TEXT NOT NULL,
  body TEXT NOT NULL, status INTEGER, outcome TEXT NOT NULL, response TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS journal_external ON journal (external_id);
CREATE TABLE IF NOT EXISTS visits (
  id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL, key TEXT NOT NULL, start TEXT NOT NULL,
  open INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS visits_key ON visits (key);
CREATE INDEX IF NOT EXISTS visits_start ON visits (start) WHERE open = 1;
CREATE TABLE IF NOT EXISTS cases (
  number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, external_id TEXT NOT NULL,
  service TEXT NOT NULL, state TEXT NOT NULL, created TEXT NOT NULL, last_update TEXT NOT NULL, doc TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS cases_id ON cases (kind, id);
CREATE INDEX IF NOT EXISTS cases_external ON cases (external_id);
CREATE INDEX IF NOT EXISTS cases_updated ON cases (kind, last_update);
CREATE INDEX IF NOT EXISTS cases_service ON cases (service);
CREATE TABLE IF NOT EXISTS case_timers (
  id INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS case_timers_due ON case_timers (due, id);
CREATE TABLE IF NOT EXISTS case_hubs (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, callback TEXT NOT NULL, query TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS case_news (
  id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, event_type TEXT NOT NULL,
  number INTEGER NOT NULL, hub_id TEXT NOT NULL, body TEXT NOT NULL, due REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, copies INTEGER NOT NULL DEFAULT 0, in_order INTEGER NOT NULL,
  waiting INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS case_news_due ON case_news (due) WHERE waiting = 1;
CREATE INDEX IF NOT EXISTS case_news_number ON case_news (number);
CREATE TABLE IF NOT EXISTS lines (service TEXT PRIMARY KEY, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS mails (message_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS refusals (external_id TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

Row = sqlite3.Row


class Store:
    """The file of one partner."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Wait for the running transaction and close."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one at a time; an inner one is a savepoint."""
        with self._lock:
            name = f"s{self._depth}"
            self._db.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                self._db.execute(f"ROLLBACK TO {name}" if self._depth else "ROLLBACK")
                raise
            self._depth -= 1
            self._db.execute(f"RELEASE {name}" if self._depth else "COMMIT")

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a query, or None."""
        with self._lock:
            return self._db.execute(sql, values).fetchone()

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute a write; the id of the inserted row, if any."""
        with self._lock:
            return self._db.execute(sql, values).lastrowid or 0

    # orders

    def next_number(self) -> int:
        """The number that the next order gets; call it inside the transaction that inserts it."""
        row = self.one("SELECT seq FROM sqlite_sequence WHERE name = 'orders'")
        return (row["seq"] if row else 0) + 1

    def save(self, order: Order, state_word: str) -> None:
        """Insert or replace the order."""
        self.run(
            "INSERT INTO orders (number, id, external_id, state, scenario, sequence, order_date, last_update,"
            " doc) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (number) DO UPDATE SET"
            " external_id = excluded.external_id, state = excluded.state, sequence = excluded.sequence,"
            " last_update = excluded.last_update,"
            " doc = excluded.doc",
            (
                order.number,
                order.id,
                order.external_id,
                state_word,
                order.scenario,
                order.sequence,
                order.order_date,
                order.last_update,
                json.dumps(order.to_dict()),
            ),
        )

    def orders(self, where: str = "1", values: Sequence[Any] = ()) -> list[Order]:
        """Orders of an SQL condition, in the order of their numbers."""
        found = self.rows(f"SELECT doc FROM orders WHERE {where} ORDER BY number", values)  # noqa: S608
        return [Order(**json.loads(row["doc"])) for row in found]

    def order(self, where: str, values: Sequence[Any]) -> Order | None:
        """The newest order of an SQL condition."""
        found = self.orders(where, values)
        return found[-1] if found else None

    # timers

    def start_timer(self, due: float, number: int, kind: str, ref: str = "") -> None:
        """Have `kind` happen to the order at `due` (seconds of the epoch)."""
        self.run("INSERT INTO timers (due, number, kind, ref) VALUES (?,?,?,?)", (due, number, kind, ref))

    def due_timers(self, now: float, limit: int) -> list[Row]:
        """Timers that have come due, oldest first."""
        return self.rows("SELECT * FROM timers WHERE due <= ? ORDER BY due, id LIMIT ?", (now, limit))

    def next_due(self) -> float | None:
        """When the next timer comes due."""
        row = self.one("SELECT min(due) AS due FROM timers")
        return row["due"] if row else None

    def rescale_timers(self, now: float, ratio: float) -> None:
        """Make what remains of every timer `ratio` times as long."""
        for table in ("timers", "case_timers"):
            sql = f"UPDATE {table} SET due = ? + (due - ?) * ? WHERE due > ?"  # noqa: S608
            self.run(sql, (now, now, ratio, now))

    # settings

    def setting(self, name: str, default: Any = None) -> Any:
        """A stored setting."""
        row = self.one("SELECT value FROM settings WHERE name = ?", (name,))
        return json.loads(row["value"]) if row else default

    def set(self, name: str, value: Any) -> None:
        """Store a setting."""
        self.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?,?)", (name, json.dumps(value)))

    # journal

    def log(
        self,
        *,
        at: str,
        kind: str,
        method: str = "",
        path: str = "",
        external_id: str = "",
        order_id: str = "",
        headers: dict[str, str] | None = None,
        body: str = "",
        status: int | None = None,
        outcome: str = "",
        response: str = "",
    ) -> int:
        """Append to the journal; its id. `authorization` is masked."""
        shown = {k: "***" if k.lower() == "authorization" else v for k, v in (headers or {}).items()}
        return self.run(
            "INSERT INTO journal (at, kind, method, path, external_id, order_id, headers, body, status,"
            " outcome, response) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                at,
                kind,
                method,
                path,
                external_id,
                order_id,
                json.dumps(shown),
                body,
                status,
                outcome,
                response,
            ),
        )

    def journal_size(self) -> int:
        """How many entries were ever written: the counter that seeds the faults."""
        row = self.one("SELECT seq FROM sqlite_sequence WHERE name = 'journal'")
        return row["seq"] if row else 0
