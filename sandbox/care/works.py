"""Planned works as carriers announce them: a mail with a calendar in the BCOP words (X-MAINTNOTE), or plain prose."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from sandbox.courier import drop
from sandbox.house import House
from sandbox.lifecycle import stamp
from sandbox.rules import Invalid

STATUSES = ("TENTATIVE", "CONFIRMED", "CANCELLED", "IN-PROCESS", "COMPLETED", "RE-SCHEDULED")
IMPACTS = ("NO-IMPACT", "REDUCED-REDUNDANCY", "DEGRADED", "OUTAGE")
SENDER = '"Mailtel planned works (simulated)" <planned-works@mailtel.example>'


def announce(house: House, body: dict[str, Any]) -> dict[str, Any]:
    """Put the mail into the partner's mailbox; Invalid names what is wrong."""
    if house.partner.kind != "email":
        raise Invalid("partner must be one that speaks by mail: mailtel")
    about = _checked(body)
    number = house.store.journal_size() + 1
    message = _message(house, about, number)
    drop(house, message.as_bytes())
    house.store.log(
        at=stamp(house.now()),
        kind="mail_out",
        method="MAIL",
        path=house.partner.mailbox,
        external_id=about["id"],
        headers=dict(message.items()),
        body=message.as_string(),
        outcome="delivered",
    )
    return {**about, "messageId": message["Message-ID"]}


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    about = {
        "id": "MW-1",
        "status": "CONFIRMED",
        "impact": "OUTAGE",
        "circuits": [],
        "to": "",
        "readable": True,
        **body,
    }
    if about["status"] not in STATUSES:
        raise Invalid(f"status must be one of {', '.join(STATUSES)}")
    if about["impact"] not in IMPACTS:
        raise Invalid(f"impact must be one of {', '.join(IMPACTS)}")
    if not isinstance(about["circuits"], list):
        raise Invalid("circuits must be a list")
    for name in ("start", "end"):
        try:
            moment = datetime.fromisoformat(str(about.get(name)))
        except ValueError:
            raise Invalid(f"{name} must be an ISO 8601 date-time with its zone") from None
        if moment.tzinfo is None:
            raise Invalid(f"{name} must carry a zone, such as Z")
        about[name] = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return about


def _message(house: House, about: dict[str, Any], number: int) -> EmailMessage:
    message = EmailMessage()
    digest = sha256(f"{house.config.seed}:{number}:{about['id']}".encode()).hexdigest()[:20]
    message["From"], message["To"] = SENDER, about["to"] or "noc@ofx.example"
    message["Subject"] = f"[{about['id']}] Planned works {about['status'].lower()} (simulated)"
    message["Date"], message["Message-ID"] = format_datetime(house.now()), f"<works-{digest}@mailtel.example>"
    message["X-OFX-Simulated"] = "yes"
    circuits = ", ".join(str(circuit) for circuit in about["circuits"])
    message.set_content(
        f"Dear partner,\n\nwe will work on our network from {_spoken(about['start'])} to {_spoken(about['end'])}.\n"
        f"Your services: {circuits or 'as agreed by phone'}.\n\nMailtel (simulated)\n"
    )
    if about["readable"]:
        calendar = _calendar(about, house.now(), number)
        message.add_attachment(calendar.encode(), maintype="text", subtype="calendar", filename="maintenance.ics")
    return message


def _spoken(moment: str) -> str:
    return datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).strftime("%A %d %B %Y, %H:%M UTC")


def _calendar(about: dict[str, Any], at: datetime, number: int) -> str:
    circuits = [f"X-MAINTNOTE-OBJECT-ID:{circuit}" for circuit in about["circuits"]]
    rows = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Mailtel (simulated)//maintnote//EN",
        "BEGIN:VEVENT",
        f"SUMMARY:Planned works {about['id']} (simulated)",
        f"DTSTART:{about['start']}",
        f"DTEND:{about['end']}",
        f"DTSTAMP:{at.strftime('%Y%m%dT%H%M%SZ')}",
        f"UID:{about['id']}@mailtel.example",
        f"SEQUENCE:{number}",
        "X-MAINTNOTE-PROVIDER:mailtel.example",
        "X-MAINTNOTE-ACCOUNT:OFX",
        f"X-MAINTNOTE-MAINTENANCE-ID:{about['id']}",
        *circuits,
        f"X-MAINTNOTE-IMPACT:{about['impact']}",
        f"X-MAINTNOTE-STATUS:{about['status']}",
        "ORGANIZER;CN=Mailtel planned works:mailto:planned-works@mailtel.example",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join([*rows, ""])
