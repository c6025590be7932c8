"""A story of a fault becomes rows: the ticket, and what was said, tested, waited for and raised so far."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ofx.core.models import LogEntry, User
from ofx.portal.demo import fault_texts as texts
from ofx.portal.demo.fault_stories import Step
from ticketing.models import PartnerTicket, ServiceTest, Ticket, TicketFact, TicketNote, TicketWait
from ticketing.tickets.fold import fold
from ticketing.tickets.partner_settle import COLUMNS, CUT, told
from ticketing.tickets.vocabulary import AUTO_CLOSE_HOURS


@dataclass
class Draft:
    """A ticket on its way into the tables. `dice` are its own."""

    ticket: Ticket
    dice: random.Random
    desk: list[User]
    tsc: User
    until: datetime
    notes: list[TicketNote] = field(default_factory=list)
    waits: list[TicketWait] = field(default_factory=list)
    tests: list[ServiceTest] = field(default_factory=list)
    partner: PartnerTicket | None = None
    facts: list[TicketFact] = field(default_factory=list)
    logs: list[LogEntry] = field(default_factory=list)
    worked: list[tuple[datetime, User, int]] = field(default_factory=list)

    def play(self, steps: list[Step]) -> None:
        """Every step that lies in the past; then the partner's ticket is what its facts fold to."""
        self.log("opened the ticket", self.ticket.created_at, self.ticket.created_by)
        for step in steps:
            at = self.ticket.created_at + timedelta(hours=step.hours)
            if at > self.until:
                break
            STEPS[step.kind](self, at, step.data)
        if self.partner is not None:
            self._fold(self.partner)

    # -- what every step uses
    @property
    def worker(self) -> User:
        """Who has the ticket, else somebody of the desk."""
        return self.ticket.assigned_to or self.desk[0]

    def log(self, verb: str, at: datetime, user: User | None) -> None:
        """An entry of the audit; the subject is known once the ticket has a number."""
        name = str(user or "OFX")
        organisation = self.ticket.organisation
        self.logs.append(LogEntry(at=at, actor=user, actor_name=name, organisation=organisation, verb=verb))

    def note(
        self, at: datetime, text: str, audience: str = "internal", author: str = "staff", **more: Any
    ) -> TicketNote:
        """Something said."""
        user = self.worker if author == "staff" else self.ticket.reported_by if author == "customer" else None
        made = TicketNote(ticket=self.ticket, at=at, text=text, audience=audience, author=author, user=user, **more)
        self.notes.append(made)
        return made

    def hold(self, at: datetime, holder: str) -> None:
        """Who must act from now on."""
        if self.ticket.holder != holder:
            self.ticket.holder, self.ticket.holder_since = holder, at

    def spent(self, at: datetime, minutes: float) -> None:
        """Active minutes of the desk."""
        seconds = round(minutes * 60)
        self.ticket.desk_seconds += seconds
        self.worked.append((at, self.worker, seconds))

    def _fold(self, row: PartnerTicket) -> None:
        folded = fold(told(fact) for fact in self.facts)
        for name in COLUMNS:
            value = getattr(folded, name)
            setattr(row, name, value[: CUT[name]] if name in CUT else value)
        self.ticket.expected_at = row.expected_at
        self.ticket.last_news_at = row.last_news_at
        for span in folded.spans:
            self.waits.append(
                TicketWait(
                    ticket=self.ticket,
                    owner=span.owner,
                    reason=span.reason[:40],
                    raw_reason=span.raw_reason,
                    text=span.text[:500],
                    source_key=span.key,  # the row's number goes in front once it is known
                    opened_at=span.opened_at,
                    closed_at=span.closed_at,
                )
            )
        self._wait_for(folded.open_spans, row)

    def _wait_for(self, spans: list[Any], row: PartnerTicket) -> None:
        ticket = self.ticket
        if ticket.state not in ("in_progress", "acknowledged"):
            return
        if spans:
            ours = any(span.owner in ("us", "end_customer") for span in spans)
            ticket.state = "pending" if ours else "held"
            self.hold(spans[0].opened_at, spans[0].owner)
        else:
            ticket.state = "in_progress"
            owes = row.state in ("submitted", "acknowledged", "in_progress", "held")
            self.hold(row.raised_at, "partner" if owes else "us")


