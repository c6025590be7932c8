"""What facts do to the running fold: flags, dates, milestones, the end. fold.py says which news does what."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from ofx.orders.facts import PARTNER, Told
from ofx.orders.folded import Folded, Move, Span
from ofx.orders.vocabulary import REASON_CLOCK, URGENCY, ClockOwner, Milestone

SKEW = timedelta(hours=1)
# Our requests and the partner's replies, by the flag between them.
ASKS = {"AMEND_REQUESTED": "assessing_amend", "CANCEL_REQUESTED": "assessing_cancel"}
REPLIES = {
    "AMENDED": "assessing_amend",
    "AMEND_REFUSED": "assessing_amend",
    "CANCELLED": "assessing_cancel",
    "CANCEL_REFUSED": "assessing_cancel",
}
DELIVERED = ("completed", "partial")
# Milestones that do not mean that work has begun.
BEFORE_WORK = {
    "ADDRESS_RESOLVED",
    "OFFER_SELECTED",
    "QUOTED",
    "SITE_PACK_COMPLETE",
    "SUBMITTED",
    "ACKNOWLEDGED",
}


class Run:
    """One pass over ordered facts."""

    def __init__(self, ordered: list[tuple[datetime, Told]], base: str) -> None:
        self.out = Folded(state=base)
        self.progress = 0  # 1 submitted, 2 acknowledged, 3 work proceeds; never backwards
        self.failed_at: datetime | None = None
        self.end: tuple[str, datetime, Told] | None = None
        self.completion: datetime | None = None
        self.accepted_at: datetime | None = None
        self.partner_spoke = False
        self.slip: Span | None = None
        self.asked: dict[str, list[tuple[datetime, Told]]] = {kind: [] for kind in ASKS.values()}
        self.replies: dict[str, list[tuple[datetime, Told]]] = {kind: [] for kind in ASKS.values()}
        self.answered: dict[str, datetime] = {}  # keys of facts that we answered → when
        for at, fact in ordered:
            self._collect(at, fact)
        self.matched = {kind: _match(self.asked[kind], self.replies[kind]) for kind in self.asked}
        for at, fact in ordered:
            self._apply(at, fact)

    # -- before the pass: our own acts, which a skewed clock may put on the wrong side of the partner's news
    def _collect(self, at: datetime, fact: Told) -> None:
        if fact.update_type in ASKS:
            self.asked[ASKS[fact.update_type]].append((at, fact))
        if fact.update_type in REPLIES:
            self.replies[REPLIES[fact.update_type]].append((at, fact))
        for key in fact.data.get("answers") or ():
            self.answered.setdefault(str(key), at)

    # -- the pass
    def _apply(self, at: datetime, fact: Told) -> None:
        self._common(at, fact)
        self.handle(at, fact)

    def handle(self, at: datetime, fact: Told) -> None:
        """What this kind of news does."""
        raise NotImplementedError

    def _common(self, at: datetime, fact: Told) -> None:
        out = self.out
        if fact.source == PARTNER:
            out.last_news_at = at
            if fact.update_type != "ERROR":
                self.partner_spoke = True
            out.appointment = fact.text("appointment") or out.appointment
        out.partner_ref = fact.text("partner_ref") or out.partner_ref
        out.quiet_since = at
        code = fact.text("milestone")
        if code in Milestone.values:
            self._milestone(code, fact)
            if code not in BEFORE_WORK:
                self.progress = max(self.progress, 3)

    def _milestone(self, code: str, fact: Told) -> None:
        self.out.milestones.setdefault(code, (fact.issued_at, fact.source))

    def _flag(
        self, kind: str, at: datetime, fact: Told, reason: str = "", owner: str = "", ident: str = ""
    ) -> Span | None:
        """Open a flag unless the order has ended, or the same reason or fact has one open."""
        if self.end:
            self.out.contradictions.append(fact.key)
            return None
        for span in self.out.flags:
            same = span.closed_at is None and (span.reason, span.ident) == (reason, ident)
            if span.kind == kind and (span.key == fact.key or same):
                return span
        span = Span(
            kind=kind,
            key=fact.key,
            opened_at=at,
            reason=reason,
            raw_reason=fact.text("raw_reason")[:120],
            text=fact.text("text")[:500],
            clock_owner=owner,
            cause=fact.update_type,
            ident=ident,
        )
        self.out.flags.append(span)
        if fact.key in self.answered:
            span.close(self.answered[fact.key])
        return span

    def _close(self, at: datetime, *kinds: str, where: Callable[[Span], bool] = lambda span: True) -> int:
        spans = [span for span in self.out.open(*kinds) if where(span)]
        for span in spans:
            span.close(at)
        return len(spans)

    # -- dates
    def _move(self, name: str, new: date | None, fact: Told, requester: str = "", reason: str = "") -> None:
        old = getattr(self.out, name)
        if new is None or new == old or self.end:
            return
        setattr(self.out, name, new)
        self.out.moves.append(
            Move(
                field=name,
                old=old,
                new=new,
                requester=requester or fact.source,
                at=fact.issued_at,
                key=fact.key,
                reason=reason or fact.text("reason"),
                text=fact.text("text")[:500],
            )
        )

    def _forecast(self, at: datetime, fact: Told) -> None:
        """A date from the partner after the commitment moves the target only (R03)."""
        self._move("target_date", fact.day("target_date") or fact.day("committed_date"), fact)
        self._slip(at, fact)

    def _slip(self, at: datetime, fact: Told) -> None:
        out = self.out
        late = bool(out.target_date and out.committed_date and out.target_date > out.committed_date)
        if self.slip and (not late or self.slip.closed_at):
            self.slip.close(at)
            self.slip = None
        if late and self.slip is None:
            self.slip = self._flag("jeopardy", at, fact, *reason_of(fact))

    def _end(self, state: str, at: datetime, fact: Told) -> None:
        """The first end is kept; a later one replaces it only where the partner's own numbers prove it."""
        if self.end is None:
            self.end = (state, at, fact)
            return
        first = self.end[2]
        numbered = first.sequence is not None and fact.sequence is not None and fact.sequence > first.sequence
        if numbered and fact.source == first.source == PARTNER and state != self.end[0]:
            self.out.contradictions.append(first.key)
            self.end = (state, at, fact)
        elif state != self.end[0]:
            self.out.contradictions.append(fact.key)

    # -- after the pass
    def finish(self) -> Folded:
        """State, holder and what blocks it, from what was gathered."""
        out = self.out
        for kind, owner in (("assessing_amend", PARTNER), ("assessing_cancel", PARTNER)):
            self._pair(kind, owner)
        if self.end:
            out.ended_for = self.end[2].text("reason")
            for span in out.flags:
                if span.kind != "committed":
                    span.close(self.end[1])
        out.flags.sort(key=lambda span: (span.opened_at, span.kind, span.key))
        out.committed = out.committed_at is not None
        out.in_jeopardy = bool(out.open("jeopardy"))
        out.held = bool(out.open("held"))
        self._state()
        return out

    def _pair(self, kind: str, owner: str) -> None:
        """A flag for each of our requests, closed by the partner's reply to it."""
        replies = {request: at for request, at, _ in self.matched[kind]}
        keys = {request: key for request, _, key in self.matched[kind]}
        for number, (at, fact) in enumerate(self.asked[kind]):
            if self.end and self.end[1] < at and number not in replies:
                self.out.contradictions.append(fact.key)
                continue
            span = Span(
                kind=kind,
                key=fact.key,
                opened_at=at,
                text=fact.text("text")[:500],
                clock_owner=owner,
                cause=fact.update_type,
            )
            if number in replies:
                span.close(replies[number])
                reply = next(reply for _, reply in self.replies[kind] if reply.key == keys[number])
                self.out.replies[fact.key] = (reply.update_type, replies[number], reply.text("text")[:500])
            self.out.flags.append(span)

    def request_of(self, reply: Told) -> Told | None:
        """Our request that a partner's reply belongs to; None where we asked for nothing."""
        for kind, found in self.matched.items():
            for number, _, key in found:
                if key == reply.key:
                    return self.asked[kind][number][1]
        return None

    def _state(self) -> None:
        out = self.out
        if self.end:
            self._ended(self.end[0], self.end[1])
        elif self.failed_at and not self.partner_spoke:
            out.state, out.holder, out.blocked_since = "failed_to_send", "us", self.failed_at
        elif out.open(*URGENCY):
            self._waiting()
        elif self.progress:
            out.state = ("submitted", "acknowledged", "in_progress")[self.progress - 1]
            ours = out.on_net or (out.by_hand and self.progress == 1)
            out.holder = "us" if ours else PARTNER
        else:
            out.holder = "us"

    def _ended(self, state: str, at: datetime) -> None:
        out = self.out
        if self.accepted_at and self.completion:
            out.state = "accepted"
            out.completed_at, out.ended_at = self.completion, max(self.accepted_at, self.completion)
            return
        out.state = state
        out.completed_at = self.completion if state in DELIVERED else None
        if state == "completed":
            out.holder = "us"
        else:
            out.ended_at = at

    def _waiting(self) -> None:
        out = self.out
        kind = next(kind for kind in URGENCY if out.open(kind))
        span = min(out.open(kind), key=lambda span: (span.opened_at, span.key))
        out.state, out.holder, out.blocked_since = kind, span.clock_owner, span.opened_at
        out.blocked_reason, out.blocked_text, out.blocked_cause = span.reason, span.text, span.cause


