"""Candidates: resolved tickets without a record, gathered by the worker; drafted or dismissed by people."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from ofx.core.audit.actions import record
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.core.transitions import transition
from partners.models import Operator
from ticketing.known_errors import clustering, embedding
from ticketing.known_errors.actions.evidence import link_ticket
from ticketing.known_errors.actions.writing import draft_from_ticket
from ticketing.known_errors.models import Candidate, CandidateTicket, KnownError, KnownErrorTicket
from ticketing.known_errors.vocabulary import EMBEDDING_SIZE, CandidateState
from ticketing.tickets.models import ServiceTest, Ticket

LOOK_BACK = timedelta(days=180)  # older tickets tell of a network that has changed
SAMPLE = 4000  # tickets whose words say what everybody says
BATCH = 100
SAYS_NOTHING = "Its tickets say too little to resemble anything."  # why a tenant's pile of those is not shown


def unexplained(at: datetime) -> QuerySet[Ticket]:
    """Resolved tickets that no record and no candidate explains yet."""
    linked = KnownErrorTicket.objects.filter(ticket=OuterRef("pk"))
    gathered = CandidateTicket.objects.filter(ticket=OuterRef("pk"))
    rows = Ticket.objects.filter(state__in=("resolved", "closed"), resolved_at__gte=at - LOOK_BACK, merged_into=None)
    return rows.filter(~Exists(linked), ~Exists(gathered))


def gather(*, at: datetime, limit: int = BATCH) -> int:
    """Put each unexplained ticket to the candidate that it resembles, or to a new one. Returns how many."""
    rows = unexplained(at).order_by("resolved_at", "pk").select_related("organisation")
    done = 0
    for owner in Organisation.objects.filter(pk__in=unexplained(at).values("organisation_id").distinct()[:20]):
        tickets = list(rows.filter(organisation=owner)[: limit - done])
        if tickets:
            _gather(owner, tickets, at)
            done += len(tickets)
        if done >= limit:
            break
    return done


def _names(owner: Organisation) -> set[str]:
    """Words of the names of the provider and the operators: they say nothing of a fault."""
    names = [owner.name, *Operator.objects.values_list("name", flat=True)[:2000]]
    return {word for name in names for word in clustering.WORD.findall(name.lower()) if len(word) > 3}


def story(ticket: Ticket) -> str:
    """What a ticket says of its symptom, in people's words."""
    return f"{ticket.title} {ticket.description[:300]}".strip()


def _gather(owner: Organisation, tickets: list[Ticket], at: datetime) -> None:
    known = Ticket.objects.filter(organisation=owner, created_at__gte=at - 2 * LOOK_BACK).order_by("-created_at")
    texts = [f"{title} {text[:300]}".strip() for title, text in known.values_list("title", "description")[:SAMPLE]]
    stems, everybody = clustering.common(texts)
    everybody |= _names(owner)
    told = [story(ticket) for ticket in tickets]
    means = embedding.embed([clustering.core(text, everybody) for text in told]) if embedding.available() else None
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=owner.pk)
        known_rows = Candidate.objects.filter(organisation=owner).exclude(why=SAYS_NOTHING)
        open_rows = list(known_rows.exclude(state=CandidateState.DRAFTED))
        clusters = clustering.Clusters(_as_cluster(row, means is not None) for row in open_rows)
        for number, ticket in enumerate(tickets):
            if not clustering.telling(told[number], everybody):
                _put_by(owner, ticket, at)
                continue
            weights = clustering.terms(told[number], everybody, stems, len(texts))
            meaning, words = clustering.balanced(means[number] if means is not None else None, weights)
            row = clustering.row_of(meaning, words)
            place, alike = clusters.place(row, _sharing_a_code(ticket, open_rows))
            if place == len(open_rows):
                open_rows.append(_new(owner, ticket))
            _add(open_rows[place], ticket, meaning, words, alike, at)
        _merge(open_rows, clusters)


def _as_cluster(row: Candidate, meaning: bool) -> clustering.Cluster:
    size = max(row.size, 1)
    words = {stem: weight / size for stem, weight in row.terms.items()}
    centre = np.array(row.centre, np.float32) if row.centre else np.zeros(EMBEDDING_SIZE, np.float32)
    mean = clustering.row_of(centre if meaning else None, words)
    return clustering.Cluster(mean * size, size)


def codes_of(ticket: Ticket) -> list[str]:
    """Codes of the ticket's tests and its closure."""
    tests = ServiceTest.objects.filter(ticket=ticket, state="completed").exclude(code="").values_list("code", flat=True)
    return sorted({code.upper() for code in (*tests, ticket.clear_code) if code})


def _sharing_a_code(ticket: Ticket, rows: list[Candidate]) -> list[int]:
    """Numbers of the candidates that know a code of the ticket."""
    mine = codes_of(ticket)
    return [number for number, row in enumerate(rows) if any(code in row.codes for code in mine)]


