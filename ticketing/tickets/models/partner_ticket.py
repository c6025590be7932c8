"""The ticket at a partner: a leg of ours. Its state is a fold over facts, as a partner order's is."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from partners.models import Message, Operator
from ticketing.tickets.models.testing import ServiceTest
from ticketing.tickets.models.ticket import Ticket
from ticketing.tickets.vocabulary import PARTNER_STATE_LOOK, ClockOwner, PartnerState


class PartnerTicketQuerySet(ScopedQuerySet["PartnerTicket"]):
    """A service provider sees its own, an operator those raised with it."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        kind = acting.organisation.kind
        if kind == "service_provider":
            return self.filter(organisation_id=acting.organisation_id)
        if kind == "operator":
            return self.filter(operator__organisation_id=acting.organisation_id)
        return self.none()


class PartnerTicket(models.Model):
    """One fault as raised at one operator. Columns from `state` on are a fold over its facts."""

    STATE_LOOK = PARTNER_STATE_LOOK
    SUBJECT = "partner_ticket"
    OPEN = ("submitted", "failed_to_send", "acknowledged", "in_progress", "pending", "held", "resolved")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="partner_tickets")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="partner_tickets")
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="partner_tickets")
    our_key = models.CharField(max_length=80, unique=True)
    test = models.ForeignKey(ServiceTest, null=True, on_delete=models.SET_NULL, related_name="+")
    override_reason = models.CharField(max_length=300, blank=True, help_text="why it was raised past the test gate")
    characteristics = models.JSONField(default=dict, help_text="characteristic code → value, as raised")
    service_ref = models.CharField(max_length=120, blank=True, help_text="the partner's id of the service")
    simulated = models.BooleanField(default=False)
    raised_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    raised_at = models.DateTimeField()
    # The fold
    state = models.CharField(max_length=14, choices=PartnerState.choices, default=PartnerState.SUBMITTED)
    partner_ref = models.CharField(max_length=120, blank=True)
    partner_url = models.CharField(max_length=300, blank=True, help_text="deep link to the partner's own ticket")
    holder = models.CharField(max_length=15, choices=ClockOwner.choices, blank=True)
    waiting_since = models.DateTimeField(null=True)
    question = models.TextField(blank=True, help_text="what the partner asks, open until we answered")
    reason = models.CharField(max_length=40, blank=True)
    raw_reason = models.CharField(max_length=120, blank=True)
    clear_code = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=300, blank=True)
    fix = models.TextField(blank=True)
    chargeable = models.BooleanField(null=True)
    expected_at = models.DateTimeField(null=True, help_text="when the partner expects it to work again")
    acknowledged_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    last_news_at = models.DateTimeField(null=True)
    silent_from = models.DateTimeField(null=True, help_text="the partner owes news by then (R28)")
    silence_told_at = models.DateTimeField(null=True)

    objects = PartnerTicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "operator"],
                condition=~Q(state__in=["closed", "rejected", "cancelled"]),
                name="partner_ticket_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["operator", "state"], name="partner_ticket_operator"),
            models.Index(fields=["partner_ref"], name="partner_ticket_ref", condition=~Q(partner_ref="")),
            models.Index(fields=["organisation", "-raised_at"], name="partner_ticket_tenant"),
            models.Index(
                fields=["silent_from"],
                name="partner_ticket_silent",
                condition=Q(silence_told_at=None, silent_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} at {self.operator}"


class TicketFact(models.Model):
    """One piece of news about a partner ticket, theirs or ours. Append-only; the state is folded from them."""

    class Source(models.TextChoices):
        PARTNER = "partner", "Partner"
        US = "us", "Us"
        CUSTOMER = "customer", "Customer"
        SYSTEM = "system", "System"

    partner_ticket = models.ForeignKey(PartnerTicket, on_delete=models.CASCADE, related_name="facts")
    source = models.CharField(max_length=10, choices=Source.choices)
    kind = models.CharField(
        max_length=20,
        help_text="STATE (data.state), NOTE, QUESTION, ANSWER, RESOLVED, CLOSED, REOPENED, CANCELLED, SEND_FAILED, …",
    )
    sequence = models.BigIntegerField(null=True)
    issued_at = models.DateTimeField(help_text="when it happened, by whoever says so")
    received_at = models.DateTimeField()
    data = models.JSONField(default=dict)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    dedupe_key = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner_ticket", "dedupe_key"], name="ticket_fact_once")]
        indexes = [models.Index(fields=["partner_ticket", "issued_at"], name="ticket_fact_order")]