# -- steps
def _take(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    draft.ticket.assigned_to = draft.dice.choice(draft.desk)
    draft.ticket.state = "in_progress"
    draft.log("took it", at, draft.worker)
    draft.spent(at, draft.dice.uniform(2, 6))


def _note(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    draft.note(at, data["text"])
    draft.spent(at, draft.dice.uniform(0.5, 3))


def _tell(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    draft.note(at, data["text"], "customer")


def _ask(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    draft.note(at, data["text"], "customer", is_question=True)
    draft.waits.append(
        TicketWait(ticket=draft.ticket, owner="end_customer", reason="INFORMATION", text=data["text"], opened_at=at)
    )
    draft.ticket.state = "pending"
    draft.hold(at, "end_customer")


def _answer(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    draft.notes[-1].answered_at = at
    draft.waits[-1].closed_at = at
    draft.note(at, data["text"], "all", "customer", channel=draft.ticket.channel)
    draft.ticket.state = "in_progress"
    draft.hold(at, "us")


def _test(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    ticket = draft.ticket
    if ticket.service is None:
        return
    colour, text, measures = texts.TESTS[data["code"]]
    draft.tests.append(
        ServiceTest(
            organisation=ticket.organisation,
            service=ticket.service,
            operator=ticket.service.operator,
            ticket=ticket,
            kind="cfm" if data["code"].startswith("CFM") else "line",
            our_key=f"{ticket.idempotency_key}-T{len(draft.tests) + 1}",
            partner_ref=f"T{draft.dice.randrange(10**5, 10**6)}",
            state="completed",
            colour=colour,
            code=data["code"],
            text=text,
            measures=[{"name": name, "value": value, "unit": unit, "note": ""} for name, value, unit in measures],
            stale_port=data["code"] in ("ONT_NO_LIGHT", "ONT_DYING_GASP"),
            why=data.get("why", "desk"),
            requested_by=None if data.get("why") else draft.worker,
            requested_at=at,
            done_at=at + timedelta(seconds=draft.dice.randrange(20, 90)),
        )
    )


def _raise(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    ticket = draft.ticket
    operator = ticket.operator
    assert operator is not None  # only stories of services with a partner behind them raise
    draft.partner = PartnerTicket(
        organisation=ticket.organisation,
        ticket=ticket,
        operator=operator,
        our_key=f"{ticket.idempotency_key}-P1",
        test=draft.tests[-1] if draft.tests else None,
        characteristics=ticket.answers,
        service_ref=ticket.service.partner_ref if ticket.service else "",
        raised_by=draft.worker,
        raised_at=at,
    )
    _fact(draft, at, "SUBMITTED", "us", {})
    draft.log(f"raised it with {operator}", at, draft.worker)
    draft.hold(at, "partner")
    draft.spent(at, draft.dice.uniform(2, 7))


def _fact(draft: Draft, at: datetime, kind: str, source: str, data: dict[str, Any]) -> None:
    theirs = source == "partner"
    told_before = sum(fact.source == "partner" for fact in draft.facts)
    draft.facts.append(
        TicketFact(
            partner_ticket=draft.partner,
            source=source,
            kind=kind,
            sequence=told_before + 1 if theirs else None,
            issued_at=at,
            received_at=at + timedelta(seconds=draft.dice.randrange(1, 60)),
            data=data,
            dedupe_key=f"demo:{len(draft.facts) + 1}",
        )
    )


def _news(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    given = dict(data)
    kind = given.pop("kind")
    assert draft.partner is not None
    if given.pop("ref", False):
        given["partner_ref"] = f"{draft.partner.operator.code[:3].upper()}F{draft.dice.randrange(10**5, 10**6)}"
    if hours := given.pop("expected", 0):
        given["expected_at"] = (at + timedelta(hours=hours)).isoformat()
    if kind == "QUESTION":
        given["clock_owner"] = "us"
        draft.note(at, given["text"], "internal", "partner", is_question=True)
    elif kind == "RESOLVED":
        draft.note(at, given["fix"], "all", "partner")
    elif given.get("text"):
        draft.note(at, given["text"], "all", "partner")
    _fact(draft, at, kind, "partner", given)


def _partner_answer(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    draft.notes[-1].answered_at = at
    draft.note(at, data["text"], "partner")
    _fact(draft, at, "ANSWERED", "us", data)


def _tsc(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    ticket = draft.ticket
    ticket.tier, ticket.team, ticket.tsc_at, ticket.assigned_to = "tsc", "TSC", at, None
    draft.note(at, f"Handed to the TSC. Tried: {data['tried']}", author="system")
    draft.log("handed it to the TSC", at, draft.desk[0])


def _tsc_take(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    draft.ticket.assigned_to = draft.tsc
    draft.log("took it", at, draft.tsc)
    draft.spent(at, draft.dice.uniform(5, 20))


def _resolve(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    ticket = draft.ticket
    ticket.state, ticket.resolved_at = "resolved", at
    ticket.auto_close_at = at + timedelta(hours=AUTO_CLOSE_HOURS)
    ticket.fix, ticket.cause, ticket.verdict = data["fix"], data["cause"], data["verdict"]
    ticket.resolved_tier, ticket.clear_code = data["tier"], data.get("clear_code", "")
    ticket.chargeable = data.get("chargeable")
    ticket.confirmed_by_customer = None
    draft.hold(at, "end_customer")
    draft.log("moved to resolved", at, None if data["tier"] in ("self", "partner") else draft.worker)
    if data["tier"] in ("l1", "tsc"):
        draft.spent(at, draft.dice.uniform(1, 5))


def _reopen(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    ticket = draft.ticket
    ticket.state, ticket.state_reason, ticket.reopened = "in_progress", data["why"], ticket.reopened + 1
    ticket.resolved_at = ticket.auto_close_at = None
    ticket.resolved_tier, ticket.confirmed_by_customer = "", False
    draft.note(at, data["why"], "all", "customer", channel=ticket.channel)
    draft.log("moved to in_progress", at, None)
    draft.hold(at, "us")
    if draft.partner is not None:
        _fact(draft, at, "REOPENED", "us", {"text": data["why"]})


def _confirm(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    draft.ticket.confirmed_by_customer = True
    _close(draft, at, "confirmed")


def _autoclose(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
    _close(draft, at, "Nobody objected in time")


def _close(draft: Draft, at: datetime, why: str) -> None:
    ticket = draft.ticket
    ticket.state, ticket.state_reason, ticket.closed_at, ticket.auto_close_at = "closed", why, at, None
    draft.log("moved to closed", at, None)
    if draft.partner is not None:
        _fact(draft, at, "CLOSED", "us", {"text": why})


def _end(how: str) -> Callable[[Draft, datetime, dict[str, Any]], None]:
    def ended(draft: Draft, at: datetime, data: dict[str, Any]) -> None:
        ticket = draft.ticket
        ticket.state, ticket.state_reason, ticket.closed_at = how, data["why"], at
        draft.log(f"moved to {how}", at, draft.worker)

    return ended


STEPS: dict[str, Callable[[Draft, datetime, dict[str, Any]], None]] = {
    "take": _take,
    "note": _note,
    "tell": _tell,
    "ask": _ask,
    "answer": _answer,
    "test": _test,
    "raise": _raise,
    "news": _news,
    "partner_answer": _partner_answer,
    "tsc": _tsc,
    "tsc_take": _tsc_take,
    "resolve": _resolve,
    "reopen": _reopen,
    "confirm": _confirm,
    "autoclose": _autoclose,
    "cancel": _end("cancelled"),
    "reject": _end("rejected"),
}
