"""Parts → the product order. Pure; docs/orders.md prints the rule (DOMAIN 5.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ofx.orders.vocabulary import ENDED, URGENCY

# What a person must see first: an order that never left, then the waits in the order of vocabulary.URGENCY.
URGENT = ("failed_to_send", *URGENCY)
DELIVERED = ("completed", "accepted")
PROGRESS = ("in_progress", "acknowledged", "submitted")


@dataclass(frozen=True, kw_only=True)
class Part:
    """What the product order needs to know of one partner order."""

    state: str
    holder: str = ""
    blocked_since: datetime | None = None
    blocked_reason: str = ""
    committed_date: date | None = None
    target_date: date | None = None
    in_jeopardy: bool = False
    silent_from: datetime | None = None
    last_news_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The folded columns of an order. `lead` is the position of the part that decides, None where there is none."""

    state: str
    holder: str
    blocked_since: datetime | None
    blocked_reason: str
    committed_date: date | None
    target_date: date | None
    in_jeopardy: bool
    silent_from: datetime | None
    last_news_at: datetime | None
    closed_at: datetime | None
    lead: int | None


def state_of(states: Sequence[str]) -> str:
    """The order's state: the most urgent wait, else how far the parts are, else how they ended."""
    waiting = [state for state in URGENT if state in states]
    if waiting:
        return waiting[0]
    if states and all(state in (*ENDED, "completed") for state in states):
        return _ended(states)
    for state in PROGRESS:
        if state in states:
            return state
    if any(state in ENDED or state == "completed" for state in states):
        return "in_progress"
    return "validated" if "validated" in states else "draft"


def _ended(states: Sequence[str]) -> str:
    if all(state == "accepted" for state in states):
        return "accepted"
    if all(state in DELIVERED for state in states):
        return "completed"
    if any(state in (*DELIVERED, "partial") for state in states):
        return "partial"
    return next(state for state in ("failed", "rejected", "cancelled") if state in states)


def fold_order(parts: Sequence[Part]) -> Whole:
    """Fold the parts of one order."""
    states = [part.state for part in parts]
    state = state_of(states)
    lead = _lead(parts, state)
    first = parts[lead] if lead is not None else Part(state=state, holder="us")
    over = bool(parts) and all(one in ENDED for one in states)
    going = [part for part in parts if part.state not in ENDED]
    return Whole(
        state=state,
        holder="" if over else first.holder,
        blocked_since=first.blocked_since if state in URGENT else None,
        blocked_reason=first.blocked_reason if state in URGENT else "",
        committed_date=max((part.committed_date for part in parts if part.committed_date), default=None),
        target_date=max((part.target_date for part in parts if part.target_date), default=None),
        in_jeopardy=any(part.in_jeopardy for part in going),
        silent_from=min((part.silent_from for part in going if part.silent_from), default=None),
        last_news_at=max((part.last_news_at for part in parts if part.last_news_at), default=None),
        closed_at=max((part.ended_at for part in parts if part.ended_at), default=None) if over else None,
        lead=lead,
    )


def _lead(parts: Sequence[Part], state: str) -> int | None:
    """The part that decides: among those in the order's state the one blocked longest, else the first still open."""
    same = [number for number, part in enumerate(parts) if part.state == state]
    going = [number for number, part in enumerate(parts) if part.state not in ENDED]
    choice = same or going
    since = [parts[number].blocked_since for number in choice]
    blocked = [(moment, number) for moment, number in zip(since, choice, strict=True) if moment]
    return min(blocked)[1] if blocked else choice[0] if choice else None
