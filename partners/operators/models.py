"""Operators, and what a service provider agreed with them."""

from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet


class OperatorQuerySet(ScopedQuerySet["Operator"]):
    """The directory is open to service providers; an operator sees itself; customers see none."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation. A provider's own network is shown to that provider only."""
        kind = acting.organisation.kind
        if kind == "service_provider":
            return self.filter(Q(on_net_of=None) | Q(on_net_of_id=acting.organisation_id))
        if kind == "operator":
            return self.filter(organisation_id=acting.organisation_id)
        return self.none()


class Operator(models.Model):
    """A network operator as the exchange knows it. Its people belong to `organisation`."""

    class Provenance(models.TextChoices):
        REAL = "real", "Real"
        SYNTHETIC = "synthetic", "Synthetic"
        SIMULATED = "simulated", "Simulated"

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="operator")
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, default="GB")
    provenance = models.CharField(
        max_length=10,
        choices=Provenance.choices,
        default=Provenance.REAL,
        help_text="synthetic: its footprint is invented; simulated: the sandbox answers for it as well",
    )
    on_net_of = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="own_networks",
        help_text="the service provider whose own network this is",
    )
    suspended_reason = models.CharField(max_length=200, blank=True, help_text="set: takes no orders now, and why")
    # The partner's rules that an order is checked against before it is sent (DOMAIN R11):
    # {"required": ["contact_phone", …], "max_length": {"access_notes": 50}, "lead_working_days": 5,
    #  "calendar": "england-wales"}
    order_rules = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OperatorQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The operator's page."""
        return f"/operators/{self.code}/"


class AgreementQuerySet(ScopedQuerySet["Agreement"]):
    """Both parties see an agreement; nobody else does."""

    def scope(self, acting: Any) -> Self:
        """Agreements where one's organisation is a party."""
        if acting.organisation.kind == "operator":
            return self.filter(operator__organisation_id=acting.organisation_id)
        return self.filter(organisation_id=acting.organisation_id)

    def in_force(self, day: Any) -> Self:
        """Active agreements whose half-open period holds the day."""
        return self.filter(Q(ends=None) | Q(ends__gt=day), state="active", starts__lte=day)


class Agreement(models.Model):
    """Under which a service provider may order from an operator. Its terms are rounds of asking and offering
    (partners/agreements); `round` counts them, so that of two answers to the same round one is refused."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Asked for"
        OFFERED = "offered", "Offered"
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"
        ENDED = "ended", "Ended"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    STATE_LOOK = {
        "requested": ("Asked for", "blue"),
        "offered": ("Offered", "amber"),
        "active": ("Active", "green"),
        "suspended": ("Suspended", "amber"),
        "ended": ("Ended", "grey"),
        "declined": ("Declined", "grey"),
        "withdrawn": ("Withdrawn", "grey"),
    }
    SUBJECT = "agreement"
    TRANSITIONS = {
        "requested": ("offered", "active", "declined", "withdrawn"),
        "offered": ("requested", "active", "declined", "withdrawn"),
        "active": ("suspended", "ended"),
        "suspended": ("active", "ended"),
        "ended": (),
        "declined": (),
        "withdrawn": (),
    }
    IN_TALKS = ("requested", "offered")
    IN_BEING = ("active", "suspended")
    OVER = ("ended", "declined", "withdrawn")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="agreements", help_text="the service provider"
    )
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="agreements")
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    currency = models.CharField(max_length=3, default="GBP")
    starts = models.DateField(null=True, blank=True, help_text="empty while it is still talked about")
    ends = models.DateField(null=True, blank=True, help_text="first day that is no longer covered")
    round = models.PositiveIntegerField(default=0, help_text="counts asks, offers and answers")
    waits_for = models.CharField(
        max_length=10,
        blank=True,
        choices=[("operator", "the operator"), ("provider", "the service provider")],
        help_text="who has to answer now",
    )
    moved_at = models.DateTimeField(null=True, blank=True, help_text="when anybody last did anything about it")

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends=None) | Q(ends__gt=F("starts")), name="agreement_period"),
            models.CheckConstraint(
                condition=~Q(state__in=["active", "suspended"]) | Q(starts__isnull=False), name="agreement_has_start"
            ),
            models.UniqueConstraint(
                fields=["organisation", "operator"],
                condition=Q(state__in=["requested", "offered"]),
                name="agreement_one_in_talks",
            ),
            ExclusionConstraint(
                name="agreement_no_overlap",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("operator", RangeOperators.EQUAL),
                    (Func("starts", "ends", function="daterange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["active", "suspended"]),
            ),
        ]
        indexes = [models.Index(fields=["operator", "waits_for", "-moved_at"], name="agreement_to_answer")]

    def __str__(self) -> str:
        return f"{self.organisation} – {self.operator}"

    def get_absolute_url(self) -> str:
        """The agreement's page."""
        return f"/agreements/{self.pk}/"


class ContactQuerySet(ScopedQuerySet["Contact"]):
    """Who sees an operator sees its desks."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation, as operators are."""
        return self.filter(operator__in=Operator.objects.all().scope(acting))


class Contact(models.Model):
    """A person or desk at an operator, by purpose."""

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="contacts")
    purpose = models.CharField(max_length=40, help_text="orders, faults, escalation …")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)

    objects = ContactQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.purpose})"
