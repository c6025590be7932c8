"""The order board."""

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.orders.board import board as read_board
from ofx.orders.views.lists import staff_only
from partners.models import Agreement, Offering, Operator


def orderable(request: UserRequest) -> QuerySet[Operator]:
    """Operators that the tenant has, or had, an agreement with, and its own networks."""
    rows = Operator.objects.visible_to(request.user)
    acting = request.user.acting
    if acting is None or acting.organisation.kind != "service_provider":
        return rows.filter(pk__in=Agreement.objects.values("operator"))
    agreed = Agreement.objects.filter(organisation=acting.organisation_id).values("operator")
    return rows.filter(Q(pk__in=agreed) | Q(on_net_of=acting.organisation_id))


@login_required
@require_safe
def board(request: UserRequest) -> HttpResponse:
    """What is stuck, on whom, since when, and what commits or slips today?"""
    staff_only(request)
    at = now()
    code, kind = request.GET.get("operator", "")[:40], request.GET.get("kind", "")
    operators = list(orderable(request)[:200])
    chosen = get_object_or_404(Operator.objects.visible_to(request.user), code=code) if code else None
    kind = kind if kind in Offering.Kind.values else ""
    today = timezone.localdate(at)
    context = {
        "title": "Order board",
        "question": "What is stuck, on whom, since when, and what commits or slips today?",
        "board": read_board(request.user, at, today, operator=chosen.pk if chosen else None, kind=kind),
        "operators": operators,
        "kinds": Offering.Kind.choices,
        "operator": code if chosen else "",
        "kind": kind,
        "today": today,
        "at": at,
    }
    part = request.headers.get("HX-Target") == "board"
    return render(request, "ofx/orders/board_live.html" if part else "ofx/orders/board.html", context)
