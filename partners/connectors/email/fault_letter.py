"""The mail about a fault or an outage: what it is about in words, how to answer, the CSV beside."""

import base64
import binascii
from datetime import date
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from partners.connectors.answer_links import buttons
from partners.connectors.base import Job
from partners.connectors.email.thread import marked, thread_id
from partners.connectors.email.written import csv_text
from partners.mapping.entities import PROBLEM, TICKET, word

SUBJECTS = {
    "create": "{}", "note": "Note about {}", "answer": "Answer about {}", "cancel": "Withdrawal of {}",
    "close": "{} confirmed and closed", "reopen": "{} is still there", "attach": "File for {}", "status": "News of {}",
    "clear": "{} is over",
}  # fmt: skip
OPENINGS = {
    "create": "A new fault for you. Please take it, and tell us your number.",
    "note": "There is more to know about it.",
    "answer": "Here is the answer that you asked for.",
    "cancel": "It is no longer needed. Please stop work on it.",
    "close": "It works again. Thank you: nothing more is to be done.",
    "reopen": "You said that it was solved, but it is still there. Please look again.",
    "attach": "Here is a file about it.",
    "status": "It has moved.",
    "clear": "It is over. Nothing more is to be done.",
}
OUTAGE_OPENING = "We see an outage that concerns you. Please tell us what you know."
LABELS = {
    "title": "Fault", "severity": "Severity", "impact": "What one notices", "service": "Your service",
    "address": "Address", "postcode": "Postcode", "contact": "Contact on site", "notes": "In words",
    "test": "Line test", "planned": "Planned", "started_at": "Since", "expected_at": "Expected to end",
    "services": "Services", "postcodes": "Areas", "partner_ref": "Your number",
}  # fmt: skip
HIDDEN = ("our_key", "action", "reference")


def fault_letter(
    job: Job, to: str, message_id: str, *, csv: bool = True, connection: Any = None
) -> EmailMultiAlternatives:
    """One mail to one recipient about a fault or an outage."""
    about, row = job.wire.get("answer") or {}, job.wire["rows"][0]
    subject = SUBJECTS[job.verb].format(f"{word(job.entity).capitalize()} {marked(job.key)}")
    context = {
        "subject": f"{subject} {row.get('title', '')}".strip()[:200],
        "key": job.key,
        "provider": about.get("provider", ""),
        "opening": OUTAGE_OPENING if job.entity == PROBLEM and job.verb == "create" else OPENINGS[job.verb],
        "facts": _facts(row),
        "buttons": _buttons(job, to, about),
        "portal": about.get("portal", ""),
        "csv": csv,
        "file": f"{word(job.entity)}.csv",
    }
    mail = EmailMultiAlternatives(
        subject=" ".join(context["subject"].split()),
        body=render_to_string("emails/partner_fault.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to],
        connection=connection,
        headers={"Message-ID": message_id, "References": thread_id(job.key)},
    )
    mail.attach_alternative(render_to_string("emails/partner_fault.html", context), "text/html")
    if csv:
        mail.attach(context["file"], csv_text(job.wire["columns"], [row]), "text/csv")
    _attach(mail, job.wire.get("file") or {})
    return mail


def _buttons(job: Job, to: str, about: dict[str, Any]) -> list[tuple[str, str]]:
    """Links to answer a fault by; outages have none, and a customer's own system reads no links of ours."""
    if job.entity != TICKET or not about.get("until"):
        return []
    return buttons(about.get("links", ""), job.key, to, f"fault:{job.verb}", date.fromisoformat(about["until"]))


def _facts(row: dict[str, Any]) -> list[tuple[str, str]]:
    """What is known, the agreed questions by their own names."""
    shown = [(name, value) for name, value in row.items() if value and name not in HIDDEN]
    return [(LABELS.get(name, name.replace("_", " ").capitalize()), str(value)) for name, value in shown]


def _attach(mail: EmailMultiAlternatives, file: dict[str, str]) -> None:
    if not file.get("base64"):
        return
    try:
        content = base64.b64decode(file["base64"], validate=True)
    except (binascii.Error, ValueError):
        return  # refused when it was taken in; never sent half
    mail.attach(file.get("name") or "attachment", content, file.get("content_type") or "application/octet-stream")
