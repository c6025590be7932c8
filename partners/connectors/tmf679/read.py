"""An answer of TMF679 or TMF645 v4 into our own words. Pure; never raises for what the partner wrote."""

import math
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from partners.connectors.tmf679.answers import ANSWERED, REFUSED, WAITING, Line, Question, Told

DONE, ENDED = "done", "terminatedWithError"
OPEN = ("acknowledged", "accepted", "inProgress")
ITEMS = {"tmf679": "productOfferingQualificationItem", "tmf645": "serviceQualificationItem"}
RESULTS = {"tmf679": "qualificationItemResult", "tmf645": "qualificationResult"}
GOOD = ("qualified", "green", "available", "yes")
MOST_LINES = 200
# Words of eligibilityUnavailabilityReason.code → DOMAIN 5.6; TRANSFER is our own (R27).
REASONS = {
    "NOT_FEASIBLE": "NOT_FEASIBLE",
    "OUT_OF_FOOTPRINT": "NOT_FEASIBLE",
    "NO_COVERAGE": "NOT_FEASIBLE",
    "NETWORK_INCOMPLETE": "NETWORK_INCOMPLETE",
    "NOT_RFS": "NETWORK_INCOMPLETE",
    "PLANNED": "NETWORK_INCOMPLETE",
    "NO_CAPACITY": "CAPACITY",
    "CAPACITY": "CAPACITY",
    "WAYLEAVE": "WAYLEAVE",
    "ADDRESS_UNKNOWN": "ADDRESS_MISMATCH",
    "ADDRESS_MISMATCH": "ADDRESS_MISMATCH",
    "EXISTING_SERVICE": "TRANSFER",
    "ACTIVE_SERVICE": "TRANSFER",
}
TRANSFER = "TRANSFER"
NAMES = {
    "down_mbps": ("downstreamSpeed", "downloadSpeed", "downMbps", "bandwidth"),
    "up_mbps": ("upstreamSpeed", "uploadSpeed", "upMbps"),
    "technology": ("technology", "accessTechnology"),
    "lead_days": ("leadTime", "leadTimeWorkingDays", "installationLeadTime"),
}


def told(api: str, question: Question, found: dict[str, Any], at: datetime) -> Told:
    """What a record of the partner says. `at`: when it was read; an answer that has expired then is none."""
    external_id, state = _text(found.get("id"), 120), _text(found.get("state"), 40)
    if state in OPEN:
        return Told(WAITING, external_id=external_id)
    if state == ENDED:
        return Told(REFUSED, external_id=external_id, detail=_errors(api, found) or "the partner gave up")
    items = [item for item in _rows(found.get(ITEMS[api]))[:MOST_LINES] if _text(item.get("state"), 40) not in OPEN]
    if state not in (DONE, "") or not items:
        return Told(REFUSED, external_id=external_id, detail=f"the answer holds nothing (state {state or 'missing'})")
    unknown: list[str] = []
    lines = [_line(api, question, item, unknown) for item in items]
    until = _moment(found.get("expirationDate")) or _earliest(items)
    return Told(ANSWERED, lines, until, external_id, unknown=tuple(dict.fromkeys(unknown)))


def _line(api: str, question: Question, item: dict[str, Any], unknown: list[str]) -> Line:
    product = _dict(item.get("product")) if api == "tmf679" else _dict(item.get("service"))
    traits = _traits(product)
    reasons = [_text(row.get("code"), 60) or _text(row.get("label"), 60) for row in _reason_rows(item)]
    known = [_reason(word, unknown) for word in reasons]
    transfer = TRANSFER in known or _flag(traits, "transferRequired")
    kept = [(ours, raw) for ours, raw in zip(known, reasons, strict=True) if ours != TRANSFER]
    result = _text(item.get(RESULTS[api]), 40).casefold()
    # An active service on the line hides availability: the place can be served, by a transfer (R27).
    available = result in GOOD or (transfer and not kept)
    price = _price(_rows(product.get("productPrice")))
    return Line(
        available=available,
        code=_code(api, question, item, product),
        technology=_text(_trait(traits, "technology"), 20).upper(),
        down_mbps=_number(_trait(traits, "down_mbps")),
        up_mbps=_number(_trait(traits, "up_mbps")),
        reason="" if available else (kept[0][0] if kept else "OTHER"),
        raw_reason=kept[0][1] if kept else "",
        text=next((_text(row.get("label"), 200) for row in _reason_rows(item)), ""),
        available_from=_day(item.get("expectedServiceAvailabilityDate") or item.get("expectedActivationDate")),
        lead_days=_whole(_trait(traits, "lead_days")),
        transfer=transfer,
        **price,
    )


