"""The first page after signing in, per kind of organisation."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from ofx.core import clock
from ofx.core.request import UserRequest
from ofx.portal.customer.queries import home as customer_home
from ofx.portal.home import faults, queries

OVERSEERS = ("admin", "governance", "finance", "read_only")  # who is shown how partners deliver, beside the desk's work


@login_required
def home(request: UserRequest) -> HttpResponse:
    """What needs me now?"""
    acting = request.user.acting
    if acting is None:
        return render(request, "ofx/portal/home_nobody.html", {"title": "Welcome"}, status=403)
    now = clock.now()
    today = timezone.localdate(now)
    kind = acting.organisation.kind
    template = f"home_{kind}"
    if kind == "service_provider" and acting.role == "fault_desk":
        template = "home_fault_desk"
        context: dict[str, Any] = {"title": "Today", **faults.desk_home(request.user, now)}
    elif kind == "service_provider":
        context = {
            "title": "Today",
            **queries.provider_board(request.user, now, today),
            **queries.figures(request.user, today),
            "news": queries.latest_news(request.user, now),
            "performance": queries.performance(request.user) if acting.role in OVERSEERS else [],
            "role": acting.role,
            **(faults.desk_home(request.user, now) if acting.role in faults.DESK else {}),
        }
    elif kind == "operator":
        return redirect("partner-faults" if acting.role == "assurance" else "partner-home")
    elif kind == "customer":
        numbers = faults.customer_figures(request.user) if acting.role == "admin" else []
        context = {"title": "Hello", "numbers": numbers, **customer_home(request.user, now)}
    else:
        context = {"title": "The exchange", **queries.exchange_state(request.user, now)}
    return render(request, f"ofx/portal/{template}.html", {"today": today, "now": now, **context})
