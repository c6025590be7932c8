"""Orders by SMTP, updates from a Maildir. One Message-ID a message: a partner that sees it twice knows it is one."""

import smtplib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage, get_connection

from partners.connectors.base import Delivered, EndpointLike, Finding, Found, Job, Page, Polled
from partners.connectors.email import mailbox, parse, probe
from partners.connectors.email.letter import letter
from partners.connectors.email.thread import message_id
from partners.mapping.base import ParsedRecord


class Email:
    """The connector of kind `email`. An unknown send is repeated under the same Message-ID."""

    kind = "email"
    polls = True
    repeats_safely = True

    def deliver(self, endpoint: EndpointLike, job: Job) -> Delivered:
        """Send one mail: the order in words, links to answer it by, one CSV attachment."""
        if not endpoint.address:
            return Delivered("never", detail="the endpoint has no address to write to")
        connection = get_connection(timeout=endpoint.timeout_seconds)
        try:
            connection.open()
        except smtplib.SMTPAuthenticationError as error:
            return Delivered("retry", error.smtp_code, detail=words(error.smtp_error), fault="auth")
        except (OSError, smtplib.SMTPException) as error:
            return Delivered("retry", detail=f"the mail server cannot be reached: {error}", fault="down")
        try:
            connection.send_messages([composed(endpoint, job, connection)])
        except (OSError, smtplib.SMTPException) as error:
            return _judged(error)
        finally:
            close(connection)
        return Delivered("success", 250, detail="taken by the mail server")

    def find(self, endpoint: EndpointLike, job: Job) -> Found:
        """Nobody can be asked; sending again under the same Message-ID is safe."""
        return Found("absent")

    def fetch(self, endpoint: EndpointLike, external_id: str) -> Polled | None:
        """A partner by e-mail cannot be asked."""
        return None

    def poll(self, endpoint: EndpointLike, at: datetime) -> Iterator[Page]:
        """Mails that lie in the endpoint's mailbox."""
        return mailbox.pages(endpoint)

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> list[ParsedRecord]:
        """A mail with CSV attachments, or an uploaded CSV file, as records. Raises Unreadable."""
        return parse.records(raw, headers)

    def subscribe(self, endpoint: EndpointLike, callback: str) -> str:
        """Mails come by themselves."""
        return ""

    def probe(self, endpoint: EndpointLike, at: datetime) -> list[Finding]:
        """Greet the mail server and look into the mailbox."""
        return probe.findings(endpoint)


def composed(endpoint: EndpointLike, job: Job, connection: Any = None) -> EmailMessage:
    """The mail of a delivery."""
    return letter(job, endpoint.address, message_id(job.message_key), connection=connection)


def _judged(error: Exception) -> Delivered:
    """4xx: later. 5xx: refused. A lost connection: unknown."""
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    else:
        return Delivered("unknown", detail=f"the connection was lost: {error or type(error).__name__}", fault="down")
    if 400 <= code < 500:
        return Delivered("retry", code, detail=words(said), fault="slow" if code in (421, 450, 451, 452) else "down")
    if code >= 500:
        return Delivered("never", code, detail=words(said))
    return Delivered("unknown", code if code > 0 else None, detail=words(said), fault="down")


def words(said: Any) -> str:
    """What a mail server, or its failure, said."""
    return (said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said))[:500]


def close(connection: Any) -> None:
    """Hang up; a server that is gone already changes nothing."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        return  # what was answered before counts
