"""The three APIs of a fault desk as one router: create, read, list, patch, hub. Faults and journal: sandbox.app."""

from __future__ import annotations

import random
import secrets
from typing import Any

from sandbox import rules
from sandbox.care.case import Case
from sandbox.care.desk import Care, Kind
from sandbox.wire import Answer, Call, Refused, error, matches, parse, selected, split_filters, whole


def below(care: Care, path: str) -> tuple[Kind, str] | None:
    """Which API a path is of, and what stands below its root; None if it is of none."""
    for kind in care.kinds.values() if care.house.partner.kind != "email" else ():
        root = f"/{care.house.partner.id}/{kind.root}"
        if f"{path}/".startswith(f"{root}/"):
            return kind, path.removeprefix(root).strip("/")
    return None


def answer(care: Care, kind: Kind, call: Call) -> Answer:
    """Work one call in the caller's transaction; what is refused leaves nothing half done."""
    try:
        with care.store.transaction():
            return _hub(care, kind, call) if call.path.partition("/")[0] == "hub" else _work(care, kind, call)
    except rules.Invalid as problem:
        return error(Refused(400, "INVALID_REQUEST", str(problem)))
    except Refused as refused:
        return error(refused)


def _work(care: Care, kind: Kind, call: Call) -> Answer:
    name, _, ident = call.path.partition("/")
    if name != kind.resource or "/" in ident:
        raise Refused(404, "NOT_FOUND", f"there is no resource {call.path!r}")
    if call.method == "POST" and not ident:
        return kind.create(care, call)
    if call.method == "GET":
        return _read(care, kind, call, ident) if ident else _list(care, kind, call)
    if call.method == "PATCH" and ident:
        return kind.patch(care, call, _find(care, kind, ident))
    raise Refused(405, "METHOD_NOT_ALLOWED", f"{name} allows {'GET, PATCH' if ident else 'GET, POST'}")


def _find(care: Care, kind: Kind, ident: str) -> Case:
    case = care.case("kind = ? AND id = ?", (kind.name, ident))
    if case is None:
        raise Refused(404, "NOT_FOUND", f"{kind.resource} {ident!r} does not exist")
    return case


def _read(care: Care, kind: Kind, call: Call, ident: str) -> Answer:
    case = _find(care, kind, ident)
    return Answer(200, selected(care.show(case), call.one("fields")), order=case)


def _list(care: Care, kind: Kind, call: Call) -> Answer:
    cases = _matching(care, kind, call)
    habits = care.house.partner.habits
    offset, limit = whole(call.one("offset"), "offset", 0), whole(call.one("limit"), "limit", habits.max_page)
    first = max(0, offset - 1) if habits.unstable_lists else offset
    page = cases[first : offset + min(limit, habits.max_page)]
    shown = [selected(care.show(case), call.one("fields")) for case in page]
    return Answer(200, shown, {"X-Total-Count": str(len(cases)), "X-Result-Count": str(len(shown))})


def _matching(care: Care, kind: Kind, call: Call) -> list[Case]:
    args = {name.replace("externalIdentifier.id", "externalId"): texts for name, texts in call.args.items()}
    where, values, rest = split_filters(args, kind.columns)
    found = care.cases(f"kind = ? AND {where}", [kind.name, *values])
    found = [case for case in found if all(matches(care.show(case), name, texts) for name, texts in rest.items())]
    if care.house.partner.habits.unstable_lists:
        chance = random.Random()
        return sorted(found, key=lambda case: (case.last_update[:19], chance.random()))
    return sorted(found, key=lambda case: (case.last_update, case.number))


# -- subscriptions
def _href(care: Care, kind: Kind, ident: str) -> str:
    return f"{care.house.config.url}/{care.house.partner.id}/{kind.root}/hub/{ident}"


def _hub(care: Care, kind: Kind, call: Call) -> Answer:
    ident = call.path.partition("/")[2]
    if call.method == "POST" and not ident:
        return _subscribe(care, kind, call)
    rows = care.store.rows("SELECT id, callback, query FROM case_hubs WHERE kind = ? ORDER BY rowid", (kind.name,))
    hubs: list[dict[str, Any]] = [dict(row) for row in rows]
    if call.method == "GET" and not ident:
        return Answer(200, hubs)
    found = next((hub for hub in hubs if hub["id"] == ident), None)
    if found is None:
        raise Refused(404, "NOT_FOUND", f"hub {ident!r} does not exist")
    if call.method == "GET":
        return Answer(200, found)
    if call.method != "DELETE":
        raise Refused(405, "METHOD_NOT_ALLOWED", "hub allows GET, POST, DELETE")
    care.store.run("UPDATE case_news SET waiting = 0 WHERE hub_id = ?", (ident,))
    care.store.run("DELETE FROM case_hubs WHERE id = ?", (ident,))
    return Answer(204)


def _subscribe(care: Care, kind: Kind, call: Call) -> Answer:
    if not care.house.partner.habits.webhooks:
        raise Refused(501, "NO_NOTIFICATIONS", "this partner sends no notifications: poll")
    callback, query = rules.subscription(parse(call.body))
    same = "SELECT id FROM case_hubs WHERE kind = ? AND callback = ? AND query = ?"
    twin = care.store.one(same, (kind.name, callback, query))
    if twin:
        raise Refused(409, "DUPLICATE", "this callback is registered already", _href(care, kind, twin["id"]))
    hub = {"id": secrets.token_hex(6), "callback": callback, "query": query}
    values = (hub["id"], kind.name, callback, query)
    care.store.run("INSERT INTO case_hubs (id, kind, callback, query) VALUES (?, ?, ?, ?)", values)
    return Answer(201, hub, {"Location": _href(care, kind, hub["id"])})
