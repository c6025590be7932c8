"""Visits of an engineer on an order's item: choose a slot, confirm, give back, say what came of it."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.ui.display import local
from ofx.orders import actions
from ofx.orders.change_forms import HandForm, OutcomeForm, SlotForm
from ofx.orders.models import Appointment, Order, PartnerOrder
from ofx.orders.views.acts import ask
from ofx.orders.views.loading import REFUSALS, act, done, part_of, refusal, writable

GET_OR_POST = ["GET", "HEAD", "POST"]
WINDOW = timedelta(days=21)
FURTHEST_PAGE = 12


def counted(row: PartnerOrder) -> Appointment | None:
    """The visit that counts: the open one, else the newest that was agreed."""
    rows = list(row.appointments.select_related("operator", "partner_order__order").exclude(state="refused"))
    rows.sort(key=lambda visit: (visit.open, visit.pk))
    return rows[-1] if rows else None


@login_required
@require_http_methods(GET_OR_POST)
def book(request: UserRequest, reference: str, position: int) -> HttpResponse:
    """Which slots has the partner, and which one suits the customer?"""
    order = writable(request, reference)
    row = part_of(order, position)
    online = actions.books_online(partner_order=row) is not None
    visit = counted(row)
    given = request.POST if request.method == "POST" else None
    form: forms.Form = SlotForm(given) if online else HandForm(given)
    if form.is_bound and form.is_valid():
        answer = _book(request, order, row, visit, form)
        if answer is not None:
            return answer
    context = {
        "title": f"{'Another visit' if visit else 'Visit'} at {row.operator}",
        "order": order,
        "row": row,
        "visit": visit,
        "form": form,
        "online": online,
        **(_slots(request, row, form) if online else {}),
    }
    return render(request, "ofx/orders/visit.html", context, status=422 if form.is_bound else 200)


def _book(
    request: UserRequest, order: Order, row: PartnerOrder, visit: Appointment | None, form: Any
) -> HttpResponse | None:
    start, end = form.period()
    try:
        if visit is not None:
            made = actions.rebook_appointment(actor=request.user, at=now(), appointment=visit, start=start, end=end)
        else:
            made = actions.reserve_slot(actor=request.user, at=now(), partner_order=row, start=start, end=end)
    except actions.OutcomeUnknown as error:
        messages.warning(request, str(error))
        return redirect(order)
    except REFUSALS as error:
        form.add_error(None, refusal(error))
        return None
    return done(request, order, f"The visit is {made.get_state_display().lower()}.")


def _slots(request: UserRequest, row: PartnerOrder, form: forms.Form) -> dict[str, Any]:
    """Three weeks of the partner's free slots by day, or why it gives none."""
    text = request.GET.get("page", "0")
    page = min(int(text), FURTHEST_PAGE) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    since = now() + WINDOW * page
    days: dict[date, list[dict[str, Any]]] = defaultdict(list)
    try:
        found = actions.find_slots(actor=request.user, at=now(), partner_order=row, since=since, until=since + WINDOW)
    except REFUSALS as error:
        return {"days": [], "problem": str(error), "page": page, "later": page + 1}
    chosen = form.data.get("slot", "") if form.is_bound else ""
    for slot in found:
        value = f"{slot.start.isoformat()}/{slot.end.isoformat()}"
        days[local(slot.start).date()].append(
            {"value": value, "start": slot.start, "end": slot.end, "chosen": value == chosen}
        )
    return {"days": list(days.items()), "page": page, "later": page + 1, "until": since + WINDOW}


@login_required
@require_POST
def fix(request: UserRequest, reference: str, position: int, word: str) -> HttpResponse:
    """Confirm a reserved slot, or give it back."""
    order = writable(request, reference)
    visit = counted(part_of(order, position))
    if visit is None:
        get_object_or_404(Appointment.objects.none())
    action, text = {
        "confirm": (actions.confirm_appointment, "The visit is confirmed."),
        "cancel": (actions.cancel_appointment, "The slot is given back."),
    }[word]
    return act(request, order, text, action, appointment=visit, at=now())


@login_required
@require_http_methods(GET_OR_POST)
def outcome(request: UserRequest, reference: str, position: int) -> HttpResponse:
    """Did the visit take place; and if not, whose clock was it?"""
    order = writable(request, reference)
    row = part_of(order, position)
    visit = counted(row)
    if visit is None:
        get_object_or_404(Appointment.objects.none())
    form = OutcomeForm(request.POST if request.method == "POST" else None)
    context = {"title": "What came of the visit", "row": row, "visit": visit, "values": {"appointment": visit}}
    return ask(request, order, form, "ofx/orders/outcome.html", actions.record_outcome, "It is kept.", **context)
