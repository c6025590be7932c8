"""Append facts of partner tickets, fold them, write the fold down, and let the ticket follow."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from ofx.core.events.actions import publish
from ticketing.tickets.fold import Folded, Told, fold
from ticketing.tickets.models import PartnerTicket, Ticket, TicketFact, TicketWait

COLUMNS = (
    "state", "partner_ref", "partner_url", "holder", "waiting_since", "question", "reason", "raw_reason", "clear_code",
    "cause", "fix", "chargeable", "expected_at", "acknowledged_at", "resolved_at", "ended_at", "last_news_at",
)  # fmt: skip
CUT = {"partner_ref": 120, "partner_url": 300, "reason": 40, "raw_reason": 120, "clear_code": 40, "cause": 300}
# Priority → hours without news after which a partner that owes some is silent (R28). Planning default.
SILENT_AFTER_HOURS = {1: 4, 2: 8, 3: 24, 4: 48}
OWES_NEWS = ("submitted", "acknowledged", "in_progress", "held")


@dataclass(frozen=True)
class Change:
    """A partner ticket's fold without the new facts, and with them."""

    before: str
    after: Folded

    @property
    def moved(self) -> bool:
        """Whether its state is another one."""
        return self.before != self.after.state


def append(row: PartnerTicket, kind: str, *, key: str, at: datetime, **values: Any) -> TicketFact | None:
    """Insert a fact unless its key is known; None where it was known.

    Values: source (us), issued_at (at), sequence, message_id, actor; all others go into `data`.
    """
    columns: dict[str, Any] = {name: values.pop(name) for name in ("sequence", "message_id", "actor") if name in values}
    fact, fresh = TicketFact.objects.get_or_create(
        partner_ticket=row,
        dedupe_key=key[:160],
        defaults={
            "kind": kind,
            "source": values.pop("source", "us"),
            "issued_at": values.pop("issued_at", at),
            "received_at": at,
            "data": {name: value for name, value in values.items() if value not in (None, "", [], {})},
            **columns,
        },
    )
    return fact if fresh else None


def newest(row: PartnerTicket, at: datetime) -> datetime:
    """A moment for our answer to all that the partner has said, though its clock may be ahead of ours."""
    last = row.facts.filter(source="partner").aggregate(last=Max("issued_at"))["last"]
    return max(at, last) if last else at


def told(fact: TicketFact) -> Told:
    """A stored fact as the fold reads it."""
    return Told(
        key=fact.dedupe_key,
        source=fact.source,
        update_type=fact.kind,
        issued_at=fact.issued_at,
        sequence=fact.sequence,
        data=fact.data,
    )


def settle_partner(ticket: Ticket, row: PartnerTicket, *, at: datetime) -> Change:
    """Fold a partner ticket of a locked ticket, write its columns and waits, and tell where its state moved.

    The caller settles the ticket afterwards.
    """
    before = row.state
    after = fold(told(fact) for fact in row.facts.all())
    values = {name: _cut(name, getattr(after, name)) for name in COLUMNS}
    for name in ("partner_ref", "partner_url"):
        values[name] = values[name] or getattr(row, name)
    values["silent_from"] = _silent_from(ticket, row, after)
    if values["silent_from"] != row.silent_from:
        values["silence_told_at"] = None
    PartnerTicket.objects.filter(pk=row.pk).update(**values)
    for name, value in values.items():
        setattr(row, name, value)
    _write_waits(ticket, row, after)
    if after.expected_at and after.expected_at != ticket.expected_at:
        old, ticket.expected_at = ticket.expected_at, after.expected_at
        Ticket.objects.filter(pk=ticket.pk).update(expected_at=after.expected_at)
        _tell_expected(ticket, old, after.expected_at, at)
    if before != after.state:
        tell_partner(ticket, row, after.state, at, was=before)
    return Change(before, after)


def _tell_expected(ticket: Ticket, old: datetime | None, new: datetime, at: datetime) -> None:
    values = {"old": old.isoformat() if old else "", "new": new.isoformat()}
    publish(
        "ticket.expectation_moved", f"ticket:{ticket.pk}", at=at, organisation_id=ticket.organisation_id,
        ticket_id=ticket.pk, reference=ticket.reference, customer_id=ticket.customer_id, **values,
    )  # fmt: skip


def _cut(name: str, value: Any) -> Any:
    return value[: CUT[name]] if name in CUT else value


def _silent_from(ticket: Ticket, row: PartnerTicket, after: Folded) -> datetime | None:
    if after.state not in OWES_NEWS:
        return None
    last = max(filter(None, (after.last_news_at, after.last_move_at, row.raised_at)))
    quiet = last + timedelta(hours=SILENT_AFTER_HOURS[ticket.priority])
    return max(quiet, after.expected_at) if after.expected_at else quiet


def _write_waits(ticket: Ticket, row: PartnerTicket, after: Folded) -> None:
    """The ticket waits as its partner does; a wait that late news undid goes, our verdict on one that stays is kept."""
    prefix = f"partner:{row.pk}:"
    there = {wait.source_key: wait for wait in TicketWait.objects.filter(source_key__startswith=prefix)}
    for span in after.spans:
        values = {
            "ticket_id": ticket.pk,
            "owner": span.owner,
            "reason": span.reason[:40],
            "raw_reason": span.raw_reason,
            "text": span.text[:500],
            "opened_at": span.opened_at,
            "closed_at": span.closed_at,
        }
        key = f"{prefix}{span.key}"[:160]
        known = there.pop(key, None)
        if known is None:
            TicketWait.objects.create(source_key=key, **values)
        elif any(getattr(known, name) != value for name, value in values.items()):
            TicketWait.objects.filter(pk=known.pk).update(**values)
    TicketWait.objects.filter(pk__in=[wait.pk for wait in there.values()]).delete()


def tell_partner(ticket: Ticket, row: PartnerTicket, name: str, at: datetime, **more: Any) -> None:
    """Publish `partner_ticket.<name>`."""
    payload = {
        "partner_ticket_id": row.pk,
        "ticket_id": ticket.pk,
        "reference": ticket.reference,
        "operator_id": row.operator_id,
        "service_id": ticket.service_id,
        "state": row.state,
        "simulated": row.simulated,
        **more,
    }
    subject = f"partner_ticket:{row.pk}"
    publish(f"partner_ticket.{name}", subject, at=at, organisation_id=row.organisation_id, **payload)
