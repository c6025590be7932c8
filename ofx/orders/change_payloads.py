"""What the API takes and gives about visits, charges and changes."""

from typing import Any

from rest_framework import serializers

from ofx.orders.actions.appointing import OUTCOMES
from ofx.orders.models import AmendRequest, Appointment, Charge
from ofx.orders.visits import FAILED


class PeriodIn(serializers.Serializer[Any]):
    """A slot: one that `slots` gave, or one that people agreed."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class WindowIn(serializers.Serializer[Any]):
    """Between which moments slots are wanted."""

    since = serializers.DateTimeField(required=False, help_text="default: now")
    until = serializers.DateTimeField(required=False, help_text="default: 21 days later")


class SlotOut(serializers.Serializer[Any]):
    """A free slot of the partner."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class OutcomeIn(serializers.Serializer[Any]):
    """What came of a visit: missed is the partner's, failed is ours or our customer's."""

    outcome = serializers.ChoiceField(choices=OUTCOMES)
    reason = serializers.ChoiceField(choices=sorted(FAILED), required=False, allow_blank=True, default="")
    text = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ReasonIn(serializers.Serializer[Any]):
    """Why, where somebody wants to know."""

    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class ConsentIn(serializers.Serializer[Any]):
    """Who at the customer agreed, and where that is written."""

    consent_by = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    consent_reference = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class AmendIn(serializers.Serializer[Any]):
    """What is to be another way at the partner, and who wants it; only what it changes under way."""

    requested_date = serializers.DateField(required=False)
    contact_name = serializers.CharField(max_length=120, required=False)
    contact_phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    contact_email = serializers.EmailField(required=False, allow_blank=True)
    access_notes = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    requester = serializers.ChoiceField(choices=["customer", "us"], default="us")
    reason = serializers.CharField(max_length=300)


class CeaseIn(serializers.Serializer[Any]):
    """When and why a live service ends."""

    requested_date = serializers.DateField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=200, help_text="the partner gets to read it")


class ModifyIn(CeaseIn):
    """Another product in the place of a live one."""

    offering = serializers.IntegerField(min_value=1, help_text="id of another offer of the same operator")


class AppointmentOut(serializers.ModelSerializer[Appointment]):
    """A visit as it stands."""

    class Meta:
        model = Appointment
        fields = (
            "id", "state", "slot_start", "slot_end", "reserved_until", "partner_ref", "by_hand", "outcome_reason",
            "outcome_text", "outcome_owner", "created_at",
        )  # fmt: skip


class PlainVisit(serializers.ModelSerializer[Appointment]):
    """A visit as the customer sees it: when, and whether it is fixed."""

    fixed = serializers.SerializerMethodField()

    class Meta:
        model = Appointment
        fields = ("slot_start", "slot_end", "fixed")

    def get_fixed(self, row: Appointment) -> bool:
        """Whether the network has fixed it."""
        return row.state == "confirmed"


class ChargeOut(serializers.ModelSerializer[Charge]):
    """A charge as it stands."""

    class Meta:
        model = Charge
        fields = (
            "id", "kind", "state", "amount", "currency", "text", "blocking", "raised_at", "answer_by", "answered_at",
            "consent_by", "consent_reference", "refusal",
        )  # fmt: skip


class AmendOut(serializers.ModelSerializer[AmendRequest]):
    """A change that was asked for, and the partner's answer."""

    class Meta:
        model = AmendRequest
        fields = (
            "number", "state", "changes", "before", "requester", "reason", "requested_at", "answered_at", "answer",
        )  # fmt: skip
