"""Alerts, the bell that counts them, and the watch button."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ofx.core.alerts import actions, queries
from ofx.core.alerts.models import Alert
from ofx.core.alerts.subjects import seen
from ofx.core.alerts.tables import AlertTable
from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.ui.tables import table_page


@login_required
@require_safe
def alerts(request: UserRequest) -> HttpResponseBase:
    """What was I told?"""
    context = {
        "title": "Alerts",
        "question": "What happened to the things that I own or watch?",
        "unread": queries.unread(request.user),
    }
    return table_page(request, AlertTable, Alert.objects.visible_to(request.user), "core/alerts.html", context)


@login_required
@require_safe
@never_cache
def bell(request: UserRequest) -> HttpResponse:
    """The bell in the top bar with the number of unread alerts."""
    return render(request, "components/bell.html", {"unread": queries.unread(request.user)})


@login_required
@require_safe
def follow(request: UserRequest, pk: int) -> HttpResponse:
    """Mark an alert as read and go where it leads. A GET that writes: reading is what it records."""
    alert = get_object_or_404(Alert.objects.visible_to(request.user), pk=pk)
    actions.read(actor=request.user, alert=alert, at=now())
    return redirect(alert.url)


@login_required
@require_POST
def read_all(request: UserRequest) -> HttpResponse:
    """Mark every alert as read."""
    count = actions.read(actor=request.user, at=now())
    messages.info(request, f"{count} marked as read." if count else "Nothing was unread.")
    return redirect("alerts")


@login_required
@require_POST
def watch(request: UserRequest) -> HttpResponse:
    """Watch a thing that I may see, or watch it no more (`on` empty)."""
    found = seen(request.user, [request.POST.get("subject", "")])
    if not found:
        raise Http404("There is no such thing to watch.")
    if request.POST.get("on"):
        actions.watch(actor=request.user, thing=found[0], at=now())
        messages.success(request, f"You watch {found[0].label}: you are told when something happens to it.")
    else:
        actions.unwatch(actor=request.user, subject=found[0].subject, at=now())
        messages.info(request, f"You watch {found[0].label} no more.")
    return redirect(_next(request, found[0].url))


def _next(request: Any, fallback: str) -> str:
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else fallback
