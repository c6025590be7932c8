"""Notes and files on an order."""

import hashlib
import unicodedata
import zipfile
from datetime import datetime
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.core.scoping import permit, still_visible
from ofx.orders.models import Attachment, Note, Order

# extension → content type that it is stored as. Nothing a browser would run.
TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "txt": "text/plain",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "eml": "message/rfc822",
}
MAGIC = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff"}
INSIDE = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}
TEXTS = ("txt", "csv", "eml")
BINARY_STARTS = (b"MZ", b"\x7fELF", b"PK", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"#!", b"\xca\xfe\xba\xbe")
MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script")
ALLOWED = "PDF, PNG, JPG, TXT, CSV, XLSX, DOCX and EML"


class BadFile(ValueError):
    """The file is not taken; `args[0]` says why and what would be."""


def add_note(*, actor: User | None, order: Order, text: str, internal: bool, at: datetime) -> Note:
    """A remark; an internal one is for staff only. Raises ValueError when there is no text, or more than 4,000."""
    permit(actor, "order.note")
    text = text.replace("\x00", "").strip()
    if not text or len(text) > 4000:
        raise ValueError("Write something, at most 4,000 characters.")
    with transaction.atomic():
        still_visible(order, actor)
        note = Note.objects.create(order=order, text=text, internal=internal, author=actor, at=at)
        verb = "wrote an internal note" if internal else "wrote a note"
        record(actor=actor, subject=f"order:{order.pk}", verb=verb, at=at, organisation_id=order.organisation_id)
    return note


def ask_question(*, actor: User, order: Order, text: str, at: datetime) -> Note:
    """A customer's question on their own order: a note that both sides read, and an event for the desk."""
    permit(actor, "order.ask")
    text = text.replace("\x00", "").strip()
    if not text or len(text) > 4000:
        raise ValueError("Write your question, at most 4,000 characters.")
    with transaction.atomic():
        still_visible(order, actor)
        note = Note.objects.create(order=order, text=text, internal=False, author=actor, at=at)
        subject = f"order:{order.pk}"
        record(actor=actor, subject=subject, verb="asked a question", at=at, organisation_id=order.organisation_id)
        publish(
            "order.asked", subject, at=at, organisation_id=order.organisation_id, order_id=order.pk, note_id=note.pk
        )
    return note


def add_attachment(*, actor: User | None, order: Order, upload: UploadedFile, at: datetime) -> Attachment:
    """Store a file whose extension and content agree and are allowed. Raises BadFile with words for people."""
    permit(actor, "order.note")
    name = safe_name(upload.name or "")
    kind = checked_type(name, upload)
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    with transaction.atomic():
        still_visible(order, actor)
        known = order.attachments.filter(sha256=digest.hexdigest(), name=name).first()
        if known:
            return known
        row = Attachment(
            order=order,
            name=name,
            content_type=TYPES[kind],
            size=upload.size or 0,
            sha256=digest.hexdigest(),
            author=actor,
            at=at,
        )
        # The stored name is ours: nothing that a stranger chose becomes a path.
        row.file.save(f"{digest.hexdigest()[:32]}.{kind}", upload, save=True)
        subject = f"order:{order.pk}"
        record(
            actor=actor,
            subject=subject,
            verb="attached a file",
            at=at,
            organisation_id=order.organisation_id,
            name=name,
        )
    return row


def safe_name(name: str) -> str:
    """A file name without path, control characters and direction marks, at most 120 characters."""
    base = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(sign for sign in unicodedata.normalize("NFC", base) if unicodedata.category(sign)[0] != "C")
    kept = kept.replace('"', "'").strip(" .")
    stem, dot, extension = kept.rpartition(".")
    return f"{stem[:110]}{dot}{extension[:9]}" if dot else kept[:120]


def checked_type(name: str, upload: UploadedFile) -> str:
    """The extension, where name, size and content agree. Raises BadFile."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in TYPES:
        raise BadFile(f"“{name or 'This file'}” is not a type that is taken. Taken are {ALLOWED}.")
    if not upload.size:
        raise BadFile(f"“{name}” is empty.")
    if upload.size > settings.ATTACHMENT_MAX_BYTES:
        most = settings.ATTACHMENT_MAX_BYTES / 1024 / 1024
        raise BadFile(f"“{name}” has {upload.size / 1024 / 1024:.1f} MB; at most {most:.0f} MB are taken.")
    if not _content_is(extension, upload):
        raise BadFile(f"The content of “{name}” is not {extension.upper()}. Save it as what it is, then attach it.")
    return extension


def _content_is(extension: str, upload: UploadedFile) -> bool:
    upload.seek(0)
    head = upload.read(4096)
    upload.seek(0)
    if extension in MAGIC:
        return head.startswith(MAGIC[extension])
    if extension in INSIDE:
        return head.startswith(b"PK\x03\x04") and _holds(upload, INSIDE[extension])
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    plain = b"\x00" not in head and not head.startswith(BINARY_STARTS)
    return plain and not start.startswith(MARKUP) and extension in TEXTS


def _holds(upload: UploadedFile, inner: str) -> bool:
    """Whether the ZIP has the part that makes it an Office file, and no macros. Only its directory is read."""
    try:
        with zipfile.ZipFile(upload) as archive:  # type: ignore[arg-type]
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    finally:
        upload.seek(0)
    return inner in names and not any(name.lower().endswith("vbaproject.bin") for name in names)