def _new(owner: Organisation, ticket: Ticket) -> Candidate:
    seen = ticket.created_at
    return Candidate.objects.create(organisation=owner, title=ticket.title[:200], first_seen=seen, last_seen=seen)


def _put_by(owner: Organisation, ticket: Ticket, at: datetime) -> None:
    """To the tenant's one pile of tickets that say nothing: kept like a dismissed candidate, shown to nobody."""
    pile = Candidate.objects.filter(organisation=owner, why=SAYS_NOTHING).first()
    if pile is None:
        pile = _new(owner, ticket)
        pile.title, pile.state, pile.why = "Tickets that say too little", CandidateState.DISMISSED, SAYS_NOTHING
    _add(pile, ticket, None, {}, 0.0, at)


def _add(row: Candidate, ticket: Ticket, meaning: Any, words: dict[str, float], alike: float, at: datetime) -> None:
    _, fresh = CandidateTicket.objects.get_or_create(
        ticket=ticket, defaults={"candidate": row, "similarity": min(alike, 1.0), "at": at}
    )
    if not fresh:
        return
    if meaning is not None:
        before = np.array(row.centre, np.float32) * row.size if row.centre else np.zeros(EMBEDDING_SIZE, np.float32)
        row.centre = ((before + meaning) / (row.size + 1)).tolist()
    row.terms = dict((Counter(row.terms) + Counter(words)).most_common(80))
    row.codes = dict(Counter(row.codes) + Counter(codes_of(ticket)))
    row.size += 1
    row.first_seen, row.last_seen = min(row.first_seen, ticket.created_at), max(row.last_seen, ticket.created_at)
    row.save()


def _merge(rows: list[Candidate], clusters: clustering.Clusters) -> None:
    """Candidates that turned out to be one."""
    for number, goes in enumerate(clusters.merged()):
        if goes == number or rows[number].state != CandidateState.OPEN or rows[goes].state != CandidateState.OPEN:
            continue
        into, gone = rows[goes], rows[number]
        CandidateTicket.objects.filter(candidate=gone).update(candidate=into)
        size = into.size + gone.size
        if into.centre and gone.centre:
            sums = np.array(into.centre) * into.size + np.array(gone.centre) * gone.size
            into.centre = (sums / size).tolist()
        into.terms = dict((Counter(into.terms) + Counter(gone.terms)).most_common(80))
        into.codes, into.size = dict(Counter(into.codes) + Counter(gone.codes)), size
        into.first_seen = min(into.first_seen, gone.first_seen)
        into.last_seen = max(into.last_seen, gone.last_seen)
        into.save()
        gone.delete()


def draft_from_candidate(*, candidate: Candidate, actor: User | None, at: datetime) -> KnownError:
    """A draft from its most telling ticket (the one with the longest fix); all its tickets are linked."""
    permit(actor, "knowledge.write")
    with transaction.atomic():
        row = Candidate.objects.select_for_update().get(pk=candidate.pk)
        if row.article is not None:
            return row.article
        members = CandidateTicket.objects.filter(candidate=row).select_related(
            "ticket__organisation", "ticket__operator"
        )
        tickets = [member.ticket for member in members]
        if not tickets:
            raise ValueError("No ticket is left in this candidate: dismiss it.")
        article = draft_from_ticket(ticket=max(tickets, key=lambda ticket: len(ticket.fix)), actor=actor, at=at)
        for ticket in tickets:
            link_ticket(article=article, ticket=ticket, actor=actor, at=at)
        transition(row, CandidateState.DRAFTED, at=at, actor=actor, article=article)
    candidate.refresh_from_db()
    return article


def dismiss_candidate(*, candidate: Candidate, actor: User | None, at: datetime, why: str = "") -> None:
    """Not a known error; later tickets like it are gathered here and shown no more."""
    permit(actor, "knowledge.write")
    transition(candidate, CandidateState.DISMISSED, at=at, actor=actor, why=why[:300])
    Candidate.objects.filter(pk=candidate.pk).update(why=why[:300])


def remove_from_candidate(*, candidate: Candidate, ticket: Ticket, actor: User | None, at: datetime) -> None:
    """This ticket tells of something else: it gets a candidate of its own."""
    permit(actor, "knowledge.write")
    with transaction.atomic():
        row = Candidate.objects.select_for_update().get(pk=candidate.pk)
        member = CandidateTicket.objects.filter(candidate=row, ticket=ticket).first()
        if member is None or row.size < 2:
            return
        member.candidate = _new(row.organisation, ticket)
        member.save(update_fields=["candidate"])
        Candidate.objects.filter(pk=member.candidate.pk).update(size=1)
        Candidate.objects.filter(pk=row.pk).update(size=row.size - 1)
        subject, verb = f"candidate:{row.pk}", f"took {ticket.reference} out"
        record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=row.organisation_id)


def with_tickets(rows: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """Candidates with their tickets, two queries however many."""
    members = CandidateTicket.objects.select_related("ticket").order_by("-similarity")
    return rows.prefetch_related(Prefetch("members", members))
