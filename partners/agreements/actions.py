"""Every write to agreements: ask, offer, accept, decline, withdraw, suspend, resume, end.

Each act locks the agreement's row first and names the round that it answers: of two answers to one round the second is
refused, and a double click finds its own work done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from ofx.core.audit.actions import record
from ofx.core.celery_wake import wake
from ofx.core.events.actions import publish
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.core.transitions import transition
from partners.agreements.models import Terms, TermsLine
from partners.agreements.queries import above_list, open_terms, sold_by
from partners.coverage.models import Offering, Price
from partners.operators.models import Agreement, Operator


class NotPossible(Exception):
    """The act makes no sense now; `args[0]` says why and what would do, for people."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a provider asks for. `products` empty: everything; `regions` empty: everywhere."""

    products: list[Offering] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    starts: date | None = None
    at_list: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What an operator offers. `lines`: offering id → (one-off, monthly)."""

    lines: dict[int, tuple[Decimal, Decimal]]
    currency: str
    starts: date
    ends: date | None = None
    regions: list[str] = field(default_factory=list)
    at_list: bool = False
    note: str = ""


def ask(*, organisation: Organisation, operator: Operator, wish: Wish, actor: User | None, at: datetime) -> Agreement:
    """Ask an operator for an agreement. Raises NotPossible where there is one in being or in talks already."""
    permit(actor, "agreement.write")
    _party(actor, organisation.pk)
    if operator.on_net_of_id is not None:
        raise NotPossible(f"{operator} is a provider's own network: no agreement is needed, and none can be made.")
    with transaction.atomic():
        Operator.objects.select_for_update().get(
            pk=operator.pk
        )  # two people asking at once: the second finds the first
        if (known := _alive(organisation, operator, at.date())) is not None:
            raise NotPossible(f"There is one with {operator} already ({known.get_state_display().lower()}). Open it.")
        agreement = Agreement.objects.create(
            organisation=organisation, operator=operator, state="requested", round=1, waits_for="operator", moved_at=at
        )
        _wish(agreement, wish, actor, at)
        _told(agreement, "agreement.requested", "asked for an agreement", actor, at)
    return agreement


def ask_again(*, agreement: Agreement, wish: Wish, round: int, actor: User | None, at: datetime) -> Agreement:
    """Ask for other terms: in the talks, or while the agreement is in being; what holds goes on until they are agreed.

    Raises NotPossible where the agreement is over, or somebody acted meanwhile.
    """
    permit(actor, "agreement.write")
    with _locked(agreement, round, actor, "provider", at) as row:
        _close_open(row, "replaced", actor, at)
        _wish(row, wish, actor, at)
        if row.state == "offered":
            transition(row, "requested", at=at, actor=actor, waits_for="operator")
        else:
            Agreement.objects.filter(pk=row.pk).update(waits_for="operator")
            _told(row, "agreement.change_requested", "asked for other terms", actor, at)
    return row


def offer(*, agreement: Agreement, proposal: Proposal, round: int, actor: User | None, at: datetime) -> Agreement:
    """Offer terms: the answer to a request, another offer, or a change of an agreement in being.

    Where the request takes the list terms and nothing is above list, they are in force at once. Raises NotPossible.
    """
    permit(actor, "agreement.answer")
    with _locked(agreement, round, actor, "operator", at) as row:
        _check(row, proposal, at)
        asked = open_terms(row)
        agreed = asked is not None and _taken_beforehand(asked, proposal, at.date())
        _close_open(row, "answered" if asked and asked.state == "asked" else "replaced", actor, at)
        terms = _proposed(row, proposal, actor, at)
        if agreed:
            _settle(row, terms, actor, at, why="not above list, as asked")
        elif row.state == "requested":
            transition(row, "offered", at=at, actor=actor, waits_for="provider")
        else:
            Agreement.objects.filter(pk=row.pk).update(waits_for="provider")
            name = "agreement.change_offered"
            _told(row, name, "offered terms", actor, at)
    return row


def accept(*, agreement: Agreement, round: int, actor: User | None, at: datetime) -> Agreement:
    """Accept the operator's offer: it holds from its first day, or from today where that is past."""
    permit(actor, "agreement.write")
    with _locked(agreement, round, actor, "provider", at) as row:
        terms = open_terms(row)
        if terms is None or terms.state != "offered":
            raise NotPossible("There is no offer to accept: it was answered or replaced meanwhile.")
        if terms.ends is not None and terms.ends <= at.date():
            raise NotPossible("The period of this offer is over. Ask for new terms.")
        _settle(row, terms, actor, at)
    return row


