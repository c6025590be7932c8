"""Complaints: the customer's pages and the provider's list."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.tables import table_page
from ofx.portal.customer import actions
from ofx.portal.customer.door import complaint_or_404, customer_only
from ofx.portal.customer.forms import AnswerComplaintForm, ComplaintForm, FurtherForm
from ofx.portal.customer.queries import complaints_of
from ofx.portal.customer.road import said_when
from ofx.portal.customer.tables import ComplaintTable, MyComplaintTable
from ticketing.models import Complaint, Ticket
from ticketing.tickets.views.loading import blame

LATEST = 30  # faults that a complaint may name


@login_required
@require_safe
def complaints(request: UserRequest) -> HttpResponseBase:
    """Who is not content with us, and by when do we owe an answer?"""
    kind = request.user.acting.organisation.kind if request.user.acting else ""
    if kind == "operator" or not kind:
        raise PermissionDenied("Complaints are between a provider and its customers.")
    mine = kind == "customer"
    context = {
        "title": _("Complaints"),
        "question": _("What did we complain about, and by when is the answer due?") if mine else
        "Who is not content with us, and by when do we owe an answer?",
        "mine": mine,
    }  # fmt: skip
    table = MyComplaintTable if mine else ComplaintTable
    return table_page(request, table, complaints_of(request.user), "ofx/customer/complaints.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: UserRequest) -> HttpResponse:
    """What went wrong, and what would put it right?"""
    acting = customer_only(request)
    permit(request.user, "ticket.report")
    tickets = Ticket.objects.visible_to(request.user).order_by("-created_at", "-pk")
    numbers = list(tickets.values_list("pk", flat=True)[:LATEST])
    chosen = {"ticket": request.GET.get("fault", "")[:20]}
    form = ComplaintForm(
        request.POST if request.method == "POST" else None, initial=chosen, tickets=tickets.filter(pk__in=numbers)
    )
    if form.is_bound and form.is_valid():
        made = actions.make_complaint(actor=request.user, at=now(), **form.cleaned_data)
        messages.success(request, _("We have your complaint."))
        return redirect(made)
    context = {
        "title": _("Make a complaint"),
        "question": _("What went wrong, and what would put it right?"),
        "form": form,
        "due": said_when(actions.answer_by(customer=acting.organisation, at=now())).rpartition(",")[0],
        "provider": acting.organisation.provider,
    }
    return render(request, "ofx/customer/complaint_new.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def complaint(request: UserRequest, reference: str) -> HttpResponse:
    """When is it answered, and what next?"""
    return _page(request, complaint_or_404(request, reference))


def _page(request: UserRequest, row: Complaint, form: forms.Form | None = None) -> HttpResponse:
    mine = bool(request.user.acting and request.user.acting.organisation.kind == "customer")
    context: dict[str, Any] = {
        "title": row.reference,
        "question": _("When is it answered, and what next?"),
        "row": row,
        "at": now(),
        "due": said_when(row.answer_by).rpartition(",")[0],
        "may_answer": not mine and may(request.user, "ticket.write") and row.state in ("received", "escalated"),
        "may_close": not mine and may(request.user, "ticket.write") and row.state == "answered",
        "form": form or (FurtherForm() if mine else AnswerComplaintForm()),
        "wrong": bool(form and form.errors),
    }
    template = "ofx/customer/complaint.html" if mine else "ofx/customer/complaint_staff.html"
    return render(request, template, context, status=422 if form and form.errors else 200)


@login_required
@require_POST
def act(request: UserRequest, reference: str, word: str) -> HttpResponse:
    """Answer it (staff), take it further (the customer), or close it."""
    row = complaint_or_404(request, reference)
    mine = bool(request.user.acting and request.user.acting.organisation.kind == "customer")
    permit(request.user, "ticket.report" if mine and word != "answer" else "ticket.write")
    if word == "further" and not mine:
        raise PermissionDenied("Only the customer takes a complaint further.")
    form: forms.Form = {"answer": AnswerComplaintForm, "further": FurtherForm}.get(word, forms.Form)(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    action, text = {
        "answer": (actions.answer_complaint, "The customer reads your answer now."),
        "further": (actions.take_further, _("A manager looks at it now.")),
        "close": (actions.close_complaint, _("The complaint is closed.")),
    }[word]
    try:
        action(complaint=row, actor=request.user, at=now(), **form.cleaned_data)  # type: ignore[operator]
    except IllegalTransition:
        messages.error(request, _("That is not possible any more: see below how it stands."))
    except ValueError as error:
        blame(form, error)
        return _page(request, row, form)
    else:
        messages.success(request, text)
    return redirect(row)
