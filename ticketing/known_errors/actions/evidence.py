"""Where a record was seen and what came of it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import User
from ticketing.known_errors.models import KnownError, KnownErrorTicket, KnownErrorUse
from ticketing.known_errors.recounting import recount
from ticketing.known_errors.vocabulary import Outcome
from ticketing.tickets.actions import knowledge_done
from ticketing.tickets.models import Ticket
from ticketing.tickets.settle import knowledge_missing


def link_ticket(*, article: KnownError, ticket: Ticket, actor: User | None, at: datetime) -> bool:
    """The ticket shows this error. Returns whether that was new."""
    with transaction.atomic():
        _, fresh = KnownErrorTicket.objects.get_or_create(
            article=article, ticket=ticket, defaults={"at": at, "by": actor}
        )
        if fresh:
            subject = f"ticket:{ticket.pk}"
            owner = ticket.organisation_id
            record(actor=actor, subject=subject, verb=f"linked {article.reference}", at=at, organisation_id=owner)
            recount(article=article)
            write_down(ticket_id=ticket.pk, at=at)
    return fresh


def write_down(*, ticket_id: int, at: datetime) -> bool:
    """A fix of the TSC is known once a record is linked that has not failed: it may close. Returns whether it was."""
    ticket = Ticket.objects.get(pk=ticket_id)
    if ticket.state != "resolved" or not knowledge_missing(ticket):
        return False
    links = KnownErrorTicket.objects.filter(ticket=ticket).select_related("article")
    failed = KnownErrorUse.objects.filter(ticket=ticket, outcome=Outcome.FAILED).values("article")
    newest = links.exclude(article__in=failed).order_by("-at", "-pk").first()
    if newest is not None:
        knowledge_done(ticket=ticket, reference=newest.article.reference, actor=None, at=at)
    return newest is not None


def unlink_ticket(*, article: KnownError, ticket: Ticket, actor: User | None, at: datetime) -> bool:
    """It was not this error after all. Returns whether it had been linked."""
    with transaction.atomic():
        gone, _ = KnownErrorTicket.objects.filter(article=article, ticket=ticket).delete()
        KnownErrorUse.objects.filter(article=article, ticket=ticket, outcome=Outcome.APPLIED).delete()
        if gone:
            subject, verb = f"ticket:{ticket.pk}", f"unlinked {article.reference}"
            record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=ticket.organisation_id)
            recount(article=article)
    return bool(gone)


def record_use(
    *,
    article: KnownError,
    at: datetime,
    actor: User | None,
    outcome: str,
    ticket: Ticket | None = None,
    run: Any = None,
) -> KnownErrorUse:
    """The advice was applied, worked or failed, for a ticket or a guide run (its row, or `guide_run:17`).

    One row a case: the outcome moves, and `applied` never takes back a verdict. Raises ValueError for an unknown
    outcome or for neither ticket nor run.
    """
    if outcome not in Outcome.values:
        raise ValueError(f"outcome must be one of {', '.join(Outcome.values)}, not {outcome!r}")
    reference = run if isinstance(run, str) else f"guide_run:{run.pk}" if run is not None else ""
    if ticket is None and not reference:
        raise ValueError("Name the ticket or the guide run for which the advice was followed.")
    with transaction.atomic():
        case = {"ticket": ticket} if ticket is not None else {"ticket": None, "run": reference}
        use, fresh = KnownErrorUse.objects.get_or_create(
            article=article, **case, defaults={"outcome": outcome, "at": at, "by": actor, "run": reference}
        )
        if ticket is not None:
            link_ticket(article=article, ticket=ticket, actor=actor, at=at)
        if not fresh and (outcome == Outcome.APPLIED or use.outcome == outcome):
            return use
        use.outcome, use.judged_at = outcome, None if outcome == Outcome.APPLIED else at
        use.save(update_fields=["outcome", "judged_at"])
        recount(article=article)
        _tell(article, use, at)
    return use


def judge(*, outcome: str, at: datetime, ticket_id: int | None = None, run: str = "", only_open: bool = False) -> int:
    """Every use of one case gets its verdict, from what really happened; `only_open` leaves earlier verdicts.

    Returns how many changed.
    """
    rows = KnownErrorUse.objects.exclude(outcome=outcome).select_related("article")
    rows = rows.filter(ticket_id=ticket_id) if ticket_id is not None else rows.filter(run=run)
    if only_open:
        rows = rows.filter(outcome=Outcome.APPLIED)
    changed = 0
    with transaction.atomic():
        for use in rows.select_for_update(of=("self",)):
            use.outcome, use.judged_at = outcome, at
            use.save(update_fields=["outcome", "judged_at"])
            recount(article=use.article)
            _tell(use.article, use, at)
            changed += 1
    return changed


def _tell(article: KnownError, use: KnownErrorUse, at: datetime) -> None:
    publish(
        "known_error.used",
        f"known_error:{article.pk}",
        at=at,
        organisation_id=use.ticket.organisation_id if use.ticket else article.organisation_id,
        outcome=use.outcome,
        ticket_id=use.ticket_id,
        run=use.run,
    )
