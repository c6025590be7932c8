"""What a TMF622 v4 order must look like: the rules of the standard and the partners' own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

ACTIONS = ("add", "modify", "delete", "noChange")
DATES = ("requestedCompletionDate", "requestedStartDate", "cancellationDate")
LENGTHS = {
    "externalId": 100,
    "description": 1000,
    "priority": 20,
    "category": 200,
    "notificationContact": 500,
}
PATCHABLE = frozenset(
    {
        "requestedCompletionDate",
        "requestedStartDate",
        "description",
        "priority",
        "notificationContact",
        "externalId",
        "note",
        "charge",
        "productOrderItem",
    }
)
# The partner's own attributes: a client that echoes them in a create has them ignored.
OWNED = frozenset(
    {"id", "href", "state", "orderDate", "lastUpdate", "issuedOn", "sequence", "simulated", "milestone"}
    | {"stateChange", "delay", "jeopardy", "charge", "amendment", "appointment", "updateType"}
    | {"expectedCompletionDate", "completionDate", "committedDate", "firmOrderCommitmentDate"}
    | {"customerCommittedDate"}
)


class Invalid(ValueError):
    """A body that breaks a rule; the text names the attribute and the fix."""


def _want(condition: bool, message: str) -> None:
    if not condition:
        raise Invalid(message)


def _list(body: Mapping[str, Any], name: str, path: str = "") -> list[dict[str, Any]]:
    found = body.get(name)
    if found is None:
        return []
    _want(isinstance(found, list), f"{path}{name} must be a list")
    for index, entry in enumerate(found):
        _want(isinstance(entry, dict), f"{path}{name}[{index}] must be an object")
    return found


def date_time(text: Any, name: str) -> datetime:
    """A moment with its zone; Invalid names the attribute."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Invalid(f"{name} must be an ISO 8601 date-time, not {text!r}") from None
    _want(found.tzinfo is not None, f"{name} must carry a zone, such as Z")
    _want(1970 <= found.year < 3000, f"{name} must be in the years 1970 to 2999")
    return found


def _texts(body: Mapping[str, Any]) -> None:
    for name, most in LENGTHS.items():
        text = body.get(name)
        if text is not None:
            _want(isinstance(text, str), f"{name} must be a string")
            _want(len(text) <= most, f"{name} may have {most} characters, not {len(text)}")


def _notes(body: Mapping[str, Any]) -> None:
    for index, note in enumerate(_list(body, "note")):
        text = note.get("text")
        _want(isinstance(text, str) and bool(text), f"note[{index}].text is required")
        _want(len(str(text)) <= 2000, f"note[{index}].text may have 2000 characters, not {len(str(text))}")


def _parties(body: Mapping[str, Any], path: str = "") -> None:
    for index, party in enumerate(_list(body, "relatedParty", path)):
        for name in ("id", "@referredType"):
            _want(isinstance(party.get(name), str), f"{path}relatedParty[{index}].{name} is required")


def _product(product: Mapping[str, Any], path: str, hazard_limit: int) -> None:
    for index, place in enumerate(_list(product, "place", path)):
        _want(isinstance(place.get("role"), str), f"{path}place[{index}].role is required")
    for index, trait in enumerate(_list(product, "productCharacteristic", path)):
        at = f"{path}productCharacteristic[{index}]"
        _want(isinstance(trait.get("name"), str), f"{at}.name is required")
        _want("value" in trait, f"{at}.value is required")
        if hazard_limit and trait["name"] == "hazardNote":
            long = len(str(trait["value"]))
            _want(long <= hazard_limit, f"{at}.value (hazardNote) may have {hazard_limit} characters")
    _parties(product, path)


def _item(item: Mapping[str, Any], path: str, hazard_limit: int) -> None:
    _want(isinstance(item.get("id"), str) and bool(item["id"]), f"{path}.id is required, a string")
    _want("action" in item, f"{path}.action is required")
    _want(item["action"] in ACTIONS, f"{path}.action must be one of {', '.join(ACTIONS)}")
    if "quantity" in item:
        whole = isinstance(item["quantity"], int) and not isinstance(item["quantity"], bool)
        _want(whole and item["quantity"] > 0, f"{path}.quantity must be a whole number above 0")
    product = item.get("product")
    if product is not None:
        _want(isinstance(product, dict), f"{path}.product must be an object")
        _product(product, f"{path}.product.", hazard_limit)


def _items(body: Mapping[str, Any], hazard_limit: int) -> None:
    items = _list(body, "productOrderItem")
    _want(bool(items), "productOrderItem is required and may not be empty")
    for index, item in enumerate(items):
        _item(item, f"productOrderItem[{index}]", hazard_limit)
    ids = [item["id"] for item in items]
    _want(len(set(ids)) == len(ids), "productOrderItem[].id must be unique in the order")


def _common(body: Mapping[str, Any]) -> None:
    _texts(body)
    _notes(body)
    _parties(body)
    for name in DATES:
        if body.get(name) is not None:
            date_time(body[name], name)


def creation(body: Any, hazard_limit: int = 0) -> dict[str, Any]:
    """The attributes of a new order without the partner's own ones; Invalid names what is wrong."""
    _want(isinstance(body, dict), "the body must be a JSON object")
    _items(body, hazard_limit)
    _common(body)
    return {name: value for name, value in body.items() if name not in OWNED and value is not None}


def change(body: Any, item_ids: list[str], hazard_limit: int = 0) -> dict[str, Any]:
    """A merge-patch that may be applied; Invalid names the attribute that may not."""
    _want(isinstance(body, dict), "the body must be a JSON object")
    for name in body:
        _want(name in PATCHABLE or name.startswith("@"), f"{name} may not be patched")
    if "productOrderItem" in body:
        _items(body, hazard_limit)
        same = [item["id"] for item in body["productOrderItem"]] == item_ids
        _want(same, "productOrderItem may not gain or lose items")
    _common(body)
    for index, charge in enumerate(_list(body, "charge")):
        told = charge.get("response") in ("accepted", "declined")
        _want(told, f"charge[{index}].response must be accepted or declined")
    return {name: value for name, value in body.items() if not name.startswith("@")}


def cancellation(body: Any) -> dict[str, Any]:
    """A cancelProductOrder task; Invalid names what is wrong."""
    _want(isinstance(body, dict), "the body must be a JSON object")
    target = body.get("productOrder")
    _want(isinstance(target, dict), "productOrder is required, an object")
    _want(isinstance(target.get("id"), str), "productOrder.id is required, a string")
    reason = body.get("cancellationReason")
    _want(reason is None or isinstance(reason, str), "cancellationReason must be a string")
    if body.get("requestedCancellationDate") is not None:
        date_time(body["requestedCancellationDate"], "requestedCancellationDate")
    kept = ("productOrder", "cancellationReason", "requestedCancellationDate")
    return {name: body[name] for name in kept if body.get(name) is not None}


def subscription(body: Any) -> tuple[str, str]:
    """Callback and query of a hub registration; Invalid names what is wrong."""
    _want(isinstance(body, dict), "the body must be a JSON object")
    callback, query = body.get("callback"), body.get("query") or ""
    _want(isinstance(callback, str), "callback is required, a string")
    _want(callback.startswith(("http://", "https://")), "callback must be an http or https address")
    _want(isinstance(query, str), "query must be a string")
    return callback, query.lstrip("?")
