"""The order's timeline for staff: messages, states, dates, milestones, notes, files and audit in one list."""

from collections.abc import Iterator
from typing import Any

from ofx.core.audit.models import LogEntry
from ofx.core.ui.display import money
from ofx.core.ui.timeline import Entry, from_log, merge
from ofx.orders.lane import move_words
from ofx.orders.models import Fact
from ofx.orders.queries import OrderPage, Part
from ofx.orders.vocabulary import REASON_LABELS, ClockOwner, Milestone, UpdateType

MILESTONES = {"ACKNOWLEDGED", "COMMITTED", "COMPLETED", "ACCEPTED", "SUBMITTED", "MILESTONE"}
TONES = {
    "DELAY": "amber", "INFORMATION_REQUIRED": "amber", "REAPPOINT": "amber", "RESUBMIT": "amber", "WARNING": "amber",
    "CHARGE_RAISED": "amber", "SEND_FAILED": "red", "ERROR": "red", "TERMINATED": "red", "COMPLETED": "green",
    "ACCEPTED": "green", "COMMITTED": "blue", "ACKNOWLEDGED": "blue", "CANCEL_REFUSED": "amber",
}  # fmt: skip
# Audit verbs whose act stands in the timeline as a fact already.
TOLD_BY_FACTS = {
    "submitted the order", "answered the partner", "accepted the charge", "declined the charge", "accepted",
    "asked for another date", "asked for a change", "accepted by rule", "sent again", "completed by hand",
    "wrote a note", "wrote an internal note", "attached a file", "validated the order",
    "partner answered",
}  # fmt: skip
VISIT_TONES = {"missed": "red", "lapse": "amber", "refused": "amber", "failed": "amber", "confirmed": "blue"}
# How an operator without a connection of its own answered (docs/partner.md).
DOORS = {"portal": "partner portal", "link": "link in a mail", "csv": "file", "api": "API"}
VERBS = {
    "create": "Order", "amend": "Change", "cancel": "Cancel", "answer": "Answer", "query": "Query",
    "notification": "Notification", "poll": "Poll", "mail": "Mail", "upload": "Upload",
}  # fmt: skip


def entries(page: OrderPage) -> list[Entry]:
    """Everything that happened to the order, newest first."""
    many = len(page.parts) > 1
    facts = [entry for part in page.parts for entry in _facts(part, many)]
    moves = [entry for part in page.parts for entry in _moves(part)]
    notes = [
        Entry(
            at=note.at,
            kind="note",
            title="Internal note" if note.internal else "Note to the customer" if note.author else "Note",
            body=note.text,
            who=str(note.author or "OFX"),
        )
        for note in page.notes
    ]
    files = [
        Entry(at=row.at, kind="file", title=row.name, who=str(row.author or "OFX"), url=f"attachments/{row.pk}/")
        for row in page.attachments
    ]
    logged = [row for row in page.log if row.verb not in TOLD_BY_FACTS and not row.verb.startswith("queued")]
    visits = [_visit(row) for row in logged if row.data.get("slot")]
    audit = [from_log(row) for row in logged if not row.data.get("slot")]
    return merge(facts, moves, notes, files, visits, audit, _messages(page))


def _visit(row: LogEntry) -> Entry:
    """What became of a visit: who did it, and which slot."""
    moved = f"{row.data['old']} → {row.data['slot']}" if row.data.get("old") else str(row.data["slot"])
    body = " · ".join(part for part in (moved, str(row.data.get("why") or "")) if part)
    tone = next((tone for word, tone in VISIT_TONES.items() if word in row.verb), "grey")
    title = row.verb[:1].upper() + row.verb[1:]
    return Entry(at=row.at, kind="appointment", who=row.actor_name, title=title, body=body, tone=tone)


