"""Mails and CSV files into records."""

import csv
import io
from collections.abc import Iterator, Mapping
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from partners.connectors.base import Unreadable
from partners.connectors.email import notices
from partners.connectors.email.thread import key_of
from partners.mapping.base import ParsedRecord

REQUIRED = ("update_type", "issued_at")
MAX_ROWS = 10_000


def records(raw: bytes, headers: Mapping[str, str]) -> list[ParsedRecord]:
    """One record a line of CSV; a mail without a file is one itself. Raises Unreadable naming what is missing."""
    if headers.get("kind") == "upload":
        return list(_rows(raw, ""))
    mail = _mail(raw)
    reference = key_of(f"{mail.get('In-Reply-To', '')} {mail.get('References', '')}")
    files = list(_attachments(mail))
    if not files:
        return [notices.record(mail, headers, reference)]
    return [record for content in files for record in _rows(content, reference)]


def _mail(raw: bytes) -> EmailMessage:
    try:
        found = BytesParser(policy=policy.default).parsebytes(raw)
    except Exception as error:  # the parser of the standard library fails on hostile headers in many ways
        raise Unreadable(f"this is not a mail: {error}") from None
    assert isinstance(found, EmailMessage)
    return found


def _attachments(mail: EmailMessage) -> Iterator[bytes]:
    for part in mail.walk():
        try:
            name = part.get_filename() or ""
            if part.get_content_type() == "text/csv" or name.lower().endswith(".csv"):
                content = part.get_payload(decode=True)
                if isinstance(content, bytes):
                    yield content
        except (LookupError, ValueError, AttributeError, TypeError) as error:
            raise Unreadable(f"an attachment cannot be read: {error}") from None


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _rows(content: bytes, reference: str) -> Iterator[ParsedRecord]:
    reader = csv.DictReader(io.StringIO(_decoded(content).replace("\x00", "")), restkey="_more", restval="")
    try:
        names = {(name or "").strip().lower(): name for name in reader.fieldnames or []}
    except csv.Error as error:
        raise Unreadable(f"the file is not CSV: {error}") from None
    missing = [name for name in REQUIRED if name not in names]
    if missing or not {"our_key", "partner_ref"} & set(names):
        wanted = ", ".join(missing or ["our_key or partner_ref"])
        raise Unreadable(f"the CSV lacks the column {wanted}; it has {', '.join(names) or 'none'}")
    try:
        for index, line in enumerate(reader):
            if index >= MAX_ROWS:
                raise Unreadable(f"the CSV has more than {MAX_ROWS:,} lines: send it in parts")
            yield _record({name: (line.get(raw) or "").strip() for name, raw in names.items() if name}, reference)
    except csv.Error as error:
        raise Unreadable(f"line {reader.line_num} of the CSV cannot be read: {error}") from None


def _record(data: dict[str, str], reference: str) -> ParsedRecord:
    key, ref = data.get("our_key", "")[:80], data.get("partner_ref", "")[:120]
    version = data.get("sequence") or data.get("issued_at", "")
    return ParsedRecord("row", data, our_key=key, external_id=ref, reference=reference, version=version[:60])
