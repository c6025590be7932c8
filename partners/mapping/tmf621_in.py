"""A TMF621 ticket or a TMF656 problem as one partner shows it, into news.

A snapshot carries its history (status changes, notes, attachments). Every entry becomes its own news under a key that
depends on neither snapshot nor channel, so any later snapshot heals what was lost and the same fact twice is one.
"""

import hashlib
from collections.abc import Mapping as Pairs
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from partners.mapping.base import Mapped, ParsedRecord, Unmappable
from partners.mapping.canonical_faults import TicketNews
from partners.mapping.engine import key_of, moment, number, reason_of, rows, split_reason, text
from partners.mapping.tmf621_words import BY_REASON, FaultDialect
from partners.mapping.words import OURS_TO_ANSWER

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
FILE_LIMIT = 1_400_000  # characters of base64
OWNERS = {"OTHER_OPERATOR": "third_party", "FORCE_MAJEURE": "force_majeure"}


class Shot:
    """One record being read."""

    def __init__(self, record: ParsedRecord, dialect: FaultDialect) -> None:
        self.record, self.data, self.dialect = record, record.data, dialect
        self.at = moment(self.data, "lastUpdate") or moment(self.data, "creationDate") or LONG_AGO
        self.unmapped: list[str] = []
        self.news: list[TicketNews] = []
        self.said: set[str] = set()  # texts that the history has told, so that no note repeats them
        given = rows(self.data, "statusChange") or [self._now()]
        self.changes = sorted(given, key=_when)

    def _now(self) -> dict[str, Any]:
        when = text(self.data, "statusChangeDate", 60) or text(self.data, "lastUpdate", 60)
        why = text(self.data, "statusChangeReason")
        return {"status": text(self.data, "status", 60), "changeDate": when, "changeReason": why}

    def miss(self, what: str, word: str) -> None:
        """Remember a word that no table knows."""
        line = f"{what} {word}"[:120]
        if line not in self.unmapped:
            self.unmapped.append(line)

    def add(self, update_type: str, key: str, at: datetime | None, **more: Any) -> None:
        """One piece of news."""
        self.news.append(
            TicketNews(
                update_type=update_type,
                dedupe_key=key_of("tmf", key),
                issued_at=at or self.at,
                our_key=self.record.our_key,
                external_id=self.record.external_id,
                partner_ref=self.record.external_id,
                **more,
            )
        )


def _when(change: Pairs[str, Any]) -> tuple[int, datetime]:
    return number(change, "sequence") or 0, moment(change, "changeDate") or LONG_AGO


def read_case(record: ParsedRecord, dialect: FaultDialect) -> Mapped:
    """Everything that one ticket or problem tells. Raises Unmappable."""
    shot = Shot(record, dialect)
    _states(shot)
    for part in (_notes, _attachments, _expected):
        part(shot)
    shot.news.sort(key=lambda news: (news.issued_at, news.sequence or 0, news.dedupe_key))
    if shot.news and shot.unmapped:
        shot.news[-1] = replace(shot.news[-1], unmapped=tuple(shot.unmapped))
    return Mapped(shot.news, shot.unmapped)


def _states(shot: Shot) -> None:
    for change in shot.changes:
        word = text(change, "status", 60)
        at = moment(change, "changeDate")
        key = f"state:{at.isoformat() if at else ''}:{word}"
        code, line = split_reason(text(change, "changeReason"))
        state, owner = shot.dialect.states.get(word, ("", ""))
        told: dict[str, Any] = {"text": line, "raw_reason": code, "sequence": number(change, "sequence")}
        shot.said.add(line)
        if not state:
            shot.miss("status", word or "(none)")
            shot.add("NOTE", key, at, **told | {"text": line or f"Status {word}", "extra": {"raw_state": word}})
        elif state == "resolved":
            _resolved(shot, key, at, change is shot.changes[-1], told)
        else:
            _moved(shot, key, at, state, owner, told | {"extra": {"raw_state": word}})