def _facts(part: Part, many: bool) -> Iterator[Entry]:
    late = set(part.folded.contradictions)
    for fact in part.facts:
        yield Entry(
            at=fact.issued_at,
            kind="milestone" if fact.update_type in MILESTONES else "state",
            title=fact_title(fact),
            who=who_said(fact, part.row.operator.name),
            channel=_door(fact, part.item.position if many else 0),
            body=_fact_text(fact, fact.dedupe_key in late),
            tone="grey" if fact.dedupe_key in late else TONES.get(fact.update_type, "grey"),
            url=f"/messages/{fact.message_id}/" if fact.message_id else "",
        )


def _door(fact: Fact, position: int) -> str:
    """By which door the operator answered, and of several items which."""
    door = DOORS.get(str(fact.data.get("channel", "")), "")
    return ", ".join(part for part in (f"item {position}" if position else "", door) if part)


def fact_title(fact: Fact) -> str:
    """The update type in words; a milestone by its name."""
    code = fact.data.get("milestone", "")
    if fact.update_type == "MILESTONE" and code in Milestone.values:
        return str(Milestone(code).label)
    if _says_it_all(fact):
        return str(fact.data["text"])
    return str(UpdateType(fact.update_type).label)


def _says_it_all(fact: Fact) -> bool:
    """Whether an update is nothing but a short text: then the text is its title."""
    text, data = str(fact.data.get("text") or ""), fact.data
    plain = not data.get("reason") and not data.get("raw_reason")
    return fact.update_type in ("UPDATE", "ADDITIONAL") and plain and 0 < len(text) <= 90


def who_said(fact: Fact, operator: str) -> str:
    """Who a fact comes from."""
    if fact.source == "partner":
        return operator
    return str(fact.actor) if fact.actor else {"us": "Us", "customer": "Customer"}.get(fact.source, "OFX")


def _fact_text(fact: Fact, contradicted: bool) -> str:
    data = fact.data
    charge = data.get("charge") or {}
    reason = REASON_LABELS.get(data.get("reason", ""), "")
    raw = data.get("raw_reason", "")
    owner = data.get("clock_owner", "")
    parts = [
        f"{reason} ({raw})" if reason and raw else reason or raw,
        f"claimed: on {ClockOwner(owner).label.lower()}" if owner in ClockOwner.values else "",
        money(charge.get("amount"), charge.get("currency") or "GBP") if charge.get("amount") else "",
        "" if _says_it_all(fact) else str(data.get("text", "")),
        "Came after the end: kept, changes nothing." if contradicted else "",
    ]
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _moves(part: Part) -> Iterator[Entry]:
    given = {move.fact_id for move in part.moves if move.field == "committed_date" and move.old is None}
    for move in part.moves:
        if move.field == "icdd" or (move.field == "target_date" and move.old is None and move.fact_id in given):
            continue
        days = f"{move.old:%-d %b} → {move.new:%-d %b %Y}" if move.old and move.new else f"{move.new:%-d %b %Y}"
        why = REASON_LABELS.get(move.reason, "") or move.text
        late = bool(move.old and move.new and move.new > move.old and move.field == "target_date")
        yield Entry(
            at=move.at,
            kind="date",
            title=f"{move_words(move, part.row.operator.name)}: {days}",
            body=why,
            tone="amber" if late else "grey",
        )


def _messages(page: OrderPage) -> Iterator[Entry]:
    for message in page.messages:
        out = message.direction == "out"
        word = VERBS.get(message.verb, message.verb.capitalize())
        label, colour = message.STATE_LOOK.get(message.state, (message.state, "secondary"))
        yield Entry(
            at=message.created_at,
            kind="message",
            title=f"{word} {'to' if out else 'from'} {message.endpoint.name}: {label.lower()}",
            channel=message.endpoint.kind.upper() if message.endpoint.kind != "email" else "e-mail",
            body=message.reason,
            url=f"/messages/{message.pk}/",
            tone=colour if colour in ("red", "amber") else "grey",
            icon="arrow-up" if out else "arrow-down",
        )


def raw_reason_of(part: Part) -> str:
    """The partner's own word for what blocks the item."""
    flag: Any = part.open_flag(part.row.state)
    return flag.raw_reason if flag else ""