def _match(asked: list[tuple[datetime, Told]], replies: list[tuple[datetime, Told]]) -> list[tuple[int, datetime, str]]:
    """Which request each reply answers: (number of the request, moment and key of its first reply).

    The newest request before the reply; a clock that is up to an hour slow may put a reply before its request.
    """
    found: dict[int, tuple[datetime, str]] = {}
    for at, reply in replies if asked else []:
        number = max((n for n, (moment, _) in enumerate(asked) if moment <= at), default=0)
        if number in found and number + 1 < len(asked) and asked[number + 1][0] - at <= SKEW:
            number += 1
        found.setdefault(number, (at, reply.key))
    return [(number, at, key) for number, (at, key) in found.items()]


def reason_of(fact: Told, otherwise: str = "", owner: str = "") -> tuple[str, str]:
    """Canonical reason and claimed clock owner. A word that we do not know is OTHER; its text stays (R10)."""
    word = fact.text("reason") or otherwise
    if word and word not in REASON_CLOCK:
        word = "OTHER"
    if not word and fact.text("raw_reason"):
        word = "OTHER"
    usual = owner if owner and word in ("", "OTHER") else REASON_CLOCK.get(word, owner or PARTNER)
    claimed = fact.text("clock_owner")
    return word, claimed if claimed in ClockOwner.values else usual
