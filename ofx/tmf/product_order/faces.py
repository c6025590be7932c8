"""productOrder and cancelProductOrder as v4 and v5 write them: two faces over one resource."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ofx.orders.models import Order
from ofx.orders.vocabulary import Milestone
from ofx.tmf.product_order.items import identified, items, parts, total, wish_of
from ofx.tmf.product_order.models import CancelTask
from ofx.tmf.product_order.states import TASK, V4_STATE, V5_STATE, fell_out, order_state
from ofx.tmf.product_order.wish import customer_of
from ofx.tmf.rest.columns import Day, Key, Moment, Text, Words
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.face import Face

API = "productOrderingManagement"
DELIVERED = ("completed", "accepted", "partial")
Json = dict[str, Any]


def text(name: str) -> Callable[[Order], Any]:
    """A text or date that the buyer's system sent."""
    return lambda order: wish_of(order).get(name) or None


def kept(name: str, version: str) -> Callable[[Order], Any]:
    """References that we keep and give back as they came, in the version that they came by."""

    def read(order: Order) -> Any:
        buyer = getattr(order, "buyer_order", None)
        return buyer.wish.get("kept", {}).get(name) if buyer and buyer.version == version else None

    return read


def requested_completion(order: Order) -> str | None:
    """The buyer's own moment as long as it means the day that the order holds."""
    given = wish_of(order).get("requestedCompletionDate")
    day = order.requested_date
    return given if given and day and given.startswith(day.isoformat()) else stamp(day)


def contact(order: Order) -> str | None:
    """Where to write to."""
    return wish_of(order).get("notificationContact") or order.contact_email or None


def completion(order: Order) -> str | None:
    """When everything was delivered."""
    moments = [part.completed_at for part in order.partner_orders.all()]
    done = order.state in DELIVERED and moments and all(moments)
    return stamp(max(moment for moment in moments if moment)) if done else None


def last_cancel(order: Order) -> CancelTask | None:
    """The newest wish to cancel that was carried out."""
    tasks = [task for task in order.cancel_tasks.all() if task.state == CancelTask.State.DONE]
    return max(tasks, key=lambda task: task.pk, default=None)


def cancellation_date(order: Order) -> str | None:
    """When it was cancelled."""
    if order.state != "cancelled":
        return None
    task = last_cancel(order)
    return stamp(task.effective_at if task else order.closed_at)


def cancellation_reason(order: Order) -> str | None:
    """Why it was cancelled."""
    task = last_cancel(order) if order.state == "cancelled" else None
    return task.reason if task else None


def notes(order: Order) -> list[Json] | None:
    """The buyer's notes, those that all sides see, and what our desk is at."""
    found: list[Json] = [{**note, "@type": "Note"} for note in wish_of(order).get("notes", [])]
    found += [
        {
            "id": f"n{note.pk}",
            "author": str(note.author or "OFX"),
            "date": stamp(note.at),
            "text": note.text,
            "@type": "Note",
        }
        for note in order.notes.all()
        if not note.internal
    ]
    if fell_out(order) and order.state in ("draft", "validated"):
        words = f"A person completes this order: {order.buyer_order.fallout}"  # type: ignore[attr-defined]
        found.append({"id": "desk", "author": "OFX", "text": words, "@type": "Note"})
    return found or None


def _parties(order: Order) -> list[Json]:
    given: list[Json] = wish_of(order).get("parties", [])
    if customer_of({"parties": given}) is None:
        given = [*given, {"id": str(order.customer_id), "name": order.customer.name, "role": "customer"}]
    return [{**one, "id": one["id"] or one["name"] or "unknown"} for one in given]


def parties_v4(order: Order) -> list[Json]:
    """relatedParty, flat."""
    return [
        {
            "id": one["id"],
            "name": one["name"],
            "role": one["role"],
            "@referredType": _kind(one),
            "@type": "RelatedParty",
        }
        for one in _parties(order)
    ]


def parties_v5(order: Order) -> list[Json]:
    """relatedParty, structured."""
    return [
        {
            "role": one["role"],
            "partyOrPartyRole": {
                "id": one["id"],
                "name": one["name"],
                "@referredType": _kind(one),
                "@type": "PartyRef",
            },
            "@type": "RelatedPartyRefOrPartyRoleRef",
        }
        for one in _parties(order)
    ]


def _kind(party: Json) -> str:
    return "Individual" if "contact" in party["role"].lower() else "Organization"


def external_v5(order: Order) -> list[Json] | None:
    """externalId as a list."""
    made = {"id": order.external_id, "externalIdentifierType": "ProductOrder", "@type": "ExternalIdentifier"}
    return [made] if order.external_id else None


def _refs(order: Order, *part_ids: int) -> list[Json]:
    """References to the items of these partner orders."""
    return [
        {
            "productOrderId": order.reference,
            "productOrderItemId": shown,
            "@referredType": "ProductOrder",
            "@type": "ProductOrderItemRef",
        }
        for shown, _, part in identified(order)
        if part and part.pk in part_ids
    ]


def milestones(order: Order) -> list[Json] | None:
    """productOrderMilestone: what was reached, by item."""
    found = [
        {
            "id": f"{part.item.position}-{one.code}",
            "name": one.code,
            "description": Milestone(one.code).label if one.code in Milestone.values else one.code,
            "milestoneDate": stamp(one.at),
            "status": "Completed",
            "productOrderItem": _refs(order, part.pk),
            "@type": "ProductOrderMilestone",
        }
        for part in parts(order)
        for one in part.milestones.all()
    ]
    return found or None


