"""Live qualification as each partner does it: TMF679 v4 and TMF645 v4, beside its order API (docs/sandbox.md).

Whether a place is served is drawn from a digest of partner and postcode, so that the same question has the same answer
for ever. How it answers is the partner's way, unless a control call or a marker in the question says otherwise.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox.config import Partner
from sandbox.desk import Desk
from sandbox.lifecycle import stamp
from sandbox.wire import Answer, Call, Refused, error, parse, unavailable

ROOTS = {
    "tmf679": "tmf-api/productOfferingQualification/v4",
    "tmf645": "tmf-api/serviceQualificationManagement/v4",
}
RESOURCES = {"tmf679": "productOfferingQualification", "tmf645": "checkServiceQualification"}
ITEMS = {"tmf679": "productOfferingQualificationItem", "tmf645": "serviceQualificationItem"}
MODES = ("fast", "slow", "errors", "dead")
MARKER = re.compile(r"\[qualification:([a-z]+)\]")
DEAD_SECONDS = 25.0
ACCEPTED = {"tmf679": "acknowledged", "tmf645": "accepted"}


@dataclass(frozen=True)
class Manner:
    """How a partner answers live questions."""

    api: str
    mode: str
    valid: timedelta
    areas: str  # postcode areas that it knows at all
    slow_seconds: float = 1.5


# Chorus' answers hold for five days (DOMAIN R26); others are shorter, as in life.
MANNERS = {
    "northfibre": Manner(
        "tmf679",
        "fast",
        timedelta(days=5),
        "M L LS BD HX HD WF S SK OL BL WN PR BB FY LA DL NE SR DH TS YO HG HU WA SW",
    ),
    "southlink": Manner(
        "tmf679", "slow", timedelta(hours=12), "SW SE W WC EC E N NW CR KT TW BR DA RG GU RH BN PO SO SL HP OX ME CT M"
    ),
    "eastwave": Manner(
        "tmf645", "errors", timedelta(minutes=30), "CB IP NR PE CO CM SS RM IG LU SG AL NN MK LN NG WD EC SW M"
    ),
}
OUTSIDE = ("OUT_OF_FOOTPRINT", "Outside the area that we serve")
REFUSALS = (
    ("NETWORK_INCOMPLETE", "The cabinet is not built yet"),
    ("NO_CAPACITY", "No free port on the splitter"),
    ("DUCT_UNPROVEN", "The duct to the building was never surveyed"),
)


def services(url: str, partner: Partner) -> dict[str, str]:
    """The partner's live services: API → root address; empty where it has none."""
    manner = MANNERS.get(partner.id)
    return {manner.api: f"{url}/{partner.id}/{ROOTS[manner.api]}"} if manner else {}


def below(desk: Desk, path: str) -> str:
    """The path below the partner's live service; None-like empty text where it is not meant."""
    manner = MANNERS.get(desk.partner.id)
    root = f"/{desk.partner.id}/{ROOTS[manner.api]}/" if manner else ""
    return path.removeprefix(root) if root and path.startswith(root) else ""


def steer(desks: Mapping[str, Desk], body: dict[str, Any]) -> None:
    """`POST /_control/qualification {partner, mode}`: an empty mode is the partner's own. Raises ValueError."""
    mode = body.get("mode", "")
    if mode and mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, or empty")
    for desk in desks.values():
        desk.store.set("qualification", mode)


def answer(desk: Desk, call: Call) -> tuple[str, Answer, float]:
    """What befell the call, its answer, and how long (seconds) it is held back."""
    manner = MANNERS[desk.partner.id]
    try:
        name, _, key = call.path.strip("/").partition("/")
        if name != RESOURCES[manner.api] or "/" in key:
            raise Refused(404, "NOT_FOUND", f"there is no resource {call.path!r}")
        if call.method == "GET" and key:
            return "", _read(desk, manner, key), 0.0
        if call.method != "POST" or key:
            raise Refused(405, "METHOD_NOT_ALLOWED", f"{name} allows POST, and GET with an id")
        return _created(desk, manner, parse(call.body), call.body.decode())
    except Refused as refused:
        return "", error(refused), 0.0


def _created(desk: Desk, manner: Manner, body: Any, text: str) -> tuple[str, Answer, float]:
    items = _items(manner, body)
    marker = MARKER.search(text)
    mode = (marker[1] if marker else "") or desk.store.setting("qualification", "") or manner.mode
    if mode == "dead":
        return "dead", unavailable("simulated: nobody is there", 5), DEAD_SECONDS
    number = _count(desk)
    if mode == "errors" and number % 3 == 1:
        return "error_5xx", unavailable("simulated: try again"), 0.0
    task = _task(desk, manner, body, items, number)
    if mode == "slow":
        due = time.time() + manner.slow_seconds
        _keep(desk, number, {"due": due, "task": task})
        return "", Answer(201, _open(manner, task), {"Location": task["href"]}), 0.0
    _keep(desk, number, {"due": 0, "task": task})
    return "", Answer(201, task, {"Location": task["href"]}), 0.0


