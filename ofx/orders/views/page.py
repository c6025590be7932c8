"""The order's page: for staff and, in plain words, for its customer."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may
from ofx.orders.advice import chase
from ofx.orders.forms import AttachForm, NoteForm
from ofx.orders.lane import lanes_of, move_rows
from ofx.orders.models import Order
from ofx.orders.plain import plain
from ofx.orders.queries import OrderPage, Part, order_page, silent
from ofx.orders.story import entries
from ofx.orders.views.loading import order_of
from ofx.orders.vocabulary import REASON_LABELS

STOP_POLLING = 286  # what a live part answers when nothing more will change


def is_customer(request: UserRequest) -> bool:
    """Whether the page is read by a customer."""
    return bool(request.user.acting and request.user.acting.organisation.kind == "customer")


@login_required
@require_safe
def order(request: UserRequest, reference: str) -> HttpResponse:
    """Who holds it, what next, and when?"""
    row = order_of(request, reference)
    page = order_page(row, request.user)
    if is_customer(request):
        return render(request, "ofx/orders/customer.html", _customer(page))
    context = {
        **_context(request, page),
        "timeline": entries(page),
        "note_form": NoteForm(),
        "attach_form": AttachForm(),
        "attach_limit": settings.ATTACHMENT_MAX_BYTES,
        "title": row.reference,
    }
    return render(request, "ofx/orders/order.html", context)


@login_required
@require_safe
def live(request: UserRequest, reference: str) -> HttpResponse:
    """The parts of the page that change."""
    row = order_of(request, reference)
    page = order_page(row, request.user)
    status = STOP_POLLING if row.closed_at else 200
    if is_customer(request):
        return render(request, "ofx/orders/customer_live.html", _customer(page), status=status)
    return render(request, "ofx/orders/live.html", _context(request, page), status=status)


@login_required
@require_safe
def timeline(request: UserRequest, reference: str) -> HttpResponse:
    """The timeline alone."""
    row = order_of(request, reference)
    if is_customer(request):
        raise Http404
    return render(request, "ofx/orders/timeline.html", {"timeline": entries(order_page(row, request.user))})


def _context(request: UserRequest, page: OrderPage) -> dict[str, Any]:
    at = now()
    row = page.order
    today = timezone.localdate(at)
    lead = _lead(page)
    quiet = silent(row, at)
    return {
        "order": row,
        "page": page,
        "parts": page.parts,
        "lanes": lanes_of(page.parts, today),
        "at": at,
        "may_write": may(request.user, "order.write") and _own(request, row),
        "may_note": may(request.user, "order.note") and _own(request, row),
        "lead": lead,
        "next_action": _next(row, lead, quiet, at),
        "reason": REASON_LABELS.get(row.blocked_reason, ""),
        "silent": quiet,
        "askable": any(part.leg for part in page.parts),
        "revision": _revision(page),
        "moves": move_rows(page.parts),
    }


def _revision(page: OrderPage) -> int:
    """A number that changes when the timeline does."""
    return sum(part.row.revision for part in page.parts) + len(page.notes) + len(page.messages) + len(page.log)


def _own(request: UserRequest, row: Order) -> bool:
    return bool(request.user.acting and request.user.acting.organisation_id == row.organisation_id)


def _lead(page: OrderPage) -> Part | None:
    """The item that the next action is about."""
    same = [part for part in page.parts if part.row.state == page.order.state]
    going = [part for part in page.parts if not part.row.ended_at]
    return min(same or going, key=lambda part: part.row.blocked_since or now(), default=None)


def _next(row: Order, lead: Part | None, quiet: bool, at: Any) -> str:
    if quiet and lead is not None and lead.row.last_news_at:
        return chase(lead.row.operator.name, lead.row.last_news_at, at)
    return row.next_action


def _customer(page: OrderPage) -> dict[str, Any]:
    notes = [note for note in page.notes if not note.internal]
    return {
        "title": page.order.place_text,
        "order": page.order,
        "parts": page.parts,
        "plain": plain(page.order, page.parts, timezone.localdate(now())),
        "notes": notes,
    }


@login_required
@require_safe
def attachment(request: UserRequest, reference: str, number: int) -> HttpResponseBase:
    """A file, as a download only: nothing that somebody uploaded is ever shown by us."""
    row = order_of(request, reference)
    if is_customer(request):
        raise Http404
    file = get_object_or_404(row.attachments, pk=number)
    response = FileResponse(
        file.file.open("rb"), as_attachment=True, filename=file.name, content_type="application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
