"""Thin task: send one mail."""

from celery import shared_task

from ofx.core.clock import now
from ofx.core.mail import actions


@shared_task
def send_mail(mail_id: int) -> None:
    """Send a mail that was just posted."""
    actions.send(mail_id=mail_id, at=now())
