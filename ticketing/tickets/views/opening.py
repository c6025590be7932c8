"""Who is calling, and the new ticket that follows from it."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.orders.models import ServiceRecord
from ticketing.tickets import actions
from ticketing.tickets.desk_lookup import look_up
from ticketing.tickets.desk_page import duplicates
from ticketing.tickets.forms import NewTicketForm
from ticketing.tickets.models import Ticket
from ticketing.tickets.views.loading import REFUSALS, blame, staff_only


@login_required
@require_safe
def lookup(request: UserRequest) -> HttpResponse:
    """Who is calling, about which service, and what is open there?"""
    staff_only(request)
    permit(request.user, "ticket.report")
    text = request.GET.get("q", "").strip()[:100]
    context = {
        "title": "Who is calling?",
        "question": "Who is calling, about which service, and what is open there?",
        "q": text,
        "callers": look_up(request.user, text),
        "may_write": may(request.user, "ticket.report"),
    }
    part = request.headers.get("HX-Target") == "callers"
    return render(request, f"ticketing/tickets/{'callers' if part else 'lookup'}.html", context)


def _about(request: UserRequest) -> tuple[Organisation | None, ServiceRecord | None]:
    """Whom and what the ticket is about, by the address; both through the scoped door."""
    given = request.POST if request.method == "POST" else request.GET
    customer = service = None
    if given.get("service"):
        rows = ServiceRecord.objects.visible_to(request.user).select_related(
            "customer", "operator", "offering", "organisation"
        )
        service = get_object_or_404(rows, reference=given["service"][:20])
        customer = service.customer
    elif given.get("customer"):
        rows_of = Organisation.objects.visible_to(request.user).filter(kind="customer")
        customer = get_object_or_404(rows_of, slug=given["customer"][:60])
    return customer, service


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: UserRequest) -> HttpResponse:
    """What is wrong, for whom, and who takes it?"""
    staff_only(request)
    permit(request.user, "ticket.report")
    customer, service = _about(request)
    form = NewTicketForm(request.POST if request.method == "POST" else None, initial=_initial(request, service))
    if request.method == "POST" and form.is_valid():
        ticket = _open(request, form, customer, service)
        if ticket is not None:
            messages.success(request, f"{ticket.reference} is open.")
            return redirect(ticket)
    context = {
        "title": "New ticket",
        "question": "What is wrong, for whom, and who takes it?",
        "form": form,
        "customer": customer,
        "service": service,
        "once": uuid4().hex,
        "duplicates": duplicates(service.pk, service.organisation_id) if service else [],
        "may_take": may(request.user, "ticket.write"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "ticketing/tickets/new.html", context, status=status)


def _initial(request: UserRequest, service: ServiceRecord | None) -> dict[str, Any]:
    """What the look-up knows of the caller; the place of the service."""
    initial: dict[str, Any] = {
        f"contact_{name}": request.GET.get(name, "")[:120] for name in ("name", "phone", "email")
    }
    if service:
        initial |= {"postcode": service.postcode, "place_text": service.place_text, "impact": "down"}
    return initial


def _open(
    request: UserRequest, form: NewTicketForm, customer: Organisation | None, service: ServiceRecord | None
) -> Ticket | None:
    """Open it, and take it where that was ticked; None where the form must be shown again with the reason."""
    acting: Any = request.user.acting
    try:
        ticket = actions.open_ticket(
            actor=request.user,
            at=now(),
            organisation=acting.organisation,
            customer=customer,
            service=service,
            idempotency_key=request.POST.get("once", "")[:80],
            **form.opened(),
        )
        if form.cleaned_data["take"] and may(request.user, "ticket.write") and ticket.assigned_to_id is None:
            actions.take(ticket=ticket, actor=request.user, at=now())
    except PermissionDenied:
        raise
    except REFUSALS as error:
        blame(form, error)
        return None
    return ticket
