"""A TMF622 order as one partner shows it, into news.

An order snapshot carries its history (milestones, state changes, delays, charges, amendments, notes). Every entry
becomes its own news with its own sequence and a key that does not depend on the snapshot, so any later snapshot heals
whatever was lost, and the same fact by webhook and by poll is one.
"""

from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from partners.mapping.base import Mapped, ParsedRecord, Unmappable
from partners.mapping.canonical import News
from partners.mapping.engine import day, key_of, moment, number, reason_of, rows, split_reason, text
from partners.mapping.words import OURS_TO_ANSWER

CONFIRMING = ("assessing_cancel", "pending_cancel")
TERMINAL = ("completed", "rejected", "cancelled", "failed", "partial")


@dataclass(frozen=True, kw_only=True)
class TmfDialect:
    """What differs between TMF622 partners: words and attribute names (docs/sandbox.md, The dialects)."""

    version: str
    states: dict[str, str]  # their state word → received, working, partner_wait, our_wait, …, or a terminal word
    milestones: dict[str, str]  # their word → DOMAIN 5.4
    reasons: dict[str, str]
    milestone_word: str = "code"
    milestone_date: str = "date"
    committed: str = "expectedCompletionDate"
    delays: str = "jeopardy"
    task_refusals: tuple[str, ...] = ("ORDER_ENDED",)  # cancel refusals that only the task tells of
    limits: dict[str, int] = field(default_factory=dict)  # their longest texts, by characteristic


MILESTONE_NEWS = {"ACKNOWLEDGED": "ACKNOWLEDGED", "COMMITTED": "COMMITTED", "COMPLETED": "COMPLETED"}


class Snapshot:
    """One order record being read."""

    def __init__(self, record: ParsedRecord, dialect: TmfDialect) -> None:
        self.record, self.data, self.dialect = record, record.data, dialect
        self.at = moment(self.data, "lastUpdate") or moment(self.data, "orderDate") or datetime(1970, 1, 1, tzinfo=UTC)
        self.sequence = number(self.data, "sequence")
        self.unmapped: list[str] = []
        self.news: list[News] = []
        self.told: set[date] = set()
        self.changes = self._changes()
        self.final = {number(c, "sequence") for c in self.changes if self.situation(c) in TERMINAL}

    def _changes(self) -> list[dict[str, Any]]:
        state = {"state": text(self.data, "state", 60), "changeDate": text(self.data, "lastUpdate")}
        given = rows(self.data, "stateChange") or [{**state, "sequence": self.sequence}]
        return sorted(given, key=lambda change: (number(change, "sequence") or 0, text(change, "changeDate")))

    def situation(self, change: Pairs[str, Any]) -> str:
        """What a state word of theirs means; an unknown word means nothing, and is reported as drift."""
        word = text(change, "state", 60)
        found = self.dialect.states.get(word, "")
        if word and not found:
            self.miss("state", word)
        return found

    def miss(self, what: str, word: str) -> None:
        """Remember a word that no table knows."""
        line = f"{what} {word}"[:120]
        if line not in self.unmapped:
            self.unmapped.append(line)

    def reason(self, word: str) -> str:
        """The canonical reason; OTHER and drift for an unknown word."""
        found, known = reason_of(word, self.dialect.reasons)
        if not known:
            self.miss("reason", word)
        return found

    def add(self, update_type: str, key: str, entry: Pairs[str, Any], when: str = "", **more: Any) -> None:
        """One piece of news; its time and sequence from the entry, else from the whole order."""
        at = moment(entry, when) if when else None
        sequence = more.pop("sequence", None) or number(entry, "sequence") or self.sequence
        self.news.append(
            News(
                update_type=update_type,
                dedupe_key=key_of("tmf", key),
                issued_at=at or self.at,
                our_key=self.record.our_key,
                external_id=self.record.external_id,
                partner_ref=self.record.external_id,
                sequence=sequence,
                **more,
            )
        )


def read_order(record: ParsedRecord, dialect: TmfDialect) -> Mapped:
    """Everything that one order record tells."""
    shot = Snapshot(record, dialect)
    for part in (_created, _states, _milestones, _delays, _charges, _amendments, _appointment, _notes, _forecast):
        part(shot)
    shot.news.sort(key=lambda news: (news.sequence or 0, news.issued_at, news.dedupe_key))
    if shot.news and shot.unmapped:
        shot.news[-1] = replace(shot.news[-1], unmapped=tuple(shot.unmapped))
    return Mapped(shot.news, shot.unmapped)


