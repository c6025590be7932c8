"""The ticket's page for staff."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may
from ticketing.tickets.demands import rules_for
from ticketing.tickets.desk_page import TicketPage, deep_link, ticket_page
from ticketing.tickets.desk_replies import replies_for
from ticketing.tickets.forms import NoteForm
from ticketing.tickets.models import Attachment, FaultRules, Ticket
from ticketing.tickets.story import entries
from ticketing.tickets.testing import Gate, gate
from ticketing.tickets.views.loading import ticket_of
from ticketing.tickets.vocabulary import CHARACTERISTICS

# Slices above this one show what they know where they have a template of this name; else nothing is shown.
AROUND = [[f"ticketing/{one}/on_ticket.html", "ticketing/tickets/nothing.html"] for one in ("known_errors", "guides")]
STOP_POLLING = 286  # what a live part answers when nothing more will change


@login_required
@require_safe
def ticket(request: UserRequest, reference: str) -> HttpResponse:
    """Who holds it, since when, and what is the next step?"""
    row = ticket_of(request, reference)
    page = ticket_page(row, request.user)
    macros = replies_for(request.user, row, str(request.user))
    chosen = next((one for one in macros if str(one.pk) == request.GET.get("macro", "")), None)
    initial = {}
    if chosen:
        asks = chosen.then_state == "pending"
        initial = {"text": chosen.text, "audience": chosen.audience, "is_question": asks}
    context = {
        **_context(request, page),
        "title": f"{row.reference} {row.title}",
        "timeline": entries(page),
        "macros": macros,
        "note_form": NoteForm(initial=initial),
        "attach_limit": settings.ATTACHMENT_MAX_BYTES,
        "answers": _answers(row),
        "around": AROUND,
    }
    return render(request, "ticketing/tickets/ticket.html", context)


@login_required
@require_safe
def live(request: UserRequest, reference: str) -> HttpResponse:
    """The parts of the page that change."""
    row = ticket_of(request, reference)
    page = ticket_page(row, request.user)
    return render(
        request, "ticketing/tickets/live.html", _context(request, page), status=STOP_POLLING if row.ended else 200
    )


@login_required
@require_safe
def timeline(request: UserRequest, reference: str) -> HttpResponse:
    """The timeline alone."""
    page = ticket_page(ticket_of(request, reference), request.user)
    return render(request, "ticketing/tickets/timeline.html", {"timeline": entries(page)})


@login_required
@require_safe
def attachment(request: UserRequest, reference: str, number: int) -> HttpResponse:
    """A file, as a download only: nothing that somebody uploaded is ever shown by us."""
    return download(get_object_or_404(ticket_of(request, reference).attachments, pk=number))


def download(file: Attachment) -> HttpResponse:
    """A ticket's file, never shown in the page."""
    response = HttpResponse(bytes(file.content), content_type="application/octet-stream")
    name = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_. ") else "_" for sign in file.name)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _context(request: UserRequest, page: TicketPage) -> dict[str, Any]:
    row, at = page.ticket, now()
    rules = rules_for(operator=row.operator, organisation=row.organisation) if row.operator else None
    own = bool(request.user.acting and request.user.acting.organisation_id == row.organisation_id)
    partner = page.at_partner
    raisable = own and row.operator_id and not row.ended and row.state != "resolved" and not page.going_at_partner
    return {
        "ticket": row,
        "page": page,
        "at": at,
        "rules": rules,
        "partner": partner,
        "deep_link": deep_link(partner, rules) if partner else "",
        "may_write": own and may(request.user, "ticket.write"),
        "may_note": own and may(request.user, "ticket.note"),
        "may_test": own and may(request.user, "test.run"),
        "raisable": raisable,
        "gate": _gate(row, rules, at) if raisable else None,
        "revision": page.revision,
    }


def _gate(row: Ticket, rules: FaultRules | None, at: datetime) -> Gate | None:
    """Whether tests allow raising it now; None where that is no question."""
    if rules is None or row.service is None or row.operator is None:
        return None
    return gate(service=row.service, operator=row.operator, organisation=row.organisation, at=at, rules=rules)


def _answers(row: Ticket) -> list[tuple[str, str]]:
    """What the customer was asked already, in words."""
    return [
        (CHARACTERISTICS[code][0] if code in CHARACTERISTICS else code.replace("_", " ").capitalize(), str(value))
        for code, value in row.answers.items()
        if value not in (None, "")
    ]
