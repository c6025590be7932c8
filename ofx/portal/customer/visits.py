"""The customer's page of an engineer's visit: when, how sure, and another time that suits better."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.display import local
from ofx.orders.actions import OutcomeUnknown, SlotRefused
from ofx.orders.actions.moving import SlotGone, confirm_visit, move_visit, part_to_move, slots_to_move_to
from ofx.orders.change_forms import SlotForm
from ofx.orders.models import Appointment
from ofx.portal.customer.door import customer_only
from ofx.portal.customer.road import said_when

WEEKS = timedelta(days=21)
FURTHEST_PAGE = 8


def _visit(request: UserRequest, pk: int) -> Appointment:
    """The visit, if it is their own."""
    wanted = ("operator", "partner_order__order", "partner_order__operator")
    rows = Appointment.objects.visible_to(request.user).select_related(*wanted)
    found = get_object_or_404(rows.exclude(partner_order=None), pk=pk)
    customer_only(request)
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: UserRequest, pk: int) -> HttpResponse:
    """When does the engineer come, and which other time is free? A POST moves the visit."""
    row = _visit(request, pk)
    if request.method != "POST":
        return _page(request, row)
    permit(request.user, "visit.move")
    form = SlotForm(request.POST)
    if not form.is_valid():
        return _page(request, row, problem=_("Choose one of the times shown."))
    start, end = form.period()
    try:
        moved = move_visit(actor=request.user, at=now(), visit=row, start=start, end=end)
    except (OutcomeUnknown, SlotRefused, IllegalTransition, ValueError) as error:
        return _page(request, _visit(request, pk), problem=why(error))
    if moved.state == "confirmed":
        messages.success(request, _("Your visit is moved. This time is fixed."))
    else:
        messages.info(request, _("The time is held for you. Please fix it, so that nobody else takes it."))
    return redirect("my-visit", pk=moved.pk)


@login_required
@require_POST
def confirm(request: UserRequest, pk: int) -> HttpResponse:
    """Fix the time that is held."""
    row = _visit(request, pk)
    permit(request.user, "visit.move")
    try:
        confirm_visit(actor=request.user, at=now(), visit=row)
    except (OutcomeUnknown, SlotRefused, IllegalTransition, ValueError) as error:
        return _page(request, _visit(request, pk), problem=why(error))
    messages.success(request, _("This time is fixed. You need not do anything else."))
    return redirect("my-visit", pk=row.pk)


def why(error: Exception) -> str:
    """Why it did not work, without a network's name or code: what stands, and what to do."""
    if isinstance(error, OutcomeUnknown):
        return _("The network has not answered yet. We find out whether the time is yours; look again in some minutes.")
    if isinstance(error, SlotGone):
        return _("That time has just been taken. Your visit stands as it was: choose another time.")
    if isinstance(error, SlotRefused):
        return _(
            "The network did not take it just now. Your visit stands as it was: choose another time, or try later."
        )
    if isinstance(error, IllegalTransition):
        return _("This visit cannot be changed here just now. Look again in some minutes, or ask us.")
    return _("Choose one of the times shown.")


def _page(request: UserRequest, row: Appointment, *, problem: str = "") -> HttpResponse:
    over = row.state == "reserved" and row.reserved_until is not None and row.reserved_until <= now()
    context = {
        "title": _("Your engineer's visit"),
        "question": _("When does the engineer come, and which other time is free?"),
        "visit": row,
        "hours": span(row.slot_start, row.slot_end),
        "until": said_when(row.reserved_until) if row.reserved_until else "",
        "order": row.partner_order.order if row.partner_order else None,
        "problem": problem,
        "held": row.state == "reserved" and not over,
        "lapsed": over or row.state == "expired",
        "unknown": row.asked_at is not None,
        **_times(request, row),
    }
    return render(request, "ofx/customer/visit.html", context, status=422 if problem else 200)


def span(start: datetime, end: datetime) -> str:
    """`8 am – 1 pm`, where the reader is."""
    first, last = local(start), local(end)
    return " – ".join(one.strftime("%-I:%M %p" if one.minute else "%-I %p").lower() for one in (first, last))


def _times(request: UserRequest, row: Appointment) -> dict[str, Any]:
    """Three weeks of free times by day; `closed`: it cannot be moved here."""
    text = request.GET.get("page", "0")
    page = min(int(text), FURTHEST_PAGE) if text.isascii() and text.isdigit() and len(text) < 3 else 0
    if row.asked_at is not None:
        return {"closed": True}
    try:
        part_to_move(visit=row)
        since = now() + WEEKS * page
        found = slots_to_move_to(actor=request.user, at=now(), visit=row, since=since)
    except IllegalTransition:
        return {"closed": True}
    except (SlotRefused, ValueError):
        return {"days": [], "silent": True, "page": page}
    days: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for slot in found:
        if (slot.start, slot.end) != (row.slot_start, row.slot_end) or not row.open:
            value = f"{slot.start.isoformat()}/{slot.end.isoformat()}"
            days[local(slot.start).date()].append({"value": value, "words": span(slot.start, slot.end)})
    return {"days": list(days.items()), "page": page, "later": page + 1}