def _reason(word: str, unknown: list[str]) -> str:
    """The canonical reason; OTHER and drift for an unknown word (R10)."""
    found = REASONS.get(re.sub(r"[^A-Z0-9]+", "_", word.upper()).strip("_"), "")
    if not found:
        unknown.append(f"reason {word}"[:120])
    return found or "OTHER"


def _code(api: str, question: Question, item: dict[str, Any], product: dict[str, Any]) -> str:
    """The product that an item speaks of: named in it, else the one asked under the same item id."""
    name = "productOffering" if api == "tmf679" else "serviceSpecification"
    named = _dict(item.get(name)) or _dict(product.get(name))
    code = _text(named.get("id"), 80)
    asked = {str(number): one.code for number, one in enumerate(question.products, start=1)}
    return code or asked.get(_text(item.get("id"), 20), "")


def _price(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Monthly and one-off price, tax excluded where both are given, as decimal texts."""
    found: dict[str, str] = {}
    for row in rows:
        price = _dict(row.get("price"))
        amount = _dict(price.get("dutyFreeAmount")) or _dict(price.get("taxIncludedAmount"))
        value = _decimal(amount.get("value"))
        name = "monthly" if _text(row.get("priceType"), 20).casefold().startswith("recurring") else "one_off"
        if value and name not in found:
            found[name] = value
            found["currency"] = _text(amount.get("unit"), 3).upper()
    return found


def _errors(api: str, found: dict[str, Any]) -> str:
    rows = [row for item in _rows(found.get(ITEMS[api])) for row in _rows(item.get("terminationError"))]
    return next((text for row in rows if (text := _text(row.get("value") or row.get("id"), 250))), "")


def _earliest(items: list[dict[str, Any]]) -> datetime | None:
    """TMF645 lets each item expire by itself: the answer holds as long as all of them do."""
    return min((when for item in items if (when := _moment(item.get("expirationDate")))), default=None)


def _reason_rows(item: dict[str, Any]) -> list[dict[str, Any]]:
    return _rows(item.get("eligibilityUnavailabilityReason"))


def _traits(product: dict[str, Any]) -> dict[str, Any]:
    rows = _rows(product.get("productCharacteristic")) + _rows(product.get("serviceCharacteristic"))
    return {_text(row.get("name"), 60).casefold(): row.get("value") for row in rows}


def _trait(traits: dict[str, Any], name: str) -> Any:
    return next((traits[word.casefold()] for word in NAMES[name] if word.casefold() in traits), None)


def _flag(traits: dict[str, Any], name: str) -> bool:
    return str(traits.get(name.casefold(), "")).casefold() in ("true", "yes", "1")


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any, most: int) -> str:
    if value is None or isinstance(value, dict | list | bool):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode().strip()[:most]


def _number(value: Any) -> float | None:
    """Mbit/s from `500`, `"500"` or `"500 Mbps"`; from Gbit/s where the text says so."""
    match = re.match(r"\s*([0-9]{1,7}(?:\.[0-9]{1,4})?)\s*([A-Za-z]?)", _text(value, 30))
    if not match:
        return None
    found = float(match[1]) * (1000 if match[2].upper() == "G" else 1)
    return found if math.isfinite(found) and found > 0 else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number <= 1000 else None


def _decimal(value: Any) -> str:
    try:
        found = Decimal(_text(value, 20))
        return str(found.quantize(Decimal("0.01"))) if found.is_finite() and 0 <= found < 10**8 else ""
    except InvalidOperation:
        return ""


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(_text(value, 40))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _day(value: Any) -> str:
    found = _moment(value)
    return found.date().isoformat() if found else ""
