"""A buyer's productOrder, v4 or v5, read into one neutral form. Names of the standard end here.

Lenient in: unknown attributes are left out of account, empty objects are no items. What the schema demands and is
missing is a 400 that names it; everything else that we cannot route is accepted and falls out to a person.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from rest_framework import serializers

from ofx.tmf.rest.dates import moment, stamp
from partners.conversations.storable import tree

MOST_ITEMS = 50
ACTIONS = ("add", "modify", "delete", "noChange")
REFERENCES = (
    "agreement", "billingAccount", "channel", "payment", "productOfferingQualification", "quote",
)  # fmt: skip
CONTACT_ROLES = {"contact", "sitecontact", "technicalcontact", "onsitecontact", "customercontact"}
CUSTOMER_ROLES = {"customer", "endcustomer", "buyer", "consumer", "user"}
CONTACT_NOTE = re.compile(r"\s*site contact:\s*(?P<name>[^,]+)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
EMAIL = re.compile(r"[^@\s,]{1,64}@[^@\s,]{1,180}\.[A-Za-z]{2,}")
PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,38}[0-9]")


class Plain(serializers.CharField):
    """Text; a number is taken as its digits, null as none."""

    def __init__(self, limit: int, **more: Any) -> None:
        values: dict[str, Any] = {
            "required": False,
            "allow_blank": True,
            "allow_null": True,
            "max_length": limit,
            **more,
        }
        super().__init__(**values)


class When(serializers.CharField):
    """A date-time, kept as it was written. Raises ValidationError."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **more})

    def to_internal_value(self, data: Any) -> str:
        """The text, which must be a date-time."""
        text = str(super().to_internal_value(data))
        try:
            moment(text)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error
        return text


class Lenient(serializers.Serializer[Any]):
    """An object of the standard; null and empty ones are none."""


class Ref(Lenient):
    """A reference to another entity."""

    id = Plain(200)
    name = Plain(250)
    role = Plain(60)


class OfferingIn(Lenient):
    """productOffering."""

    id = Plain(120)
    name = Plain(120)


class CharacteristicIn(Lenient):
    """productCharacteristic; both spellings of the value."""

    name = Plain(100)
    value = serializers.JSONField(required=False, allow_null=True)


class ProductIn(Lenient):
    """product: the place and the characteristics."""

    id = Plain(120)
    place = serializers.ListField(child=serializers.DictField(), required=False, allow_null=True, max_length=10)
    productCharacteristic = CharacteristicIn(many=True, required=False, allow_null=True, max_length=100)  # type: ignore[call-arg]
    productOffering = OfferingIn(required=False, allow_null=True)


class ItemIn(Lenient):
    """productOrderItem."""

    id = serializers.CharField(max_length=60)
    action = serializers.ChoiceField(choices=ACTIONS)
    quantity = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=10_000)
    productOffering = OfferingIn(required=False, allow_null=True)
    product = ProductIn(required=False, allow_null=True)


class NoteIn(Lenient):
    """note."""

    id = Plain(60)
    text = Plain(2000)
    author = Plain(120)
    date = When()


class PartyIn(Ref):
    """relatedParty: flat in v4, `partyOrPartyRole` in v5, ways to reach it in either."""

    partyOrPartyRole = Ref(required=False, allow_null=True)
    contactMedium = serializers.ListField(child=serializers.DictField(), required=False, allow_null=True, max_length=20)