def decline(*, agreement: Agreement, round: int, why: str, actor: User | None, at: datetime) -> Agreement:
    """Say no to the open request (operator) or offer (provider). An agreement in being goes on as it is."""
    terms = open_terms(agreement)
    side = "operator" if terms is not None and terms.state == "asked" else "provider"
    permit(actor, "agreement.answer" if side == "operator" else "agreement.write")
    with _locked(agreement, round, actor, side, at) as row:
        if open_terms(row) is None:
            raise NotPossible("Nothing waits for an answer any more.")
        _close_open(row, "declined", actor, at, why)
        _stop_talks(row, "declined", why, actor, at)
    return row


def withdraw(*, agreement: Agreement, round: int, why: str, actor: User | None, at: datetime) -> Agreement:
    """Take back what one's own side asked for or offered. An agreement in being goes on as it is."""
    terms = open_terms(agreement)
    side = "provider" if terms is None or terms.state == "asked" else "operator"
    permit(actor, "agreement.write" if side == "provider" else "agreement.answer")
    with _locked(agreement, round, actor, side, at) as row:
        if open_terms(row) is None:
            raise NotPossible("Nothing is open that could be taken back.")
        _close_open(row, "withdrawn", actor, at, why)
        _stop_talks(row, "withdrawn", why, actor, at)
    return row


def suspend(*, agreement: Agreement, why: str, actor: User | None, at: datetime) -> Agreement:
    """Either side: no new orders until it is resumed. Orders under way are not touched."""
    return _switch(agreement, "suspended", why, actor, at)


def resume(*, agreement: Agreement, why: str, actor: User | None, at: datetime) -> Agreement:
    """Either side: orders may be placed again."""
    return _switch(agreement, "active", why, actor, at)


def end(*, agreement: Agreement, on: date, why: str, actor: User | None, at: datetime) -> Agreement:
    """Either side: the last day is the one before `on`. From today on it ends at once; later, on its day."""
    _either(actor, agreement)
    today = at.date()
    with transaction.atomic():
        row = Agreement.objects.select_for_update().get(pk=agreement.pk)
        if row.state not in Agreement.IN_BEING:
            raise NotPossible(f"The agreement is {row.get_state_display().lower()}: there is nothing to end.")
        if on > today and row.starts is not None and on > row.starts:
            Agreement.objects.filter(pk=row.pk).update(ends=on, moved_at=at)
            row.ends = on
            _told(row, "agreement.end_set", "set the end", actor, at, on=on.isoformat(), why=why)
        else:
            _close_open(row, "withdrawn", actor, at, "the agreement has ended")
            _finish(row, today, why, actor, at)
    return row


def end_due(*, at: datetime) -> int:
    """The sweep: agreements whose last day is over become ended. Returns how many."""
    done = 0
    for row in Agreement.objects.filter(state__in=Agreement.IN_BEING, ends__lte=at.date()).order_by("pk")[:500]:
        with transaction.atomic():
            locked = Agreement.objects.select_for_update().get(pk=row.pk)
            if locked.state in Agreement.IN_BEING:
                _close_open(locked, "withdrawn", None, at, "the agreement has ended")
                transition(locked, "ended", at=at, actor=None, why="its last day is over", waits_for="", moved_at=at)
                done += 1
    return done


# -- inside -----------------------------------------------------------------------------------------------------------
def _party(actor: User | None, *organisations: int) -> None:
    """Raise PermissionDenied unless the actor acts for one of the parties, or for the exchange."""
    if actor is None:
        return
    acting = actor.acting
    if acting is None or (acting.organisation.kind != "exchange" and acting.organisation_id not in organisations):
        raise PermissionDenied("That is for the other side of the agreement to do.")


def _either(actor: User | None, agreement: Agreement) -> None:
    kind = actor.acting.organisation.kind if actor and actor.acting else ""
    permit(actor, "agreement.answer" if kind == "operator" else "agreement.write")
    _party(actor, agreement.organisation_id, agreement.operator.organisation_id)


