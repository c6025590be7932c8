"""Planned-work mails and calendar files into plain entries, by the open-source maintenance-notice library. Pure.

The library reads iCalendar files of the maintenance-note standard from anybody, and the mails of some thirty carriers.
What it cannot read goes to a person.
"""

import email
import hashlib
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from circuit_maintenance_parser import NotificationData

log = logging.getLogger(__name__)
logging.getLogger("circuit_maintenance_parser").setLevel(logging.CRITICAL)  # it logs whole mails; we keep them
LARGEST = 2_000_000
MOST_ENTRIES = 20
MOST_CIRCUITS = 2_000
HARMLESS = {"NO-IMPACT", "REDUCED-REDUNDANCY"}
OVER = {"COMPLETED"}
CANCELLED = {"CANCELLED"}


@dataclass(frozen=True)
class Notice:
    """What was read. `problem` says in words why it could not be."""

    digest: str
    sender: str = ""
    subject: str = ""
    text: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""


def read(raw: bytes) -> Notice:
    """A mail, or a bare calendar file, as a notice. Never raises for what is in it."""
    from circuit_maintenance_parser import NotificationData  # half a second: only those that read a mail pay it

    digest = hashlib.sha256(raw).hexdigest()
    if len(raw) > LARGEST:
        return Notice(digest, problem=f"It is larger than {LARGEST // 1_000_000} MB.")
    if raw.lstrip()[:15].upper() == b"BEGIN:VCALENDAR":
        data, head = NotificationData.init_from_raw("ical", raw), {}
    else:
        data, head = NotificationData.init_from_email_bytes(raw), _head(raw)
    entries = _entries(data, head.get("sender", "")) if data else []
    problem = "" if entries else "Nobody has taught us to read this sender's notices."
    return Notice(digest, **head, entries=entries, problem=problem)


def _head(raw: bytes) -> dict[str, str]:
    letter = cast(EmailMessage, email.message_from_bytes(raw, policy=policy.default))
    try:
        body = letter.get_body(preferencelist=("plain", "html"))
        text = body.get_content() if body else ""
    except (LookupError, ValueError, KeyError):
        text = ""
    sender = parseaddr(str(letter.get("From", "")))[1]
    return {
        "sender": _line(sender),
        "subject": _line(letter.get("Subject", "")),
        "text": str(text)[:20_000].replace("\x00", ""),
    }


def _line(value: Any) -> str:
    return " ".join(str(value).replace("\x00", "").split())[:250]


def _entries(data: "NotificationData", sender: str) -> list[dict[str, Any]]:
    """By the sender's own parser where the library has one, else by the standard's."""
    from circuit_maintenance_parser import SUPPORTED_PROVIDER_NAMES, init_provider

    domain = sender.rpartition("@")[2].lower()
    own = [name for name in SUPPORTED_PROVIDER_NAMES if name in domain.replace("-", "").split(".")]
    for name in [*own, "genericprovider"]:
        try:
            found = list(init_provider(name).get_maintenances(data))
        except Exception as error:  # the library raises whatever its parsers meet in a hostile file
            log.info("notice not read", extra={"provider": name, "error": repr(error)[:300]})
            continue
        if found:
            return [_plain(one) for one in found[:MOST_ENTRIES]]
    return []


def _plain(one: Any) -> dict[str, Any]:
    circuits = [{"id": _line(row.circuit_id)[:80], "impact": row.impact.value} for row in one.circuits]
    return {
        "provider": _line(one.provider),
        "account": _line(one.account),
        "id": _line(one.maintenance_id)[:100],
        "status": one.status.value,
        "circuits": circuits[:MOST_CIRCUITS],
        "start": _moment(one.start),
        "end": _moment(one.end),
        "summary": _line(one.summary),
        "sequence": int(one.sequence or 0),
    }


def _moment(stamp: int) -> str:
    return datetime.fromtimestamp(max(0, min(int(stamp), 4_102_444_800)), UTC).isoformat()
