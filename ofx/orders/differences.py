"""What changed between two folds, as event names and payloads. Pure: so every change is told once."""

from collections.abc import Iterator
from typing import Any

from ofx.orders.folded import Folded, Move, Span

Told = tuple[str, dict[str, Any]]
OPENED = {"held": "held", "pending": "pending", "jeopardy": "jeopardy_opened", "assessing_charge": "charge_raised"}
CLOSED = {"held": "resumed", "pending": "resumed", "jeopardy": "jeopardy_closed"}
REACHED = ("submitted", "acknowledged", "committed", "completed")
ENDS = ("accepted", "rejected", "cancelled", "failed", "partial", "failed_to_send")
MOVED = {"target_date": "target_moved", "committed_date": "commitment_moved"}


def differences(before: Folded, after: Folded) -> list[Told]:
    """`(name, payload)` of everything that is new in `after`, names without their `order.` prefix."""
    return [*_reached(before, after), *_flags(before, after), *_moves(before, after), *_state(before, after)]


def _reached(before: Folded, after: Folded) -> Iterator[Told]:
    for name in REACHED:
        at = getattr(after, f"{name}_at")
        if at and not getattr(before, f"{name}_at"):
            yield name, {"happened_at": at.isoformat()}


def _flags(before: Folded, after: Folded) -> Iterator[Told]:
    known = {(span.kind, span.key): span for span in before.flags}
    for span in after.flags:
        earlier = known.get((span.kind, span.key))
        if earlier is None and span.kind in OPENED:
            yield OPENED[span.kind], _span(span)
            if span.cause == "DELAY" and span.kind != "jeopardy":
                yield "delayed", _span(span)
        if span.closed_at and span.kind in CLOSED and (earlier is None or earlier.closed_at is None):
            yield CLOSED[span.kind], _span(span)


def _span(span: Span) -> dict[str, Any]:
    closed = span.closed_at.isoformat() if span.closed_at else None
    return {
        "flag": span.kind,
        "reason": span.reason,
        "raw_reason": span.raw_reason,
        "text": span.text,
        "clock_owner": span.clock_owner,
        "opened_at": span.opened_at.isoformat(),
        "closed_at": closed,
    }


def _moves(before: Folded, after: Folded) -> Iterator[Told]:
    known = {(move.field, move.key) for move in before.moves}
    for move in after.moves:
        if move.field in MOVED and move.old and (move.field, move.key) not in known:
            yield MOVED[move.field], _move(move)


def _move(move: Move) -> dict[str, Any]:
    return {
        "old": move.old.isoformat() if move.old else None,
        "new": move.new.isoformat() if move.new else None,
        "requester": move.requester,
        "reason": move.reason,
        "text": move.text,
    }


def _state(before: Folded, after: Folded) -> Iterator[Told]:
    if after.state != before.state and after.state in ENDS:
        yield after.state, {"from": before.state}
    if before.state == "failed_to_send" and after.state == "submitted":
        yield "submitted", {"again": True}
