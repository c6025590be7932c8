"""The list with its search, and candidates."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.tables import table_page
from ticketing.known_errors import actions, embedding
from ticketing.known_errors.forms import SearchForm
from ticketing.known_errors.models import Candidate, CandidateTicket
from ticketing.known_errors.queries import Asked, Suggestion, search, suggest
from ticketing.known_errors.scoring import POSSIBLE
from ticketing.known_errors.tables import CandidateTable, KnownErrorTable
from ticketing.known_errors.views.loading import records, rights, staff_only
from ticketing.known_errors.vocabulary import CANDIDATE_SIZE

FOUND = 12


@login_required
@require_safe
def known_errors(request: UserRequest) -> HttpResponseBase:
    """Which faults are known, and what helps?"""
    staff_only(request)
    rows = records(request)
    counts = rows.order_by().aggregate(
        waiting=Count("pk", filter=Q(state="waiting")), review=Count("pk", filter=~Q(review_reason=""))
    )
    context = {
        "title": "Known errors",
        "question": "Which faults are known, and what helps?",
        "counts": counts,
        "candidates": _shown(request).count(),
        "by_meaning": embedding.available(),
        **rights(request),
    }
    return table_page(request, KnownErrorTable, rows, "ticketing/known_errors/list.html", context)


@login_required
@require_safe
def found(request: UserRequest) -> HttpResponse:
    """What the words so far find: the part of the page that follows the typing."""
    staff_only(request)
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    organisation = request.user.acting.organisation  # type: ignore[union-attr]
    likely = [
        one for one in search(organisation=organisation, asked=Asked(text), everything=True) if one.score >= POSSIBLE
    ]
    return render(request, "ticketing/known_errors/found.html", {"found": likely[:FOUND], "text": text})


def _shown(request: UserRequest) -> Any:
    return Candidate.objects.visible_to(request.user).filter(state="open", size__gte=CANDIDATE_SIZE)


@login_required
@require_safe
def candidates(request: UserRequest) -> HttpResponseBase:
    """Which faults keep coming without a record?"""
    staff_only(request)
    context = {
        "title": "Candidates",
        "question": "Which faults keep coming without a record?",
        "smallest": CANDIDATE_SIZE,
    }
    return table_page(request, CandidateTable, _shown(request), "ticketing/known_errors/candidates.html", context)


def _candidate(request: UserRequest, pk: int) -> Candidate:
    staff_only(request)
    return get_object_or_404(Candidate.objects.visible_to(request.user).select_related("article"), pk=pk)


@login_required
@require_safe
def candidate(request: UserRequest, pk: int) -> HttpResponse:
    """What these tickets have in common."""
    row = _candidate(request, pk)
    members = CandidateTicket.objects.filter(candidate=row).select_related("ticket").order_by("-similarity", "pk")[:50]
    alike: list[Suggestion] = suggest(organisation=row.organisation, text=row.title, limit=3)
    context = {
        "title": row.title,
        "question": "What do these tickets have in common?",
        "candidate": row,
        "members": members,
        "alike": alike,
        "words": sorted(row.terms, key=lambda stem: -row.terms[stem])[:8],
        **rights(request),
    }
    return render(request, "ticketing/known_errors/candidate.html", context)


@login_required
@require_POST
def candidate_act(request: UserRequest, pk: int, word: str) -> HttpResponse:
    """Draft a record, or put the candidate aside."""
    row = _candidate(request, pk)
    permit(request.user, "knowledge.write")
    try:
        if word == "draft":
            article = actions.draft_from_candidate(candidate=row, actor=request.user, at=now())
            return redirect("known-error-edit", article.reference)
        actions.dismiss_candidate(candidate=row, actor=request.user, at=now(), why=request.POST.get("why", ""))
        messages.success(request, "Put aside. Tickets like these are gathered there and shown no more.")
    except (IllegalTransition, ValueError) as error:
        messages.error(request, str(error))
    return redirect("candidates")
