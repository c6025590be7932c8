"""What live answers and ghosts do to an answer of search. Pure."""

from dataclasses import dataclass, field
from typing import Any

from ofx.search.directory import Directory, Product
from ofx.search.live.queries import Ghost, Said
from ofx.search.offers import Hit, Pairs
from ofx.search.ranking import ACCESSORIES, Facts

GHOST_FACTOR = 0.4  # what an order that failed there leaves of the confidence
GHOST_WORDS = {
    "NOT_FEASIBLE": "not feasible",
    "NETWORK_INCOMPLETE": "network incomplete",
    "CAPACITY": "no capacity",
    "NO_LIGHT": "no light on the line",
}
Line = dict[str, Any]


@dataclass(slots=True)
class Known:
    """Everything that is known live of one place, by operator."""

    said: dict[int, Said] = field(default_factory=dict)
    ghosts: dict[int, Ghost] = field(default_factory=dict)


def more_hits(hits: list[Hit], known: Known, book: Directory) -> list[Hit]:
    """Products that an operator says live it can deliver where its published coverage is silent."""
    silent = set(known.said) - {hit.operator_id for hit in hits}
    found = []
    for operator in silent & set(book.sellers):
        said = known.said[operator]
        if said.holds and said.answer is not None and said.answer.available:
            found += [_hit(product, said) for product in sold(book, operator) if _can(product, said)]
    return found


def sold(book: Directory, operator: int) -> list[Product]:
    """The lines that an operator sells everywhere."""
    return [one for one in book.shelf.everywhere.get(operator, ()) if one.kind not in ACCESSORIES]


def _can(product: Product, said: Said) -> bool:
    line = line_of(product.code, product.technology, said.answer.lines if said.answer else [])
    return line is not None and bool(line["available"])


def _hit(product: Product, said: Said) -> Hit:
    answer = said.answer
    assert answer is not None
    nothing = (None,) * 7
    level = 1 if answer.exact else 2
    return Hit(
        "", product.operator_id, level, product.technology, "live", None, None, False, None, None, None, None,
        product.id, *nothing, False,
    )  # fmt: skip


def line_of(code: str, technology: str, lines: list[Line]) -> Line | None:
    """What was said of a product: named by code, else of its technology, else of everything."""
    for line in lines:
        if line["code"] == code:
            return line
    plain = [line for line in lines if not line["code"]]
    fits = [line for line in plain if line["technology"] in (technology.upper(), "")]
    return next(iter(fits), None)


def apply(pairs: Pairs, known: Known) -> None:
    """Write `live` and `ghost` into each offer, and what follows from them for orderability and confidence."""
    for offer, facts in pairs:
        operator = offer["operator"]["id"]
        said, ghost = known.said.get(operator), known.ghosts.get(operator)
        if said is not None and offer["kind"] not in ACCESSORIES:
            _live(offer, facts, said)
        if ghost is not None and offer["kind"] not in ACCESSORIES:
            facts.doubt = GHOST_FACTOR
            offer["ghost"] = shown_ghost(ghost)


def _live(offer: dict[str, Any], facts: Facts, said: Said) -> None:
    line = line_of(offer["code"], offer["technology"], said.answer.lines if said.answer else [])
    offer["live"] = shown(said, line)
    if not said.holds or line is None:
        return
    facts.live = bool(line["available"])
    if not facts.live:
        facts.orderable = offer["orderable"] = False
        why = line["text"] or "the operator's own system says no"
        offer["why_not"] = f"Not available now: {why} (live answer)."
    elif line["down_mbps"] and offer["down_mbps"]:
        facts.down = offer["down_mbps"] = min(offer["down_mbps"], line["down_mbps"])


def shown(said: Said, line: Line | None) -> dict[str, Any]:
    """The live part of an offer, as the API shows it."""
    answer = said.answer
    told = line or {}
    return {
        "state": said.state,
        "available": told.get("available"),
        "reason": told.get("reason", ""),
        "text": told.get("text", ""),
        "transfer": bool(told.get("transfer")),
        "available_from": told.get("available_from") or None,
        "lead_days": told.get("lead_days"),
        "price": _price(told),
        "asked_at": said.question.asked_at,
        "answered_at": answer.ended_at if answer else None,
        "valid_until": answer.valid_until if answer else None,
        "simulated": said.question.simulated,
    }


def _price(line: Line) -> dict[str, str] | None:
    if not line.get("monthly"):
        return None
    return {
        "monthly": line["monthly"],
        "one_off": line.get("one_off") or "0.00",
        "currency": line.get("currency") or "",
    }


def shown_ghost(ghost: Ghost) -> dict[str, Any]:
    """Why less is believed, as the API shows it."""
    return {
        "at": ghost.at,
        "reason": ghost.reason,
        "words": GHOST_WORDS.get(ghost.reason, ghost.reason.lower().replace("_", " ")),
        "text": ghost.text,
        "order": ghost.order,
        "simulated": ghost.simulated,
    }
