"""Faults and outages by mail: lines of CSV come in, lines of updates go back (docs/sandbox.md, Faults by mail)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from sandbox.care import problems, scenarios, tickets
from sandbox.care.case import Case
from sandbox.care.desk import Care
from sandbox.config import Partner
from sandbox.csvmail import BadRow
from sandbox.wire import Refused

VERBS = ("create", "note", "answer", "cancel", "close", "reopen", "attach", "status", "clear")
COLUMNS = (
    "our_key", "partner_ref", "sequence", "issued_at", "update_type", "reason_code", "text", "author", "clear_code",
    "cause", "fix", "chargeable", "expected_at",
)  # fmt: skip
UPDATES = {
    "acknowledged": "ACKNOWLEDGED",
    "inProgress": "IN_PROGRESS",
    "reopened": "IN_PROGRESS",
    "held": "DELAY",
    "question": "QUESTION",
    "resolved": "RESOLVED",
    "closed": "CLOSED",
    "rejected": "REJECTED",
    "cancelled": "CANCELLED",
}
Row = Mapping[str, str]


def is_fault(row: Row) -> bool:
    """Whether a line is about a fault or an outage: lines of orders have no column `reference`."""
    return "reference" in row and row.get("action") in VERBS


def take(care: Care, row: Row, sender: str, message_id: str) -> Case:
    """Work one line. Raises BadRow naming the column."""
    if not row.get("our_key"):
        raise BadRow("our_key is empty")
    if row["action"] == "create":
        return _create(care, row, sender, message_id)
    case = care.case("external_id = ?", (row["our_key"],))
    if case is None:
        raise BadRow("our_key names no fault of ours")
    case.kept.update(sender=sender, message_id=message_id)
    try:
        _change(care, case, row)
    except Refused as refused:
        raise BadRow(f"action: {refused.message}") from None
    return case


def _create(care: Care, row: Row, sender: str, message_id: str) -> Case:
    outage = "planned" in row
    if not row.get("title"):
        raise BadRow("title is empty; create needs it")
    request = {"name": row["title"], "description": row.get("notes") or row["title"], "externalId": row["our_key"]}
    case = Case("problem" if outage else "ticket", {**request, "severity": row.get("severity", "")})
    case.external_id, case.service = row["our_key"], row.get("service", "")
    case.kept.update(sender=sender, message_id=message_id)
    if outage:
        care.add(case)
        case.move(care.house.now(), "acknowledged")
        care.start(case, problems.START_DAYS * care.house.day, "start")
        care.tell(case, "Create")
        return case
    chance = care.house.rng("ticket", row["our_key"])
    case.scenario = scenarios.wanted(request) or scenarios.drawn(chance, care.store.setting("care_weights") or {})
    tickets.receive(care, case, {})
    return case


def _change(care: Care, case: Case, row: Row) -> None:
    if case.ended:
        raise BadRow(f"{case.id} is {case.state}: it is over")
    wanted = {"cancel": "cancelled", "close": "closed", "reopen": "inProgress", "clear": "resolved"}
    status, at = wanted.get(row["action"], ""), care.house.now()
    before = case.state
    case.move(at)
    said = case.take_notes([{"text": row["notes"]}], "client", at) if row.get("notes") else []
    if case.kind == "ticket":
        tickets.moved(care, case, status, row.get("notes", ""), said)
    elif status:
        case.move(at, status, row.get("notes", ""))
    care.tell(case, "StatusChange" if case.state != before else "AttributeValueChange")


def update(care: Care, case: Case) -> dict[str, str] | None:
    """The newest change as a line of COLUMNS; None if it was only ours."""
    newest = case.history[-1]
    notes = [note for note in case.notes if note["sequence"] == case.sequence and note["author"] == care.name]
    if newest["sequence"] != case.sequence and not notes:
        return None
    moved = newest["sequence"] == case.sequence
    code, _, line = newest["reason"].partition(": ")
    resolved = case.extra.get("resolution", {}) if case.state == "resolved" else {}
    return {
        "our_key": case.external_id,
        "partner_ref": case.id,
        "sequence": str(case.sequence),
        "issued_at": case.last_update,
        "update_type": UPDATES.get(case.state, "NOTE") if moved else "NOTE",
        "reason_code": code if line and case.state == "held" else "",
        "text": notes[-1]["text"] if notes else line or newest["reason"],
        "author": care.name,
        "clear_code": str(resolved.get("code", "")),
        "cause": str(resolved.get("cause", "")),
        "fix": str(resolved.get("text", "")),
        "chargeable": "" if not resolved else "yes" if resolved.get("chargeable") else "no",
        "expected_at": "" if resolved else str(case.extra.get("expectedResolutionDate", "")),
    }


def poster(care: Care) -> Callable[[Case], None]:
    """What a partner that speaks by mail does after every change: the line goes into the outbox."""

    def post(case: Case) -> None:
        row = update(care, case)
        if row is not None:
            chance, current = care.house.rng("fault mail", case.number, case.sequence), care.house.faults()
            late = chance.uniform(0.5, 2.0) * care.house.day if chance.random() < current.reorder else 0.0
            copies = int(chance.random() < current.repeat)
            care.queue(case, f"{case.id}-{case.sequence}", "MAIL", "mail", json.dumps(row), late, copies, 0)

    return post


def write(partner: Partner, event_id: str, case: Case, row: Row, at: datetime) -> EmailMessage:
    """A mail with one line of updates, in the thread of the letter that it answers."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerow(row)
    message = EmailMessage()
    message["From"] = f'"{partner.name}" <{partner.address}>'
    message["To"] = " ".join(str(case.kept.get("sender", "")).split()) or "undisclosed-recipients:;"
    message["Subject"] = f"[simulated] Update of fault {case.id}"
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<fault-{event_id}@{partner.address.partition('@')[2]}>"
    if thread := " ".join(str(case.kept.get("message_id", "")).split()):
        message["In-Reply-To"] = message["References"] = thread
    message["X-OFX-Simulated"] = "yes"
    message.set_content(f"Simulated partner: no network was touched.\n\n{row['update_type']}: {row['text']}\n")
    message.add_attachment(out.getvalue().encode(), maintype="text", subtype="csv", filename="updates.csv")
    return message
