"""Facts → what they mean. Pure: no clock, no database; docs/orders.md prints the rules.

The answer depends on the set of facts only, never on the order of their arrival or how often (DOMAIN R09).
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from ofx.orders.facts import PARTNER, Told, in_order
from ofx.orders.folded import Folded, Move, Span
from ofx.orders.running import Run, reason_of

__all__ = ["Folded", "Move", "Span", "Told", "fold"]
OUTCOMES = ("cancelled", "rejected", "failed")


def fold(facts: Iterable[Told], base: str = "validated") -> Folded:
    """Fold the facts of one partner order. `base`: its state while nothing was submitted."""
    return _Run(in_order(facts), base).finish()


class _Run(Run):
    """Which news does what."""

    def handle(self, at: datetime, fact: Told) -> None:
        """Hand the fact to its update type's method; without one it only counts as a sign of life."""
        handler = HANDLERS.get(fact.update_type)
        if handler is not None:
            handler(self, at, fact)

    def submitted(self, at: datetime, fact: Told) -> None:
        """Ours: handed to the connector; after a failure this is the next try."""
        out = self.out
        self.progress = max(self.progress, 1)
        self.failed_at = None
        out.submitted_at = out.submitted_at or fact.issued_at
        out.on_net = out.on_net or bool(fact.data.get("on_net"))
        out.by_hand = out.by_hand or bool(fact.data.get("by_hand"))
        self._milestone("SUBMITTED", fact)
        self._move("crd", fact.day("crd"), fact)

    def acknowledged(self, at: datetime, fact: Told) -> None:
        """KCI1."""
        self.progress = max(self.progress, 2)
        self.out.acknowledged_at = self.out.acknowledged_at or fact.issued_at
        self._milestone("ACKNOWLEDGED", fact)

    def committed(self, at: datetime, fact: Told) -> None:
        """KCI2: the first date is kept for ever; a later one from the partner is a forecast."""
        out = self.out
        self.progress = max(self.progress, 3)
        if out.committed_at is None:
            out.committed_at = fact.issued_at
            self._milestone("COMMITTED", fact)
            self._flag("committed", at, fact, owner=PARTNER)
        promised = fact.day("committed_date") or fact.day("target_date")
        if out.icdd is None and promised is not None:
            for name in ("icdd", "committed_date"):
                self._move(name, promised, fact)
            self._move("target_date", fact.day("target_date") or promised, fact)
            self._slip(at, fact)
        else:
            self._forecast(at, fact)

    def delay(self, at: datetime, fact: Told) -> None:
        """An issue holds the order up: held, or pending where we or our customer must act."""
        self.progress = max(self.progress, 3 if self.progress > 1 else self.progress)
        reason, owner = reason_of(fact)
        self._flag("pending" if owner in ("us", "end_customer") else "held", at, fact, reason, owner)
        self._forecast(at, fact)

    def resumed(self, at: datetime, fact: Told) -> None:
        """The issue is gone: closes the waits of its reason, or all where it names none that is open."""
        self.progress = max(self.progress, 3 if self.progress > 1 else self.progress)
        reason, raw = fact.text("reason"), fact.text("raw_reason")
        waits = ("held", "pending")
        if reason == "ECC_APPROVAL":
            self._close(at, "assessing_charge")
        same = self._close(at, *waits, where=lambda span: _same(span, reason, raw)) if reason or raw else 0
        if not same:
            self._close(at, *waits)
        self._close(at, "jeopardy", where=lambda span: span.cause == "WARNING")
        self._forecast(at, fact)

    def reappointed(self, at: datetime, fact: Told) -> None:
        """The partner gave a new slot."""
        self._close(at, "pending", "held", where=_about_a_visit)
        self._forecast(at, fact)

    def asks(self, at: datetime, fact: Told) -> None:
        """INFORMATION_REQUIRED, REAPPOINT, RESUBMIT: pending until we, or our customer, have answered."""
        reason, owner = reason_of(fact, "ORDER_DATA_ERROR" if fact.update_type == "RESUBMIT" else "", "us")
        if reason == "ECC_APPROVAL":
            self.charge(at, fact)
            return
        self._flag("pending", at, fact, reason, owner if owner in ("us", "end_customer") else "us")
        self._forecast(at, fact)

    def charge(self, at: datetime, fact: Told) -> None:
        """A charge awaits our consent (R02)."""
        charge = fact.data.get("charge") or {}
        if charge.get("type") not in ("cancellation", "amendment"):
            self._milestone("ECC_RAISED", fact)
        self._flag("assessing_charge", at, fact, "ECC_APPROVAL", "us", str(charge.get("id", "")))

    def charge_settled(self, at: datetime, fact: Told) -> None:
        """Our answer to a charge."""
        if fact.update_type == "CHARGE_ACCEPTED" and (fact.data.get("charge") or {}).get("type") != "cancellation":
            self._milestone("ECC_ACCEPTED", fact)
        if not fact.data.get("answers"):
            self._close(at, "assessing_charge")

    def charge_lapsed(self, at: datetime, fact: Told) -> None:
        """Not answered in time: a blocking charge stops the work until the partner says what becomes of it (R02)."""
        if (fact.data.get("charge") or {}).get("blocking") != "no":
            self._flag("held", at, fact, "ECC_APPROVAL", PARTNER)

    def milestone(self, at: datetime, fact: Told) -> None:
        """A milestone; those that are also KCIs do what the KCI does."""
        same = {"ACKNOWLEDGED": _Run.acknowledged, "COMMITTED": _Run.committed, "COMPLETED": _Run.completed}
        handler = same.get(fact.text("milestone"))
        if handler is not None:
            handler(self, at, fact)
            return
        if fact.text("milestone") == "ECC_ACCEPTED":
            self._close(at, "assessing_charge")
        self._forecast(at, fact)

    def warning(self, at: datetime, fact: Told) -> None:
        """A risk: jeopardy, with or without a later date."""
        self._forecast(at, fact)
        self._flag("jeopardy", at, fact, *reason_of(fact))

    def update(self, at: datetime, fact: Told) -> None:
        """Fields changed or a note added; says that work proceeds only where the partner's state does."""
        extra = fact.data.get("extra") or {}
        if extra.get("slot"):
            self._close(at, "pending", "held", where=_about_a_visit)
        if str(extra.get("state", "")).replace("_", "").lower() in ("inprogress", "working"):
            self.progress = max(self.progress, 3)
        self._forecast(at, fact)

    def amended(self, at: datetime, fact: Told) -> None:
        """Our change was applied: only so does a committed date move, and the move names who asked (R03)."""
        request = self.request_of(fact)
        requester = (request.text("requester") or request.source) if request else "us"
        reason = request.text("reason") if request else ""
        wanted = fact.day("crd") or (request.day("crd") if request else None)
        self._move("crd", wanted, fact, requester, reason)
        committed = fact.day("committed_date")
        if self.out.committed_at and committed:
            self._move("committed_date", committed, fact, requester, reason)
        self._move("target_date", fact.day("target_date") or committed, fact, requester, reason)
        self._slip(at, fact)

    def cancelled(self, at: datetime, fact: Told) -> None:
        """Our cancel was applied."""
        self._end("cancelled", at, fact)

    def terminated(self, at: datetime, fact: Told) -> None:
        """The partner ended it unfulfilled."""
        outcome = fact.text("outcome")
        self._end(outcome if outcome in OUTCOMES else "failed", at, fact)

    def completed(self, at: datetime, fact: Told) -> None:
        """KCI3."""
        self._milestone("COMPLETED", fact)
        self.completion = self.completion or fact.issued_at
        self._end("partial" if fact.text("outcome") == "partial" else "completed", at, fact)

    def error(self, at: datetime, fact: Told) -> None:
        """The partner returned an error: failed to send while it never took the order, else ours to fix."""
        if self.progress > 1:
            self._flag("pending", at, fact, fact.text("reason") or "ORDER_DATA_ERROR", "us")
        else:
            self.failed_at = at

    # -- our own acts
    def send_failed(self, at: datetime, fact: Told) -> None:
        """Delivery has ended as failed (ARCHITECTURE 9)."""
        self.failed_at = at

    def answered_by_us(self, at: datetime, fact: Told) -> None:
        """We answered: what was pending is with the partner again."""
        if not fact.data.get("answers"):
            self._close(at, "pending")

    def accepted(self, at: datetime, fact: Told) -> None:
        """Our test is green."""
        self._milestone("ACCEPTED", fact)
        self.accepted_at = fact.issued_at

    def withdrawn(self, at: datetime, fact: Told) -> None:
        """Ended by us before anything was sent."""
        self._end("cancelled", at, fact)


