"""Carries the news of faults, and rings the timers of cases; a customer's system also calls the provider's API."""

from __future__ import annotations

import json
import threading

import requests

from sandbox.care import itsm, letters
from sandbox.care.desk import Care
from sandbox.courier import TIMEOUT_SECONDS, Carrier, drop
from sandbox.store import Row

AGAIN = (408, 425, 429)


class CareCourier(Carrier):
    """One thread a fault desk."""

    OUTBOX, HUBS, ABOUT = "case_news", "case_hubs", "cases"

    def __init__(self, care: Care, stopping: threading.Event) -> None:
        super().__init__(care.house, stopping)
        self.care = care
        self.wake = care.house.care_wake

    def work(self) -> float:
        """The fault desk's due timers."""
        return self.care.work()

    def carry(self, row: Row) -> None:
        """A notification, or a call of the provider's API."""
        if row["hub_id"] == itsm.CALL:
            self._ask(row)
        elif row["event_type"] == "MAIL":
            self._write(row)
        else:
            super().carry(row)

    def _write(self, row: Row) -> None:
        case = self.care.case("number = ?", (row["number"],))
        if case is None:
            return
        partner = self.care.house.partner
        message = letters.write(partner, row["event_id"], case, json.loads(row["body"]), self.care.house.now())
        drop(self.care.house, message.as_bytes())
        self._record(row, "MAIL", partner.mailbox, dict(message.items()), None, "delivered")
        self._delivered(row)

    def _ask(self, row: Row) -> None:
        provider = self.care.store.setting("provider", {})
        theirs = self._theirs(row)
        if row["event_type"] == "PATCH" and not theirs:
            self._mark("waiting = 0 WHERE id = ?", row["id"])  # its POST, which went before, was refused
            return
        path = "troubleTicket" if row["event_type"] == "POST" else f"troubleTicket/{theirs}"
        address = f"{provider['url']}/{path}"
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {provider['token']}"}
        if row["event_type"] == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        try:
            response = self._session().request(
                row["event_type"], address, data=row["body"].encode(), headers=headers, timeout=TIMEOUT_SECONDS
            )
        except requests.RequestException as problem:
            self._record(row, row["event_type"], address, headers, None, type(problem).__name__)
            self._again(row, self._pause(row, ""))
            return
        with self.care.store.transaction():
            self._answered(row, address, headers, response)

    def _theirs(self, row: Row) -> str:
        case = self.care.case("number = ?", (row["number"],))
        return str(case.kept.get("theirs", "")) if case else ""

    def _answered(self, row: Row, address: str, headers: dict[str, str], response: requests.Response) -> None:
        status = response.status_code
        outcome = "delivered" if 200 <= status < 300 else "refused"
        self._record(row, row["event_type"], address, headers, status, outcome, response.text[:2000])
        if status >= 500 or status in AGAIN:
            self._again(row, self._pause(row, response.headers.get("Retry-After", "")))
            return
        self._mark("waiting = 0 WHERE id = ?", row["id"])
        if row["event_type"] == "POST":
            try:
                found = response.json()
            except ValueError:
                found = None
            itsm.called(self.care, row["number"], status, found)