def _created(shot: Snapshot) -> None:
    """An order that the partner made by itself: it bears no key of ours and ends a live product (DOMAIN R16)."""
    items = [] if shot.record.our_key else rows(shot.data, "productOrderItem")
    for item in items:
        product = item.get("product")
        if text(item, "action", 20) == "delete" and isinstance(product, dict) and text(product, "id", 120):
            extra = {"service_ref": text(product, "id", 120), "action": "delete"}
            words = text(shot.data, "description", 500)
            shot.add("CREATED", f"created:{shot.record.external_id}", shot.data, "orderDate", text=words, extra=extra)


def _states(shot: Snapshot) -> None:
    before = ""
    held = {number(row, "sequence") for row in rows(shot.data, shot.dialect.delays)}
    reached = {_milestone(shot, row) for row in rows(shot.data, "milestone")}
    for change in shot.changes:
        now = shot.situation(change)
        key = f"state:{number(change, 'sequence') or text(change, 'changeDate')}:{text(change, 'state', 60)}"
        word, line = split_reason(text(change, "changeReason"))
        told = {"text": line, "raw_reason": word}
        if now in TERMINAL:
            _ended(shot, now, before, change, key, reached)
        elif before in CONFIRMING and now not in CONFIRMING:
            shot.add("CANCEL_REFUSED", key, change, "changeDate", **told)
        elif now in ("partner_wait", "our_wait") and number(change, "sequence") not in held:
            _wait(shot, now, change, key, word, line)
        elif now or text(change, "state", 60):
            extra = {"state": "in_progress" if now == "working" else now, "raw_state": text(change, "state", 60)}
            shot.add("UPDATE", key, change, "changeDate", text=line, extra=extra)
        before = now


def _ended(shot: Snapshot, now: str, before: str, change: dict[str, Any], key: str, reached: set[str]) -> None:
    word, line = split_reason(text(change, "changeReason"))
    told = {"text": line, "raw_reason": word, "reason": shot.reason(word)}
    if now in ("completed", "partial"):
        if now == "partial" or "COMPLETED" not in reached:
            milestone = "COMPLETED" if now == "completed" else ""
            shot.add("COMPLETED", key, change, "changeDate", text=line, outcome=now, milestone=milestone)
    elif now == "cancelled" and before in CONFIRMING:
        shot.add("CANCELLED", key, change, "changeDate", outcome="cancelled", **told)
    else:
        shot.add("TERMINATED", key, change, "changeDate", outcome=now, **told)


def _wait(shot: Snapshot, now: str, change: dict[str, Any], key: str, word: str, line: str) -> None:
    """A waiting state without an entry that explains it: the state word alone says who must act."""
    kind = "DELAY" if now == "partner_wait" else "INFORMATION_REQUIRED"
    owner = "" if word else {"partner_wait": "partner", "our_wait": "us"}[now]
    told = {"reason": shot.reason(word) or "OTHER", "raw_reason": word, "clock_owner": owner}
    shot.add(kind, key, change, "changeDate", text=line, **told)


def _milestone(shot: Snapshot, row: dict[str, Any]) -> str:
    return shot.dialect.milestones.get(text(row, shot.dialect.milestone_word, 80), "")


def _milestones(shot: Snapshot) -> None:
    for row in rows(shot.data, "milestone"):
        word, code = text(row, shot.dialect.milestone_word, 80), _milestone(shot, row)
        when = shot.dialect.milestone_date
        key = f"milestone:{code or word}:{number(row, 'sequence') or text(row, when)}"
        if not code:
            shot.miss("milestone", word)
            shot.add("UPDATE", key, row, when, text=text(row, "message") or word, extra={"raw_milestone": word})
            continue
        more: dict[str, Any] = {"text": text(row, "message"), "milestone": code}
        if code == "COMMITTED":
            more |= _promise(shot)
        if code == "COMPLETED":
            more["outcome"] = "completed"
        shot.add(MILESTONE_NEWS.get(code, "MILESTONE"), key, row, when, **more)


def _promise(shot: Snapshot) -> dict[str, Any]:
    committed = day(shot.data, shot.dialect.committed)
    if committed:
        shot.told.add(committed)
    return {"committed_date": committed, "target_date": committed}


def _delays(shot: Snapshot) -> None:
    charged = bool(rows(shot.data, "charge"))
    waits = {number(c, "sequence"): shot.situation(c) for c in shot.changes}
    for row in rows(shot.data, shot.dialect.delays):
        word = text(row, "reasonCode", 120)
        reason = shot.reason(word) or "OTHER"
        expected = day(row, "expectedDate")
        if expected:
            shot.told.add(expected)
        if not (charged and reason == "ECC_APPROVAL"):
            ours = reason in OURS_TO_ANSWER or (reason == "OTHER" and waits.get(number(row, "sequence")) == "our_wait")
            told = {"reason": reason, "raw_reason": word, "text": text(row, "text"), "target_date": expected}
            kind = "INFORMATION_REQUIRED" if ours else "DELAY"
            shot.add(kind, f"delay:{text(row, 'id', 60)}", row, "since", **told)
        until = number(row, "untilSequence")
        if row.get("until") and until not in shot.final:
            over = {"sequence": until, "reason": reason, "raw_reason": word}
            shot.add("RESUMED", f"delay:{text(row, 'id', 60)}:over", row, "until", **over)


