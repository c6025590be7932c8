"""How every view finds its ticket: through the scoped door, else 404; and how an act is answered."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ticketing.tickets.models import Ticket

STAFF = ("service_provider", "exchange")
REFUSALS = (IllegalTransition, ValueError)
WANTED = ("customer", "organisation", "operator", "assigned_to", "service__offering", "service__operator", "order",
          "merged_into", "reported_by")  # fmt: skip


def staff_only(request: HttpRequest) -> None:
    """Raise PermissionDenied for operators and customers: their pages are the portal's."""
    acting: Any = getattr(request.user, "acting", None)
    if acting is None or acting.organisation.kind not in STAFF:
        raise PermissionDenied("These pages are for the service provider's staff. Yours are on your home page.")


def ticket_of(request: HttpRequest, reference: str) -> Ticket:
    """The ticket, if the user may see it as staff: else 404 (or 403 for its customer, who has pages of their own)."""
    row = get_object_or_404(Ticket.objects.visible_to(request.user).select_related(*WANTED), reference=reference)
    staff_only(request)
    return row


def writable(request: HttpRequest, reference: str, capability: str = "ticket.write") -> Ticket:
    """The ticket, if the user may see it (else 404) and holds the capability (else 403)."""
    ticket = ticket_of(request, reference)
    permit(request.user, capability)
    return ticket


def problems_of(error: Exception) -> dict[str, str]:
    """Field → what to do, where a refusal names its fields."""
    found = getattr(error, "problems", None)
    return found if isinstance(found, dict) else {}


def refusal(error: Exception) -> str:
    """Why an action refused, in a sentence."""
    return " ".join(problems_of(error).values()) or str(error)


def blame(form: forms.Form, error: Exception) -> None:
    """Put why an action refused at the field that it names, else above the form."""
    named = problems_of(error)
    for field, text in named.items():
        form.add_error(field if field in form.fields else None, text)
    if not named:
        form.add_error(None, str(error))


def done(request: UserRequest, ticket: Ticket, text: str = "", error: Exception | None = None) -> HttpResponse:
    """Back to the ticket with a word about it."""
    if error is not None:
        messages.error(request, refusal(error))
    elif text:
        messages.success(request, text)
    return redirect(ticket)


def act(request: UserRequest, ticket: Ticket, text: str, action: Any, /, **values: Any) -> HttpResponse:
    """Call one action; its refusal becomes a message."""
    try:
        action(actor=request.user, at=now(), **values)
    except REFUSALS as error:
        return done(request, ticket, error=error)
    return done(request, ticket, text)


def ask(request: UserRequest, ticket: Ticket, form: forms.Form, action: Any, text: str, **context: Any) -> HttpResponse:
    """A small form page of its own (also shown in the side panel), then one action with the form's values."""
    template = context.pop("template", "ticketing/tickets/ask.html")
    values = context.pop("values", {})
    if request.method == "POST" and form.is_valid():
        try:
            action(actor=request.user, at=now(), **values, **form.cleaned_data)
        except REFUSALS as error:
            blame(form, error)
        else:
            return done(request, ticket, text)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"ticket": ticket, "form": form, **context}, status=status)
