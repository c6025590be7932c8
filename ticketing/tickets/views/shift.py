"""The shift's hand-over, and the minutes that faults cost."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ticketing.tickets.actions.desk_minutes import count_time
from ticketing.tickets.actions.desk_setup import hand_shift_over, take_shift
from ticketing.tickets.desk_figures import in_words, minutes, queue_figures, shift_lists
from ticketing.tickets.forms import HandoverForm
from ticketing.tickets.models import Handover
from ticketing.tickets.views.loading import staff_only, ticket_of

PERIODS = (7, 30, 90, 365)
KEPT = 10


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: UserRequest) -> HttpResponse:
    """How does the queue stand, and what must the next shift know?"""
    staff_only(request)
    form = HandoverForm(request.POST if request.method == "POST" else None)
    figures = queue_figures(request.user)
    if request.method == "POST":
        permit(request.user, "ticket.write")
        if form.is_valid():
            hand_shift_over(actor=request.user, text=form.cleaned_data["text"], figures=figures, at=now())
            messages.success(request, "Kept for the next shift.")
            return redirect("ticket-handover")
    rows = Handover.objects.visible_to(request.user).select_related("author", "taken_by")[:KEPT]
    earlier = list(rows)
    for row in earlier:
        row.shown = in_words(row.figures)  # type: ignore[attr-defined]
    context = {
        "title": "Hand-over",
        "question": "How does the queue stand, and what must the next shift know?",
        "figures": in_words(figures),
        "lists": shift_lists(request.user, now()),
        "form": form,
        "earlier": earlier,
        "may_write": may(request.user, "ticket.write"),
    }
    return render(request, "ticketing/tickets/handover.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def taken(request: UserRequest, number: int) -> HttpResponse:
    """I take over."""
    row = get_object_or_404(Handover.objects.visible_to(request.user), pk=number)
    staff_only(request)
    take_shift(actor=request.user, handover=row, at=now())
    messages.success(request, "You have the shift.")
    return redirect("ticket-handover")


@login_required
@require_safe
def report(request: UserRequest) -> HttpResponse:
    """How many minutes of the desk does a fault cost, by its class and by who solved it?"""
    staff_only(request)
    given = request.GET.get("days", "")
    days = int(given) if given.isdigit() and int(given) in PERIODS else 30
    rows = minutes(request.user, now() - timedelta(days=days))
    context = {
        "title": "Desk minutes",
        "question": "How many minutes of the desk does a fault cost, by its class and by who solved it?",
        "rows": rows,
        "days": days,
        "periods": PERIODS,
        "n": sum(row["n"] for row in rows),
        "hours": sum(row["total"] for row in rows),
    }
    return render(request, "ticketing/tickets/minutes.html", context)


@login_required
@require_POST
def time(request: UserRequest, reference: str) -> HttpResponse:
    """Active seconds since the page last told of some."""
    ticket = ticket_of(request, reference)
    permit(request.user, "ticket.note")
    text = request.POST.get("seconds", "")
    if not (text.isascii() and text.isdigit() and 0 < int(text[:4]) <= 60):
        return HttpResponse("seconds: a whole number from 1 to 60", status=400, content_type="text/plain")
    count_time(ticket=ticket, actor=request.user, seconds=int(text), at=now())
    return HttpResponse(status=204)
