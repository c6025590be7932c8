"""Mails of ours to people, kept until they are sent: a mail server that is down loses none and delays no page."""

from django.db import models

from ofx.core.secrets import SecretField


class Mail(models.Model):
    """One mail to one person. Its text may hold a sign-in link: encrypted, and forgotten once it is sent."""

    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = SecretField(blank=True)
    html = SecretField(blank=True)
    headers = models.JSONField(default=dict, help_text="further headers, such as those that keep a thread together")
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True, help_text="empty once it is sent or given up")
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["sent_at"], name="mail_sent"),
            models.Index(
                fields=["next_attempt_at"], name="mail_due", condition=models.Q(next_attempt_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
