"""Faults and outages by mail: a line of CSV beside the letter; answers as lines of CSV or as words of a reply."""

import re
from typing import Any

from partners.mapping.base import Mapped, ParsedRecord, Unmappable
from partners.mapping.canonical_faults import OutboundProblem, OutboundTicket, TicketNews
from partners.mapping.engine import key_of, moment, number, reason_of, text
from partners.mapping.tmf621_out import described, stamp
from partners.mapping.tmf621_words import REASONS

FIRST = ("our_key", "action", "reference", "title", "severity", "impact", "service", "postcode", "address", "contact")
LAST = ("notes", "partner_ref")
VERBS = ("create", "note", "answer", "cancel", "close", "reopen", "attach", "status", "clear")
# Their words in the column update_type, or at the beginning of a reply → (what it is, state, who must act).
WORDS: dict[str, tuple[str, str, str]] = {
    "ACKNOWLEDGED": ("STATE", "acknowledged", ""),
    "RECEIVED": ("STATE", "acknowledged", ""),
    "IN_PROGRESS": ("STATE", "in_progress", ""),
    "WORKING": ("STATE", "in_progress", ""),
    "RESUMED": ("STATE", "in_progress", ""),
    "HELD": ("STATE", "held", "partner"),
    "DELAY": ("STATE", "held", "partner"),
    "PENDING": ("QUESTION", "pending", "us"),
    "QUESTION": ("QUESTION", "pending", "us"),
    "INFORMATION_REQUIRED": ("QUESTION", "pending", "us"),
    "RESOLVED": ("RESOLVED", "resolved", ""),
    "FIXED": ("RESOLVED", "resolved", ""),
    "CLOSED": ("STATE", "closed", ""),
    "REJECTED": ("STATE", "rejected", ""),
    "CANCELLED": ("STATE", "cancelled", ""),
    "NOTE": ("NOTE", "", ""),
    "UPDATE": ("NOTE", "", ""),
}
REPLY = re.compile(r"\s*([A-Za-z]+(?:[ _][A-Za-z]+)?)\s*(?::|$)\s*(.*)", re.S)
QUOTED = re.compile(r"(?m)^(>.*|On .{5,200}wrote:|-{2,} ?Original Message.*|_{10,})$")


class MailFaultMapping:
    """Both directions for partners by mail and in the portal."""

    version = "mail-faults/1"

    def outbound(self, verb: str, order: OutboundTicket | OutboundProblem) -> dict[str, Any]:
        """The line of the CSV attachment and what the letter says. Raises Unmappable."""
        if verb not in VERBS:
            raise Unmappable(f"a mail has no way to {verb!r} a fault")
        row = _ticket_row(verb, order) if isinstance(order, OutboundTicket) else _problem_row(verb, order)
        about = {"provider": order.provider_name, "portal": getattr(order, "portal_url", "")}
        if isinstance(order, OutboundTicket):
            about |= {"links": order.answer_links, "until": order.answer_until}
        made: dict[str, Any] = {"rows": [row], "columns": list(row), "answer": about, "to": list(order.recipients)}
        if isinstance(order, OutboundTicket) and verb == "attach":
            made["file"] = dict(order.attachment)
        return made

    def inbound(self, record: ParsedRecord) -> Mapped:
        """A line of CSV, or a reply, as one piece of news. Raises Unmappable."""
        return _words(record) if record.kind == "words" else _row(record)


def _ticket_row(verb: str, given: OutboundTicket) -> dict[str, str]:
    contact = ", ".join(part for part in (given.contact_name, given.contact_phone, given.contact_email) if part)
    row = dict.fromkeys(FIRST, "") | {"our_key": given.our_key, "action": verb, "reference": given.reference}
    row["title"] = given.title
    if verb == "create":
        row |= {"severity": given.severity, "impact": given.impact, "service": given.service_ref}
        row |= {"postcode": given.postcode, "address": given.address, "contact": contact}
        row |= {name: str(value) for name, value in given.characteristics.items()}
        row |= {"test": f"{given.test.get('colour', '')} {given.test.get('code', '')}".strip()} if given.test else {}
        parts = [described(given), given.access_notes]
    else:
        parts = [f"{given.state}" if verb == "status" else "", given.text, given.fix]
    row |= {"notes": " | ".join(part for part in parts if part), "partner_ref": given.external_id}
    return row


