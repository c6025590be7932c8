"""An operator's people answer a fault in the partner portal: facts, as a message of their system would bring."""

import hashlib
from datetime import datetime

from django.db import transaction

from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from partners.mapping.canonical_faults import TicketNews
from ticketing.tickets.actions.news import apply_news
from ticketing.tickets.guarding import TicketInvalid, guard_partner, one_of, words
from ticketing.tickets.models import PartnerTicket
from ticketing.tickets.settle import log
from ticketing.tickets.vocabulary import ClockOwner

# What they do → (update type, state, whether words are needed, from which states).
WORKING = ("submitted", "failed_to_send", "acknowledged", "in_progress", "pending", "held")
ANSWERS: dict[str, tuple[str, str, bool, tuple[str, ...]]] = {
    "acknowledge": ("STATE", "acknowledged", False, ("submitted", "failed_to_send")),
    "start": ("STATE", "in_progress", False, (*WORKING, "resolved")),
    "note": ("NOTE", "", True, (*WORKING, "resolved")),
    "question": ("QUESTION", "", True, WORKING),
    "hold": ("STATE", "held", True, WORKING),
    "resolve": ("RESOLVED", "resolved", True, WORKING),
    "reject": ("STATE", "rejected", True, WORKING),
    "close": ("CLOSED", "closed", False, ("resolved",)),
    "cancel": ("STATE", "cancelled", True, WORKING),
}


def operator_answer(
    *,
    partner_ticket: PartnerTicket,
    actor: User | None,
    at: datetime,
    kind: str,
    text: str = "",
    reason: str = "",
    clock_owner: str = "",
    clear_code: str = "",
    cause: str = "",
    fix: str = "",
    chargeable: bool | None = None,
    expected_at: datetime | None = None,
    partner_ref: str = "",
    key: str = "",
    who: str = "",
) -> PartnerTicket:
    """Acknowledge, start, note, question, hold, resolve, reject, close or cancel a fault for its operator.

    `key`: names this answer for ever, so that twice is once; without one, the same words in one minute are. `who`: the
    address that a signed link was sent to, where nobody with an account answers. Raises TicketInvalid naming the field,
    IllegalTransition where the fault is past this answer.
    """
    guard_partner(actor, partner_ticket)
    if kind not in ANSWERS:
        raise TicketInvalid({"kind": f"“{kind}” is no answer. Possible: {', '.join(ANSWERS)}."})
    update_type, state, needed, _ = ANSWERS[kind]
    said = words(text or fix, "text", 4000, needed=needed)
    if clock_owner:
        one_of(clock_owner, ClockOwner, "clock_owner")
    same = hashlib.sha256(f"{kind}|{said}|{at:%Y-%m-%d %H:%M}".encode()).hexdigest()[:24]
    news = TicketNews(
        update_type=update_type,
        dedupe_key=f"portal:{words(key, 'key', 120, needed=False) or same}",
        issued_at=at,
        partner_ref=words(partner_ref, "partner_ref", 120, needed=False),
        state=state,
        clock_owner=clock_owner,
        reason=words(reason, "reason", 40, needed=False),
        raw_reason=said[:120] if kind in ("hold", "reject") else "",
        text=said,
        author=str(actor or who),
        clear_code=words(clear_code, "clear_code", 40, needed=False),
        cause=words(cause, "cause", 300, needed=False),
        fix=words(fix or (said if kind == "resolve" else ""), "fix", 4000, needed=False),
        chargeable=chargeable,
        expected_at=expected_at,
    )
    with transaction.atomic():
        return _apply(partner_ticket, news, kind, actor, at, who)


def _apply(
    row: PartnerTicket, news: TicketNews, kind: str, actor: User | None, at: datetime, who: str
) -> PartnerTicket:
    row = PartnerTicket.objects.select_related("ticket").get(pk=row.pk)
    if row.facts.filter(dedupe_key=news.dedupe_key).exists():
        return row
    if row.state not in ANSWERS[kind][3]:
        raise IllegalTransition(f"This fault is {row.get_state_display().lower()}: “{kind}” is not possible now.")
    apply_news(partner_ticket_id=row.pk, news=[news.as_json()], message_id=None, at=at)
    by = {"by": who} if who else {}
    log(row.ticket, f"partner {'link' if who else 'portal'}: {kind}", actor, at, partner_ticket_id=row.pk, **by)
    return PartnerTicket.objects.select_related("ticket", "operator").get(pk=row.pk)
