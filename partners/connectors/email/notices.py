"""A mail that is no file of updates: somebody's reply in words, or a notice of planned works."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from html import unescape
from typing import Any

from partners.connectors.email.thread import key_in_subject
from partners.mapping.base import ParsedRecord

# Words in a subject by which carriers announce works (circuit-maintenance practice, DOMAIN 4.3).
WORKS = re.compile(r"(?i)\b(planned|scheduled|emergency|urgent)?[ -]?(maintenance|works?\b.{0,20}notif|outage notif)")
PLANNED = re.compile(r"(?i)\b(planned|scheduled)[ -](works?|outage|maintenance|engineering)")
REPLY = re.compile(r"(?i)\s*(re|aw|fwd?|wg)\s*:")  # only then are brackets of a subject ours: carriers number in them
TAGS = re.compile(r"(?s)<(script|style).*?</\1>|<[^>]+>")
BODY_LIMIT = 20_000
FAULTS = ("ticket", "problem")


def record(mail: EmailMessage, headers: Mapping[str, str], reference: str) -> ParsedRecord:
    """The one record of a mail without a CSV file."""
    subject = str(mail.get("Subject", ""))[:500]
    answers = bool(reference) or bool(REPLY.match(subject) and key_in_subject(subject))
    reference = reference or key_in_subject(subject)
    calendar = any(part.get_content_type() == "text/calendar" for part in mail.walk())
    data: dict[str, Any] = {
        "subject": subject,
        "sender": parseaddr(str(mail.get("From", "")))[1][:200],
        "author": (parseaddr(str(mail.get("From", "")))[0] or parseaddr(str(mail.get("From", "")))[1])[:120],
        "message_id": str(mail.get("Message-ID", "") or headers.get("message-id", ""))[:250],
        "issued_at": _date(mail),
    }
    if calendar or (not answers and (WORKS.search(subject) or PLANNED.search(subject))):
        told = {"message_ident": data.pop("message_id"), "mail_subject": data.pop("subject"), "calendar": calendar}
        return ParsedRecord("maintenance", {**data, **told})
    return ParsedRecord("words", {**data, "body": _body(mail)}, reference=reference, entities=FAULTS)


def _date(mail: EmailMessage) -> str:
    try:
        found = parsedate_to_datetime(str(mail.get("Date", "")))
    except (ValueError, TypeError, IndexError):
        return ""
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC).isoformat()
    except OverflowError:
        return datetime(1970, 1, 1, tzinfo=UTC).isoformat()


def _body(mail: EmailMessage) -> str:
    """The plain text, else the HTML without its tags."""
    try:
        part = mail.get_body(("plain", "html"))
        content = part.get_content() if part is not None else ""
    except (LookupError, ValueError, AttributeError, TypeError, KeyError):
        return ""
    text = content if isinstance(content, str) else ""
    if part is not None and part.get_content_type() == "text/html":
        text = unescape(TAGS.sub(" ", text))
    return text[:BODY_LIMIT]