def _about_a_visit(span: Span) -> bool:
    return span.cause == "REAPPOINT" or span.reason == "PARTNER_MISSED_APPOINTMENT"


def _same(span: Span, reason: str, raw: str) -> bool:
    return bool((raw and span.raw_reason == raw) or (not raw and reason and span.reason == reason))


HANDLERS: dict[str, Callable[[_Run, datetime, Told], None]] = {
    "SUBMITTED": _Run.submitted,
    "ACKNOWLEDGED": _Run.acknowledged,
    "COMMITTED": _Run.committed,
    "DELAY": _Run.delay,
    "RESUMED": _Run.resumed,
    "REAPPOINTED": _Run.reappointed,
    "INFORMATION_REQUIRED": _Run.asks,
    "REAPPOINT": _Run.asks,
    "RESUBMIT": _Run.asks,
    "CHARGE_RAISED": _Run.charge,
    "CHARGE_ACCEPTED": _Run.charge_settled,
    "CHARGE_DECLINED": _Run.charge_settled,
    "CHARGE_REFUSED": _Run.charge,
    "CHARGE_LAPSED": _Run.charge_lapsed,
    "MILESTONE": _Run.milestone,
    "WARNING": _Run.warning,
    "UPDATE": _Run.update,
    "ADDITIONAL": _Run.update,
    "AMENDED": _Run.amended,
    "CANCELLED": _Run.cancelled,
    "TERMINATED": _Run.terminated,
    "COMPLETED": _Run.completed,
    "ERROR": _Run.error,
    "SEND_FAILED": _Run.send_failed,
    "ANSWERED": _Run.answered_by_us,
    "ACCEPTED": _Run.accepted,
    "WITHDRAWN": _Run.withdrawn,
}
