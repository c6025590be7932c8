"""Report a problem: which connection, what is wrong, and into the guide. Works without scripts."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.orders.models import ServiceRecord
from ticketing.guides import actions
from ticketing.guides.models import Guide
from ticketing.guides.queries import COMPLAINTS, complaints, guide_for, resumable

MOST = 50


def _acting(request: UserRequest) -> Any:
    """The membership of a customer. Others are told where they report faults."""
    acting = request.user.acting
    if acting is None or acting.organisation.kind != "customer":
        raise PermissionDenied("These pages are for customers. Staff open a ticket for their customer instead.")
    return acting


@login_required
@require_safe
def start(request: UserRequest) -> HttpResponse:
    """Which of my connections is it about?"""
    _acting(request)
    rows = ServiceRecord.objects.visible_to(request.user).filter(state="active").exclude(offering__kind="device")
    services = list(rows.select_related("offering").order_by("place_text", "pk")[:MOST])
    context = {
        "title": "Get help",
        "question": "Which connection is it about?",
        "services": services,
        "runs": resumable(request.user)[:3],
    }
    return render(request, "ticketing/guides/help.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def what(request: UserRequest) -> HttpResponse:
    """What is wrong? The answer leads into the guide, whose first step looks for an outage (R17)."""
    acting = _acting(request)
    service = _service(request)
    given = request.POST if request.method == "POST" else request.GET
    fault_class, words = given.get("fault_class", ""), given.get("words", "")
    error = ""
    if request.method == "POST":
        permit(request.user, "ticket.report")
        guide = _guide(acting, fault_class)
        if guide is not None:
            run = actions.start(
                guide=guide,
                actor=request.user,
                at=now(),
                organisation=acting.organisation.provider,
                customer=acting.organisation,
                service=service,
                words=words.replace("\x00", "")[:500],
                fault_class=fault_class,
            )
            return redirect("help-run", token=run.token)
        error = "Choose what is wrong, so that we can help."
    context = {
        "title": "What is wrong?",
        "service": service,
        "complaints": complaints(service),
        "words": words,
        "error": error,
    }
    return render(request, "ticketing/guides/what.html", context, status=422 if error else 200)


def _guide(acting: Any, fault_class: str) -> Guide | None:
    if fault_class not in COMPLAINTS:
        return None
    return guide_for(fault_class=fault_class, organisation=acting.organisation.provider)


def _service(request: UserRequest) -> ServiceRecord | None:
    """The connection that the address names, through the scoped door; none for something else."""
    reference = request.GET.get("service", "")
    if not reference:
        return None
    rows = ServiceRecord.objects.visible_to(request.user).select_related("offering", "operator", "customer", "item")
    return get_object_or_404(rows, reference=reference.replace("\x00", ""))
