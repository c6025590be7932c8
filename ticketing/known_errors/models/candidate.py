"""Resolved tickets that no record explains, gathered by what they have in common."""

from typing import Any, Self

from django.db import models

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ticketing.known_errors.models.article import KnownError
from ticketing.known_errors.vectors import VectorField
from ticketing.known_errors.vocabulary import CANDIDATE_LOOK, CandidateState
from ticketing.tickets.models import Ticket


class CandidateQuerySet(ScopedQuerySet["Candidate"]):
    """A tenant's own; no customer and no operator reads them."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        if acting.organisation.kind != "service_provider":
            return self.none()
        return self.filter(organisation_id=acting.organisation_id)


class Candidate(models.Model):
    """Perhaps a known error: a cluster of resolved tickets without a record."""

    STATE_LOOK = CANDIDATE_LOOK
    SUBJECT = "candidate"
    TRANSITIONS = {"open": ("drafted", "dismissed"), "dismissed": ("open",), "drafted": ()}

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=CandidateState.choices, default=CandidateState.OPEN)
    centre = VectorField(null=True, help_text="mean of its tickets' vectors")
    terms = models.JSONField(default=dict, help_text="word → weight, summed over its tickets")
    codes = models.JSONField(default=dict, help_text="test or clear code → tickets")
    size = models.PositiveIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    article = models.ForeignKey(KnownError, null=True, on_delete=models.SET_NULL, related_name="candidates")
    why = models.CharField(max_length=300, blank=True, help_text="why it was dismissed")

    objects = CandidateQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organisation", "state", "-size"], name="candidate_tenant")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The candidate's page."""
        return f"/knowledge/candidates/{self.pk}/"


class CandidateTicket(models.Model):
    """A ticket of a candidate."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="members")
    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="candidate_member")
    similarity = models.FloatField(default=1.0)
    at = models.DateTimeField()