def _moved(shot: Shot, key: str, at: datetime | None, state: str, owner: str, told: dict[str, Any]) -> None:
    """A state of theirs; a wait says who must act and why, one for us asks something as well."""
    reason = _reason(shot, told["raw_reason"])
    if state == "in_progress" and shot.dialect.delays_in_progress and told["raw_reason"]:
        state, owner = "held", "partner"
    if state in ("pending", "held"):
        owner = _owner(owner, reason)
    shot.add("STATE", key, at, state=state, clock_owner=owner, reason=reason, **told)
    if state == "pending" and owner == "us" and not _asked(shot):
        words = told["text"] or "The partner waits for our answer."
        shot.add("QUESTION", f"question:{key}", at, state=state, clock_owner=owner, **told | {"text": words})


def _reason(shot: Shot, word: str) -> str:
    found, known = reason_of(word, shot.dialect.reasons)
    if not known:
        shot.miss("reason", word)
    return found


def _owner(owner: str, reason: str) -> str:
    if owner == BY_REASON and reason in OURS_TO_ANSWER:
        return "us"
    return OWNERS.get(reason, "partner") if owner in (BY_REASON, "partner") else owner


def _asked(shot: Shot) -> bool:
    """Whether notes say themselves that they are questions."""
    return any(row.get("informationRequired") is True for row in rows(shot.data, "note"))


def _resolved(shot: Shot, key: str, at: datetime | None, newest: bool, told: dict[str, Any]) -> None:
    """How it was solved stands on the record once, so it belongs to the newest resolution only."""
    found = shot.data.get("resolution")
    solution = found if newest and isinstance(found, dict) else {}
    raw = text(solution, "code", 120) or told["raw_reason"]
    charged = solution.get("chargeable")
    shot.said.add(text(solution, "text"))
    shot.add(
        "RESOLVED",
        key,
        at,
        state="resolved",
        clear_code=shot.dialect.clear_codes.get(raw, raw)[:40],
        cause=text(solution, "cause", 300),
        fix=text(solution, "text") or told["text"],
        chargeable=charged if isinstance(charged, bool) else None,
        **told,
    )


def _notes(shot: Shot) -> None:
    """Everybody's notes; our own are known again further up, by their id or their words."""
    for row in rows(shot.data, "note"):
        line, at = text(row, "text"), moment(row, "date")
        ident = text(row, "id", 120) or digest(f"{at.isoformat() if at else ''}{line}")
        asks = row.get("informationRequired") is True
        if not line or (line in shot.said and not asks):
            continue
        more = {"text": line, "author": text(row, "author", 120), "extra": {"note_id": text(row, "id", 120)}}
        if asks:
            shot.add("QUESTION", f"note:{ident}", at, state="pending", clock_owner="us", **more)
        else:
            shot.add("NOTE", f"note:{ident}", at, **more)


