"""Post a mail in the caller's transaction; a worker sends it after the commit, and again where that failed."""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from ofx.core.celery_wake import wake
from ofx.core.mail.models import Mail

GIVE_UP_AFTER = 12  # tries; with the pauses below about two days
KEPT = timedelta(days=30)
ANY_LINK = "https://each.reader.invalid/"  # stands for a reader's own link while one mail is drawn for many
HEADERS = {"Auto-Submitted": "auto-generated"}


@dataclass(frozen=True)
class Stop:
    """The end of a mail that is not asked for: how its reader turns such mails off, or why that cannot be."""

    words: str
    url: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What lets a mail program offer it as one press (RFC 8058)."""
        if not self.url:
            return {}
        return {"List-Unsubscribe": f"<{self.url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}

    @property
    def text(self) -> str:
        """In a plain mail."""
        return f"-- \n{self.words} {self.url}".rstrip() + "\n"


def post(
    *, to: str, subject: str, text: str, at: datetime, html: str = "", headers: dict[str, str] | None = None
) -> Mail:
    """Keep a mail to be sent. `text` is plain; `html` may be empty; `headers` such as Message-ID and Reply-To."""
    mail = Mail.objects.create(
        to=to,
        subject=" ".join(subject.split())[:200],
        text=text,
        html=html,
        headers=headers or {},
        created_at=at,
        next_attempt_at=at,
    )
    transaction.on_commit(partial(wake, "ofx.core.mail.tasks.send_mail", mail.pk), robust=True)
    return mail


def post_template(
    *,
    to: str,
    template: str,
    context: dict[str, Any],
    at: datetime,
    headers: dict[str, str] | None = None,
    stop: Stop | None = None,
) -> Mail:
    """A mail from `templates/emails/NAME.txt`: its first line is the subject, the paragraphs follow.

    The HTML part shows the same paragraphs; a paragraph that is only an address becomes a button.
    """
    subject, text, html = _drawn(template, context, stop)
    headers = {**(headers or {}), **(stop.headers if stop else {})}
    return post(to=to, subject=subject, text=text, html=html, at=at, headers=headers)


def _drawn(template: str, context: dict[str, Any], stop: Stop | None) -> tuple[str, str, str]:
    """Subject, plain text and HTML."""
    whole = render_to_string(f"emails/{template}.txt", context).strip()
    subject, _, text = whole.partition("\n")
    paragraphs = [part.strip() for part in text.strip().split("\n\n") if part.strip()]
    html = render_to_string("emails/frame.html", {"subject": subject, "paragraphs": paragraphs, "stop": stop})
    body = "\n\n".join(paragraphs) + "\n" + (f"\n{stop.text}" if stop else "")
    return subject, body, html


def post_many(
    *, to: list[str], template: str, context: dict[str, Any], at: datetime, stops: Callable[[str], Stop] | None = None
) -> list[Mail]:
    """The same mail to many people, each their own: drawn once, kept in one statement. In the order of `to`.

    `stops`: for an address, how its reader turns such mails off; only its link differs from one reader to another.
    """
    drawn = Stop(stops(to[0]).words, ANY_LINK) if stops and to else None
    subject, body, html = _drawn(template, context, drawn)
    head = " ".join(subject.split())[:200]
    mails = Mail.objects.bulk_create(_own(one, head, body, html, stops, at) for one in to)
    transaction.on_commit(partial(_ring, [mail.pk for mail in mails]), robust=True)
    return mails


def _own(to: str, head: str, body: str, html: str, stops: Callable[[str], Stop] | None, at: datetime) -> Mail:
    stop = stops(to) if stops else None
    link, headers = (stop.url, stop.headers) if stop else ("", {})
    texts = {"text": body.replace(ANY_LINK, link), "html": html.replace(ANY_LINK, link)}
    return Mail(to=to, subject=head, created_at=at, next_attempt_at=at, headers=headers, **texts)


def _ring(numbers: list[int]) -> None:
    """Wake a worker for each, as long as a broker hears; the sweep finds the others."""
    for number in numbers:
        if not wake("ofx.core.mail.tasks.send_mail", number):
            return


def send(*, mail_id: int, at: datetime) -> bool:
    """Send one mail that is due. Two workers cannot send it at once; returns whether it left now."""
    with transaction.atomic():
        due = Mail.objects.select_for_update(skip_locked=True).filter(pk=mail_id, next_attempt_at__lte=at)
        mail = due.first()
        if mail is None:
            return False
        try:
            _hand_over(mail)
        except (OSError, smtplib.SMTPException) as error:
            _try_later(mail, error, at)
            return False
        mail.sent_at, mail.next_attempt_at, mail.text, mail.html, mail.error = at, None, "", "", ""
        mail.save()
    return True


def _hand_over(mail: Mail) -> None:
    if mail.to.endswith(".invalid"):  # visitors, programs, erased people: such an address never exists (RFC 6761)
        return
    sender = settings.DEFAULT_FROM_EMAIL
    headers = {**HEADERS, **mail.headers}
    message = EmailMultiAlternatives(mail.subject, mail.text, sender, [mail.to], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    message.send()


def _try_later(mail: Mail, error: Exception, at: datetime) -> None:
    """Pauses double from 10 s to six hours; in the end the text, which may hold a link, is forgotten."""
    mail.attempts += 1
    mail.error = f"{type(error).__name__}: {error}"[:300]
    mail.next_attempt_at = at + timedelta(seconds=min(21_600, 10 * 2**mail.attempts))
    if mail.attempts >= GIVE_UP_AFTER:
        mail.next_attempt_at, mail.text, mail.html = None, "", ""
    mail.save()


def send_due(*, at: datetime, limit: int = 200) -> int:
    """Send what is due; returns how many left. That a mail went is forgotten after a month."""
    Mail.objects.filter(sent_at__lt=at - KEPT).delete()
    due = Mail.objects.filter(next_attempt_at__lte=at).order_by("next_attempt_at").values_list("pk", flat=True)
    return sum(send(mail_id=pk, at=at) for pk in list(due[:limit]))