def _items(manner: Manner, body: Any) -> list[dict[str, Any]]:
    rows = body.get(ITEMS[manner.api]) if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Refused(400, "INVALID_REQUEST", f"{ITEMS[manner.api]} must be a list with at least one item")
    return rows[:100]


def _count(desk: Desk) -> int:
    number = int(desk.store.setting("qualifications", 0)) + 1
    desk.store.set("qualifications", number)
    return number


def _keep(desk: Desk, number: int, kept: dict[str, Any]) -> None:
    desk.store.set(f"qualification:{number}", kept)


def _read(desk: Desk, manner: Manner, key: str) -> Answer:
    kept = desk.store.setting(f"qualification:{key.removeprefix('Q')}")
    if not kept:
        raise Refused(404, "NOT_FOUND", f"{RESOURCES[manner.api]} {key!r} does not exist")
    return Answer(200, kept["task"] if kept["due"] <= time.time() else _open(manner, kept["task"]))


def _open(manner: Manner, task: dict[str, Any]) -> dict[str, Any]:
    """The same task before it is done: nothing is known yet."""
    hidden = ("qualificationResult", "expirationDate", "effectiveQualificationDate", ITEMS[manner.api])
    return {**{k: v for k, v in task.items() if k not in hidden}, "state": ACCEPTED[manner.api]}


def _task(desk: Desk, manner: Manner, body: dict[str, Any], items: list[Any], number: int) -> dict[str, Any]:
    now = desk.now()
    said = verdict(desk, manner, _postcode(manner, body, items))
    done = [_item(manner, item, said) for item in items]
    key = f"Q{number}"
    href = f"{desk.config.url}/{desk.partner.id}/{ROOTS[manner.api]}/{RESOURCES[manner.api]}/{key}"
    return {
        **{name: value for name, value in body.items() if name in ("description", "externalId", "place", "@type")},
        "id": key,
        "href": href,
        "state": "done",
        "qualificationResult": "qualified" if said["available"] else "unqualified",
        "effectiveQualificationDate": stamp(now),
        "expirationDate": stamp(now + manner.valid),
        ITEMS[manner.api]: done,
    }


def _postcode(manner: Manner, body: dict[str, Any], items: list[Any]) -> str:
    found = body.get("place") if manner.api == "tmf679" else (items[0].get("service") or {}).get("place")
    first = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
    return re.sub(r"\s", "", str(first.get("postcode") or first.get("name") or "")).upper()


def verdict(desk: Desk, manner: Manner, postcode: str) -> dict[str, Any]:
    """What this partner says of a postcode, always the same: in its areas 8 of 10 served, 1 a transfer, 1 refused."""
    digest = hashlib.sha256(f"{desk.config.seed}:{desk.partner.id}:{postcode}".encode()).digest()
    draw, line = digest[0] % 10, (500.0, 1000.0)[digest[1] % 2]
    known = (re.match(r"[A-Z]{1,2}", postcode) or [""])[0] in manner.areas.split()
    code, label = REFUSALS[digest[2] % len(REFUSALS)] if known else OUTSIDE
    first = postcode == "SW1A1AA"  # the place of every first look is served
    return {
        "available": known and (first or draw > 0),
        "transfer": known and draw == 1 and not first,
        "code": code,
        "label": label,
        "down": line,
        "lead": 3 + digest[3] % 12,
    }


def _item(manner: Manner, item: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    result = "qualified" if said["available"] and not said["transfer"] else "unqualified"
    found: dict[str, Any] = {"id": str(item.get("id", "")), "state": "done"}
    found["qualificationItemResult" if manner.api == "tmf679" else "qualificationResult"] = result
    traits = [
        {"name": "downstreamSpeed", "valueType": "number", "value": said["down"]},
        {"name": "leadTime", "valueType": "number", "value": said["lead"]},
    ]
    if manner.api == "tmf679":
        found["productOffering"] = item.get("productOffering") or {}
        found["product"] = {"productCharacteristic": traits}
    else:
        given = item.get("service")
        service: dict[str, Any] = given if isinstance(given, dict) else {}
        found["service"] = {
            **service,
            "serviceCharacteristic": [*(service.get("serviceCharacteristic") or []), *traits],
        }
    if said["transfer"]:
        reason = {"code": "EXISTING_SERVICE", "label": "A service is active on this line: order a transfer"}
        found["eligibilityUnavailabilityReason"] = [reason]
    elif not said["available"]:
        found["eligibilityUnavailabilityReason"] = [{"code": said["code"], "label": said["label"]}]
    return found