def _alive(organisation: Organisation, operator: Operator, day: date) -> Agreement | None:
    rows = Agreement.objects.filter(organisation=organisation, operator=operator).exclude(state__in=Agreement.OVER)
    return rows.exclude(Q(state__in=Agreement.IN_BEING) & Q(ends__lte=day)).first()


@contextmanager
def _locked(agreement: Agreement, round: int, actor: User | None, side: str, at: datetime) -> Iterator[Agreement]:
    """The agreement under a lock, in a transaction, its round counted on. Raises NotPossible."""
    party = agreement.organisation_id if side == "provider" else agreement.operator.organisation_id
    _party(actor, party)
    with transaction.atomic():
        row = Agreement.objects.select_for_update(of=("self",)).select_related("operator", "organisation").get(
            pk=agreement.pk
        )  # fmt: skip
        if row.round != round:
            raise NotPossible("Somebody acted on this agreement meanwhile. Look at it as it is now, then decide.")
        if row.state in Agreement.OVER:
            raise NotPossible(f"The agreement is {row.get_state_display().lower()}. Ask for a new one.")
        Agreement.objects.filter(pk=row.pk).update(round=round + 1, moved_at=at)
        row.round, row.moved_at = round + 1, at
        yield row
        row.refresh_from_db()


def _wish(agreement: Agreement, wish: Wish, actor: User | None, at: datetime) -> Terms:
    if any(product.operator_id != agreement.operator_id for product in wish.products):
        raise NotPossible("One of the products is another operator's.")
    terms = _round(
        agreement, state="asked", regions=wish.regions, starts=wish.starts, at_list=wish.at_list,
        note=wish.note[:1000], created_at=at, created_by=actor,
    )  # fmt: skip
    TermsLine.objects.bulk_create(TermsLine(terms=terms, offering=product) for product in wish.products)
    return terms


def _proposed(agreement: Agreement, proposal: Proposal, actor: User | None, at: datetime) -> Terms:
    terms = _round(
        agreement, state="offered", regions=proposal.regions, currency=proposal.currency, starts=proposal.starts,
        ends=proposal.ends, at_list=proposal.at_list, note=proposal.note[:1000], created_at=at, created_by=actor,
    )  # fmt: skip
    TermsLine.objects.bulk_create(
        TermsLine(terms=terms, offering_id=pk, one_off=one_off, monthly=monthly)
        for pk, (one_off, monthly) in proposal.lines.items()
    )
    return terms


def _round(agreement: Agreement, **fields: Any) -> Terms:
    last = agreement.terms.aggregate(last=Max("number"))["last"] or 0
    return Terms.objects.create(agreement=agreement, number=last + 1, **fields)


def _check(agreement: Agreement, proposal: Proposal, at: datetime) -> None:
    """Refuse an offer that could not be ordered from. Raises NotPossible."""
    if not proposal.lines and not proposal.at_list:
        raise NotPossible("Give at least one product a monthly price, or offer everything at list price.")
    known = set(sold_by(agreement.operator).filter(pk__in=proposal.lines).values_list("pk", flat=True))
    if len(known) < len(proposal.lines):
        raise NotPossible("One of the products is not on sale any more. Load the page again.")
    if proposal.ends is not None and proposal.ends <= max(proposal.starts, at.date()):
        raise NotPossible("The last day lies before the first, or is past. Choose a later one.")


def _taken_beforehand(asked: Terms, proposal: Proposal, day: date) -> bool:
    """Whether the provider said yes beforehand: the list terms, the products and the regions that it asked for."""
    if asked.state != "asked" or not asked.at_list or proposal.ends is not None:
        return False
    if proposal.regions and set(proposal.regions) != set(asked.regions):
        return False
    wanted = set(asked.lines.values_list("offering_id", flat=True))
    if not proposal.at_list and (not wanted or not wanted <= proposal.lines.keys()):
        everything = set(sold_by(asked.agreement.operator).values_list("pk", flat=True))
        if not (wanted or everything) <= proposal.lines.keys():
            return False
    return not above_list(proposal.lines, proposal.currency, day)


