"""Rows of the offers statement → offers, and who is missing and why. Pure."""

from datetime import date, datetime
from typing import Any, NamedTuple

from ofx.search.places import Spot
from ofx.search.ranking import ACCESSORIES, CALENDAR_PER_WORKING_DAY, Facts

LEVEL_WORDS = {1: "premises", 2: "postcode", 3: "sector", 4: "area", 5: "some premises"}
CONFIDENCE_WORDS = {1: "premises", 2: "postcode", 3: "area", 4: "area", 5: "premises"}
ASK = "No agreement with this operator: ask for an agreement."


class Hit(NamedTuple):
    """One row of the OFFERS statement, in its order."""

    operator_id: int
    operator: str
    operator_code: str
    provenance: str
    on_net: bool
    suspended: str
    agreement_id: int | None
    agreement_state: str | None
    in_force: bool | None
    level: int | None
    technology: str | None
    status: str | None
    available_from: date | None
    published_at: datetime | None
    synthetic: bool | None
    premises: int | None
    row_lead: int | None
    row_down: float | None
    row_up: float | None
    offering_id: int | None
    product: str | None
    product_code: str | None
    kind: str | None
    product_technology: str | None
    product_down: float | None
    product_up: float | None
    product_lead: int | None
    price_agreement_id: int | None
    one_off: str | None
    monthly: str | None
    currency: str | None
    own: bool | None
    promise_area: str | None
    sample: int | None
    p50: float | None
    p80: float | None
    on_time: float | None
    fallout: float | None


def build_offers(rows: list[Hit], spot: Spot) -> list[tuple[dict[str, Any], Facts]]:
    """One offer per offering: where several rows name it, the live and most specific one."""
    best: dict[int, Hit] = {}
    for row in rows:
        if row.offering_id is None:
            continue
        known = best.get(row.offering_id)
        if known is None or _preference(row) < _preference(known):
            best[row.offering_id] = row
    return [_offer(row, spot) for row in best.values()]


def _preference(row: Hit) -> tuple[Any, ...]:
    return row.status != "live", row.status != "build", row.level, -(row.row_down or 0), row.technology


def _offer(row: Hit, spot: Spot) -> tuple[dict[str, Any], Facts]:
    why_not = refusal(row)
    lead = row.row_lead if row.row_lead is not None else row.product_lead
    line = row.kind not in ACCESSORIES  # a handset has no speed of its own
    down = speed(row.product_down, row.row_down) if line else row.product_down
    up = speed(row.product_up, row.row_up) if line else row.product_up
    offer = {
        "id": row.offering_id,
        "operator": _operator(row),
        "product": row.product,
        "code": row.product_code,
        "kind": row.kind,
        "technology": (row.technology if line else "") or row.product_technology or "",
        "down_mbps": down,
        "up_mbps": up,
        "confidence": CONFIDENCE_WORDS[row.level or 4],
        "level": LEVEL_WORDS[row.level or 4],
        "premises": {"served": row.premises, "known": len(spot.keys)} if row.level == 5 else None,
        "status": row.status,
        "available_from": row.available_from,
        "price": _price(row),
        "orderable": not why_not,
        "why_not": why_not,
        "lead_time": _lead(row, lead),
        "published_at": row.published_at,
        "synthetic": bool(row.synthetic) or row.provenance != "real",
        "simulated": row.provenance == "simulated",
    }
    days = row.p50 if row.p50 is not None else lead * CALENDAR_PER_WORKING_DAY if lead else None
    monthly = float(row.monthly) if row.monthly is not None else None
    one_off = float(row.one_off) if row.one_off is not None else None
    facts = Facts(
        row.kind or "",
        row.level or 4,
        row.status or "",
        not why_not,
        monthly,
        one_off,
        row.currency,
        down,
        days,
        row.on_time,
        row.fallout,
    )
    return offer, facts


def speed(product: float | None, line: float | None) -> float | None:
    """Mbit/s that a product gives on a line: the smaller of what is sold and what the line carries."""
    if product is None or line is None:
        return line if product is None else product
    return min(product, line)


def refusal(row: Hit) -> str:
    """Why nothing can be ordered from this row; empty where it can (ARCHITECTURE 9)."""
    if row.suspended:
        return f"Suspended: {row.suspended}"
    if not row.in_force and not row.on_net:
        if row.agreement_state == "suspended":
            return "Your agreement with this operator is suspended."
        if row.agreement_state:
            return "Your agreement with this operator is not in force."
        return ASK
    if row.status != "live":
        return "Not live yet" + (f": from {row.available_from:%-d %b %Y}." if row.available_from else ".")
    if row.level == 5:
        return "Served at some premises only: choose the address."
    return ""


def _operator(row: Hit) -> dict[str, Any]:
    return {
        "id": row.operator_id,
        "name": row.operator,
        "code": row.operator_code,
        "on_net": row.on_net,
        "provenance": row.provenance,
    }


def _price(row: Hit) -> dict[str, Any] | None:
    if row.monthly is None:
        return None
    return {
        "one_off": row.one_off,
        "monthly": row.monthly,
        "currency": row.currency,
        "source": "agreement" if row.price_agreement_id else "list",
    }


def _lead(row: Hit, listed: int | None) -> dict[str, Any]:
    if row.sample is None:
        return {"list_working_days": listed, "history": None}
    history = {
        "p50_days": row.p50,
        "p80_days": row.p80,
        "sample": row.sample,
        "source": "own" if row.own else "pooled",
        "area": row.promise_area,
        "on_time": row.on_time,
        "fallout": row.fallout,
    }
    return {"list_working_days": listed, "history": history}


def missing(rows: list[Hit], offers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every operator of the country from which nothing can be ordered here, and why, in one line each."""
    orderable = {offer["operator"]["id"] for offer in offers if offer["orderable"]}
    by_operator: dict[int, list[Hit]] = {}
    for row in rows:
        if row.operator_id not in orderable:
            by_operator.setdefault(row.operator_id, []).append(row)
    lines = [_missing(group) for group in by_operator.values()]
    return sorted(lines, key=lambda line: line["operator"]["name"])


def _missing(rows: list[Hit]) -> dict[str, Any]:
    first = rows[0]
    code, reason = _reason(rows)
    dates = [row.available_from for row in rows if row.available_from]
    return {
        "operator": _operator(first),
        "code": code,
        "reason": reason,
        "available_from": min(dates) if code == "planned_only" and dates else None,
    }


def _reason(rows: list[Hit]) -> tuple[str, str]:
    """The first thing that stands in the way, from the network outwards."""
    first = rows[0]
    served = [row for row in rows if row.level is not None]
    if not served:
        return "no_coverage", "No coverage here"
    if first.suspended:
        return "suspended", f"Suspended: {first.suspended}"
    if all(row.status != "live" for row in served):
        dates = [row.available_from for row in served if row.available_from]
        return "planned_only", f"Planned only: from {min(dates):%-d %b %Y}" if dates else "Planned only: no date given"
    if not first.in_force and not first.on_net:
        if first.agreement_state:
            return "no_agreement", "Your agreement is not in force" + (
                ": it is suspended" if first.agreement_state == "suspended" else ""
            )
        return "no_agreement", "No agreement: ask for one"
    if all(row.offering_id is None for row in served):
        return "no_product", "Covers this place but sells no product here"
    return "some_premises", "Serves some premises of this postcode: choose the address"
