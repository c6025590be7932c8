"""What is due to a customer; which customers a provider has in the scheme."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from sla.compensation import queries
from sla.compensation.actions import set_cover
from sla.compensation.forms import CoverForm
from sla.compensation.models import CompensationCover, CompensationRate

SHOWN = 200


@login_required
@require_safe
def mine(request: UserRequest) -> HttpResponse:
    """What is due to me, and how was it counted?"""
    acting: Any = request.user.acting
    if acting is None or acting.organisation.kind != "customer":
        raise PermissionDenied("This page is for customers. Who of them is in the scheme stands under Compensation.")
    covered = queries.covered(acting.organisation)
    found = queries.cases(request.user, now()) if covered else []
    context = {
        "title": _("Compensation due to me"),
        "question": _("What is due to me, and how was it counted?"),
        "covered": covered,
        "cases": found,
        "total": queries.total(found),
        "provider": acting.organisation.provider,
    }
    return render(request, "sla/compensation/mine.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: UserRequest) -> HttpResponse:
    """Which of our customers are owed compensation by themselves, and at which rates?"""
    acting: Any = request.user.acting
    if acting is None or acting.organisation.kind != "service_provider":
        raise PermissionDenied("Which customers are in the scheme is for the service provider to say.")
    form = CoverForm(request.POST or None, organisation=acting.organisation)
    if request.method == "POST":
        permit(request.user, "compensation.write")
        if form.is_valid():
            said, covered = form.cleaned_data["customer"], form.cleaned_data["covered"] == "yes"
            set_cover(actor=request.user, at=now(), organisation=acting.organisation, customer=said, covered=covered)
            messages.success(request, f"{said or 'All customers that are not named'}: kept.")
            return redirect("compensation-terms")
    rows = CompensationCover.objects.visible_to(request.user).select_related("customer")
    context = {
        "title": "Compensation",
        "question": "Which of our customers are owed compensation by themselves, and at which rates?",
        "form": form,
        "may_write": may(request.user, "compensation.write"),
        "default": next((row for row in rows.filter(customer=None)), None),
        "exceptions": list(rows.exclude(customer=None).order_by("customer__name")[:SHOWN]),
        "events": CompensationRate.Event.labels,
        "years": _years(),
    }
    return render(request, "sla/compensation/terms.html", context, status=422 if form.errors else 200)


def _years() -> list[dict[str, Any]]:
    """The rates by the day from which they hold, the newest first: one amount an event, and where it was printed."""
    found: dict[Any, dict[str, Any]] = {}
    for row in CompensationRate.objects.order_by("-effective_from"):
        year = found.setdefault(row.effective_from, {"day": row.effective_from, "amounts": {}, "sources": {}})
        year["amounts"][row.event] = row.amount
        year["sources"][f"{row.source}, read {row.read_on:%-d %B %Y}"] = True
    for year in found.values():
        year["amounts"] = [year["amounts"].get(event) for event in CompensationRate.Event.values]
        year["sources"] = list(year["sources"])
    return list(found.values())
