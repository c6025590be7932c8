"""Who wants which news by which channel, and who was told what."""

from django.db import models
from django.db.models import Q

from ofx.core.accounts.models import Organisation, User


class Channel(models.TextChoices):
    """How news reach a person."""

    EMAIL = "email", "E-mail"
    PORTAL = "portal", "Portal"


class NoticeChoice(models.Model):
    """A person wants, or does not want, one kind of news by one channel. Without a row the kind's default holds.

    Of somebody without an account the address stands for the person. `organisation` is the house that sends: whoever
    has enough of one house's mails has not said so of another's.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="notice_choices")
    email = models.EmailField(blank=True, help_text="lower case; only where there is no account")
    kind = models.CharField(max_length=20)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    wanted = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user", "kind", "channel"],
                condition=Q(user__isnull=False),
                name="notice_choice_person",
            ),
            models.UniqueConstraint(
                fields=["organisation", "email", "kind", "channel"],
                condition=Q(user__isnull=True),
                name="notice_choice_address",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True) & ~Q(email="") | Q(user__isnull=False, email=""),
                name="notice_choice_whose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.email}: {self.kind} by {self.channel}"


class NoticeSent(models.Model):
    """One recipient was sent one piece of news by mail. Unique, so nobody is told twice."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    recipient = models.EmailField()
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=80, help_text="what it is about, such as order:17")
    key = models.CharField(max_length=120, help_text="names the piece of news for ever")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "recipient", "key"], name="notice_sent_once"),
        ]
        indexes = [models.Index(fields=["subject"], name="notice_sent_subject")]

    def __str__(self) -> str:
        return f"{self.key} to {self.recipient}"
