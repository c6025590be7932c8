"""What the API of orders takes and gives."""

from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework import serializers

from ofx.core.clock import now
from ofx.orders import actions
from ofx.orders.change_payloads import AmendOut, AppointmentOut, ChargeOut, PlainVisit
from ofx.orders.duplicates import Likeness, likely_duplicates
from ofx.orders.filters import customers
from ofx.orders.models import DateChange, Flag, MilestoneReached, Note, Order, PartnerOrder, ServiceRecord
from ofx.orders.projection import tmf622, tmf622_item, tmf641
from ofx.orders.queries import silent
from ofx.search.queries import find_place
from partners.coverage.normalise import BadPlace, country_code, display
from partners.models import Address, Offering, Operator, Place

MOST_ITEMS = 50
CUSTOMER_HIDES = ("operator", "partner_ref")


class ItemIn(serializers.Serializer[Any]):
    """An item to order."""

    offering = serializers.IntegerField(min_value=1, help_text="`id` of an offer of a qualification")
    quantity = serializers.IntegerField(min_value=1, max_value=10_000, default=1)
    characteristics = serializers.DictField(child=serializers.CharField(max_length=200, allow_blank=True), default=dict)


class OrderIn(serializers.Serializer[Any]):
    """A new order."""

    customer = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="id of one of your customers"
    )
    customer_name = serializers.CharField(required=False, max_length=120, help_text="or a name; made if it is new")
    items = ItemIn(many=True, allow_empty=False, max_length=MOST_ITEMS)  # type: ignore[call-arg]  # goes to the list
    country = serializers.CharField(required=False, max_length=3, help_text="default: your own")
    postcode = serializers.CharField(max_length=20)
    uprn = serializers.CharField(required=False, max_length=40, help_text="the premises, where it is known")
    requested_date = serializers.DateField(required=False, allow_null=True)
    contact_name = serializers.CharField(max_length=120)
    contact_phone = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    contact_email = serializers.EmailField(required=False, allow_blank=True, default="")
    access_notes = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    external_id = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    related = serializers.ListField(child=serializers.IntegerField(min_value=1), default=list, max_length=MOST_ITEMS)
    submit = serializers.BooleanField(default=True)
    order_anyway = serializers.BooleanField(
        default=False, help_text="true: place it although the customer has the like at this place (else 409)"
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Find customer, offers and place among what the caller may see."""
        user = self.context["request"].user
        data["customer_row"] = self._customer(data)
        data["lines"] = _lines(user, data["items"])
        data["place_row"], data["address_row"] = _place(user, data)
        return data

    def _customer(self, data: dict[str, Any]) -> Any:
        if data.get("customer"):
            row = customers(self.context["request"]).filter(pk=data["customer"]).first()
            if row is None:
                raise serializers.ValidationError({"customer": ["You have no such customer."]})
            return row
        if not data.get("customer_name"):
            raise serializers.ValidationError({"customer": ["Give customer (an id), or customer_name."]})
        return None

    def alike(self) -> list[Likeness]:
        """What is there already and looks the same, unless the caller says that it is meant or wants a draft."""
        data = self.validated_data
        if data["order_anyway"] or not data["submit"]:
            return []
        address = data["address_row"]
        return likely_duplicates(
            organisation=self.context["request"].user.acting.organisation,
            customer=data["customer_row"],
            postcode=data["place_row"].code,
            address_id=address.pk if address else None,
            offerings=[line.offering for line in data["lines"]],
        )

    def place(self, *, actor: Any, key: str, at: datetime) -> Order:
        """Create, and submit unless told not to: all or nothing."""
        data = self.validated_data
        organisation = actor.acting.organisation
        place, address = data["place_row"], data["address_row"]
        names = ("contact_name", "contact_phone", "contact_email", "access_notes")
        code = display(place.country, place.code)
        with transaction.atomic():
            customer = data["customer_row"] or actions.create_customer(
                actor=actor, organisation=organisation, name=data["customer_name"], at=at
            )
            order = actions.create_order(
                actor=actor,
                organisation=organisation,
                customer=customer,
                lines=data["lines"],
                site=actions.Site(
                    place_text=f"{address.text}, {code}" if address else code,
                    postcode=place.code,
                    country=place.country,
                    place=place,
                    address=address,
                    requested_date=data.get("requested_date"),
                    **{name: data.get(name) or "" for name in names},
                ),
                at=at,
                ticked=data["related"],
                idempotency_key=key,
                external_id=data["external_id"],
            )
            if data["submit"]:
                order = actions.submit_order(actor=actor, order=order, at=at)
        return order


def _lines(user: Any, items: list[dict[str, Any]]) -> list[actions.Line]:
    visible = Operator.objects.visible_to(user)
    ids = [item["offering"] for item in items]
    rows = {
        row.pk: row
        for row in Offering.objects.select_related("operator__organisation").filter(pk__in=ids, operator__in=visible)
    }
    wrong = {number: {"offering": ["There is no such offer."]} for number, pk in enumerate(ids) if pk not in rows}
    if wrong:
        raise serializers.ValidationError({"items": [wrong.get(number, {}) for number in range(len(ids))]})
    return [
        actions.Line(
            offering=rows[item["offering"]], quantity=item["quantity"], characteristics=item["characteristics"]
        )
        for item in items
    ]


def _place(user: Any, data: dict[str, Any]) -> tuple[Place, Address | None]:
    try:
        country = country_code(data.get("country") or user.acting.organisation.country)
    except BadPlace as error:
        raise serializers.ValidationError({"country": [str(error)]}) from error
    place = find_place(country, data["postcode"])
    if place is None:
        text = "This postcode is unknown. Write a whole one, for example SW1A 1AA."
        raise serializers.ValidationError({"postcode": [text]})
    if not data.get("uprn"):
        return place, None
    address = Address.objects.filter(country=country, uprn=data["uprn"]).first()
    if address is None or address.postcode != place.code:
        raise serializers.ValidationError({"uprn": [f"There is no such premises at {data['postcode']}."]})
    return place, address


class CancelIn(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=300, help_text="the partner gets to read it")


class NoteIn(serializers.Serializer[Any]):
    """A remark."""

    text = serializers.CharField(max_length=4000)
    internal = serializers.BooleanField(default=True, help_text="false: the customer may read it")


class NoteOut(serializers.ModelSerializer[Note]):
    """A remark as it stands."""

    author = serializers.SerializerMethodField()

    class Meta:
        model = Note
        fields = ("id", "text", "internal", "author", "at")

    def get_author(self, row: Note) -> str:
        """Who wrote it."""
        return str(row.author or "OFX")


class PlainOrder(serializers.ModelSerializer[Order]):
    """An order as its customer sees it: no partner, no price, no inner state."""

    href = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    place = serializers.CharField(source="place_text")
    visit = serializers.SerializerMethodField(help_text="the engineer's next visit; null where none is agreed")

    class Meta:
        model = Order
        fields = (
            "reference",
            "visit",
            "href",
            "state",
            "place",
            "requested_date",
            "committed_date",
            "target_date",
            "created_at",
        )

    def get_href(self, row: Order) -> str:
        """Where it is read."""
        return f"/api/v1/orders/{row.reference}/"

    def get_state(self, row: Order) -> str:
        """In the words of TMF622."""
        return tmf622(row.state)

    def get_visit(self, row: Order) -> dict[str, Any] | None:
        """When the engineer comes."""
        rows = [one for part in row.partner_orders.all() for one in part.appointments.all()]
        coming = [one for one in rows if one.state in ("reserved", "confirmed")]
        return dict(PlainVisit(min(coming, key=lambda one: one.slot_start)).data) if coming else None


class OrderOut(serializers.ModelSerializer[Order]):
    """An order in a list."""

    href = serializers.SerializerMethodField()
    tmf622_state = serializers.SerializerMethodField()
    customer = serializers.SerializerMethodField()
    place = serializers.SerializerMethodField()
    blocked = serializers.SerializerMethodField()
    silent = serializers.SerializerMethodField()
    value = serializers.SerializerMethodField(method_name="money")

    class Meta:
        model = Order
        fields = (
            "id", "reference", "href", "external_id", "state", "tmf622_state", "holder", "next_action", "blocked",
            "in_jeopardy", "silent", "simulated", "customer", "place", "requested_date", "committed_date",
            "target_date", "value", "created_at", "submitted_at", "last_news_at", "closed_at",
        )  # fmt: skip

    def get_href(self, row: Order) -> str:
        """Where it is read."""
        return f"/api/v1/orders/{row.reference}/"

    def get_tmf622_state(self, row: Order) -> str:
        """In the words of TMF622."""
        return tmf622(row.state)

    def get_customer(self, row: Order) -> dict[str, Any]:
        """Whose it is."""
        return {"id": row.customer_id, "name": row.customer.name}

    def get_place(self, row: Order) -> dict[str, str]:
        """Where it is."""
        return {"country": row.country, "postcode": display(row.country, row.postcode), "text": row.place_text}

    def get_blocked(self, row: Order) -> dict[str, Any] | None:
        """Since when and why it waits; null where it does not."""
        return {"since": row.blocked_since, "reason": row.blocked_reason} if row.blocked_since else None

    def get_silent(self, row: Order) -> bool:
        """Whether the partner is silent for longer than usual."""
        return silent(row, now())

    def money(self, row: Order) -> dict[str, Any]:
        """What it costs a month."""
        return {"monthly": row.value_monthly, "currency": row.currency}


class FlagOut(serializers.ModelSerializer[Flag]):
    """A flag with its history and our verdict."""

    class Meta:
        model = Flag
        fields = (
            "kind", "opened_at", "closed_at", "reason", "raw_reason", "text", "clock_owner", "verdict", "verdict_owner",
        )  # fmt: skip


class MilestoneOut(serializers.ModelSerializer[MilestoneReached]):
    """A milestone reached."""

    class Meta:
        model = MilestoneReached
        fields = ("code", "at", "source")


class DateChangeOut(serializers.ModelSerializer[DateChange]):
    """A move of a date."""

    class Meta:
        model = DateChange
        fields = ("field", "old", "new", "requester", "reason", "text", "at")


class PartnerOrderOut(serializers.ModelSerializer[PartnerOrder]):
    """An order at one operator."""

    order = serializers.CharField(source="order.reference")
    operator = serializers.SerializerMethodField()
    offering = serializers.SerializerMethodField()
    tmf622_state = serializers.SerializerMethodField()
    tmf641_state = serializers.SerializerMethodField()
    flags = FlagOut(many=True)
    milestones = MilestoneOut(many=True)
    date_changes = DateChangeOut(many=True)
    appointments = AppointmentOut(many=True)
    charges = ChargeOut(many=True)
    amendments = AmendOut(source="amend_requests", many=True)

    class Meta:
        model = PartnerOrder
        fields = (
            "our_key", "order", "operator", "offering", "partner_ref", "state", "tmf622_state", "tmf641_state",
            "holder", "blocked_since", "blocked_reason", "blocked_text", "committed", "held", "in_jeopardy", "crd",
            "icdd", "committed_date", "target_date", "submitted_at", "acknowledged_at", "committed_at",
            "completed_at", "ended_at", "last_news_at", "simulated", "flags", "milestones", "date_changes",
            "appointments", "charges", "amendments",
        )  # fmt: skip

    def get_operator(self, row: PartnerOrder) -> dict[str, Any]:
        """Which operator."""
        return {"id": row.operator_id, "code": row.operator.code, "name": row.operator.name}

    def get_offering(self, row: PartnerOrder) -> dict[str, Any]:
        """Which offer."""
        offering = row.item.offering
        return {"id": offering.pk, "code": offering.code, "name": offering.name}

    def get_tmf622_state(self, row: PartnerOrder) -> str:
        """As the state of a productOrderItem."""
        return tmf622_item(row.state)

    def get_tmf641_state(self, row: PartnerOrder) -> str:
        """As the state of a serviceOrder."""
        return tmf641(row.state)


class OrderItemOut(serializers.ModelSerializer[PartnerOrder]):
    """An item of an order, with its partner order."""

    position = serializers.IntegerField(source="item.position")
    action = serializers.CharField(source="item.action")
    quantity = serializers.IntegerField(source="item.quantity")
    one_off = serializers.DecimalField(source="item.one_off", max_digits=10, decimal_places=2)
    monthly = serializers.DecimalField(source="item.monthly", max_digits=10, decimal_places=2)
    currency = serializers.CharField(source="item.currency")
    partner_order = serializers.SerializerMethodField()

    class Meta:
        model = PartnerOrder
        fields = ("position", "action", "quantity", "state", "one_off", "monthly", "currency", "partner_order")

    def get_partner_order(self, row: PartnerOrder) -> dict[str, Any]:
        """What the operator makes of it."""
        return dict(PartnerOrderOut(row).data)


class OrderWithItems(OrderOut):
    """One order, whole."""

    items = OrderItemOut(source="partner_orders", many=True)

    class Meta(OrderOut.Meta):
        fields = (*OrderOut.Meta.fields, "contact_name", "contact_phone", "contact_email", "access_notes", "items")  # type: ignore[assignment]


class ServiceOut(serializers.ModelSerializer[ServiceRecord]):
    """A live service. Its customer does not see whose network it is."""

    customer = serializers.CharField(source="customer.name")
    operator = serializers.SerializerMethodField()
    product = serializers.SerializerMethodField()
    place = serializers.CharField(source="place_text")
    order = serializers.CharField(source="item.order.reference")

    class Meta:
        model = ServiceRecord
        fields = (
            "reference", "customer", "operator", "product", "place", "country", "postcode", "state", "partner_ref",
            "order", "active_from", "ceased_at", "simulated",
        )  # fmt: skip

    def get_operator(self, row: ServiceRecord) -> dict[str, Any]:
        """Which operator."""
        return {"id": row.operator_id, "code": row.operator.code, "name": row.operator.name}

    def get_product(self, row: ServiceRecord) -> str:
        """What it is."""
        return row.offering.get_kind_display() if self._customer() else row.offering.name

    def _customer(self) -> bool:
        request = self.context.get("request")
        acting = getattr(request.user, "acting", None) if request else None
        return bool(acting and acting.organisation.kind == "customer")

    def to_representation(self, row: ServiceRecord) -> dict[str, Any]:
        """Without the partner's side for a customer."""
        data: dict[str, Any] = super().to_representation(row)
        return {name: value for name, value in data.items() if not (self._customer() and name in CUSTOMER_HIDES)}
