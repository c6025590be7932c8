"""Facts of a partner ticket → what they mean. Pure: no clock, no database; docs/tickets.md prints the rules.

The answer depends on the set of facts only, never on the order of their arrival or how often (DOMAIN R09).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ofx.orders.facts import Told, in_order

__all__ = ["Folded", "Span", "Told", "fold"]
# Of one moment: what begins or goes on before what waits, an end last; our act on the news of the same moment after it.
FIRST = ("SUBMITTED",)
LAST = ("QUESTION", "ANSWERED", "RESOLVED", "REOPENED", "CLOSED")
ENDS = ("closed", "rejected", "cancelled")
# How far it has come: a late "acknowledged" does not put work back that has begun.
STAGE = {"submitted": 0, "failed_to_send": 0, "acknowledged": 1, "in_progress": 2, "pending": 2, "held": 2}
OURS = ("us", "end_customer")


@dataclass(kw_only=True)
class Span:
    """A wait at the partner from its opening to its closing. `key` is the fact that opened it."""

    key: str
    owner: str
    opened_at: datetime
    closed_at: datetime | None = None
    reason: str = ""
    raw_reason: str = ""
    text: str = ""
    question: bool = False


@dataclass(kw_only=True)
class Folded:
    """What the facts of one partner ticket come to."""

    state: str = "submitted"
    partner_ref: str = ""
    partner_url: str = ""
    holder: str = "partner"
    waiting_since: datetime | None = None
    question: str = ""
    reason: str = ""
    raw_reason: str = ""
    clear_code: str = ""
    cause: str = ""
    fix: str = ""
    chargeable: bool | None = None
    expected_at: datetime | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    ended_at: datetime | None = None
    last_news_at: datetime | None = None
    last_move_at: datetime | None = None
    reopened: int = 0
    spans: list[Span] = field(default_factory=list)

    @property
    def open_spans(self) -> list[Span]:
        """Waits that go on."""
        return [span for span in self.spans if span.closed_at is None]


def fold(facts: Iterable[Told]) -> Folded:
    """Fold the facts of one partner ticket."""
    run = _Run()
    for at, fact in in_order(facts, FIRST, LAST):
        run.read(at, fact)
    return run.finish()


class _Run:
    """The fold on its way."""

    def __init__(self) -> None:
        self.out = Folded()
        self.base = "submitted"

    def read(self, at: datetime, fact: Told) -> None:
        """One fact: what every one tells, then what its kind does."""
        if fact.source == "partner":
            self.out.last_news_at = max(self.out.last_news_at or fact.issued_at, fact.issued_at)
            self._keep(fact)
        handler = HANDLERS.get(fact.update_type)
        if handler is not None and self.base not in ENDS:
            self.out.last_move_at = at
            handler(self, at, fact)

    def _keep(self, fact: Told) -> None:
        """Whatever news it comes with: the partner's reference, its address and when it expects the end."""
        self.out.partner_ref = fact.text("partner_ref") or fact.text("external_id") or self.out.partner_ref
        self.out.partner_url = fact.text("url") or self.out.partner_url
        if fact.text("expected_at"):
            self.out.expected_at = datetime.fromisoformat(fact.text("expected_at"))

    def submitted(self, at: datetime, fact: Told) -> None:
        """Ours: handed to the connector; after a failure this is the next try."""
        if self.base in ("submitted", "failed_to_send"):
            self.base = "submitted"

    def send_failed(self, at: datetime, fact: Told) -> None:
        """Delivery has ended as failed; a partner that has answered all the same has it."""
        if STAGE.get(self.base, 9) == 0:
            self.base = "failed_to_send"

    def state(self, at: datetime, fact: Told) -> None:
        """The partner says where it stands."""
        to = fact.text("state")
        if to in ("pending", "held"):
            self._begun(at)
            self._close(at, questions=False)
            owner = fact.text("clock_owner") or ("us" if to == "pending" else "partner")
            if owner not in OURS or not any(span.question for span in self.out.open_spans):
                self._open(at, fact, owner)
        elif to == "acknowledged":
            self._acknowledged(at)
        elif to == "in_progress":
            self._begun(at)
            self._close(at)
        elif to == "resolved":
            self.resolved(at, fact)
        elif to in ENDS:
            self._end(to, at, fact)

    def question(self, at: datetime, fact: Told) -> None:
        """It waits for our answer, or our customer's."""
        self._begun(at)
        owner = fact.text("clock_owner")
        self._close(at, questions=False)
        self._open(at, fact, owner if owner in OURS else "us", question=True)

    def answered(self, at: datetime, fact: Told) -> None:
        """We answered: the partner goes on."""
        self._close(at, owners=OURS)

    def resolved(self, at: datetime, fact: Told) -> None:
        """The partner says that it is mended."""
        self._acknowledged(at)
        self._close(at)
        self.base = "resolved"
        out = self.out
        out.resolved_at = fact.issued_at
        self._how_it_ended(fact)

    def _how_it_ended(self, fact: Told) -> None:
        out = self.out
        out.clear_code = fact.text("clear_code") or out.clear_code
        out.cause = fact.text("cause")[:300] or out.cause
        out.fix = fact.text("fix") or out.fix
        if fact.data.get("chargeable") is not None:
            out.chargeable = bool(fact.data["chargeable"])

    def reopened(self, at: datetime, fact: Told) -> None:
        """We do not take it as mended."""
        if self.base == "resolved":
            self._back(at)

    def closed(self, at: datetime, fact: Told) -> None:
        """Both sides are done."""
        self._end("closed", at, fact)

    def error(self, at: datetime, fact: Told) -> None:
        """The partner returned an error: not sent while it never took the fault, else ours to put right."""
        if STAGE.get(self.base, 9) == 0:
            self.base = "failed_to_send"
        elif self.base != "resolved":
            self._open(at, fact, "us")

    def _acknowledged(self, at: datetime) -> None:
        self.out.acknowledged_at = self.out.acknowledged_at or at
        if STAGE.get(self.base, 9) == 0:
            self.base = "acknowledged"

    def _begun(self, at: datetime) -> None:
        self._acknowledged(at)
        if self.base == "resolved":
            self._back(at)
        elif STAGE.get(self.base, 9) < STAGE["in_progress"]:
            self.base = "in_progress"

    def _back(self, at: datetime) -> None:
        """From resolved back to work."""
        self.base = "in_progress"
        self.out.resolved_at = None
        self.out.reopened += 1

    def _end(self, how: str, at: datetime, fact: Told) -> None:
        self._close(at)
        if how == "closed":
            self.out.resolved_at = self.out.resolved_at or fact.issued_at
        self._how_it_ended(fact)
        self.out.reason = fact.text("reason") or self.out.reason
        self.out.raw_reason = fact.text("raw_reason") or fact.text("text")[:120] or self.out.raw_reason
        self.base, self.out.ended_at = how, fact.issued_at

    def _open(self, at: datetime, fact: Told, owner: str, question: bool = False) -> None:
        span = Span(
            key=fact.key,
            owner=owner,
            opened_at=at,
            reason=fact.text("reason") or ("INFORMATION" if owner in OURS else "PARTNER"),
            raw_reason=fact.text("raw_reason")[:120],
            text=fact.text("text"),
            question=question,
        )
        self.out.spans.append(span)

    def _close(self, at: datetime, *, questions: bool = True, owners: tuple[str, ...] = ()) -> None:
        for span in self.out.open_spans:
            if (questions or not span.question) and (not owners or span.owner in owners):
                span.closed_at = at

    def finish(self) -> Folded:
        """Derive state and holder from where it stands and what is open."""
        out = self.out
        out.spans = [span for span in out.spans if span.question or span.closed_at != span.opened_at]
        spans = out.open_spans
        out.state = self.base
        if spans and self.base == "in_progress":
            ours = [span for span in spans if span.owner in OURS]
            first = (ours or spans)[0]
            out.state = "pending" if ours else "held"
            out.holder, out.waiting_since = first.owner, first.opened_at
            out.reason, out.raw_reason = first.reason, first.raw_reason
            out.question = next(
                (span.text or "The partner asks for information." for span in spans if span.question), ""
            )
        elif self.base == "resolved":
            out.holder = "end_customer"
        elif self.base in ENDS:
            out.holder = ""
        elif self.base == "failed_to_send":
            out.holder = "us"
        return out


HANDLERS: dict[str, Callable[[_Run, datetime, Told], None]] = {
    "SUBMITTED": _Run.submitted,
    "SEND_FAILED": _Run.send_failed,
    "STATE": _Run.state,
    "QUESTION": _Run.question,
    "ANSWERED": _Run.answered,
    "RESOLVED": _Run.resolved,
    "REOPENED": _Run.reopened,
    "CLOSED": _Run.closed,
    "ERROR": _Run.error,
}
