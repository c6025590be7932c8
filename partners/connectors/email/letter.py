"""The mail of a delivery: what it is about in words, links to answer it by, and the CSV beside."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from partners.connectors.answer_links import buttons
from partners.connectors.base import Job
from partners.connectors.email.fault_letter import fault_letter
from partners.connectors.email.thread import thread_id
from partners.connectors.email.written import csv_text
from partners.mapping.entities import ORDER
from partners.mapping.mail import COLUMNS

SUBJECTS = {
    "create": "Order",
    "amend": "Change to order",
    "answer": "Answer about order",
    "cancel": "Cancellation of order",
}
# What of a row is shown in the text, in this order.
SHOWN = (
    ("action", "What"), ("product", "Product"), ("address", "Address"), ("postcode", "Postcode"),
    ("requested_date", "Wanted by"), ("contact", "Contact on site"), ("notes", "Notes"),
    ("partner_ref", "Your reference"),
)  # fmt: skip


def letter(job: Job, to: str, message_id: str, *, csv: bool = True, connection: Any = None) -> EmailMultiAlternatives:
    """One mail to one recipient; its links are that recipient's own."""
    if job.entity != ORDER:
        return fault_letter(job, to, message_id, csv=csv, connection=connection)
    rows = job.wire["rows"]
    subject = f"{SUBJECTS[job.verb]} {job.key}"
    about = job.wire.get("answer") or {}
    context = {
        "subject": subject,
        "key": job.key,
        "verb": job.verb,
        "provider": about.get("provider", ""),
        "facts": [(label, rows[0][name]) for name, label in SHOWN if _worth_saying(name, rows[0])],
        "buttons": _buttons(job, to, about),
        "portal": about.get("portal", ""),
        "csv": csv,
    }
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string("emails/partner_order.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to],
        connection=connection,
        headers={"Message-ID": message_id, "References": thread_id(job.key)},
    )
    mail.attach_alternative(render_to_string("emails/partner_order.html", context), "text/html")
    if csv:
        mail.attach("order.csv", csv_text(COLUMNS, rows), "text/csv")
    return mail


def _worth_saying(name: str, row: dict[str, Any]) -> bool:
    return bool(row.get(name)) and (name != "action" or row[name] in ("modify", "cease"))


def _buttons(job: Job, to: str, about: dict[str, Any]) -> list[tuple[str, str]]:
    if not about.get("until"):
        return []
    return buttons(about.get("links", ""), job.key, to, job.verb, date.fromisoformat(about["until"]))
