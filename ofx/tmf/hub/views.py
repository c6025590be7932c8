"""Pages about subscriptions: which callbacks take nothing, what was given up, send it again."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.tables import table_page
from ofx.tmf.hub import actions
from ofx.tmf.hub.catalogue import capability_of
from ofx.tmf.hub.models import Notification, Subscription
from ofx.tmf.hub.tables import NotificationTable, SubscriptionTable, look, subscription_rows


def _integrators_only(user: Any) -> None:
    """Raise PermissionDenied for customers and operators: these pages are not for them, not merely empty."""
    if user.acting is None or user.acting.organisation.kind not in {"service_provider", "exchange"}:
        raise PermissionDenied("Subscriptions belong to service providers and the exchange.")


@login_required
@require_GET
def subscription_list(request: UserRequest) -> HttpResponseBase:
    """Which systems do we tell of changes, and which of them take nothing?"""
    _integrators_only(request.user)
    question = "Which systems do we tell of changes, and which of them take nothing?"
    context = {"title": "Subscriptions", "question": question}
    return table_page(request, SubscriptionTable, subscription_rows(request.user), context=context)


@login_required
@require_GET
def subscription(request: UserRequest, pk: int) -> HttpResponseBase:
    """What was this callback told, and what waits for it?"""
    _integrators_only(request.user)
    row = get_object_or_404(subscription_rows(request.user), pk=pk)
    rows = Notification.objects.visible_to(request.user).filter(subscription=row).defer("body")
    context = {
        "title": "Subscription",
        "question": "What was this callback told, and what waits for it?",
        "subscription": row,
        "look": look(row),
        "may_write": may(request.user, capability_of(row.api)),
    }
    return table_page(request, NotificationTable, rows, "ofx/tmf/subscription.html", context)


@login_required
@require_POST
def subscription_resend(request: UserRequest, pk: int) -> HttpResponseRedirect:
    """Send what was given up, and what waits, again now."""
    row = get_object_or_404(Subscription.objects.visible_to(request.user), pk=pk)
    try:
        count = actions.resend(actor=request.user, subscription=row, at=now())
        messages.success(request, f"{count} on their way again.")
    except IllegalTransition as error:
        messages.error(request, f"{str(error).capitalize()}.")
    return redirect("tmf-subscription", pk=pk)


@login_required
@require_POST
def subscription_delete(request: UserRequest, pk: int) -> HttpResponseRedirect:
    """End it; what waits is not sent any more."""
    row = get_object_or_404(Subscription.objects.visible_to(request.user), pk=pk)
    actions.unsubscribe(actor=request.user, subscription=row, at=now())
    messages.success(request, f"{row.callback} is told nothing more.")
    return redirect("tmf-subscriptions")
