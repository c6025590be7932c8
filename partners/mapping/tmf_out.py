"""Our order as a TMF622 v4 request body. The connector chooses the call by the verb."""

from datetime import date
from typing import Any

from partners.mapping.base import Unmappable
from partners.mapping.canonical import OutboundItem, OutboundOrder

KEY_LIMIT = 100


def stamp(day: date) -> str:
    """A day as the standard's date-time: the end of its working hours, UTC."""
    return f"{day.isoformat()}T17:00:00Z"


def body(verb: str, order: OutboundOrder, limits: dict[str, int]) -> dict[str, Any]:
    """The body of one verb. Raises Unmappable for a verb or a change that TMF622 has no place for."""
    makers = {"create": create, "amend": amend, "answer": answer, "cancel": cancel}
    if verb not in makers:
        raise Unmappable(f"TMF622 has no way to {verb!r} an order")
    return makers[verb](order, limits)


def create(order: OutboundOrder, limits: dict[str, int]) -> dict[str, Any]:
    """POST productOrder."""
    if not order.items:
        raise Unmappable("productOrderItem: the order has no item")
    if len(order.our_key) > KEY_LIMIT:
        raise Unmappable(f"externalId: at most {KEY_LIMIT} characters")
    made: dict[str, Any] = {
        "externalId": order.our_key,
        "description": f"Order {order.reference}",
        "productOrderItem": [_item(order, item, limits) for item in order.items],
        "@type": "ProductOrder",
    }
    if order.requested_date:
        made["requestedCompletionDate"] = stamp(order.requested_date)
    if order.contact_email:
        made["notificationContact"] = order.contact_email
    notes = [text for text in (_contact_line(order), order.access_notes, *order.notes) if text]
    if notes:
        made["note"] = [{"text": text[:2000]} for text in notes]
    return made


def _contact_line(order: OutboundOrder) -> str:
    parts = [part for part in (order.contact_name, order.contact_phone, order.contact_email) if part]
    return f"Site contact: {', '.join(parts)}" if parts else ""


def _item(order: OutboundOrder, item: OutboundItem, limits: dict[str, int]) -> dict[str, Any]:
    if item.action != "add" and not item.product_id:
        raise Unmappable(f"productOrderItem.product.id: the partner's id of the service to {item.action} is not known")
    known = {"id": item.product_id} if item.product_id else {}
    return {
        "id": str(item.position),
        "action": item.action,
        "quantity": item.quantity,
        "productOffering": {"id": item.offering_code, "name": item.offering_name},
        "product": {
            **known,
            "isBundle": False,
            "place": [_place(order)],
            "productCharacteristic": _characteristics(order, item, limits),
        },
    }


def _place(order: OutboundOrder) -> dict[str, Any]:
    place = {
        "role": "installationAddress",
        "name": order.address or order.postcode,
        "postcode": order.postcode,
        "country": order.country,
        "@referredType": "GeographicAddress",
    }
    if order.uprn:
        place["id"] = order.uprn
    return place


def _characteristics(order: OutboundOrder, item: OutboundItem, limits: dict[str, int]) -> list[dict[str, str]]:
    given = {"technology": item.technology, **item.characteristics}
    if order.simulated and order.scenario:
        given["scenario"] = order.scenario
    for name, limit in limits.items():
        if len(given.get(name, "")) > limit:
            raise Unmappable(f"{name}: this partner takes at most {limit} characters")
    return [{"name": name, "value": str(value)} for name, value in given.items() if value != ""]


def amend(order: OutboundOrder, limits: dict[str, int]) -> dict[str, Any]:
    """PATCH productOrder: the wanted date, and the reason as a note."""
    made: dict[str, Any] = {}
    wanted = order.changes.get("requested_date") or order.changes.get("requested_completion_date")
    if wanted:
        made["requestedCompletionDate"] = stamp(date.fromisoformat(wanted[:10]))
    texts = [order.changes.get("note", ""), order.reason]
    notes = [{"text": text[:2000]} for text in texts if text]
    if notes:
        made["note"] = notes
    if not made:
        raise Unmappable(f"amend: nothing that TMF622 can change in {', '.join(order.changes) or 'an empty change'}")
    return made


def answer(order: OutboundOrder, limits: dict[str, int]) -> dict[str, Any]:
    """PATCH productOrder: consent to a charge, or the information that was asked for."""
    made: dict[str, Any] = {}
    response = order.changes.get("response") or order.changes.get("charge")
    if response:
        if response not in ("accepted", "declined"):
            raise Unmappable(f"answer: the response to a charge is accepted or declined, not {response!r}")
        made["charge"] = [{"id": order.changes.get("charge_id") or "1", "response": response}]
    texts = [order.changes.get("information", ""), order.changes.get("text", ""), order.changes.get("note", "")]
    notes = [{"text": text[:2000]} for text in texts if text]
    if notes:
        made["note"] = notes
    if not made:
        raise Unmappable("answer: neither a response to a charge nor any text")
    return made


def cancel(order: OutboundOrder, limits: dict[str, int]) -> dict[str, Any]:
    """POST cancelProductOrder; the connector puts the partner's id into productOrder."""
    return {"cancellationReason": order.reason or "No longer required", "@type": "CancelProductOrder"}
