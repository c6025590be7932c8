"""The TMF622 v4 API of a partner: what each call answers. Transport, faults, journal: sandbox.app."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from typing import Any

from sandbox import rules
from sandbox.desk import Desk, TooLate
from sandbox.lifecycle import Order
from sandbox.wire import (
    Answer,
    Call,
    Columns,
    Refused,
    error,
    matches,
    parse,
    selected,
    split_filters,
    unavailable,
    whole,
)

HAZARD_LIMITS = {"northfibre": 50}
COLUMNS = Columns(
    {"externalId": "external_id", "id": "id", "state": "state"},
    {"lastUpdate": "last_update", "orderDate": "order_date"},
)


def _numbers(desk: Desk, call: Call) -> list[int]:
    """Numbers of the matching orders, oldest change first."""
    where, values, rest = split_filters(call.args, COLUMNS)
    sql = f"SELECT number, last_update FROM orders WHERE {where} ORDER BY last_update, number"  # noqa: S608
    keys = [(row["last_update"], row["number"]) for row in desk.store.rows(sql, values)]
    if desk.partner.habits.unstable_lists:
        chance = random.Random()
        keys.sort(key=lambda key: (key[0][:19], chance.random()))
    if rest:
        fit = {
            order.number
            for order in desk.store.orders(where, values)
            if all(matches(desk.show(order), name, texts) for name, texts in rest.items())
        }
        return [number for _, number in keys if number in fit]
    return [number for _, number in keys]


def list_orders(desk: Desk, call: Call) -> Answer:
    """GET /productOrder."""
    numbers = _numbers(desk, call)
    most = desk.partner.habits.max_page
    offset = whole(call.one("offset"), "offset", 0)
    limit = min(whole(call.one("limit"), "limit", most), most)
    first = max(0, offset - 1) if desk.partner.habits.unstable_lists else offset
    page = numbers[first : offset + limit]
    marks = ",".join("?" * len(page))
    found = {order.number: order for order in desk.store.orders(f"number IN ({marks})", page)}
    shown = [selected(desk.show(found[number]), call.one("fields")) for number in page]
    headers = {"X-Total-Count": str(len(numbers)), "X-Result-Count": str(len(shown))}
    return Answer(200, shown, headers)


def _find(desk: Desk, order_id: str) -> Order:
    order = desk.store.order("id = ?", (order_id,))
    if order is None:
        raise Refused(404, "NOT_FOUND", f"productOrder {order_id!r} does not exist")
    return order


def read_order(desk: Desk, call: Call, order_id: str) -> Answer:
    """GET /productOrder/{id}."""
    order = _find(desk, order_id)
    return Answer(200, selected(desk.show(order), call.one("fields")), order=order)


# writing


def create_order(desk: Desk, call: Call) -> Answer:
    """POST /productOrder."""
    request = rules.creation(parse(call.body), HAZARD_LIMITS.get(desk.partner.id, 0))
    if _refused_first(desk, request):
        return unavailable("simulated: try again")
    order = desk.place(request)
    return Answer(201, desk.show(order), {"Location": desk.href(order.id)}, order)


def _refused_first(desk: Desk, request: dict[str, Any]) -> bool:
    """Scenario `error_5xx`: the first requests with this key are refused and leave nothing but a count."""
    key = str(request.get("externalId") or "")
    if desk.scenario(request, key) != "error_5xx":
        return False
    row = desk.store.one("SELECT count FROM refusals WHERE external_id = ?", (key,))
    count = row["count"] if row else 0
    if count >= desk.partner.habits.error_count:
        return False
    desk.store.run("INSERT OR REPLACE INTO refusals VALUES (?, ?)", (key, count + 1))
    return True


def _consent(changes: dict[str, Any], notes: list[dict[str, Any]]) -> bool | None:
    """Our answer to a charge: by `charge[].response`, or by a note; None if there is none."""
    words = [str(charge["response"]) for charge in changes.pop("charge", None) or []]
    text = " ".join(str(note["text"]).lower() for note in notes)
    if "accepted" in words or "charge accept" in text:
        return True
    return False if "declined" in words or "charge decline" in text else None


def patch_order(desk: Desk, call: Call, order_id: str) -> Answer:
    """PATCH /productOrder/{id}."""
    order = _find(desk, order_id)
    items = [item["id"] for item in order.request["productOrderItem"]]
    changes = rules.change(parse(call.body), items, HAZARD_LIMITS.get(desk.partner.id, 0))
    if order.ended:
        raise TooLate("ORDER_ENDED", f"productOrder {order.id} is {desk.dialect.state(order.state)}")
    notes = [note for note in changes.pop("note", None) or [] if not note.get("id")]
    consent = _consent(changes, notes)
    if consent and desk.doubts_consent(order):
        doubt = "charge: its price was checked meanwhile and stands; consent again"
        return error(Refused(409, "CONSENT_REFUSED", doubt))
    wanted = changes.pop("requestedCompletionDate", None)
    if wanted and wanted != order.request.get("requestedCompletionDate"):
        desk.amend(order, wanted)
    if changes or notes:
        desk.patch(order, changes, notes)
    if consent is not None:
        desk.answer_charge(order, consent)
    return Answer(200, desk.show(order), order=order)


def create_cancel(desk: Desk, call: Call) -> Answer:
    """POST /cancelProductOrder."""
    request = rules.cancellation(parse(call.body))
    order = desk.store.order("id = ?", (request["productOrder"]["id"],))
    if order is None:
        raise Refused(400, "INVALID_REQUEST", "productOrder.id names no order of ours")
    task = desk.request_cancel(order, request)
    return Answer(201, task, {"Location": task["href"]}, order)


def list_cancels(desk: Desk, call: Call) -> Answer:
    """GET /cancelProductOrder."""
    tasks = desk.cancel_tasks()
    count = str(len(tasks))
    return Answer(200, tasks, {"X-Total-Count": count, "X-Result-Count": count})


def read_cancel(desk: Desk, call: Call, task_id: str) -> Answer:
    """GET /cancelProductOrder/{id}."""
    tasks = desk.cancel_tasks(task_id)
    if not tasks:
        raise Refused(404, "NOT_FOUND", f"cancelProductOrder {task_id!r} does not exist")
    return Answer(200, tasks[0])


# subscriptions


def _hub_allowed(desk: Desk) -> None:
    if not desk.partner.habits.webhooks:
        raise Refused(501, "NO_NOTIFICATIONS", "this partner sends no notifications: poll")


def _hub_href(desk: Desk, hub_id: str) -> str:
    return f"{desk.config.base_url(desk.partner.id)}/hub/{hub_id}"


def create_hub(desk: Desk, call: Call) -> Answer:
    """POST /hub."""
    _hub_allowed(desk)
    callback, query = rules.subscription(parse(call.body))
    twin = desk.store.one("SELECT id FROM hubs WHERE callback = ? AND query = ?", (callback, query))
    if twin:
        reference = _hub_href(desk, twin["id"])
        raise Refused(409, "DUPLICATE", "this callback is registered already", reference)
    hub = {"id": secrets.token_hex(6), "callback": callback, "query": query}
    desk.store.run("INSERT INTO hubs (id, callback, query) VALUES (?, ?, ?)", tuple(hub.values()))
    return Answer(201, hub, {"Location": _hub_href(desk, hub["id"])})


def list_hubs(desk: Desk, call: Call) -> Answer:
    """GET /hub."""
    return Answer(200, [dict(row) for row in desk.store.rows("SELECT * FROM hubs ORDER BY rowid")])


def _hub(desk: Desk, hub_id: str) -> dict[str, Any]:
    row = desk.store.one("SELECT * FROM hubs WHERE id = ?", (hub_id,))
    if row is None:
        raise Refused(404, "NOT_FOUND", f"hub {hub_id!r} does not exist")
    return dict(row)


def read_hub(desk: Desk, call: Call, hub_id: str) -> Answer:
    """GET /hub/{id}."""
    return Answer(200, _hub(desk, hub_id))


def delete_hub(desk: Desk, call: Call, hub_id: str) -> Answer:
    """DELETE /hub/{id}."""
    _hub(desk, hub_id)
    desk.store.run("UPDATE outbox SET waiting = 0 WHERE hub_id = ?", (hub_id,))
    desk.store.run("DELETE FROM hubs WHERE id = ?", (hub_id,))
    return Answer(204)


Handler = Callable[..., Answer]
ROUTES: dict[str, dict[str, Handler]] = {
    "productOrder": {"GET": list_orders, "POST": create_order},
    "productOrder/": {"GET": read_order, "PATCH": patch_order},
    "cancelProductOrder": {"GET": list_cancels, "POST": create_cancel},
    "cancelProductOrder/": {"GET": read_cancel},
    "hub": {"GET": list_hubs, "POST": create_hub},
    "hub/": {"GET": read_hub, "DELETE": delete_hub},
}


def _route(call: Call) -> tuple[Handler, list[str]]:
    name, _, key = call.path.strip("/").partition("/")
    methods = ROUTES.get(f"{name}/" if key else name)
    if methods is None or "/" in key:
        raise Refused(404, "NOT_FOUND", f"there is no resource {call.path!r}")
    if call.method not in methods:
        raise Refused(405, "METHOD_NOT_ALLOWED", f"{name} allows {', '.join(methods)}")
    return methods[call.method], [key] if key else []


def answer(desk: Desk, call: Call) -> Answer:
    """Work one call in the caller's transaction. A refusal is an answer too and leaves nothing half done."""
    try:
        handler, keys = _route(call)
        with desk.store.transaction():
            return handler(desk, call, *keys)
    except rules.Invalid as problem:
        return error(Refused(400, "INVALID_REQUEST", str(problem)))
    except TooLate as problem:
        return error(Refused(409, problem.code, str(problem)))
    except Refused as refused:
        return error(refused)
