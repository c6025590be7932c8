"""Orders and updates as CSV attachments: reading the mails that come in, writing those that go out. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from typing import Any

from sandbox.config import Partner
from sandbox.dialects import KCI, Dialect
from sandbox.lifecycle import Order

ORDER_COLUMNS = (
    "our_key",
    "action",
    "product",
    "postcode",
    "address",
    "contact",
    "requested_date",
    "notes",
    "partner_ref",
)
UPDATE_COLUMNS = (
    "our_key",
    "partner_ref",
    "sequence",
    "issued_at",
    "update_type",
    "reason_code",
    "committed_date",
    "target_date",
    "text",
)
_REQUIRED: dict[str, tuple[str, ...]] = {
    "add": ("product", "postcode"),
    "modify": ("product", "partner_ref"),
    "cease": ("partner_ref",),
    "amend": (),
    "cancel": (),
}
ORDERS = {"add": "add", "modify": "modify", "cease": "delete"}


class BadRow(ValueError):
    """A row or an attachment that cannot be worked; the text names the column and the fix."""


@dataclass(frozen=True)
class Incoming:
    """A mail that came in: who sent it, its id, and the rows of its CSV attachments or why there are none."""

    sender: str
    message_id: str
    rows: tuple[dict[str, str], ...]
    error: str = ""


def _table(content: bytes) -> list[dict[str, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRow("the attachment is not UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        missing = [name for name in ("our_key", "action") if name not in (reader.fieldnames or [])]
        if missing:
            raise BadRow(f"column {missing[0]} is missing from the header row")
        known = set(reader.fieldnames or []) if "reference" in (reader.fieldnames or []) else set(ORDER_COLUMNS)
        return [{k: (v or "").strip() for k, v in row.items() if k in known and isinstance(v, str)} for row in reader]
    except csv.Error as error:
        raise BadRow(f"the attachment is no CSV: {error}") from None


def _attachments(message: EmailMessage) -> list[bytes]:
    found = []
    for part in message.walk():
        if (part.get_filename() or "").lower().endswith(".csv"):
            payload = part.get_payload(decode=True)
            found.append(payload if isinstance(payload, bytes) else b"")
    return found


def read(message: EmailMessage, sender: str) -> Incoming:
    """The rows of a mail's CSV attachments; `error` says why there are none."""
    message_id = str(message.get("Message-ID") or "").strip()
    try:
        tables = [_table(content) for content in _attachments(message)]
    except BadRow as error:
        return Incoming(sender, message_id, (), str(error))
    rows = tuple(row for table in tables for row in table)
    return Incoming(sender, message_id, rows, "" if rows else "there is no row in any .csv attachment")


def checked(row: Mapping[str, str]) -> Mapping[str, str]:
    """The row, if it can be worked; BadRow otherwise."""
    action = row.get("action", "")
    if not row.get("our_key"):
        raise BadRow("our_key is empty")
    if action not in _REQUIRED:
        raise BadRow(f"action must be one of {', '.join(_REQUIRED)}, not {action!r}")
    for name in _REQUIRED[action]:
        if not row.get(name):
            raise BadRow(f"{name} is empty; {action} needs it")
    if row.get("requested_date"):
        return {**row, "requested_date": _day(row["requested_date"])}
    return row


def _day(text: str) -> str:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadRow(f"requested_date must be YYYY-MM-DD, not {text!r}") from None
    if not 1970 <= found.year < 3000:
        raise BadRow(f"requested_date must be in the years 1970 to 2999, not {text!r}")
    return found.isoformat()


def as_request(row: Mapping[str, str]) -> dict[str, Any]:
    """A row that is an order in the shape that the order desk keeps; `partner_ref` names the live service."""
    place = {"role": "installation address", "name": f"{row.get('address', '')} {row.get('postcode', '')}".strip()}
    product = {"name": row.get("product", ""), "place": [place]}
    if row["action"] != "add":
        product["id"] = row["partner_ref"]
    item = {"id": "1", "action": ORDERS[row["action"]], "product": product}
    request = {
        "externalId": row["our_key"],
        "productOrderItem": [item],
        "notificationContact": row.get("contact", ""),
        "note": [{"author": "ordering provider", "text": row["notes"]}] if row.get("notes") else [],
    }
    if row.get("requested_date"):
        request["requestedCompletionDate"] = f"{row['requested_date']}T17:00:00Z"
    return request


def update_row(order: Order, dialect: Dialect) -> dict[str, str]:
    """The newest change of the order as a row of UPDATE_COLUMNS."""
    newest = order.changes[-1]
    if not order.external_id and newest["update"] == "received":
        product = order.request["productOrderItem"][0]["product"]["id"]
        text = f"We cease service {product}; this is our own order"
        newest = {**newest, "text": text, "update": "created"}
    return {
        "our_key": order.external_id,
        "partner_ref": order.id,
        "sequence": str(newest["sequence"]),
        "issued_at": newest["issuedOn"],
        "update_type": KCI[newest["update"]],
        "reason_code": dialect.reason(newest["reason"]),
        "committed_date": order.committed[:10],
        "target_date": order.expected[:10],
        "text": newest["text"],
    }


def error_row(row: Mapping[str, str], text: str, issued_at: str) -> dict[str, str]:
    """The answer to a row that could not be worked."""
    known = {"our_key": row.get("our_key", ""), "partner_ref": row.get("partner_ref", "")}
    told = {"update_type": "ERROR", "reason_code": "INVALID_REQUEST", "issued_at": issued_at, "text": text}
    return {**dict.fromkeys(UPDATE_COLUMNS, ""), **known, **told}


def _csv(rows: Sequence[Mapping[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, UPDATE_COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _line(text: str) -> str:
    """The text as it may stand in a header: on one line, printable."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:200]


def write(
    partner: Partner, event_id: str, answers: Mapping[str, str], rows: Sequence[Mapping[str, str]]
) -> EmailMessage:
    """A mail with `updates.csv`; `answers` holds the order mail's `sender` and `message_id`."""
    message = EmailMessage()
    message["From"] = f'"{partner.name}" <{partner.address}>'
    message["To"] = _line(answers.get("sender", "")) or "undisclosed-recipients:;"
    message["Subject"] = _line(f"[simulated] Update of order {rows[0]['partner_ref'] or rows[0]['our_key']}")
    message["Message-ID"] = f"<{event_id}@{partner.address.partition('@')[2]}>"
    if answers.get("message_id"):
        message["In-Reply-To"] = _line(answers["message_id"])
        message["References"] = _line(answers["message_id"])
    message["X-OFX-Simulated"] = "yes"
    message.set_content("Simulated partner: no network was touched. The updates are in the attachment.\n")
    message.add_attachment(_csv(rows).encode(), maintype="text", subtype="csv", filename="updates.csv")
    return message
