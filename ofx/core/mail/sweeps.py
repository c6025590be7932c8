"""Mails that no worker was woken for, or that failed and are due again."""

from ofx.core.clock import now
from ofx.core.mail.actions import send_due
from ofx.core.sweeps import sweep


@sweep("mail")
def mail() -> int:
    """Send what is due."""
    return send_due(at=now())
