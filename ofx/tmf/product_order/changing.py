"""PATCH productOrder (JSON merge patch): what may change, when, and what is refused with a reason."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.orders import actions
from ofx.orders.models import Order
from ofx.orders.vocabulary import AT_PARTNER, ENDED
from ofx.tmf.product_order.faces import ProductOrderFace
from ofx.tmf.product_order.models import BuyerOrder
from ofx.tmf.product_order.placing import submit
from ofx.tmf.product_order.states import is_draft
from ofx.tmf.product_order.wish import NoteIn, Plain, When
from ofx.tmf.rest.dates import moment, stamp
from ofx.tmf.rest.errors import Conflict, invalid
from ofx.tmf.rest.resource import refuse_frozen
from partners.conversations.storable import tree

TEXTS = {"description": 1000, "category": 120, "priority": 20, "notificationContact": 254}
DATES = ("requestedCompletionDate", "requestedStartDate")
PATCHABLE = {*TEXTS, *DATES, "note", "state", "productOrderItem"}
Json = dict[str, Any]


def change(*, actor: User, order: Order, body: Json, current: Json, face: ProductOrderFace, at: datetime) -> None:
    """Carry out a patch, all of it or nothing.

    Raises ValidationError (400) for an attribute that may not change or a value that cannot be, Conflict or
    IllegalTransition (409) for what the order's state does not allow.
    """
    wanted = refuse_frozen(tree(body), PATCHABLE, current, face)
    values = _checked(wanted)
    with transaction.atomic():
        _same_items(wanted.get("productOrderItem"), current)
        buyer, _ = BuyerOrder.objects.select_for_update(of=("self",)).get_or_create(
            order=order,
            defaults={
                "organisation": order.organisation,
                "external_id": "",
                "version": face.version,
                "created_at": at,
            },
        )
        _keep(buyer, values)
        if "note" in wanted:
            _notes(actor, order, buyer, wanted["note"], at)
        buyer.save(update_fields=["wish"])
        fields = sorted(wanted.keys() - {"state", "productOrderItem"})
        if fields:
            told = {"order_id": order.pk, "reference": order.reference, "fields": fields}
            publish("buyer_order.changed", f"order:{order.pk}", at=at, organisation_id=order.organisation_id, **told)
        if values.get("requestedCompletionDate"):
            _move(actor, order, moment(values["requestedCompletionDate"]).date(), at)
        if "state" in wanted:
            _state(actor, order, buyer, str(wanted["state"]), at)


def _checked(wanted: Json) -> Json:
    """The simple attributes, read. Raises ValidationError."""
    found: Json = {}
    errors: Json = {}
    for name in wanted.keys() & {*TEXTS, *DATES}:
        reader = When() if name in DATES else Plain(TEXTS[name])
        try:
            value = None if wanted[name] is None else reader.run_validation(wanted[name])
            found[name] = stamp(moment(value)) if value and name in DATES else value
        except ValidationError as error:
            errors[name] = error.detail
    if "requestedCompletionDate" in found and found["requestedCompletionDate"] is None:
        errors["requestedCompletionDate"] = ["It cannot be taken away; give another date."]
    if errors:
        raise ValidationError(errors)
    return found


def _keep(buyer: BuyerOrder, values: Json) -> None:
    """A null takes an attribute away (RFC 7396)."""
    kept = {**buyer.wish, **values}
    buyer.wish = {name: value for name, value in kept.items() if value is not None}


def _same_items(given: Any, current: Json) -> None:
    """The v4 file demands productOrderItem in a PATCH: it may stand there, but an item is not changed so."""
    if given is None:
        return
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise invalid("productOrderItem", "A list of items is expected.")
    known = {item["id"]: item for item in current["productOrderItem"]}
    for number, one in enumerate(item for item in given if item):
        item = known.get(str(one.get("id")))
        if item is None:
            raise Conflict(f"productOrderItem[{number}]: there is no item {str(one.get('id'))[:60]!r}; order it anew.")
        for name in ("action", "quantity", "state"):
            if name in one and one[name] != item[name]:
                raise Conflict(f"productOrderItem[{number}].{name}: it cannot be changed once ordered.")
        wanted = (one.get("productOffering") or {}).get("id") if isinstance(one.get("productOffering"), dict) else None
        if wanted and wanted != item.get("productOffering", {}).get("id"):
            raise Conflict(f"productOrderItem[{number}].productOffering: it cannot be changed once ordered.")


def _notes(actor: User, order: Order, buyer: BuyerOrder, given: Any, at: datetime) -> None:
    """Notes that are not there yet are added; none is taken away."""
    reader = NoteIn(data=given, many=True)
    reader.is_valid(raise_exception=True)
    known = {note["text"] for note in buyer.wish.get("notes", [])}
    known |= set(order.notes.filter(internal=False).values_list("text", flat=True))
    for note in reader.validated_data:
        text = note.get("text")
        if text and text not in known:
            actions.add_note(actor=actor, order=order, text=text, internal=True, at=at)
            made = {name: str(note[name]) for name in ("id", "author", "date") if note.get(name)}
            buyer.wish = {**buyer.wish, "notes": [*buyer.wish.get("notes", []), {**made, "text": text}]}


def _move(actor: User, order: Order, day: date, at: datetime) -> None:
    """Another date: written into what was not sent, asked for at every partner that works on the order (R03)."""
    if order.requested_date == day:
        return
    if order.closed_at or order.state in ENDED:
        raise IllegalTransition(f"order is {order.state}: its date can no longer be changed")
    parts = list(order.partner_orders.all())
    under_way = [part for part in parts if part.state in AT_PARTNER]
    try:
        for part in under_way:
            actions.request_amend(
                actor=actor, partner_order=part, requested_date=day, requester="us", reason="asked for by TMF622", at=at
            )
    except actions.OrderInvalid as error:
        raise invalid("requestedCompletionDate", "; ".join(problem.message for problem in error.problems)) from error
    if not under_way and order.submitted_at is None:
        actions.redate_draft(actor=actor, order=order, requested_date=day, at=at)


def _state(actor: User, order: Order, buyer: BuyerOrder, wanted: str, at: datetime) -> None:
    """The one move that a buyer makes here: its draft is submitted. The others are ours, or a cancelProductOrder."""
    if wanted == "acknowledged" and is_draft(order):
        submit(actor=actor, buyer=buyer, problems=[], at=at)
        return
    if wanted in ("cancelled", "assessingCancellation", "pendingCancellation"):
        raise Conflict("state: an order is cancelled by POST cancelProductOrder.")
    raise Conflict(f"state: an order in state {order.state} cannot be moved to {wanted[:40]!r} by PATCH.")
