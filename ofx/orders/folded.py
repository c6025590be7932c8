"""What the facts of one partner order come to."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(kw_only=True)
class Span:
    """A flag from its opening to its closing. `key` is the fact that opened it."""

    kind: str
    key: str
    opened_at: datetime
    closed_at: datetime | None = None
    reason: str = ""
    raw_reason: str = ""
    text: str = ""
    clock_owner: str = ""
    cause: str = ""  # the update type that opened it
    ident: str = ""  # the partner's id of a charge: two charges may be open at once

    def close(self, at: datetime) -> None:
        """Close it, never before it was opened."""
        if self.closed_at is None:
            self.closed_at = max(at, self.opened_at)


@dataclass(frozen=True, kw_only=True)
class Move:
    """One change of a date."""

    field: str
    old: date | None
    new: date | None
    requester: str
    at: datetime
    key: str
    reason: str = ""
    text: str = ""


@dataclass(kw_only=True)
class Folded:
    """What the facts of one partner order come to."""

    state: str = "validated"
    holder: str = ""
    blocked_since: datetime | None = None
    blocked_reason: str = ""
    blocked_text: str = ""
    blocked_cause: str = ""  # the update type of the flag that gives the state
    committed: bool = False
    held: bool = False
    in_jeopardy: bool = False
    partner_ref: str = ""
    appointment: str = ""
    on_net: bool = False
    by_hand: bool = False  # the operator has no connection: people place the order and record its news
    crd: date | None = None
    icdd: date | None = None
    committed_date: date | None = None
    target_date: date | None = None
    submitted_at: datetime | None = None
    acknowledged_at: datetime | None = None
    committed_at: datetime | None = None
    completed_at: datetime | None = None
    ended_at: datetime | None = None
    last_news_at: datetime | None = None
    quiet_since: datetime | None = None  # since when the partner owes us news
    flags: list[Span] = field(default_factory=list)
    milestones: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # code → when, who said so
    moves: list[Move] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)  # keys of news that came after the end
    ended_for: str = ""  # the partner's canonical reason for the end
    replies: dict[str, tuple[str, datetime, str]] = field(default_factory=dict)  # our request → kind, when, text

    def open(self, *kinds: str) -> list[Span]:
        """Open flags of these kinds (all without any)."""
        return [span for span in self.flags if span.closed_at is None and (not kinds or span.kind in kinds)]
