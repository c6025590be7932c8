"""Mails that no rule could put on a ticket, and every mail that stands in one's timeline."""

from typing import Any, ClassVar

import django_filters as filters
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may
from ofx.core.ui.tables import Column, Table, table_page
from ticketing.tickets.actions.desk_mail import settle_mail
from ticketing.tickets.models import Ticket, TicketMail
from ticketing.tickets.views.acts import other_of
from ticketing.tickets.views.loading import REFUSALS, refusal, staff_only


class MailFilter(filters.FilterSet):
    """What still waits, and mails by direction."""

    waiting = filters.BooleanFilter(method="by_wait", label="Waits for a person")
    direction = filters.ChoiceFilter(choices=[("in", "In"), ("out", "Out")], label="Direction")
    automatic = filters.BooleanFilter(label="By a machine")

    class Meta:
        model = TicketMail
        fields: list[str] = []

    def by_wait(self, rows: Any, name: str, value: bool) -> Any:
        """On no ticket yet, and nobody dealt with it."""
        waits = {"ticket": None, "settled_at": None}
        return rows.filter(**waits) if value else rows.exclude(**waits)


class MailTable(Table):
    """Mails of the desk."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("subject", "Subject", accessor=lambda row: row.subject or "(no subject)", link=True),
        Column("sender", "From", width=190),
        Column("recipient", "To", width=190, hidden=True),
        Column("why", "Why it waits", width=230),
        Column("ticket", "Ticket", accessor=lambda row: str(row.ticket or ""), width=110),
        Column("suggested", "Perhaps", accessor=lambda row: str(row.suggested or ""), width=110),
        Column("at", "Came", accessor="at", sort="at", width=90),
    )
    default_order = "-at"
    filterset_class = MailFilter
    search = ("sender__istartswith", "subject__icontains")
    search_hint = "Sender or words of the subject"
    sentences = {"waiting": "waiting: {}", "direction": "{}", "automatic": "by a machine: {}"}
    noun = "mail"
    empty_title = "No mail yet"
    empty_text = "Notes to customers go out by mail; their answers, and mails to the desk, appear here."
    empty_icon = "mail"

    def url_for(self, row: TicketMail) -> str:
        """Its page."""
        return f"/tickets/mail/{row.pk}/"

    def tone_for(self, row: TicketMail) -> str:
        """What waits for a person."""
        return "soon" if row.ticket_id is None and row.settled_at is None else ""


def _of(request: UserRequest, number: int) -> TicketMail:
    rows = TicketMail.objects.visible_to(request.user).select_related("ticket", "suggested", "organisation")
    row = get_object_or_404(rows, pk=number)
    staff_only(request)
    return row


@login_required
@require_safe
def queue(request: UserRequest) -> HttpResponseBase:
    """Which mails wait for a person?"""
    staff_only(request)
    rows = TicketMail.objects.visible_to(request.user).select_related("ticket", "suggested").defer("text")
    context = {"title": "Fault mail", "question": "Which mails wait for a person?"}
    return table_page(request, MailTable, rows, context=context)


@login_required
@require_safe
def mail(request: UserRequest, number: int) -> HttpResponse:
    """What does it say, and where does it belong?"""
    row = _of(request, number)
    context: dict[str, Any] = {
        "title": row.subject or "(no subject)",
        "question": "What does it say, and where does it belong?",
        "mail": row,
        "waits": row.ticket_id is None and row.settled_at is None,
        "may_write": may(request.user, "ticket.write"),
        "open": _open_of(request, row),
    }
    return render(request, "ticketing/tickets/mail.html", context)


def _open_of(request: UserRequest, row: TicketMail) -> list[Ticket]:
    """Open tickets of the same contact."""
    if row.direction != "in" or row.ticket_id or not row.sender:
        return []
    rows = Ticket.objects.visible_to(request.user).open().filter(contact_email__iexact=row.sender)
    return list(rows.order_by("-created_at")[:5])


@login_required
@require_POST
def settle(request: UserRequest, number: int) -> HttpResponse:
    """Put it on a ticket, open a new one from it, or set it aside."""
    row = _of(request, number)
    word, reference = request.POST.get("do", ""), request.POST.get("ticket", "").strip()[:20]
    ticket = other_of(request, reference) if word == "put" else None
    if word == "put" and ticket is None:
        messages.error(request, f"There is no ticket {reference}. Its reference looks like TT-000123.")
        return redirect("ticket-mail", row.pk)
    try:
        into = settle_mail(
            mail=row, actor=request.user, at=now(), ticket=ticket, title=request.POST.get("title", "")[:200],
            drop=word == "drop",
        )  # fmt: skip
    except REFUSALS as error:
        messages.error(request, refusal(error))
        return redirect("ticket-mail", row.pk)
    if into is None:
        messages.success(request, "Set aside.")
        return redirect("/tickets/mail/?waiting=true")
    messages.success(request, f"It stands on {into.reference}.")
    return redirect(into)