class OrderIn(Lenient):
    """ProductOrder_Create (v4) and ProductOrder_FVO (v5) in one: `externalId` is text there and a list here."""

    externalId = serializers.JSONField(required=False, allow_null=True)
    description = Plain(1000)
    category = Plain(120)
    priority = Plain(20)
    notificationContact = Plain(254)
    requestedStartDate = When()
    requestedCompletionDate = When()
    requestedInitialState = serializers.ChoiceField(choices=["acknowledged", "draft"], required=False, allow_null=True)
    note = NoteIn(many=True, required=False, allow_null=True, max_length=100)  # type: ignore[call-arg]
    relatedParty = PartyIn(many=True, required=False, allow_null=True, max_length=50)  # type: ignore[call-arg]
    productOrderItem = ItemIn(many=True, allow_empty=False, max_length=MOST_ITEMS)  # type: ignore[call-arg]

    def to_internal_value(self, data: Any) -> Any:
        """Empty objects are left out before anything is demanded of them."""
        cleaned = dict(data)
        for name in ("note", "relatedParty", "productOrderItem"):
            if isinstance(cleaned.get(name), list):
                cleaned[name] = [one for one in cleaned[name] if one != {}]
        return super().to_internal_value(cleaned)

    def validate_externalId(self, value: Any) -> str:
        """v4: a text; v5: a list of {id}, of which the first counts."""
        if isinstance(value, list):
            value = next((one.get("id") for one in value if isinstance(one, dict) and one.get("id")), "")
        if value in (None, ""):
            return ""
        if not isinstance(value, str | int) or isinstance(value, bool) or len(str(value)) > 80 or "\x00" in str(value):
            raise serializers.ValidationError("At most 80 characters of text.")
        return str(value)

    def validate_productOrderItem(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each item has an id of its own."""
        ids = [one["id"] for one in value]
        if len(set(ids)) < len(ids):
            raise serializers.ValidationError("Two items have the same id.")
        return value


@dataclass
class Contact:
    """Who is on site, as far as the order says."""

    name: str = ""
    phone: str = ""
    email: str = ""
    access: list[str] = field(default_factory=list)


@dataclass
class Wish:
    """What a buyer's system wants, in no version's words. `document` is what is kept and echoed."""

    external_id: str
    draft: bool
    document: dict[str, Any]
    digest: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items, as kept."""
        found: list[dict[str, Any]] = self.document["items"]
        return found


def read(data: dict[str, Any]) -> Wish:
    """A body of POST productOrder. Raises ValidationError naming the attribute."""
    data = tree(data)
    given = OrderIn(data=data)
    given.is_valid(raise_exception=True)
    values = given.validated_data
    kept = {name: data[name] for name in REFERENCES if data.get(name)}
    document: dict[str, Any] = {
        **{
            name: str(values[name])
            for name in ("description", "category", "priority", "notificationContact")
            if values.get(name)
        },
        **{
            name: stamp(moment(values[name]))
            for name in ("requestedStartDate", "requestedCompletionDate")
            if values.get(name)
        },
        "notes": [_note(one) for one in values.get("note") or [] if one.get("text")],
        "parties": [_party(one) for one in values.get("relatedParty") or []],
        "items": [_item(one) for one in values["productOrderItem"]],
        "kept": kept,
    }
    text = json.dumps(document, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Wish(values.get("externalId") or "", values.get("requestedInitialState") == "draft", document, digest)


def _note(given: dict[str, Any]) -> dict[str, str]:
    return {name: str(given[name]) for name in ("id", "text", "author", "date") if given.get(name)}


def _party(given: dict[str, Any]) -> dict[str, str]:
    """One form for both versions; ways to reach it stand under `phone` and `email`."""
    inner = given.get("partyOrPartyRole") or {}
    made = {name: str(inner.get(name) or given.get(name) or "") for name in ("id", "name")}
    made["role"] = str(given.get("role") or "")
    text = json.dumps(given.get("contactMedium") or [])[:4000]
    email = EMAIL.search(text)
    phone = PHONE.search(text)
    return {**made, "email": email[0] if email else "", "phone": phone[0] if phone else ""}


def _item(given: dict[str, Any]) -> dict[str, Any]:
    product = given.get("product") or {}
    offering = given.get("productOffering") or product.get("productOffering") or {}
    return {
        "id": given["id"],
        "action": given["action"],
        "quantity": given.get("quantity") or 1,
        "offering": {name: str(offering[name]) for name in ("id", "name") if offering.get(name)},
        "product": str(product.get("id") or ""),
        "characteristics": _characteristics(product.get("productCharacteristic") or []),
        "place": _place(product.get("place") or []),
    }


def _characteristics(given: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for one in given:
        value = one.get("value")
        if isinstance(value, dict) and "value" in value:
            value = value["value"]
        if one.get("name") and value is not None:
            found[str(one["name"])] = value
    return found


def _place(given: list[dict[str, Any]]) -> dict[str, Any]:
    """The place of installation, else the first; v5 keeps it under `place`."""
    chosen = next((one for one in given if "install" in str(one.get("role", "")).lower()), given[0] if given else {})
    inner = chosen.get("place") if isinstance(chosen.get("place"), dict) else {}
    assert isinstance(inner, dict)
    whole = {**chosen, **inner}
    names = ("id", "name", "role", "postcode", "country", "city", "locality", "streetNr", "streetNrSuffix",
             "streetName", "streetType")  # fmt: skip
    return {name: str(whole[name])[:250] for name in names if isinstance(whole.get(name), str | int)}


def contact_of(document: dict[str, Any]) -> Contact:
    """Who is on site: a related party of that role, else characteristics, else a note `Site contact: name, phone`."""
    found = Contact(email=document.get("notificationContact", ""))
    traits = {name.lower(): str(value) for item in document["items"] for name, value in item["characteristics"].items()}
    found.name, found.phone = traits.get("contactname", ""), traits.get("contactphone", "")
    found.email = traits.get("contactemail", "") or found.email
    found.access = [traits["accessnotes"]] if traits.get("accessnotes") else []
    for party in document["parties"]:
        if _role(party) in CONTACT_ROLES:
            found.name = found.name or party["name"]
            found.phone, found.email = found.phone or party["phone"], found.email or party["email"]
    for note in document["notes"]:
        match = CONTACT_NOTE.fullmatch(note["text"])
        if match:
            phone, email = PHONE.search(match["rest"]), EMAIL.search(match["rest"])
            found.name = found.name or match["name"].strip()
            found.phone, found.email = (
                found.phone or (phone[0] if phone else ""),
                found.email or (email[0] if email else ""),
            )
        else:
            found.access.append(note["text"])
    return found


def customer_of(document: dict[str, Any]) -> dict[str, str] | None:
    """The related party that is the customer; None where none is named."""
    return next((party for party in document["parties"] if _role(party) in CUSTOMER_ROLES), None)


def _role(party: dict[str, str]) -> str:
    return re.sub(r"[^a-z]", "", party["role"].lower())


class OrderRef(Lenient):
    """productOrder of a cancelProductOrder."""

    id = serializers.CharField(max_length=60)


class CancelIn(Lenient):
    """CancelProductOrder_Create (v4), CancelProductOrder_FVO (v5)."""

    productOrder = OrderRef()
    cancellationReason = Plain(300)
    requestedCancellationDate = When()
