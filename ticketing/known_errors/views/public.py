"""What customers read: approved, public, in plain words."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ofx.core.request import UserRequest
from ticketing.known_errors.forms import SearchForm
from ticketing.known_errors.models import KnownError
from ticketing.known_errors.queries import Suggestion, suggest

SHOWN = 8


def _readers_only(request: UserRequest) -> Any:
    acting = request.user.acting
    if acting is None or acting.organisation.kind == "operator":
        raise PermissionDenied("These pages are for customers and their provider.")
    return acting.organisation


@login_required
@require_safe
def articles(request: UserRequest) -> HttpResponse:
    """What may help me?"""
    organisation = _readers_only(request)
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    found: list[Suggestion] = []
    shown: list[KnownError] = []
    if text:
        found = suggest(organisation=organisation, text=text, audience="public", limit=SHOWN)
    else:
        rows = KnownError.objects.visible_to(request.user).filter(state="approved", visibility="public")
        shown = list(rows.order_by("-tickets_linked", "customer_title")[:SHOWN])
    context = {"title": "Help articles", "text": text, "found": found, "articles": shown, "form": form}
    part = "ticketing/known_errors/public_found.html"
    whole = "ticketing/known_errors/public_list.html"
    return render(request, part if request.headers.get("HX-Request") else whole, context)


@login_required
@require_safe
def article(request: UserRequest, reference: str) -> HttpResponse:
    """What is this, and what can I do?"""
    _readers_only(request)
    rows = KnownError.objects.visible_to(request.user).filter(state="approved", visibility="public")
    row = get_object_or_404(rows, reference=reference)
    return render(request, "ticketing/known_errors/public.html", {"title": row.customer_title, "article": row})
