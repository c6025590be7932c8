"""Carries a partner's news (signed webhooks until a 2xx, mails into the Maildir) and rings its timers."""

from __future__ import annotations

import json
import mailbox
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import requests
from standardwebhooks import Webhook

from sandbox import csvmail
from sandbox.desk import Desk
from sandbox.house import House
from sandbox.lifecycle import stamp
from sandbox.store import Row

SENDERS = 4
WINDOW = 64
TIMEOUT_SECONDS = 10.0
LONGEST_WAIT = 1.0

# A row may go once it is due and no earlier row of its lane that must keep its place is still waiting.
_DUE = """SELECT o.*, h.callback, d.external_id, d.id AS order_id FROM {outbox} o
LEFT JOIN {hubs} h ON h.id = o.hub_id JOIN {about} d ON d.number = o.number
WHERE o.waiting = 1 AND o.due <= ? AND (o.in_order = 0 OR NOT EXISTS (SELECT 1 FROM {outbox} e
  WHERE e.waiting = 1 AND e.hub_id = o.hub_id AND e.number = o.number AND e.id < o.id AND e.in_order = 1))
ORDER BY o.due, o.id LIMIT ?"""


class Carrier(threading.Thread):
    """Sends the signed news of one house until each piece got its 2xx."""

    OUTBOX, HUBS, ABOUT = "outbox", "hubs", "orders"

    def __init__(self, house: House, stopping: threading.Event) -> None:
        super().__init__(name=f"{self.OUTBOX}-{house.partner.id}", daemon=True)
        self.house = house
        self.wake = house.wake
        self.stopping = stopping
        self.pool = ThreadPoolExecutor(SENDERS, thread_name_prefix=f"send-{house.partner.id}")
        self.due_sql = _DUE.format(outbox=self.OUTBOX, hubs=self.HUBS, about=self.ABOUT)
        self.flying: set[int] = set()
        self.local = threading.local()

    def run(self) -> None:
        """Until told to stop: ring what is due, send what is due, sleep until the next of both."""
        while not self.stopping.is_set():
            self.wake.clear()
            try:
                wait = min(self.work(), self.send_due(), LONGEST_WAIT)
            except Exception:
                sys.stderr.write(traceback.format_exc())
                wait = LONGEST_WAIT
            self.wake.wait(max(wait, 0.002))
        self.pool.shutdown(wait=False, cancel_futures=True)

    def work(self) -> float:
        """Let time pass in the house; seconds until there is something to do again."""
        raise NotImplementedError

    def send_due(self) -> float:
        """Hand due news to the senders; seconds until more comes due."""
        if self.house.down():
            return LONGEST_WAIT
        rows = self.house.store.rows(self.due_sql, (time.time(), WINDOW))
        for row in rows:
            if row["id"] not in self.flying:
                self.flying.add(row["id"])
                self.pool.submit(self._send, row)
        upcoming = self.house.store.one(
            f"SELECT min(due) AS due FROM {self.OUTBOX} WHERE waiting = 1 AND due > ?",  # noqa: S608
            (time.time(),),
        )
        if upcoming is None or upcoming["due"] is None:
            return LONGEST_WAIT
        return max(0.0, upcoming["due"] - time.time())

    def _send(self, row: Row) -> None:
        try:
            self.carry(row)
        except Exception:
            sys.stderr.write(traceback.format_exc())
            self._again(row, LONGEST_WAIT)
        finally:
            self.flying.discard(row["id"])
            self.wake.set()

    def carry(self, row: Row) -> None:
        """Take one piece of news where it belongs."""
        self._call(row)

    # webhooks

    def _session(self) -> requests.Session:
        if not hasattr(self.local, "session"):
            self.local.session = requests.Session()
            self.local.session.trust_env = False  # callbacks are on this machine; no proxy between
        return self.local.session

    def _address(self, row: Row) -> str:
        name = row["event_type"][:1].lower() + row["event_type"][1:]
        return row["callback"] + self.house.partner.habits.listener_path.replace("{event}", name)

    def _headers(self, row: Row) -> dict[str, str]:
        now, message_id = datetime.now(UTC), f"msg_{row['event_id']}"
        signature = Webhook(self.house.partner.webhook_secret).sign(message_id, now, row["body"])
        return {
            "Content-Type": "application/json",
            "User-Agent": "OFX-sandbox (simulated)",
            "X-OFX-Simulated": "yes",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }

    def _call(self, row: Row) -> None:
        address, headers = self._address(row), self._headers(row)
        try:
            response = self._session().post(
                address,
                data=row["body"].encode(),
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as problem:
            self._record(row, "POST", address, headers, None, type(problem).__name__)
            self._again(row, self._pause(row, ""))
            return
        with self.house.store.transaction():
            outcome = "delivered" if 200 <= response.status_code < 300 else "refused"
            self._record(row, "POST", address, headers, response.status_code, outcome, response.text[:2000])
            self._settle(row, response)

    def _settle(self, row: Row, response: requests.Response) -> None:
        if 200 <= response.status_code < 300:
            self._delivered(row)
        elif response.status_code == 410:
            self._unsubscribe(row["hub_id"])
        else:
            self._again(row, self._pause(row, response.headers.get("Retry-After", "")))

    def _pause(self, row: Row, retry_after: str) -> float:
        habits = self.house.partner.habits
        pause = min(habits.retry_seconds * 2 ** min(row["attempts"], 20), habits.retry_cap_seconds)
        return max(pause, min(float(retry_after), 60.0)) if retry_after.isdecimal() else pause

    def _again(self, row: Row, pause: float) -> None:
        self._mark("attempts = attempts + 1, due = ? WHERE id = ?", time.time() + pause, row["id"])

    def _delivered(self, row: Row) -> None:
        """Done; or, as a bad habit, to be sent once more a little later."""
        if not row["copies"]:
            self._mark("waiting = 0 WHERE id = ?", row["id"])
            return
        later = time.time() + self.house.rng("copy", row["id"]).uniform(0.2, 2.0) * self.house.day
        self._mark("copies = copies - 1, in_order = 0, due = ? WHERE id = ?", later, row["id"])

    def _mark(self, change: str, *values: object) -> None:
        self.house.store.run(f"UPDATE {self.OUTBOX} SET {change}", values)  # noqa: S608

    def _unsubscribe(self, hub_id: str) -> None:
        with self.house.store.transaction():
            self._mark("waiting = 0 WHERE hub_id = ?", hub_id)
            self.house.store.run(f"DELETE FROM {self.HUBS} WHERE id = ?", (hub_id,))  # noqa: S608

    def _record(
        self,
        row: Row,
        method: str,
        path: str,
        headers: dict[str, str],
        status: int | None,
        outcome: str,
        response: str = "",
    ) -> None:
        self.house.store.log(
            at=stamp(self.house.now()),
            kind="mail_out" if method == "MAIL" else "call" if row["hub_id"] == "call" else "notification",
            method=method,
            path=path,
            external_id=row["external_id"],
            order_id=row["order_id"],
            headers=headers,
            body=row["body"],
            status=status,
            outcome=outcome,
            response=response,
        )


class Courier(Carrier):
    """One thread a partner: it wakes for the next timer and the next piece of news of orders."""

    def __init__(self, desk: Desk, stopping: threading.Event) -> None:
        super().__init__(desk, stopping)
        self.desk = desk

    def work(self) -> float:
        """The order desk's due timers."""
        return self.desk.work()

    def carry(self, row: Row) -> None:
        """By mail where the partner has no API."""
        if self.desk.partner.kind == "email":
            self._mail(row)
        else:
            super().carry(row)

    def _rows(self, row: Row) -> list[dict[str, str]]:
        """The update, and now and then an older one of the same order riding along."""
        rows = [json.loads(row["body"])]
        if self.desk.rng("along", row["id"]).random() < self.desk.faults().repeat:
            older = self.desk.store.one(
                "SELECT body FROM outbox WHERE number = ? AND id < ? ORDER BY id DESC LIMIT 1",
                (row["number"], row["id"]),
            )
            rows += [json.loads(older["body"])] if older else []
        return rows

    def _mail(self, row: Row) -> None:
        order = self.desk.store.order("number = ?", (row["number"],))
        if order is None:
            return
        message = csvmail.write(self.desk.partner, row["event_id"], order.mail, self._rows(row))
        drop(self.desk, message.as_bytes())
        self._record(row, "MAIL", self.desk.partner.mailbox, dict(message.items()), None, "delivered")
        self._delivered(row)


def drop(desk: House, content: bytes) -> None:
    """Put a mail into the partner's Maildir: written aside, synced, then moved into `new`."""
    folder = desk.config.mailbox(desk.partner)
    folder.parent.mkdir(parents=True, exist_ok=True)
    mailbox.Maildir(str(folder), create=True).add(content)