def jeopardies(order: Order) -> list[Json] | None:
    """productOrderJeopardyAlert: what is in danger of being late now."""
    found = [
        {
            "id": str(flag.pk),
            "name": "Jeopardy",
            "alertDate": stamp(flag.opened_at),
            "jeopardyType": flag.reason or "OTHER",
            "exception": flag.raw_reason or flag.reason or "OTHER",
            "message": flag.text or "The date is in danger.",
            "productOrderItem": _refs(order, part.pk),
            "@type": "ProductOrderJeopardyAlert",
        }
        for part in parts(order)
        for flag in part.flags.all()
        if flag.kind == "jeopardy" and flag.closed_at is None
    ]
    return found or None


def errors(order: Order) -> list[Json] | None:
    """productOrderErrorMessage: what keeps it from being delivered."""
    found: list[Json] = []
    if fell_out(order) and order.state in ("draft", "validated"):
        found.append(_error("fallout", order.buyer_order.fallout, order.created_at, []))  # type: ignore[attr-defined]
    for part in parts(order):
        if part.state in ("failed_to_send", "rejected", "failed"):
            words = part.blocked_text or f"{part.operator} ended it: {part.get_state_display().lower()}"
            at = part.ended_at or part.blocked_since or part.created_at
            found.append(_error(part.state, words, at, _refs(order, part.pk)))
    return found or None


def _error(code: str, reason: str, at: datetime, refs: list[Json]) -> Json:
    made: Json = {"code": code, "reason": reason, "timestamp": stamp(at), "@type": "ProductOrderErrorMessage"}
    return {**made, "productOrderItem": refs} if refs else made


class ProductOrderFace(Face):
    """What both versions share."""

    type, api, name = "ProductOrder", API, "productOrder"

    def identify(self, row: Order) -> str:
        """The order's reference."""
        return row.reference


COMMON: Mapping[str, Any] = {
    "cancellationDate": cancellation_date,
    "cancellationReason": cancellation_reason,
    "category": text("category"),
    "completionDate": completion,
    "description": text("description"),
    "expectedCompletionDate": lambda order: stamp(order.target_date or order.committed_date),
    "notificationContact": contact,
    "priority": text("priority"),
    "requestedCompletionDate": requested_completion,
    "requestedStartDate": text("requestedStartDate"),
    "note": notes,
    "orderTotalPrice": total,
}
COLUMNS: Mapping[str, Text] = {
    "id": Text("reference"),
    "externalId": Text("external_id"),
    "requestedCompletionDate": Day("requested_date"),
}
NAMES = ("agreement", "billingAccount", "channel", "payment", "productOfferingQualification", "quote")


class ProductOrderV4(ProductOrderFace):
    """ProductOrder of the v4 file."""

    attributes = {
        **COMMON,
        "externalId": lambda order: order.external_id or None,
        "orderDate": lambda order: stamp(order.created_at),
        **{name: kept(name, "v4") for name in NAMES},
        "relatedParty": parties_v4,
        "productOrderItem": lambda order: items(order, "v4"),
        "state": lambda order: order_state(order, "v4"),
    }
    columns = {**COLUMNS, "orderDate": Moment("created_at"), "state": V4_STATE}


class ProductOrderV5(ProductOrderFace):
    """ProductOrder of the v5 file."""

    version, typed = "v5", True
    attributes = {
        **COMMON,
        "externalId": external_v5,
        "creationDate": lambda order: stamp(order.created_at),
        **{name: kept(name, "v5") for name in NAMES},
        "orderRelationship": None,
        "requestedInitialState": None,
        "productOrderMilestone": milestones,
        "productOrderJeopardyAlert": jeopardies,
        "productOrderErrorMessage": errors,
        "relatedParty": parties_v5,
        "productOrderItem": lambda order: items(order, "v5"),
        "state": lambda order: order_state(order, "v5"),
    }
    columns = {
        **COLUMNS,
        "externalId.id": Text("external_id"),
        "creationDate": Moment("created_at"),
        "state": V5_STATE,
    }


def order_reference(order: Order, version: str) -> Json:
    """productOrder of a cancelProductOrder."""
    href = PRODUCT_ORDER[version].href(order.reference)
    return {"id": order.reference, "href": href, "@referredType": "ProductOrder", "@type": "ProductOrderRef"}


class CancelV4(Face):
    """CancelProductOrder of the v4 file."""

    type, api, name = "CancelProductOrder", API, "cancelProductOrder"
    attributes = {
        "cancellationReason": lambda task: task.reason,
        "effectiveCancellationDate": lambda task: stamp(task.effective_at),
        "requestedCancellationDate": lambda task: stamp(task.requested_for or task.created_at),
        "productOrder": lambda task: order_reference(task.order, "v4"),
        "state": lambda task: TASK[task.state],
    }
    columns = {
        "id": Key("C"),
        "state": Words("state", {word: [ours] for ours, word in TASK.items()}),
        "productOrder.id": Text("order__reference"),
        "effectiveCancellationDate": Moment("effective_at"),
    }

    def identify(self, row: CancelTask) -> str:
        """Our number with a letter."""
        return f"C{row.pk}"


class CancelV5(CancelV4):
    """CancelProductOrder of the v5 file."""

    version, typed = "v5", True
    attributes = {
        **CancelV4.attributes,
        "creationDate": lambda task: stamp(task.created_at),
        "productOrder": lambda task: order_reference(task.order, "v5"),
    }
    columns = {**CancelV4.columns, "creationDate": Moment("created_at")}


PRODUCT_ORDER: dict[str, ProductOrderFace] = {"v4": ProductOrderV4(), "v5": ProductOrderV5()}
CANCEL: dict[str, Face] = {"v4": CancelV4(), "v5": CancelV5()}
