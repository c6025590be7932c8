"""The SMTP face of a partner that works by e-mail: takes mails with CSV orders, answers through the desk."""

from __future__ import annotations

import asyncio
import email
import email.policy
import mailbox
import sys
import traceback
from collections.abc import Mapping
from email.message import EmailMessage
from hashlib import sha256
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox import csvmail, faults, lifecycle
from sandbox.care import letters
from sandbox.care.case import Case
from sandbox.care.desk import Care
from sandbox.config import Config
from sandbox.courier import drop
from sandbox.csvmail import BadRow, Incoming
from sandbox.desk import Desk, TooLate
from sandbox.lifecycle import Order, stamp

MAX_MAIL = 10_000_000
TAKEN = "250 Taken (simulated)"


def _consent(row: Mapping[str, str]) -> bool | None:
    notes = row.get("notes", "").lower()
    if "charge accept" in notes:
        return True
    return False if "charge decline" in notes else None


class Counter:
    """Works incoming mails of one partner: orders, and faults by its fault desk."""

    def __init__(self, desk: Desk, care: Care) -> None:
        self.desk = desk
        self.care = care

    def take(self, content: bytes, sender: str) -> tuple[str, float]:
        """Work a mail in one transaction: the fault that befalls its answer, and how long to hold it."""
        message = email.message_from_bytes(content, policy=email.policy.default)
        incoming = csvmail.read(message, sender)
        desk = self.desk
        with desk.store.transaction():
            fault = self._fault(incoming)
            seen = self._seen(incoming.message_id)
            orders = [] if seen or fault == "error_5xx" else self._work(incoming)
            scenes = [order.scenario for order in orders if order.scenario in faults.ORDER_FAULTS]
            fault = fault or (scenes[0] if scenes else "")
            self._journal(message, content, incoming, orders, fault, seen)
        return fault, desk.faults().hold_seconds

    def _fault(self, incoming: Incoming) -> str:
        if self.desk.down() or self._refused_first(incoming):
            return "error_5xx"
        chance = self.desk.rng("fault", self.desk.store.journal_size() + 1)
        return faults.of_request(self.desk.faults(), chance, writes=True)

    def _journal(
        self,
        message: EmailMessage,
        content: bytes,
        incoming: Incoming,
        orders: list[Order | Case],
        fault: str,
        seen: bool,
    ) -> None:
        keys = [row.get("our_key", "") for row in incoming.rows]
        outcome = fault or incoming.error or ("taken" if orders else "refused")
        if seen and not fault:
            outcome = "duplicate"
        self.desk.store.log(
            at=stamp(self.desk.now()),
            kind="mail_in",
            method="MAIL",
            path=self.desk.partner.address,
            external_id=keys[0] if keys else "",
            order_id=orders[0].id if orders else "",
            headers={name: str(value) for name, value in message.items()},
            body=content.decode("utf-8", "replace"),
            status=451 if fault == "error_5xx" else 250,
            outcome=outcome,
        )

    def _seen(self, message_id: str) -> bool:
        return bool(self.desk.store.one("SELECT 1 FROM mails WHERE message_id = ?", (message_id,)))

    def _work(self, incoming: Incoming) -> list[Order | Case]:
        """The orders and faults that the mail made or changed."""
        if incoming.message_id:
            self.desk.store.run("INSERT INTO mails VALUES (?)", (incoming.message_id,))
        if incoming.error:
            self._complain(incoming, 0, {}, incoming.error)
        worked = [self._row(incoming, number, row) for number, row in enumerate(incoming.rows, 1)]
        return [order for order in worked if order is not None]

    def _refused_first(self, incoming: Incoming) -> bool:
        """Scenario `error_5xx`: the first deliveries of the mail are refused."""
        if not any(self._wants_errors(row) for row in incoming.rows):
            return False
        row = self.desk.store.one("SELECT count FROM refusals WHERE external_id = ?", (incoming.message_id,))
        count = row["count"] if row else 0
        if count >= self.desk.partner.habits.error_count:
            return False
        sql = "INSERT OR REPLACE INTO refusals VALUES (?, ?)"
        self.desk.store.run(sql, (incoming.message_id, count + 1))
        return True

    def _wants_errors(self, row: Mapping[str, str]) -> bool:
        try:
            request = csvmail.as_request(csvmail.checked(row))
        except (BadRow, KeyError):
            return False
        return row["action"] in csvmail.ORDERS and self.desk.scenario(request, row["our_key"]) == "error_5xx"

    def _row(self, incoming: Incoming, number: int, row: Mapping[str, str]) -> Order | Case | None:
        try:
            if letters.is_fault(row):
                return letters.take(self.care, row, incoming.sender, incoming.message_id)
            row = csvmail.checked(row)
            if row["action"] in csvmail.ORDERS:
                answers = {"sender": incoming.sender, "message_id": incoming.message_id}
                return self.desk.place(csvmail.as_request(row), answers)
            return self._change(row)
        except (BadRow, TooLate) as problem:
            self._complain(incoming, number, row, str(problem))
            return None

    def _find(self, row: Mapping[str, str]) -> Order:
        order = None
        if row.get("partner_ref"):
            order = self.desk.store.order("id = ?", (row["partner_ref"],))
        else:
            order = self.desk.store.order("external_id = ?", (row["our_key"],))
        if order is None:
            raise BadRow("partner_ref or our_key names no order of ours")
        return order

    def _change(self, row: Mapping[str, str]) -> Order:
        order = self._find(row)
        consent = _consent(row)
        if row["action"] == "cancel":
            self.desk.request_cancel(order, {"cancellationReason": row.get("notes", "")})
        elif consent is not None:
            self.desk.answer_charge(order, consent)
        elif row.get("requested_date"):
            self._amend(order, row["requested_date"])
        else:
            raise BadRow("requested_date is empty; amend needs it, or a consent in notes")
        return order

    def _amend(self, order: Order, wanted: str) -> None:
        try:
            self.desk.amend(order, f"{wanted}T17:00:00Z")
        except TooLate as late:
            if order.ended or order.state in lifecycle.CANCELLING:
                raise
            self.desk.tell(order, "amend_refused", f"{late.code}: {late}")

    def _complain(self, incoming: Incoming, number: int, row: Mapping[str, str], text: str) -> None:
        digest = sha256(f"{incoming.message_id}:{number}".encode()).hexdigest()[:16]
        told = csvmail.error_row(row, text, stamp(self.desk.now()))
        answers = {"sender": incoming.sender, "message_id": incoming.message_id}
        message = csvmail.write(self.desk.partner, f"error-{digest}", answers, [told])
        drop(self.desk, message.as_bytes())


