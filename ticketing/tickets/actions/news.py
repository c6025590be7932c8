"""What comes from below: a partner's news, the fate of our messages, and silence."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from ofx.core.sweeps import each
from ofx.core.transitions import transition
from partners.conversations import actions as conversations
from partners.mapping.canonical_faults import TicketNews
from ticketing.tickets.actions.ending import set_resolved
from ticketing.tickets.charging import keep_charge
from ticketing.tickets.hearing import heard
from ticketing.tickets.models import PartnerTicket, Ticket, TicketFact, TicketNote
from ticketing.tickets.outbound import leg_of
from ticketing.tickets.partner_settle import Change, append, settle_partner, tell_partner
from ticketing.tickets.retesting import retest
from ticketing.tickets.settle import RUNNING, lock, settle, tell

# A partner's clock may run ahead of ours; news from further ahead than this counts as of its arrival.
AHEAD = timedelta(minutes=10)
KEPT = (
    "partner_ref", "external_id", "state", "clock_owner", "reason", "raw_reason", "text", "author", "clear_code",
    "cause", "fix", "chargeable", "expected_at", "url", "extra",
)  # fmt: skip
NO_FAULT = ("RWT", "RIGHT_WHEN_TESTED", "NFF", "NO_FAULT_FOUND")
SIDE = {"customer": "customer", "end_customer": "customer", "us": "us", "partner": "partner", "network": "partner"}


def apply_news(*, partner_ticket_id: int, news: Iterable[dict[str, Any]], message_id: int | None, at: datetime) -> int:
    """Append a partner's news (TicketNews.as_json) as facts, fold, and let the ticket follow.

    Returns how many facts were new; repeats are none. Late, twice or out of order gives the same.
    """
    with transaction.atomic():
        ticket, row = _locked(partner_ticket_id)
        fresh = []
        for plain in news:
            one = TicketNews.from_json(plain)
            fact = _append(row, one, message_id, at)
            if fact is not None:
                fresh.append(fact)
                heard(ticket, row, fact, one, at)
        if fresh:
            follow(ticket, row, settle_partner(ticket, row, at=at), at)
            Ticket.objects.filter(pk=ticket.pk).update(last_news_at=at)
    return len(fresh)


def _locked(partner_ticket_id: int) -> tuple[Ticket, PartnerTicket]:
    """The ticket, locked, and its partner ticket; a merge may have moved it while we waited for the lock."""
    while True:
        ticket = lock(PartnerTicket.objects.values_list("ticket_id", flat=True).get(pk=partner_ticket_id))
        row = PartnerTicket.objects.select_related("operator", "test").get(pk=partner_ticket_id)
        if row.ticket_id == ticket.pk:
            row.ticket = ticket
            return ticket, row


def _append(row: PartnerTicket, one: TicketNews, message_id: int | None, at: datetime) -> TicketFact | None:
    plain = one.as_json()
    return append(
        row,
        one.update_type,
        key=one.dedupe_key,
        at=at,
        source="partner",
        issued_at=min(one.issued_at, at) if one.issued_at > at + AHEAD else one.issued_at,
        sequence=one.sequence,
        message_id=message_id,
        **{name: plain[name] for name in KEPT},
    )


def follow(ticket: Ticket, row: PartnerTicket, change: Change, at: datetime) -> None:
    """The ticket follows its partner: resolved with it, back to work with it."""
    now = change.after.state
    done = now in ("resolved", "closed") and change.before not in ("resolved", "closed")
    if done and ticket.state in RUNNING and not _others_work(ticket, row):
        _resolve(ticket, row, at)
    elif change.before == "resolved" and now in RUNNING and ticket.state == "resolved":
        _back(ticket, row, at)
    keep_charge(ticket, row, at)
    settle(ticket, at=at, why=row.raw_reason)


def _others_work(ticket: Ticket, row: PartnerTicket) -> bool:
    """Whether another partner is still at it."""
    others = ticket.partner_tickets.exclude(pk=row.pk)
    return others.filter(state__in=("submitted", "acknowledged", "in_progress", "pending", "held")).exists()


def _resolve(ticket: Ticket, row: PartnerTicket, at: datetime) -> None:
    fix = row.fix or row.cause or "The network's engineers say that it works again"
    verdict = "none_found" if row.clear_code.upper() in NO_FAULT else SIDE.get(row.reason, "partner")
    given = {"fix": fix[:4000], "cause": row.cause, "clear_code": row.clear_code, "verdict": verdict}
    set_resolved(ticket, actor=None, at=at, resolved_tier="partner", chargeable=row.chargeable, **given)
    retest(ticket, at=at)


def _back(ticket: Ticket, row: PartnerTicket, at: datetime) -> None:
    """The partner itself took its resolution back."""
    fields: dict[str, Any] = {"resolved_at": None, "auto_close_at": None, "resolved_tier": ""}
    why = f"{row.operator} works on it again"
    times = ticket.reopened + 1
    transition(ticket, "in_progress", at=at, actor=None, why=why, state_reason=why, reopened=times, **fields)
    tell(ticket, "reopened", at, why=why, by_customer=False, times=times)


def delivery_failed(
    *, partner_ticket_id: int, message_id: int, verb: str, reason: str, at: datetime, tries: int = 0
) -> None:
    """Delivery has ended for good: the fault never left, or the partner will not hear of our note or answer."""
    with transaction.atomic():
        ticket, row = _locked(partner_ticket_id)
        key = f"failed:{message_id}:{tries}"
        common: dict[str, Any] = {"key": key, "at": at, "source": "system", "message_id": message_id}
        if verb == "create":
            append(row, "SEND_FAILED", text=reason, **common)
        elif verb == "answer" and row.state in PartnerTicket.OPEN:
            append(row, "QUESTION", clock_owner="us", text=f"Our answer did not arrive: {reason}"[:500], **common)
        else:
            _note_failure(ticket, row, verb, reason, key, at)
        settle_partner(ticket, row, at=at)
        settle(ticket, at=at)


def _note_failure(ticket: Ticket, row: PartnerTicket, verb: str, reason: str, key: str, at: datetime) -> None:
    text = f"{row.operator} did not get our {verb}: {reason}"[:2000]
    given = {"audience": "internal", "author": "system", "text": text, "at": at}
    TicketNote.objects.get_or_create(ticket=ticket, dedupe_key=key, defaults=given)


def delivered(
    *, partner_ticket_id: int, message_id: int, verb: str, external_id: str, at: datetime, tries: int = 0
) -> None:
    """The partner has it: its number is known, and a failure before is over."""
    if verb != "create":
        return
    with transaction.atomic():
        ticket, row = _locked(partner_ticket_id)
        key = f"delivered:{message_id}:{tries}"
        if append(row, "SUBMITTED", key=key, at=at, source="system", message_id=message_id, partner_ref=external_id):
            settle_partner(ticket, row, at=at)
            settle(ticket, at=at)


def mark_silent(*, at: datetime, limit: int = 200) -> int:
    """Tell once of every partner that owes news for too long, and ask it (R28). Returns how many."""
    due = PartnerTicket.objects.filter(silent_from__lte=at, silence_told_at=None).order_by("silent_from")
    return each(list(due.values_list("pk", flat=True)[:limit]), partial(_tell_silence, at=at))


def _tell_silence(pk: int, at: datetime) -> bool:
    with transaction.atomic():
        ticket, row = _locked(pk)
        if row.silence_told_at or row.silent_from is None or row.silent_from > at:
            return False
        row.silence_told_at = at
        PartnerTicket.objects.filter(pk=pk).update(silence_told_at=at)
        since = row.last_news_at or row.raised_at
        tell_partner(ticket, row, "silent", at, since=since.isoformat())
        leg = leg_of(f"partner_ticket:{pk}")
        if leg is not None and not leg.closed_at:
            conversations.refresh(leg=leg, at=at)
        settle(ticket, at=at)
        return True
