"""What the API of tickets takes and gives."""

from typing import Any

from rest_framework import serializers

from ofx.core.models import Organisation
from ofx.orders.models import ServiceRecord
from ticketing.tickets.models import PartnerTicket, Ticket, TicketNote, TicketWait
from ticketing.tickets.vocabulary import Channel, FaultClass, Impact, Severity, Tier, Verdict

MOVES = ("in_progress", "resolved", "confirmed", "closed", "reopened", "cancelled", "rejected")


class TicketIn(serializers.Serializer[Any]):
    """A new fault."""

    title = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=8000, required=False, allow_blank=True, default="")
    service = serializers.CharField(max_length=20, required=False, help_text="reference of the service, SVC-000123")
    customer = serializers.IntegerField(
        required=False, min_value=1, help_text="id of one of your customers, where no service is known"
    )
    fault_class = serializers.ChoiceField(choices=FaultClass.choices, default="other")
    severity = serializers.ChoiceField(choices=Severity.choices, default="moderate")
    impact = serializers.ChoiceField(choices=Impact.choices, default="degraded")
    channel = serializers.ChoiceField(choices=Channel.choices, default="api")
    country = serializers.CharField(max_length=2, required=False, allow_blank=True)
    postcode = serializers.CharField(max_length=12, required=False, allow_blank=True)
    place = serializers.CharField(max_length=300, required=False, allow_blank=True)
    contact_name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    contact_phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    contact_email = serializers.EmailField(required=False, allow_blank=True)
    answers = serializers.DictField(
        child=serializers.CharField(max_length=1000, allow_blank=True), default=dict, help_text="code → value"
    )
    external_id = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Find the service and the customer among what the caller may see."""
        user = self.context["request"].user
        data["service_row"] = data["customer_row"] = None
        if data.get("service"):
            rows = ServiceRecord.objects.visible_to(user).select_related("customer", "operator", "item__order")
            data["service_row"] = rows.filter(reference=data["service"].upper()).first()
            if data["service_row"] is None:
                raise serializers.ValidationError({"service": ["You have no such service."]})
        if data.get("customer"):
            mine = Organisation.objects.visible_to(user).filter(kind="customer", pk=data["customer"])
            data["customer_row"] = mine.first()
            if data["customer_row"] is None:
                raise serializers.ValidationError({"customer": ["You have no such customer."]})
        return data

    def wanted(self) -> dict[str, Any]:
        """The keyword arguments of `open_ticket`, without who, when and under which key."""
        data = self.validated_data
        names = ("title", "description", "fault_class", "severity", "impact", "channel", "answers", "external_id")
        return {
            **{name: data[name] for name in names},
            "service": data["service_row"],
            "customer": data["customer_row"],
            "place": {
                "country": data.get("country") or "",
                "postcode": data.get("postcode") or "",
                "text": data.get("place") or "",
            },
            "contact": {name: data.get(f"contact_{name}") or "" for name in ("name", "phone", "email")},
        }


class TicketNoteIn(serializers.Serializer[Any]):
    """A note to write."""

    text = serializers.CharField(max_length=8000)
    audience = serializers.ChoiceField(choices=TicketNote.Audience.choices, default="internal")
    is_question = serializers.BooleanField(default=False)


class MoveIn(serializers.Serializer[Any]):
    """Where a ticket is to go, and what is said about it."""

    to = serializers.ChoiceField(choices=[(one, one.replace("_", " ")) for one in MOVES])
    text = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="", help_text="fix, or why")
    cause = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    clear_code = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    verdict = serializers.ChoiceField(choices=Verdict.choices, required=False, allow_blank=True, default="")
    tier = serializers.ChoiceField(choices=Tier.choices, default="l1")


class TicketNoteOut(serializers.ModelSerializer[TicketNote]):
    """A note as it stands."""

    by = serializers.SerializerMethodField()

    class Meta:
        model = TicketNote
        fields = ("id", "text", "audience", "author", "by", "is_question", "answered_at", "at")

    def get_by(self, row: TicketNote) -> str:
        """Who wrote it, as the other side may know it."""
        return str(row.user) if row.user and not self.context.get("plain") else row.get_author_display()


class WaitOut(serializers.ModelSerializer[TicketWait]):
    """An interval of waiting."""

    class Meta:
        model = TicketWait
        fields = ("owner", "reason", "raw_reason", "text", "opened_at", "until", "closed_at", "judged", "judged_owner")


class PartnerTicketOut(serializers.ModelSerializer[PartnerTicket]):
    """The ticket at a partner."""

    operator = serializers.CharField(source="operator.code")

    class Meta:
        model = PartnerTicket
        fields = (
            "our_key", "operator", "state", "partner_ref", "partner_url", "holder", "question", "reason", "raw_reason",
            "clear_code", "cause", "fix", "chargeable", "expected_at", "raised_at", "acknowledged_at", "resolved_at",
            "ended_at", "last_news_at",
        )  # fmt: skip


class PlainTicket(serializers.ModelSerializer[Ticket]):
    """A ticket as its customer reads it."""

    href = serializers.SerializerMethodField()
    service = serializers.CharField(source="service.reference", default=None, allow_null=True)
    waiting_for_you = serializers.SerializerMethodField()

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = (
            "reference", "href", "external_id", "title", "description", "fault_class", "severity", "impact", "state",
            "service", "country", "postcode", "place_text", "waiting_for_you", "expected_at", "fix", "created_at",
            "resolved_at", "auto_close_at", "closed_at",
        )  # fmt: skip

    def get_href(self, row: Ticket) -> str:
        """Its address in this API."""
        return f"/api/v1/tickets/{row.reference}/"

    def get_waiting_for_you(self, row: Ticket) -> bool:
        """Whether the customer is asked for something: an answer, or to confirm the fix."""
        return not row.ended and row.holder == "end_customer"


class TicketOut(PlainTicket):
    """A ticket as staff read it."""

    customer = serializers.CharField(source="customer.name", default=None, allow_null=True)
    operator = serializers.CharField(source="operator.code", default=None, allow_null=True)
    assigned_to = serializers.CharField(source="assigned_to.email", default=None, allow_null=True)

    class Meta(PlainTicket.Meta):
        fields: tuple[str, ...] = (
            *PlainTicket.Meta.fields, "customer", "operator", "channel", "priority", "state_reason", "tier", "team",
            "assigned_to", "holder", "holder_since", "next_action", "next_action_at", "contact_name", "contact_phone",
            "contact_email", "early_life", "repeat_fault", "digital_voice", "answers", "verdict", "clear_code", "cause",
            "resolved_tier", "chargeable", "charge_dispute", "confirmed_by_customer", "reopened",
        )  # fmt: skip


class TicketWhole(TicketOut):
    """One ticket with its waits and what lies at partners."""

    waits = WaitOut(many=True)
    partner_tickets = PartnerTicketOut(many=True)

    class Meta(TicketOut.Meta):
        fields: tuple[str, ...] = (*TicketOut.Meta.fields, "waits", "partner_tickets")
