"""Lists: outages, proposals, receipts; declaring and reporting one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.core.ui.tables import table_page
from ofx.orders.views.lists import staff_only
from ticketing.outages import actions
from ticketing.outages.forms import DeclareForm, ReportForm, operators_of
from ticketing.outages.keys import ScopeInvalid
from ticketing.outages.models import MaintenanceNotice, Outage, OutageReceipt
from ticketing.outages.tables import OutageTable, ReceiptTable
from ticketing.outages.views.loading import outage_of, provider_of

MOST_PROPOSALS = 25


@login_required
@require_safe
def outages(request: UserRequest) -> HttpResponseBase:
    """What is out, since when, until when?"""
    staff_only(request)
    rows = Outage.objects.visible_to(request.user).select_related("operator")
    waiting = rows.filter(state="candidate")[:MOST_PROPOSALS]
    context = {
        "title": "Outages",
        "question": "What is out, since when, and until when?",
        "may_write": may(request.user, "outage.write"),
        "waiting": len(waiting),
        "notices": MaintenanceNotice.objects.visible_to(request.user).filter(state="waiting").count(),
        "slug": request.user.acting.organisation.slug if request.user.acting else "",
    }
    return table_page(request, OutageTable, rows, "ticketing/outages/list.html", context)


@login_required
@require_safe
def proposals(request: UserRequest) -> HttpResponse:
    """Which suspicions wait for a decision, and on what evidence?"""
    staff_only(request)
    rows = Outage.objects.visible_to(request.user).filter(state="candidate").select_related("operator", "organisation")
    found = list(rows.prefetch_related("keys").order_by("-created_at", "-pk")[:MOST_PROPOSALS])
    context = {
        "title": "Proposed outages",
        "question": "Is this one outage, or chance?",
        "proposals": found,
        "may_write": may(request.user, "outage.write"),
    }
    return render(request, "ticketing/outages/proposals.html", context)


@login_required
def declare(request: UserRequest) -> HttpResponse:
    """Say that there is an outage."""
    permit(request.user, "outage.write")
    organisation = provider_of(request)
    form, status = DeclareForm(operators=operators_of(organisation), initial=_initial(request)), 200
    if request.method == "POST":
        form, status = DeclareForm(request.POST, operators=operators_of(organisation)), 422
        if form.is_valid():
            values: dict[str, Any] = form.values()
            try:
                row = actions.declare(actor=request.user, at=now(), organisation=organisation, **values)
            except ScopeInvalid as error:
                form.blame(error.problems)
            else:
                messages.success(request, "Declared. Who is affected is being found and told.")
                return redirect(row)
    context = {"form": form, "title": "Declare an outage", "question": "What is out, and who must be told?"}
    return render(request, "ticketing/outages/declare.html", context, status=status)


def _initial(request: UserRequest) -> dict[str, str]:
    wanted = ("title", "sectors", "postcodes")
    return {name: request.GET[name].replace("\x00", "")[:160] for name in wanted if name in request.GET}


@login_required
def report(request: UserRequest) -> HttpResponse:
    """A customer's administrator reports that many are down."""
    permit(request.user, "outage.report")
    acting = request.user.acting
    if acting is None or acting.organisation.kind != "customer":
        raise PermissionDenied("This page is for your customers. Declare an outage on the page of outages.")
    form, status = ReportForm(), 200
    if request.method == "POST":
        form, status = ReportForm(request.POST), 422
        if form.is_valid():
            try:
                actions.report(
                    actor=request.user, at=now(), organisation=provider_of(request), customer=acting.organisation,
                    title=form.cleaned_data["title"], text=form.cleaned_data["text"], keys=form.keys(),
                )  # fmt: skip
            except ScopeInvalid as error:
                form.add_error("postcodes", str(error))
            else:
                messages.success(request, "Thank you. We are looking at it and write to you.")
                return redirect("home")
    context = {"form": form, "title": "Report an outage", "question": "What is wrong, and where?"}
    return render(request, "ticketing/outages/report.html", context, status=status)


@login_required
@require_safe
def receipts(request: UserRequest, reference: str) -> HttpResponseBase:
    """Who was told of what, how, and did it arrive?"""
    outage = outage_of(request, reference)
    staff_only(request)
    rows = OutageReceipt.objects.filter(update__outage=outage).select_related("update", "customer")
    context = {
        "title": f"Told of {outage.reference}",
        "question": "Who was told of what, how, and did it arrive?",
        "outage": outage,
    }
    return table_page(request, ReceiptTable, rows, "ticketing/outages/receipts.html", context)
