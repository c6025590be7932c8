"""A case stands in the operator's portal from the moment it is submitted; what is delivered is the mail about it."""

import hashlib
import smtplib
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.core.mail import get_connection

from partners.connectors.base import Delivered, EndpointLike, Finding, Found, Job, Page, Polled
from partners.connectors.email import parse, probe
from partners.connectors.email.client import close, words
from partners.connectors.email.letter import letter
from partners.connectors.email.thread import message_id
from partners.mapping.base import ParsedRecord

STANDS = "it stands in the operator's portal"


class Portal:
    """The connector of kind `portal`. A mail that nobody takes does not undo the case: it stands in the portal."""

    kind = "portal"
    polls = False
    repeats_safely = True  # every recipient's mail keeps its Message-ID

    def deliver(self, endpoint: EndpointLike, job: Job) -> Delivered:
        """Tell each recipient by a mail of its own, with links of its own."""
        to = [str(one) for one in job.wire.get("to") or ()]
        if not to:
            return Delivered("success", detail=f"{STANDS}; nobody there is told by mail")
        connection = get_connection(timeout=endpoint.timeout_seconds)
        try:
            connection.open()
        except (OSError, smtplib.SMTPException) as error:
            return Delivered("retry", detail=f"{STANDS}; the mail server cannot be reached: {error}", fault="down")
        try:
            refused = [text for one in to if (text := _sent(connection, job, one))]
        except (OSError, smtplib.SMTPException) as error:
            return Delivered("retry", detail=f"{STANDS}; telling of it failed: {words(error)}", fault="down")
        finally:
            close(connection)
        return Delivered("success", 250, detail="; ".join([f"{STANDS}; {len(to) - len(refused)} told", *refused]))

    def find(self, endpoint: EndpointLike, job: Job) -> Found:
        """Nobody has to be asked; a mail that is sent again is known by its Message-ID."""
        return Found("absent")

    def fetch(self, endpoint: EndpointLike, external_id: str) -> Polled | None:
        """The portal's answers are facts already."""
        return None

    def poll(self, endpoint: EndpointLike, at: datetime) -> Iterator[Page]:
        """Answers come by themselves."""
        return iter(())

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> list[ParsedRecord]:
        """An uploaded CSV file of updates, as an e-mail partner sends it. Raises Unreadable."""
        return parse.records(raw, headers)

    def subscribe(self, endpoint: EndpointLike, callback: str) -> str:
        """Nothing to subscribe to."""
        return ""

    def probe(self, endpoint: EndpointLike, at: datetime) -> list[Finding]:
        """The mail server, by greeting it."""
        found = [one for one in probe.findings(endpoint) if one.name == "Mail server"]
        return [*found, Finding("Portal", True, "what is submitted stands in the partner portal at once")]


def _sent(connection: object, job: Job, to: str) -> str:
    """Send one mail. What the server said where it refuses this recipient for good; raises for all else."""
    digest = hashlib.sha256(to.encode()).hexdigest()[:8]
    mail = letter(job, to, message_id(f"{job.message_key}-{digest}"), csv=False, connection=connection)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        if code < 500:
            raise
        return f"{to} is refused: {code} {words(said)}"
    except smtplib.SMTPResponseException as error:
        if error.smtp_code < 500:
            raise
        return f"{to} is refused: {error.smtp_code} {words(error.smtp_error)}"
    return ""
