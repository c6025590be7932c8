"""The ticket's timeline for staff: notes, partner's news, tests, waits, mails, files and audit in one list."""

from collections.abc import Iterator

from ofx.core.audit.models import LogEntry
from ofx.core.ui.timeline import Entry, folded, from_log, merge
from ofx.orders.vocabulary import REASON_LABELS, ClockOwner
from partners.models import Message
from ticketing.tickets.desk_page import TicketPage
from ticketing.tickets.models import Attachment, PartnerTicket, ServiceTest, TicketFact, TicketNote, TicketWait
from ticketing.tickets.testing import KINDS
from ticketing.tickets.vocabulary import COLOUR_LOOK, PARTNER_STATE_LOOK, STATE_LOOK, WAIT_WORDS, Channel

AUDIENCES = {"internal": "Internal note", "customer": "To the customer", "partner": "To the partner", "all": "To all"}
AUTHORS = {"customer": "Customer", "partner": "Partner", "system": "OFX", "staff": "Staff"}
FACT_TITLES = {
    "NOTE": "Note", "QUESTION": "Asks a question", "ANSWER": "Question answered", "RESOLVED": "Resolved",
    "CLOSED": "Closed", "REOPENED": "Reopened", "CANCELLED": "Cancelled", "SEND_FAILED": "Could not be sent",
    "RAISED": "Raised", "ERROR": "Refuses our message", "ATTACHMENT": "File",
}  # fmt: skip
FACT_TONES = {
    "QUESTION": "amber", "RESOLVED": "green", "SEND_FAILED": "red", "ERROR": "red", "REOPENED": "amber",
}  # fmt: skip
TEST_TONES = {"green": "green", "amber": "amber", "red": "red"}
VERBS = {
    "create": "Ticket", "note": "Note", "answer": "Answer", "cancel": "Cancel", "close": "Close", "reopen": "Reopen",
    "attach": "File", "query": "Query", "notification": "Notification", "poll": "Poll", "mail": "Mail",
}  # fmt: skip
# What a system's polls and notifications brought stands in the timeline as news; that they came is routine.
ROUTINE, SETTLED = ("poll", "notification"), ("routed", "duplicate", "superseded", "skipped")
# Audit verbs whose act stands in the timeline by itself already.
TOLD = ("wrote", "asked", "answered", "noted", "attached", "added a note", "queued", "started a test")


def entries(page: TicketPage) -> list[Entry]:
    """Everything that happened to the ticket, newest first."""
    mails = (
        Entry(
            at=row.at, kind="mail", title=row.subject or "(no subject)", body="", tone="grey",
            who=row.sender if row.direction == "in" else f"to {row.recipient}", channel="e-mail",
            url=f"/tickets/mail/{row.pk}/", icon="arrow-down" if row.direction == "in" else "arrow-up",
        )
        for row in page.mails
    )  # fmt: skip
    facts = (entry for row in page.partner_tickets for entry in _facts(row))
    files = (_file(row, page.ticket.reference) for row in page.files)
    notes, tests, messages = map(_note, page.notes), map(_test, _own_tests(page)), map(_message, page.messages)
    return folded(merge(notes, facts, _waits(page.waits), tests, files, mails, messages, _audit(page.log)))


def _file(row: Attachment, reference: str) -> Entry:
    seen = {"customer": "seen by the customer", "partner": "seen by the partner", "all": "seen by all"}
    who = str(row.user) if row.user_id else AUTHORS.get(row.author, "OFX")
    url = f"/tickets/{reference}/files/{row.pk}/"
    return Entry(at=row.at, kind="file", title=row.name, who=who, url=url, body=seen.get(row.audience, ""))


def _own_tests(page: TicketPage) -> list[ServiceTest]:
    return [row for row in page.tests if row.ticket_id == page.ticket.pk or row.requested_at >= page.ticket.created_at]


def _note(row: TicketNote) -> Entry:
    staff = row.author in ("staff", "system")
    title = AUDIENCES.get(row.audience, "Note") if staff else f"{AUTHORS.get(row.author, 'Somebody')} wrote"
    if row.is_question:
        title = f"{title}: a question, " + ("answered" if row.answered_at else "open")
    open_question = row.is_question and row.answered_at is None
    tone = "amber" if open_question else "grey" if row.audience == "internal" else "blue"
    channel = Channel(row.channel).label if row.channel in Channel.values else ""
    who = str(row.user) if row.user_id else AUTHORS.get(row.author, "OFX")
    return Entry(at=row.at, kind="note", title=title, body=row.text, who=who, channel=channel, tone=tone)


