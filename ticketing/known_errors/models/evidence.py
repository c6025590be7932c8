"""Where a known error was seen, and what came of it."""

from django.db import models
from django.db.models import Q

from ticketing.known_errors.models.article import KnownError
from ticketing.known_errors.vocabulary import Outcome
from ticketing.tickets.models import Ticket


class KnownErrorTicket(models.Model):
    """A ticket that shows this error."""

    article = models.ForeignKey(KnownError, on_delete=models.CASCADE, related_name="links")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="known_error_links")
    at = models.DateTimeField()
    by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "ticket"], name="known_error_ticket_once")]


class KnownErrorUse(models.Model):
    """The advice was followed for one ticket or guide run. Its outcome moves from applied to worked or failed."""

    article = models.ForeignKey(KnownError, on_delete=models.CASCADE, related_name="uses")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.CASCADE, related_name="known_error_uses")
    run = models.CharField(max_length=40, blank=True, help_text="guide_run:17")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)
    by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "ticket"], condition=Q(ticket__isnull=False), name="known_error_use_ticket_once"
            ),
            models.UniqueConstraint(
                fields=["article", "run"], condition=Q(ticket=None) & ~Q(run=""), name="known_error_use_run_once"
            ),
        ]
        indexes = [models.Index(fields=["run"], name="known_error_use_run", condition=~Q(run=""))]