def _close_open(row: Agreement, state: str, actor: User | None, at: datetime, why: str = "") -> None:
    row.terms.filter(state__in=Terms.OPEN).update(state=state, answered_at=at, answered_by=actor, answer=why[:1000])


def _stop_talks(row: Agreement, word: str, why: str, actor: User | None, at: datetime) -> None:
    """The open round is over: with it the talks, or only the wish for a change."""
    if row.state in Agreement.IN_TALKS:
        transition(row, word, at=at, actor=actor, why=why, waits_for="")
        return
    Agreement.objects.filter(pk=row.pk).update(waits_for="")
    verb = "declined other terms" if word == "declined" else "took back what was open"
    _told(row, f"agreement.change_{word}", verb, actor, at, why=why)


def _settle(row: Agreement, terms: Terms, actor: User | None, at: datetime, why: str = "") -> None:
    """Put accepted terms in force: prices from their day on, what held before until then. Raises NotPossible."""
    first = max(terms.starts or at.date(), at.date())
    Terms.objects.filter(pk=terms.pk).update(state="accepted", answered_at=at, answered_by=actor, starts=first)
    # A later set that was agreed before this one would undo it on its day.
    row.terms.filter(state="accepted", starts__gte=first).exclude(pk=terms.pk).update(state="replaced")
    terms.starts = first
    try:
        with transaction.atomic():
            _write_agreement(row, terms, actor, at, why)
    except IntegrityError as error:
        raise NotPossible("Another agreement with this operator holds in the same period. End it first.") from error
    _write_prices(row, terms)
    transaction.on_commit(lambda: wake("partners.reach.tasks.count_reach"), robust=True)


def _write_agreement(row: Agreement, terms: Terms, actor: User | None, at: datetime, why: str) -> None:
    values: dict[str, Any] = {"currency": terms.currency, "ends": terms.ends, "waits_for": ""}
    if row.state in Agreement.IN_TALKS:
        transition(row, "active", at=at, actor=actor, why=why, starts=terms.starts, **values)
        return
    Agreement.objects.filter(pk=row.pk).update(**values)
    _told(row, "agreement.change_accepted", "agreed to new terms", actor, at, starts=str(terms.starts))


def _write_prices(row: Agreement, terms: Terms) -> None:
    """Prices under the agreement change on the terms' first day; those that never came into force go."""
    first = terms.starts
    assert first is not None
    Price.objects.filter(agreement=row, starts__gte=first).delete()
    Price.objects.filter(Q(ends=None) | Q(ends__gt=first), agreement=row).update(ends=first)
    Price.objects.bulk_create(
        Price(offering_id=line.offering_id, agreement=row, one_off=line.one_off or 0, monthly=line.monthly or 0,
              currency=terms.currency, starts=first)
        for line in terms.lines.all()
    )  # fmt: skip


def _switch(agreement: Agreement, to: str, why: str, actor: User | None, at: datetime) -> Agreement:
    _either(actor, agreement)
    with transaction.atomic():
        row = Agreement.objects.select_for_update().get(pk=agreement.pk)
        if row.state not in Agreement.IN_BEING:
            raise NotPossible(f"The agreement is {row.get_state_display().lower()}: only one in being can be switched.")
        if row.state != to:
            transition(row, to, at=at, actor=actor, why=why, moved_at=at)
            transaction.on_commit(lambda: wake("partners.reach.tasks.count_reach"), robust=True)
    return row


def _finish(row: Agreement, today: date, why: str, actor: User | None, at: datetime) -> None:
    """End it today; one that never began keeps no period."""
    ends = today if row.starts is not None and today > row.starts else row.ends
    transition(row, "ended", at=at, actor=actor, why=why, ends=ends, waits_for="", moved_at=at)
    transaction.on_commit(lambda: wake("partners.reach.tasks.count_reach"), robust=True)


def _told(row: Agreement, name: str, verb: str, actor: User | None, at: datetime, **data: Any) -> None:
    """Audit and event of one act, in the caller's transaction."""
    subject = f"agreement:{row.pk}"
    data = {"operator_id": row.operator_id, **data}
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=row.organisation_id, **data)
    publish(name, subject, at=at, organisation_id=row.organisation_id, **data)