def _facts(row: PartnerTicket) -> Iterator[Entry]:
    # Notes of both sides stand among the notes already.
    for fact in row.facts.all():
        if fact.kind == "NOTE":
            continue
        who = str(row.operator) if fact.source == "partner" else str(fact.actor or _source(fact))
        yield Entry(
            at=fact.issued_at,
            kind="state",
            title=f"{row.operator}: {fact_title(fact)}" if fact.source == "partner" else fact_title(fact),
            body=_fact_text(fact),
            who=who,
            tone=FACT_TONES.get(fact.kind, _state_tone(fact)),
            url=f"/messages/{fact.message_id}/" if fact.message_id else "",
        )


def _source(fact: TicketFact) -> str:
    return {"us": "Us", "customer": "Customer"}.get(fact.source, "OFX")


def fact_title(fact: TicketFact) -> str:
    """The kind in words; a state by its name."""
    state = str(fact.data.get("state", ""))
    if fact.kind == "STATE" and state in PARTNER_STATE_LOOK:
        return PARTNER_STATE_LOOK[state][0]
    return FACT_TITLES.get(fact.kind, fact.kind.replace("_", " ").capitalize())


def _state_tone(fact: TicketFact) -> str:
    state = str(fact.data.get("state", ""))
    colour = PARTNER_STATE_LOOK.get(state, ("", "grey"))[1]
    return colour if colour in ("red", "amber", "green", "blue") else "grey"


def _fact_text(fact: TicketFact) -> str:
    data = fact.data
    reason, raw = REASON_LABELS.get(str(data.get("reason", "")), ""), str(data.get("raw_reason") or "")
    owner = str(data.get("clock_owner") or "")
    parts = [
        f"{reason} ({raw})" if reason and raw else reason or raw,
        f"claimed: on {ClockOwner(owner).label.lower()}" if owner in ClockOwner.values else "",
        str(data.get("text") or ""),
        f"cause: {data['cause']}" if data.get("cause") else "",
        f"fix: {data['fix']}" if data.get("fix") else "",
        f"clear code {data['clear_code']}" if data.get("clear_code") else "",
    ]
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _waits(rows: list[TicketWait]) -> Iterator[Entry]:
    for row in rows:
        on = ClockOwner(row.owner).label.lower() if row.owner in ClockOwner.values else row.owner
        why = WAIT_WORDS.get(row.reason) or REASON_LABELS.get(row.reason, row.reason.replace("_", " ").lower())
        body = " · ".join(part for part in (why, row.text) if part)
        yield Entry(at=row.opened_at, kind="state", title=f"Waits on {on}", body=body, tone="amber")
        if row.closed_at:
            yield Entry(at=row.closed_at, kind="state", title=f"No longer waits on {on}", body=why)


def _test(row: ServiceTest) -> Entry:
    colour = COLOUR_LOOK.get(row.colour, ("", "grey"))[0]
    result = colour or row.get_state_display()
    name = KINDS.get(row.kind, ("Test", False))[0].partition(",")[0]
    body = " · ".join(part for part in (row.text, row.code, row.problem) if part)
    if row.stale_port:
        body += " · the fibre box is down, so its port data is old"
    return Entry(
        at=row.done_at or row.requested_at,
        kind="test",
        title=f"{name}: {result.lower()}",
        body=body,
        who=str(row.requested_by or "OFX"),
        channel=str(row.operator),
        tone=TEST_TONES.get(row.colour, "grey"),
    )


def _message(row: Message) -> Entry:
    out = row.direction == "out"
    label, colour = row.STATE_LOOK.get(row.state, (row.state, "grey"))
    return Entry(
        at=row.created_at,
        kind="message",
        title=f"{VERBS.get(row.verb, row.verb.capitalize())} {'to' if out else 'from'} {row.endpoint.name}: "
        f"{label.lower()}",
        channel=row.endpoint.kind.upper() if row.endpoint.kind != "email" else "e-mail",
        body=row.reason,
        url=f"/messages/{row.pk}/",
        tone=colour if colour in ("red", "amber") else "grey",
        icon="arrow-up" if out else "arrow-down",
        fold=f"read from {row.endpoint.name}" if row.verb in ROUTINE and row.state in SETTLED else "",
    )


def _audit(rows: list[LogEntry]) -> Iterator[Entry]:
    return (_moved(row) or from_log(row) for row in rows if not row.verb.startswith(TOLD))


def _moved(row: LogEntry) -> Entry | None:
    """A move from state to state, in the words of the states."""
    old, new = str(row.data.get("from", "")), str(row.data.get("to", ""))
    if not row.verb.startswith("moved to ") or new not in STATE_LOOK:
        return None
    label, colour = STATE_LOOK[new]
    before = STATE_LOOK.get(old, (old, ""))[0]
    body = " · ".join(part for part in (f"was {before.lower()}", str(row.data.get("why") or "")) if part)
    tone = colour if colour in ("amber", "green") else "grey"
    return Entry(at=row.at, kind="state", title=label, who=row.actor_name, body=body, tone=tone)