def _problem_row(verb: str, given: OutboundProblem) -> dict[str, str]:
    row = {"our_key": given.our_key, "action": verb, "reference": given.reference, "title": given.title}
    row |= {"severity": given.severity, "impact": given.impact, "planned": "yes" if given.planned else "no"}
    row |= {"started_at": stamp(given.started_at) if given.started_at else ""}
    row |= {"expected_at": stamp(given.expected_at) if given.expected_at else ""}
    row |= {"services": " ".join(given.service_refs[:500]), "postcodes": " ".join(given.postcodes[:500])}
    return row | {"notes": given.text, "partner_ref": given.external_id}


def _row(record: ParsedRecord) -> Mapped:
    data = record.data
    word = text(data, "update_type", 40).upper().replace(" ", "_")
    at = moment(data, "issued_at")
    if not word or at is None:
        raise Unmappable("update_type is empty" if not word else "issued_at is empty")
    unmapped = [] if word in WORDS else [f"update_type {word}"]
    kind, state, owner = WORDS.get(word, ("NOTE", "", ""))
    raw = text(data, "reason_code", 120)
    reason, known = reason_of(raw, REASONS)
    unmapped += [] if known else [f"reason {raw}"]
    sequence = number(data, "sequence")
    charged = {"yes": True, "no": False}.get(text(data, "chargeable", 5).lower())
    news = TicketNews(
        update_type=kind,
        dedupe_key=key_of("mail", sequence if sequence is not None else at.isoformat(), word, text(data, "text", 60)),
        issued_at=at,
        our_key=record.our_key,
        external_id=record.external_id,
        partner_ref=record.external_id,
        sequence=sequence,
        state=state,
        clock_owner=owner,
        reason=reason,
        raw_reason=raw,
        text=text(data, "text"),
        author=text(data, "author", 120),
        clear_code=text(data, "clear_code", 40),
        cause=text(data, "cause", 300),
        fix=text(data, "fix") or (text(data, "text") if kind == "RESOLVED" else ""),
        chargeable=charged if kind == "RESOLVED" else None,
        expected_at=moment(data, "expected_at"),
        unmapped=tuple(unmapped),
    )
    return Mapped([news], unmapped)


def _words(record: ParsedRecord) -> Mapped:
    """A reply in somebody's own words. Only a plain word at its beginning moves the state; a person reads the rest."""
    data = record.data
    line = own_words(text(data, "body", 20_000))
    if not line:
        raise Unmappable("the reply holds no words of its own")
    at = moment(data, "issued_at")
    if at is None:
        raise Unmappable("the mail bears no date")
    kind, state, owner, said, reference = _first_word(line)
    news = TicketNews(
        update_type=kind,
        dedupe_key=key_of("mail", text(data, "message_id", 250) or at.isoformat()),
        issued_at=at,
        our_key=record.our_key,
        external_id=record.external_id,
        partner_ref=reference,
        state=state,
        clock_owner=owner,
        text=said[:2000],
        author=text(data, "author", 120),
        fix=said[:2000] if kind == "RESOLVED" else "",
        extra={"subject": text(data, "subject", 200)},
    )
    return Mapped([news])


def own_words(body: str) -> str:
    """What the writer added: up to the quoted letter."""
    found = QUOTED.search(body)
    return (body[: found.start()] if found else body).strip()


def _first_word(line: str) -> tuple[str, str, str, str, str]:
    """(what it is, state, who must act, the words, the partner's number where the word names one)."""
    first, _, rest = line.partition("\n")
    found = REPLY.fullmatch(first)
    word = found[1].strip().upper().replace(" ", "_") if found else ""
    if found and word in WORDS:
        kind, state, owner = WORDS[word]
        said = "\n".join(part for part in (found[2].strip(), rest.strip()) if part)
        number_given = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,119}", found[2].strip())
        return kind, state, owner, said, number_given[0] if number_given and state == "acknowledged" else ""
    return ("QUESTION", "pending", "us", line, "") if "?" in line else ("NOTE", "", "", line, "")
