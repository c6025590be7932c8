"""Single children: attach a new fault, take one out, decide on one that is still down."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from ofx.core.audit.actions import record
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ticketing.outages.clearing import decide, open_own_ticket
from ticketing.outages.finding import start_of
from ticketing.outages.holding import hold, release
from ticketing.outages.keys import ScopeInvalid
from ticketing.outages.models import Outage, OutageChild
from ticketing.outages.telling import inform
from ticketing.outages.vocabulary import HELD, RUNNING
from ticketing.tickets.models import Ticket


def attach(*, outage: Outage, ticket: Ticket, actor: User | None, at: datetime) -> OutageChild:
    """Make a ticket a child, told of the latest update at once. Twice is once; it keeps its own clock (R31).

    Raises IllegalTransition where the outage is over, PermissionDenied for another provider's ticket.
    """
    permit(actor, "outage.write")
    with transaction.atomic():
        outage = _locked(outage, actor)
        if ticket.organisation_id != outage.organisation_id:
            raise PermissionDenied("This ticket belongs to another service provider.")
        if actor is not None and ticket.ended:
            raise IllegalTransition(f"{ticket} is {ticket.get_state_display().lower()}: it joins nothing any more.")
        if outage.state not in RUNNING or outage.state == "clearing":
            raise IllegalTransition(f"{outage} is {outage.get_state_display().lower()}: nothing joins it any more.")
        child, fresh = _child(outage, ticket, at)
        if fresh:
            _log(outage, actor, f"attached {ticket.reference}", at)
        latest = outage.updates.first() if outage.state == "open" else None
        if latest is not None:
            latest.outage = outage
            hold(outage, [ticket.pk], at=at)
            inform(update=latest, ids=[child.pk], at=at)
            child.refresh_from_db()
    return child


def _child(outage: Outage, ticket: Ticket, at: datetime) -> tuple[OutageChild, bool]:
    """The child of this ticket, or of its service where nobody has called about that yet."""
    same = Q(ticket=ticket)
    if ticket.service_id:
        same |= Q(service=ticket.service_id, ticket=None)
    known = OutageChild.objects.filter(same, outage=outage).order_by("ticket_id").first()
    if known is None:
        taken = OutageChild.objects.filter(outage=outage, service=ticket.service_id).exists()
        row = OutageChild.objects.create(
            outage=outage, ticket=ticket, service_id=None if taken else ticket.service_id, attached_at=at,
            customer_id=ticket.customer_id, started_at=min(ticket.created_at, start_of(outage)),
        )  # fmt: skip
        return row, True
    fresh = known.ticket_id is None or known.state == "detached"
    if fresh:
        state = "attached" if known.state == "detached" else known.state
        started = min(known.started_at, ticket.created_at)
        OutageChild.objects.filter(pk=known.pk).update(ticket=ticket, state=state, started_at=started, reason="")
        known.refresh_from_db()
    return known, fresh


def follow_merge(*, gone: Ticket, into: Ticket, at: datetime) -> int:
    """A child's ticket was merged into another, which is the child from now on. Returns for how many outages."""
    moved = 0
    for child in OutageChild.objects.filter(ticket=gone).exclude(state="detached").select_related("outage"):
        with transaction.atomic():
            outage = _locked(child.outage, None)
            if OutageChild.objects.filter(outage=outage, ticket=into).exists():
                continue
            moved += OutageChild.objects.filter(pk=child.pk, ticket=gone).update(ticket=into)
            latest = outage.updates.first() if outage.state == "open" and child.state in HELD else None
            if latest is not None:
                latest.outage = outage
                hold(outage, [into.pk], at=at)
                inform(update=latest, ids=[child.pk], at=at)
    return moved


def detach(*, child: OutageChild, actor: User | None, at: datetime, why: str) -> None:
    """Take a child out, with a reason: its fault is another one and goes its own way. Twice is once."""
    permit(actor, "outage.write")
    if not why.strip():
        raise ScopeInvalid({"why": "Say why this one is not part of the outage."})
    with transaction.atomic():
        outage = _locked(child.outage, actor)
        row = OutageChild.objects.select_for_update().get(pk=child.pk)
        if row.state == "detached":
            return
        if row.state == "ok":
            raise IllegalTransition("It works again: there is nothing to take out.")
        OutageChild.objects.filter(pk=row.pk).update(state="detached", reason=why.strip()[:300])
        if row.ticket is not None:
            release(row.ticket, outage.pk, at=at)
        _log(outage, actor, f"took out {row}", at, why=why[:300])


def decide_child(*, child: OutageChild, actor: User | None, at: datetime, works: bool, why: str) -> None:
    """A person's word on one that is still down: it works, or it is a fault of its own with its own ticket."""
    permit(actor, "outage.write")
    if not why.strip():
        raise ScopeInvalid({"why": "Say how you know."})
    with transaction.atomic():
        outage = _locked(child.outage, actor)
        if outage.state not in ("clearing", "cleared"):
            raise IllegalTransition(
                f"{outage} is {outage.get_state_display().lower()}: children are decided on after it."
            )
        row = OutageChild.objects.select_for_update(of=("self",)).select_related("outage", "service", "ticket")
        fresh = row.get(pk=child.pk)
        if fresh.state != "still_down":
            raise IllegalTransition("Only a child that is still down waits for a decision.")
        if not works and fresh.ticket_id is None and fresh.service_id:
            OutageChild.objects.filter(pk=fresh.pk).update(ticket=open_own_ticket(fresh, at=at))
        decide(fresh, works=works, at=at, why=why.strip()[:300], who=actor)


def _locked(outage: Outage, actor: User | None) -> Outage:
    """The outage, locked: an update is written before or after a child joins, never at once."""
    rows = Outage.objects if actor is None else Outage.objects.visible_to(actor)
    locked = rows.select_for_update(of=("self",)).select_related("organisation", "operator")
    found = locked.filter(pk=outage.pk).first()
    if found is None:
        raise PermissionDenied("This outage belongs to another service provider.")
    return found


def _log(outage: Outage, actor: User | None, verb: str, at: datetime, **data: str) -> None:
    subject = f"outage:{outage.pk}"
    record(actor=actor, subject=subject, verb=verb[:120], at=at, organisation_id=outage.organisation_id, **data)
