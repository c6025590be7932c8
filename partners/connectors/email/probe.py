"""Is this e-mail endpoint usable? Greets the mail server, sends nothing."""

import smtplib

from django.conf import settings
from django.core.mail import get_connection

from partners.connectors.base import EndpointLike, Finding
from partners.connectors.email.mailbox import folder


def findings(endpoint: EndpointLike) -> list[Finding]:
    """The mail server and its login, the address, the mailbox."""
    connection = get_connection(timeout=endpoint.timeout_seconds)
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        connection.open()
        connection.close()
        made = [Finding("Mail server", True, f"{server} answers")]
    except (OSError, smtplib.SMTPException) as error:
        made = [Finding("Mail server", False, f"{server}: {error}")]
    made.append(Finding("Address", bool(endpoint.address), endpoint.address or "orders are mailed to nobody"))
    box = folder(endpoint)
    there = (box / "new").is_dir()
    waiting = sum(1 for _ in (box / "new").iterdir()) if there else 0
    return [*made, Finding("Mailbox", True, f"{waiting} waiting" if there else "no mail has come yet")]
