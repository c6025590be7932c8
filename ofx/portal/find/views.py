"""The global search box: suggestions as one types, and the page behind Enter."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from ofx.portal.find.queries import find


@login_required
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """Straight to the one thing that the text names exactly, else a list."""
    text = request.GET.get("q", "").replace("\x00", "")
    hits = find(request.user, text)
    exact = [hit for hit in hits if hit.exact]
    if len(exact) == 1 or len(hits) == 1:
        return redirect((exact or hits)[0].url)
    return render(request, "ofx/portal/find.html", {"title": "Find", "q": text, "hits": hits})


@login_required
@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """The list below the box."""
    text = request.GET.get("q", "").replace("\x00", "")
    return render(request, "ofx/portal/find_list.html", {"q": text, "hits": find(request.user, text)})
