"""Product orders and their items."""

from typing import Any, Self

from django.db import models
from django.db.models import CharField, F, Func, Q, Value
from django.db.models.functions import Right

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.orders.vocabulary import STATE_LOOK, TRANSITIONS, ClockOwner, State
from partners.models import Address, Offering, Place

PHONE_DIGITS = 9  # the last digits of a number say who it is, however its country is written


def last_digits(name: str) -> Right:
    """The last digits of a column with a telephone number, as they are indexed: `annotate(plain=last_digits(…))`."""
    plain = Func(F(name), Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=CharField())
    return Right(plain, PHONE_DIGITS)


class OrderQuerySet(ScopedQuerySet["Order"]):
    """Orders belong to a service provider; its customer sees its own; operators see none (only partner orders)."""

    def scope(self, acting: Any) -> Self:
        """By kind of organisation."""
        kind = acting.organisation.kind
        if kind == "service_provider":
            return self.filter(organisation_id=acting.organisation_id)
        if kind == "customer":
            return self.filter(customer_id=acting.organisation_id).exclude(state="draft")
        return self.none()

    def open(self) -> Self:
        """Orders that have not ended."""
        return self.filter(closed_at=None)


class Order(models.Model):
    """What a customer gets: one order over any number of operators. Its state is folded from its items."""

    STATE_LOOK = STATE_LOOK
    SUBJECT = "order"
    TRANSITIONS = TRANSITIONS

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="orders")
    customer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="orders_as_customer")
    reference = models.CharField(max_length=20, unique=True, help_text="OFX-000123, shown to people")
    external_id = models.CharField(max_length=80, blank=True, help_text="the id in the buyer's own system")
    idempotency_key = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    country = models.CharField(max_length=2, default="GB")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.ForeignKey(Address, null=True, on_delete=models.PROTECT, related_name="+")
    place_text = models.CharField(max_length=300, help_text="the place as people read it")
    postcode = models.CharField(max_length=12)
    requested_date = models.DateField(null=True, help_text="crd: the customer needs it by")
    contact_name = models.CharField(max_length=120, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_email = models.EmailField(blank=True)
    access_notes = models.TextField(blank=True, max_length=1000)
    simulated = models.BooleanField(default=False, help_text="stays out of statistics and promises")
    value_monthly = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="GBP")
    owner = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Folded from the partner orders for lists and boards
    holder = models.CharField(max_length=15, choices=ClockOwner.choices, blank=True)
    blocked_since = models.DateTimeField(null=True)
    blocked_reason = models.CharField(max_length=40, blank=True)
    next_action = models.CharField(max_length=120, blank=True)
    committed_date = models.DateField(null=True)
    target_date = models.DateField(null=True)
    in_jeopardy = models.BooleanField(default=False)
    silent_from = models.DateTimeField(null=True, help_text="when the silence of a partner becomes a signal")
    last_news_at = models.DateTimeField(null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="order_idempotency_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="order_tenant"),
            models.Index(fields=["organisation", "state", "-created_at"], name="order_tenant_state"),
            models.Index(fields=["customer", "-created_at"], name="order_customer"),
            models.Index(fields=["organisation", "postcode"], name="order_postcode"),
            models.Index(last_digits("contact_phone"), name="order_phone", condition=~Q(contact_phone="")),
            models.Index(
                fields=["organisation", "holder", "blocked_since"],
                name="order_blocked",
                condition=Q(closed_at=None) & Q(blocked_since__isnull=False),
            ),
            models.Index(
                fields=["organisation", "holder", "-value_monthly"],
                name="order_blocked_value",
                condition=Q(closed_at=None) & Q(blocked_since__isnull=False),
            ),
            models.Index(fields=["organisation", "-created_at"], name="order_open", condition=Q(closed_at=None)),
            models.Index(
                fields=["organisation", "-created_at"],
                name="order_jeopardy",
                condition=Q(closed_at=None) & Q(in_jeopardy=True),
            ),
            models.Index(fields=["organisation", "external_id"], name="order_external", condition=~Q(external_id="")),
            models.Index(fields=["organisation", "target_date"], name="order_target", condition=Q(closed_at=None)),
            models.Index(
                fields=["organisation", "silent_from"],
                name="order_silent",
                condition=Q(closed_at=None) & Q(silent_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The order's page."""
        return f"/orders/{self.reference}/"


class OrderItem(models.Model):
    """One thing ordered. An off-net item is fulfilled by exactly one partner order."""

    class Action(models.TextChoices):
        ADD = "add", "Add"
        MODIFY = "modify", "Modify"
        DELETE = "delete", "Cease"
        NO_CHANGE = "noChange", "No change"

    STATE_LOOK = STATE_LOOK

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=10, choices=Action.choices, default=Action.ADD)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    # Price snapshot at the moment of ordering
    one_off = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    monthly = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="GBP")
    characteristics = models.JSONField(default=dict)
    added_by_rule = models.ForeignKey(
        "orders.DecompositionRule", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    depends_on = models.ManyToManyField("self", symmetrical=False, related_name="needed_by", blank=True)
    changes_service = models.ForeignKey(
        "orders.ServiceRecord",
        null=True,
        on_delete=models.PROTECT,
        related_name="changes",
        help_text="the live service that a modify or cease is about",
    )

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="order_item_position_once")]

    def __str__(self) -> str:
        return f"{self.position}. {self.offering}"
