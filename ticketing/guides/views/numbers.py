"""Deflection: what the guides really solve."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ticketing.guides import deflection as figures
from ticketing.guides.models import GuideRun
from ticketing.guides.views.editor import staff_only

PERIODS = (28, 91, 365)


@login_required
@require_safe
def deflection(request: UserRequest) -> HttpResponse:
    """How many faults do people solve by themselves, confirmed?"""
    staff_only(request)
    given = request.GET.get("days", "")
    days = int(given) if given in {str(one) for one in PERIODS} else PERIODS[1]
    at = now()
    since = at - timedelta(days=days)
    runs = GuideRun.objects.visible_to(request.user).counted().filter(offered_at__gte=since, simulated=False)
    weeks = figures.by_week(runs)
    context = {
        "title": "Deflection",
        "question": "How many faults do people solve by themselves, confirmed?",
        "days": days,
        "periods": PERIODS,
        "all": figures.overall(runs),
        "guides": figures.by_guide(runs),
        "weeks": weeks,
        "articles": figures.by_article(runs)[:20],
        "effort": figures.effort(runs),
        "chart": figures.chart(figures.every_week(weeks, since, at)),
        "definition": figures.DEFINITION,
        "claim": figures.CLAIM,
        "published": figures.PUBLISHED,
    }
    return render(request, "ticketing/guides/deflection.html", context)