def digest(words: str) -> str:
    """A short name of a text."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _attachments(shot: Shot) -> None:
    for row in rows(shot.data, "attachment"):
        name, ident = text(row, "name", 200), text(row, "id", 120)
        content = row.get("content")
        body = content if isinstance(content, str) and len(content) <= FILE_LIMIT else ""
        file = {"name": name or "attachment", "content_type": text(row, "mimeType", 80), "base64": body}
        file["url"] = text(row, "url", 300)
        if not body and not file["url"]:
            continue
        key = f"attachment:{ident or digest(name + body)}"
        at = moment(row, "date") or moment(row, "creationDate")
        extra = {"note_id": ident, "digest": digest(body)}
        shot.add("ATTACHMENT", key, at, attachment=file, text=name, extra=extra)


def _expected(shot: Shot) -> None:
    """When the partner expects it to work again. A new date is a new note."""
    named = {text(row, "name", 80): row for row in rows(shot.data, "characteristic")}
    until = moment(shot.data, "expectedResolutionDate") or moment(_value(named), "expectedResolutionDate")
    if until is None or (shot.changes and _ended(shot)):
        return
    words = f"Expected to work again by {until:%Y-%m-%d %H:%M} UTC"
    shot.add("NOTE", f"expected:{until.isoformat()}", None, text=words, expected_at=until, extra={"about": "expected"})


def _ended(shot: Shot) -> bool:
    word = text(shot.changes[-1], "status", 60)
    return shot.dialect.states.get(word, ("", ""))[0] in ("resolved", "closed", "rejected", "cancelled")


def _value(named: Pairs[str, Pairs[str, Any]]) -> dict[str, Any]:
    return {name: row.get("value") for name, row in named.items()}


def reported(record: ParsedRecord, dialect: FaultDialect) -> dict[str, Any]:
    """A problem that a partner tells us of by itself: plain values for the event `problem.reported`.

    Raises Unmappable. Times that TMF656 has no attribute for stand in its characteristics.
    """
    data = record.data
    known = _value({text(row, "name", 80): row for row in rows(data, "characteristic")})
    word = text(data, "status", 60)
    state, _ = dialect.states.get(word, ("", ""))
    category = text(data, "category", 120) or text(data, "ticketType", 120)
    start = moment(known, "startDate") or moment(known, "startDateTime") or moment(data, "creationDate")
    ended = moment(known, "endDate") or moment(data, "resolutionDate")
    if start is None and not state:
        raise Unmappable(f"status {word or '(none)'}: a problem must say its state or since when it is")
    notes = [text(row, "text") for row in rows(data, "note")]
    return {
        "external_id": record.external_id,
        "title": text(data, "name", 200) or text(data, "description", 200),
        "text": text(data, "description"),
        "notes": [line for line in notes if line][-20:],
        "state": state,
        "raw_state": word,
        "reason": text(data, "statusChangeReason", 500),
        "planned": str(known.get("planned", "")).lower() == "true" or "planned" in category.lower(),
        "planned_status": text(known, "plannedStatus", 40),
        "severity": text(data, "severity", 40),
        "priority": number(data, "priority") if str(data.get("priority", "")).isdigit() else None,
        "started_at": _iso(start),
        "expected_at": _iso(moment(data, "expectedResolutionDate") or moment(known, "expectedResolutionDate")),
        "ended_at": _iso(ended),
        "places": _places(data),
        "service_refs": _service_refs(data),
        "issued_at": _iso(moment(data, "lastUpdate") or start),
        "dedupe_key": key_of("problem", record.external_id, record.version),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _places(data: Pairs[str, Any]) -> list[dict[str, str]]:
    """[{kind, value}]; kind is the partner's type of place, such as PostcodeSector."""
    given = [*rows(data, "affectedLocation"), *_related(data, "affectedPlace", "place")]
    made = [
        {
            "kind": text(row, "@referredType", 60) or text(row, "role", 60),
            "value": text(row, "name", 120) or text(row, "id", 120),
        }
        for row in given
    ]
    return [place for place in made if place["value"]][:500]


def _service_refs(data: Pairs[str, Any]) -> list[str]:
    given = [*rows(data, "affectedService"), *_related(data, "affectedService", "service")]
    return list(dict.fromkeys(text(row, "id", 120) for row in given if text(row, "id", 120)))[:50_000]


def _related(data: Pairs[str, Any], *roles: str) -> list[dict[str, Any]]:
    return [row for row in rows(data, "relatedEntity") if text(row, "role", 60) in roles]


def raised(record: ParsedRecord, dialect: FaultDialect) -> dict[str, Any]:
    """A ticket that the other side opened by itself (a customer's system, a partner's alert): plain values for the
    event `ticket.reported`. Raises Unmappable."""
    data = record.data
    severities = {theirs: ours for ours, theirs in dialect.severities.items()}
    notes = [{"id": text(row, "id", 120), "text": text(row, "text")} for row in rows(data, "note")]
    word = text(data, "status", 60)
    return {
        "external_id": record.external_id,
        "our_key": record.our_key,
        "title": text(data, "name", 200) or text(data, "description", 200),
        "description": text(data, "description"),
        "ticket_type": text(data, "ticketType", 80),
        "severity": severities.get(text(data, "severity", 40), ""),
        "state": dialect.states.get(word, ("", ""))[0],
        "raw_state": word,
        "service_refs": _service_refs(data) or [text(row, "id", 120) for row in _services(data)],
        "places": _places(data),
        "notes": [note for note in notes if note["text"]][:50],
        "issued_at": _iso(moment(data, "creationDate") or moment(data, "lastUpdate")),
        "dedupe_key": key_of("raised", record.external_id),
    }


def _services(data: Pairs[str, Any]) -> list[dict[str, Any]]:
    return [row for row in rows(data, "relatedEntity") if text(row, "@referredType", 60) == "Service"]
