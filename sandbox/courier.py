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
from sandbox.lifecycle import stamp
from sandbox.store import Row

SENDERS = 4
WINDOW = 64
TIMEOUT_SECONDS = 10.0
LONGEST_WAIT = 1.0

# A row may go once it is due and no earlier row of its lane that must keep its place is still waiting.
_DUE = """SELECT o.*, h.callback, d.external_id, d.id AS order_id FROM outbox o
LEFT JOIN hubs h ON h.id = o.hub_id JOIN orders d ON d.number = o.number
WHERE o.waiting = 1 AND o.due <= ? AND (o.in_order = 0 OR NOT EXISTS (SELECT 1 FROM outbox e
  WHERE e.waiting = 1 AND e.hub_id = o.hub_id AND e.number = o.number AND e.id < o.id AND e.in_order = 1))
ORDER BY o.due, o.id LIMIT ?"""


class Courier(threading.Thread):
    """One thread a partner: it wakes for the next timer and the next piece of news."""

    def __init__(self, desk: Desk, stopping: threading.Event) -> None:
        super().__init__(name=f"courier-{desk.partner.id}", daemon=True)
        self.desk = desk
        self.stopping = stopping
        self.pool = ThreadPoolExecutor(SENDERS, thread_name_prefix=f"send-{desk.partner.id}")
        self.flying: set[int] = set()
        self.local = threading.local()

    def run(self) -> None:
        """Until told to stop: ring what is due, send what is due, sleep until the next of both."""
        while not self.stopping.is_set():
            self.desk.wake.clear()
            try:
                wait = min(self.desk.work(), self.send_due(), LONGEST_WAIT)
            except Exception:
                sys.stderr.write(traceback.format_exc())
                wait = LONGEST_WAIT
            self.desk.wake.wait(max(wait, 0.002))
        self.pool.shutdown(wait=False, cancel_futures=True)

    def send_due(self) -> float:
        """Hand due news to the senders; seconds until more comes due."""
        if self.desk.down():
            return LONGEST_WAIT
        rows = self.desk.store.rows(_DUE, (time.time(), WINDOW))
        for row in rows:
            if row["id"] not in self.flying:
                self.flying.add(row["id"])
                self.pool.submit(self._send, row)
        upcoming = self.desk.store.one(
            "SELECT min(due) AS due FROM outbox WHERE waiting = 1 AND due > ?", (time.time(),)
        )
        if upcoming is None or upcoming["due"] is None:
            return LONGEST_WAIT
        return max(0.0, upcoming["due"] - time.time())

    def _send(self, row: Row) -> None:
        try:
            if self.desk.partner.kind == "email":
                self._mail(row)
            else:
                self._call(row)
        except Exception:
            sys.stderr.write(traceback.format_exc())
            self._again(row, LONGEST_WAIT)
        finally:
            self.flying.discard(row["id"])
            self.desk.wake.set()

    # webhooks

    def _session(self) -> requests.Session:
        if not hasattr(self.local, "session"):
            self.local.session = requests.Session()
            self.local.session.trust_env = False  # callbacks are on this machine; no proxy between
        return self.local.session

    def _address(self, row: Row) -> str:
        name = row["event_type"][:1].lower() + row["event_type"][1:]
        return row["callback"] + self.desk.partner.habits.listener_path.replace("{event}", name)

    def _headers(self, row: Row) -> dict[str, str]:
        now, message_id = datetime.now(UTC), f"msg_{row['event_id']}"
        signature = Webhook(self.desk.partner.webhook_secret).sign(message_id, now, row["body"])
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
        with self.desk.store.transaction():
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
        habits = self.desk.partner.habits
        pause = min(habits.retry_seconds * 2 ** min(row["attempts"], 20), habits.retry_cap_seconds)
        return max(pause, min(float(retry_after), 60.0)) if retry_after.isdecimal() else pause

    def _again(self, row: Row, pause: float) -> None:
        sql = "UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?"
        self.desk.store.run(sql, (time.time() + pause, row["id"]))

    def _delivered(self, row: Row) -> None:
        """Done; or, as a bad habit, to be sent once more a little later."""
        if not row["copies"]:
            self.desk.store.run("UPDATE outbox SET waiting = 0 WHERE id = ?", (row["id"],))
            return
        later = time.time() + self.desk.rng("copy", row["id"]).uniform(0.2, 2.0) * self.desk.day
        sql = "UPDATE outbox SET copies = copies - 1, in_order = 0, due = ? WHERE id = ?"
        self.desk.store.run(sql, (later, row["id"]))

    def _unsubscribe(self, hub_id: str) -> None:
        with self.desk.store.transaction():
            self.desk.store.run("UPDATE outbox SET waiting = 0 WHERE hub_id = ?", (hub_id,))
            self.desk.store.run("DELETE FROM hubs WHERE id = ?", (hub_id,))

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
        self.desk.store.log(
            at=stamp(self.desk.now()),
            kind="notification" if method == "POST" else "mail_out",
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

    # mail

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


def drop(desk: Desk, content: bytes) -> None:
    """Put a mail into the partner's Maildir: written aside, synced, then moved into `new`."""
    folder = desk.config.mailbox(desk.partner)
    folder.parent.mkdir(parents=True, exist_ok=True)
    mailbox.Maildir(str(folder), create=True).add(content)
