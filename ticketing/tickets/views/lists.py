"""The board and the list of tickets."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may
from ofx.core.ui.tables import table_page
from ofx.orders.views.board import orderable
from partners.models import Operator
from ticketing.tickets.desk_board import board as read_board
from ticketing.tickets.models import Ticket
from ticketing.tickets.tables import BulkTicketTable, TicketTable
from ticketing.tickets.views.loading import staff_only
from ticketing.tickets.vocabulary import FaultClass


@login_required
@require_safe
def tickets(request: UserRequest) -> HttpResponseBase:
    """Which faults are there, who has each, and what comes next?"""
    if request.user.acting and request.user.acting.organisation.kind == "customer":
        return redirect("/my/faults/")
    staff_only(request)
    rows = Ticket.objects.visible_to(request.user).select_related("customer", "operator", "assigned_to")
    may_write = may(request.user, "ticket.write")
    context = {
        "title": "Tickets",
        "question": "Which faults are there, who has each, and what comes next?",
        "may_write": may_write,
        "may_report": may(request.user, "ticket.report"),
    }
    table = BulkTicketTable if may_write else TicketTable
    return table_page(request, table, rows, "ticketing/tickets/list.html", context)


@login_required
@require_safe
def board(request: UserRequest) -> HttpResponse:
    """What is mine, what has nobody, and what waits for whom?"""
    staff_only(request)
    code, fault_class = request.GET.get("operator", "")[:40], request.GET.get("class", "")
    chosen = get_object_or_404(Operator.objects.visible_to(request.user), code=code) if code else None
    fault_class = fault_class if fault_class in FaultClass.values else ""
    at = now()
    found = read_board(request.user, at, operator=chosen.pk if chosen else None, fault_class=fault_class)
    context = {
        "title": "Fault board",
        "question": "What is mine, what has nobody, and what waits for whom?",
        "board": found,
        "operators": list(orderable(request)[:200]),
        "classes": FaultClass.choices,
        "operator": code if chosen else "",
        "narrowed": _narrowed(chosen, fault_class),
        "fault_class": fault_class,
        "may_report": may(request.user, "ticket.report"),
        "at": at,
    }
    part = request.headers.get("HX-Target") == "desk-board"
    return render(request, f"ticketing/tickets/board{'_live' if part else ''}.html", context)


def _narrowed(operator: Operator | None, fault_class: str) -> str:
    """The same narrowing for the list that a count leads to."""
    return (f"&operator={operator.pk}" if operator else "") + (f"&fault_class={fault_class}" if fault_class else "")
