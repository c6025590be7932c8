"""The public status page of a service provider: no sign-in, plain words, nothing that is not public."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from ofx.core.clock import now
from ofx.core.models import Organisation
from ticketing.outages.queries import status_rows

MOST = 50


@require_safe
@cache_control(public=True, max_age=30)
def status(request: HttpRequest, slug: str) -> HttpResponse:
    """Is there a known fault, and when does it end?"""
    provider = get_object_or_404(Organisation, kind="service_provider", slug=slug, active=True)
    found = {name: rows[:MOST] for name, rows in status_rows(provider, now()).items()}
    context = {
        "provider": provider,
        "title": f"Service status of {provider.name}",
        "question": "Is there a known fault, and when does it end?",
        "at": now(),
        **{name: rows.prefetch_related("keys") for name, rows in found.items()},
    }
    return render(request, "ticketing/outages/status.html", context)