def _charges(shot: Snapshot) -> None:
    raised = [row for row in rows(shot.data, "milestone") if _milestone(shot, row) == "ECC_RAISED"]
    for index, row in enumerate(rows(shot.data, "charge")):
        price = row.get("price") if isinstance(row.get("price"), dict) else {}
        assert isinstance(price, dict)
        charge = {
            "id": text(row, "id", 60),
            "type": text(row, "type", 40),
            "amount": text(price, "value", 30),
            "currency": text(price, "unit", 3),
            "text": text(row, "text"),
            "blocking": "yes" if row.get("blocking") else "no",
            "respond_by": text(row, "respondBy", 40),
        }
        sequence = number(raised[index], "sequence") if index < len(raised) else None
        more = {"charge": charge, "text": charge["text"], "reason": "ECC_APPROVAL", "sequence": sequence}
        shot.add("CHARGE_RAISED", f"charge:{charge['id']}", row, "raisedOn", **more)


def _amendments(shot: Snapshot) -> None:
    given = rows(shot.data, "amendment")
    moments = {text(note, "date", 60): number(note, "sequence") for note in rows(shot.data, "note")}
    decided = [row for row in given if text(row, "state", 40) in ("accepted", "refused")]
    last = next((row for row in reversed(decided) if text(row, "state", 40) == "accepted"), None)
    for row in decided:
        accepted = text(row, "state", 40) == "accepted"
        more: dict[str, Any] = {"sequence": moments.get(text(row, "decidedOn", 60)), "text": text(row, "reason")}
        if accepted:
            more["extra"] = {"requested_date": text(row, "to", 40)[:10], "attribute": text(row, "attribute", 80)}
        if row is last:
            more |= _promise(shot)
        key = f"amendment:{text(row, 'id', 60)}:{text(row, 'state', 40)}"
        shot.add("AMENDED" if accepted else "AMEND_REFUSED", key, row, "decidedOn", **more)


def _appointment(shot: Snapshot) -> None:
    slot = shot.data.get("appointment")
    if slot is None:
        return
    if not isinstance(slot, dict):
        raise Unmappable("appointment must be an object")
    start, end = moment(slot, "start"), moment(slot, "end")
    if start is None or text(slot, "status", 40) != "confirmed":
        return
    words = f"{start:%Y-%m-%d %H:%M}" + (f" to {end:%H:%M}" if end else "") + " UTC"
    first = text(slot, "id", 60) in ("", "1")
    key = f"appointment:{text(slot, 'id', 60)}:{start.isoformat()}"
    told = {"id": text(slot, "id", 60), "start": start.isoformat(), "end": (end or start).isoformat()}
    extra = {"slot": told} if end and end > start else {}
    kind = "UPDATE" if first else "REAPPOINTED"
    shot.add(kind, key, slot, appointment=words, text=f"Appointment {words}", extra=extra)


def _notes(shot: Snapshot) -> None:
    """The partner's remarks that no other news of the same sequence tells of."""
    covered = {news.sequence for news in shot.news}
    for row in rows(shot.data, "note"):
        sequence = number(row, "sequence")
        if sequence is None or sequence in covered:
            continue
        word, line = split_reason(text(row, "text"))
        more = {"text": line, "raw_reason": word, "reason": shot.reason(word)}
        shot.add("UPDATE", f"note:{text(row, 'id', 60)}:{sequence}", row, "date", **more)


def _forecast(shot: Snapshot) -> None:
    """A forecast that nothing above explains."""
    target = day(shot.data, "expectedCompletionDate")
    if target and target not in shot.told and not shot.final - {None}:
        shot.add("UPDATE", f"target:{target.isoformat()}", shot.data, "lastUpdate", target_date=target)


def read_cancel(record: ParsedRecord, dialect: TmfDialect) -> Mapped:
    """A cancel task: only a refusal that the order's own history does not show is news."""
    data = record.data
    refusal = text(data, "refusalReason")
    if text(data, "state", 40) != "terminatedWithError" or not refusal.startswith(dialect.task_refusals):
        return Mapped([])
    at = moment(data, "effectiveCancellationDate") or moment(data, "lastUpdate") or moment(data, "issuedOn")
    if at is None:
        raise Unmappable("the cancel task says no time")
    news = News(
        update_type="CANCEL_REFUSED",
        dedupe_key=key_of("tmf", "cancel", text(data, "id", 60)),
        issued_at=at,
        external_id=record.external_id,
        partner_ref=record.external_id,
        text=refusal,
    )
    return Mapped([news])
