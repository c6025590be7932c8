"""What the operators' API takes and gives. Values are judged by the answers themselves, the same for every door."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ofx.orders.answers import REASON_CHOICES, VERBS, possible
from ofx.orders.models import PartnerOrder
from ofx.portal.partner.queries import ASKS, open_kinds
from partners.models import Price

MOST_ANSWERS = 500


class ContactOut(serializers.Serializer[Any]):
    """Who opens the door."""

    name = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()


class PartnerOrderLine(serializers.ModelSerializer[PartnerOrder]):
    """An order placed with you."""

    reference = serializers.CharField(source="partner_ref", help_text="your own reference")
    provider = serializers.CharField(source="order.organisation.name")
    product = serializers.CharField(source="item.offering.name")
    product_code = serializers.CharField(source="item.offering.code")
    action = serializers.CharField(source="item.action")
    quantity = serializers.IntegerField(source="item.quantity")
    address = serializers.CharField(source="order.place_text")
    postcode = serializers.CharField(source="order.postcode")
    country = serializers.CharField(source="order.country")
    requested_date = serializers.DateField(source="crd", allow_null=True)
    needs = serializers.SerializerMethodField(help_text="what we ask you for; empty where nothing")
    needs_since = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField(help_text="the answers that are possible now")

    class Meta:
        model = PartnerOrder
        fields = (
            "our_key", "reference", "provider", "state", "product", "product_code", "action", "quantity", "address",
            "postcode", "country", "requested_date", "committed_date", "target_date", "submitted_at",
            "acknowledged_at", "completed_at", "needs", "needs_since", "answers", "simulated",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=[*ASKS, ""]))
    def get_needs(self, row: Any) -> str:
        """What is asked."""
        return str(row.ask)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_needs_since(self, row: Any) -> Any:
        """Since when."""
        return row.since if row.ask else None

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=list(VERBS))))
    def get_answers(self, row: Any) -> list[str]:
        """By the open flags, which the list has loaded."""
        return possible(row, open_kinds(row))


class PartnerOrderDetail(PartnerOrderLine):
    """One order with what the engineer must know."""

    contact = serializers.SerializerMethodField()
    access_notes = serializers.CharField(source="order.access_notes")
    characteristics = serializers.DictField(source="item.characteristics", child=serializers.CharField())

    class Meta(PartnerOrderLine.Meta):
        fields = (*PartnerOrderLine.Meta.fields, "contact", "access_notes", "characteristics")  # type: ignore[assignment]

    @extend_schema_field(ContactOut)
    def get_contact(self, row: PartnerOrder) -> dict[str, str]:
        """On site."""
        order = row.order
        return {"name": order.contact_name, "phone": order.contact_phone, "email": order.contact_email}


def _text(limit: int, words: str) -> Any:
    return lambda needed: serializers.CharField(
        max_length=limit, required=needed, allow_blank=not needed, help_text=words
    )


FIELDS: dict[str, Any] = {
    "reference": _text(120, "your reference"),
    "date": lambda needed: serializers.DateField(
        required=needed, allow_null=not needed, help_text="YYYY-MM-DD, from today on"
    ),
    "reason": lambda needed: serializers.ChoiceField(
        choices=REASON_CHOICES, required=needed, help_text="one of our codes"
    ),
    "text": _text(500, "in your words"),
    "amount": lambda needed: serializers.DecimalField(
        max_digits=9, decimal_places=2, required=needed, help_text="once"
    ),
    "currency": _text(3, "three letters, as GBP"),
}


def body_of(verb: str) -> type[serializers.Serializer[Any]]:
    """The schema of an answer's body. It describes; the answer itself judges, so that every door says the same."""
    kind = VERBS[verb]
    fields = {name: FIELDS[name](name in kind.needs) for name in kind.fields}
    name = "".join(part.title() for part in verb.split("_"))
    return type(f"{name}Answer", (serializers.Serializer,), {"__doc__": f"{kind.label}.", **fields})


class BulkAnswer(serializers.Serializer[Any]):
    """One answer of many."""

    our_key = serializers.CharField(max_length=80)
    answer = serializers.ChoiceField(choices=[(name, verb.label) for name, verb in VERBS.items()])
    reference = serializers.CharField(required=False, allow_blank=True)
    date = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(required=False, allow_blank=True)
    text = serializers.CharField(required=False, allow_blank=True)
    amount = serializers.CharField(required=False, allow_blank=True)
    currency = serializers.CharField(required=False, allow_blank=True)


class BulkIn(serializers.Serializer[Any]):
    """Up to 500 answers; each stands for itself."""

    answers = BulkAnswer(many=True, max_length=MOST_ANSWERS)  # type: ignore[call-arg]


class BulkLineOut(serializers.Serializer[Any]):
    """What became of one answer."""

    row = serializers.IntegerField()
    our_key = serializers.CharField()
    answer = serializers.CharField()
    result = serializers.ChoiceField(choices=["given", "known", "refused"])
    problem = serializers.CharField(help_text="why it was refused; empty where it was not")
    state = serializers.CharField(help_text="the order's state now")


class BulkOut(serializers.Serializer[Any]):
    """What became of each answer, in the order given."""

    given = serializers.IntegerField()
    known = serializers.IntegerField(help_text="had been given before: nothing was done")
    refused = serializers.IntegerField()
    results = BulkLineOut(many=True)


class PriceOut(serializers.ModelSerializer[Price]):
    """What an offering of yours costs, from a day on."""

    offering = serializers.CharField(source="offering.code")
    name = serializers.CharField(source="offering.name")
    provider = serializers.SerializerMethodField(help_text="empty: your list price")

    class Meta:
        model = Price
        fields = ("offering", "name", "provider", "one_off", "monthly", "currency", "starts", "ends")

    def get_provider(self, row: Price) -> str:
        """Under whose agreement."""
        return row.agreement.organisation.name if row.agreement else ""


class FootprintIn(serializers.Serializer[Any]):
    """Where you serve: rows, or a file."""

    file = serializers.FileField(required=False, help_text="CSV or XLSX, first line with column names")
    rows = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True)),
        required=False,
        help_text="instead of a file: up to 10,000 objects with the columns' names as keys",
    )
    country = serializers.CharField(required=False, max_length=3, help_text="two letters; default: your own")


class FootprintOut(serializers.Serializer[Any]):
    """A publication on its way; the version in force stays until the new one is whole."""

    id = serializers.IntegerField(source="pk")
    state = serializers.CharField()
    file = serializers.CharField(source="file_name")
    rows_done = serializers.IntegerField()
    error = serializers.CharField()
    footprint = serializers.IntegerField(source="footprint_id", allow_null=True)