class Handler:
    """aiosmtpd's hooks. Mail to anybody else is kept in a Maildir `other`, for people to look at."""

    def __init__(self, config: Config, desks: list[tuple[Desk, Care]]) -> None:
        self.other = (config.mailboxes or config.home / "mailbox") / "other"
        self.counters = {care.house.partner.address: Counter(desk, care) for desk, care in desks}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take one mail; 250 only after the commit."""
        try:
            return await self._take(server, envelope)
        except Exception:
            sys.stderr.write(traceback.format_exc())
            return "451 The sandbox failed; see its log"

    async def _take(self, server: SMTP, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        sender, answer = envelope.mail_from or "", TAKEN
        for address in envelope.rcpt_tos:
            counter = self.counters.get(address.lower())
            if counter is None:
                await asyncio.to_thread(self._keep, content)
                continue
            fault, hold = await asyncio.to_thread(counter.take, content, sender)
            answer = await _fail(server, fault, hold) or answer
        return answer

    def _keep(self, content: bytes) -> None:
        self.other.parent.mkdir(parents=True, exist_ok=True)
        mailbox.Maildir(str(self.other), create=True).add(content)


async def _fail(server: SMTP, fault: str, hold_seconds: float) -> str:
    """Play the fault: 451, a late answer, or a connection that is gone."""
    if fault == "error_5xx":
        return "451 Try again (simulated)"
    if fault == "timeout_after_commit":
        await asyncio.sleep(hold_seconds)
    if fault == "reset_after_commit":
        transport: Any = server.transport
        transport.abort()
    return ""


def controller(config: Config, desks: list[tuple[Desk, Care]]) -> Controller:
    """The SMTP server, not started yet."""
    return Controller(
        Handler(config, desks),
        hostname=config.host,
        port=config.smtp_port,
        data_size_limit=MAX_MAIL,
        enable_SMTPUTF8=True,
        ident="OFX sandbox (simulated)",
    )
