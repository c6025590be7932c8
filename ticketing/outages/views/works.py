"""Planned works: the calendar, the queue of notices for a person, adding one; topology from a file."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.tables import table_page
from ofx.orders.views.lists import staff_only
from ticketing.outages import actions
from ticketing.outages.forms import FileForm, NoticeForm, operators_of
from ticketing.outages.keys import ScopeInvalid
from ticketing.outages.models import MaintenanceNotice, Outage
from ticketing.outages.tables import NoticeTable
from ticketing.outages.views.loading import provider_of

DAYS = 28
MOST_BAD = 20


@login_required
@require_safe
def works(request: UserRequest) -> HttpResponseBase:
    """Which works are planned, and which notices need a person?"""
    staff_only(request)
    at = now()
    rows = Outage.objects.visible_to(request.user).filter(planned=True, window_end__gte=at - timedelta(days=1))
    coming = rows.filter(window_start__lte=at + timedelta(days=DAYS)).exclude(state="rejected")
    context = {
        "title": "Planned works",
        "question": "Which works are planned, and which notices need a person?",
        "coming": coming.select_related("operator").order_by("window_start", "pk")[:100],
        "days": DAYS,
        "form": FileForm(),
        "may_write": may(request.user, "outage.write"),
    }
    notices = MaintenanceNotice.objects.visible_to(request.user).select_related("outage").defer("raw", "text", "data")
    return table_page(request, NoticeTable, notices, "ticketing/outages/works.html", context)


@require_POST
@login_required
def add(request: UserRequest) -> HttpResponse:
    """Add a mail (.eml) or calendar file (.ics) that reached a person."""
    permit(request.user, "outage.write")
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, f"File: {' '.join(map(str, form.errors.get('file', ['choose one'])))}")
        return redirect("outage-works")
    raw = form.cleaned_data["file"].read()
    row = actions.take_notice(organisation=provider_of(request), raw=raw, actor=request.user, at=now())
    messages.success(request, "Read." if row.state == "read" else "Kept. It needs a person: say what it says.")
    return redirect(row)


@login_required
def notice(request: UserRequest, pk: int) -> HttpResponse:
    """What does this notice say, and what became of it?"""
    staff_only(request)
    row = get_object_or_404(MaintenanceNotice.objects.visible_to(request.user).select_related("outage"), pk=pk)
    operators, status = operators_of(row.organisation), 200
    reported = bool(row.reported)
    initial = {"title": row.subject[:160], "operator": row.reported.get("operator_id")}
    form = NoticeForm(operators=operators, reported=reported, initial=initial)
    if request.method == "POST":
        permit(request.user, "outage.write")
        dismiss = request.POST.get("word") == "dismiss"
        form, status = NoticeForm(request.POST, operators=operators, reported=reported), 422
        if (dismiss or form.is_valid()) and (done := _settle(request, row, form, dismiss)):
            return done
    context = {
        "title": str(row),
        "question": "What does this notice say, and what became of it?",
        "notice": row,
        "form": form,
        "may_write": may(request.user, "outage.write"),
    }
    return render(request, "ticketing/outages/notice.html", context, status=status)


def _settle(request: UserRequest, row: MaintenanceNotice, form: NoticeForm, dismiss: bool) -> HttpResponse | None:
    wanted = ("operator", "title", "window_start", "window_end")
    values = {} if dismiss else {name: form.cleaned_data[name] for name in wanted if name in form.cleaned_data}
    keys = [] if dismiss else form.keys()
    try:
        outage = actions.settle_notice(notice=row, actor=request.user, at=now(), dismiss=dismiss, keys=keys, **values)
    except ScopeInvalid as error:
        form.blame(error.problems)
        return None
    except IllegalTransition as error:
        messages.error(request, str(error))
        return redirect(row)
    said = "Proposed" if row.reported else "Planned"
    messages.success(request, "Put aside." if dismiss else f"{said}. Approve it to tell those affected.")
    return redirect(outage) if outage and not dismiss else redirect("outage-works")


@login_required
def topology(request: UserRequest) -> HttpResponse:
    """Say what services hang on: a CSV of service, kind, value."""
    permit(request.user, "outage.write")
    bad: list[str] = []
    form, status = FileForm(), 200
    if request.method == "POST":
        form, status = FileForm(request.POST, request.FILES), 422
        if form.is_valid():
            try:
                lines = list(_lines(form.cleaned_data["file"]))
                kept, bad = actions.load_topology(
                    organisation=provider_of(request), lines=lines, actor=request.user, at=now()
                )
            except (ScopeInvalid, ValueError) as error:
                form.add_error("file", str(error))
            else:
                status = 200
                messages.success(request, f"{kept} lines kept, {len(bad)} refused.")
    context = {
        "title": "What services hang on",
        "question": "Which OLT, exchange and handover does each service hang on?",
        "form": form,
        "bad": bad[:MOST_BAD],
        "more_bad": max(0, len(bad) - MOST_BAD),
    }
    return render(request, "ticketing/outages/topology.html", context, status=status)


def _lines(file: UploadedFile) -> Iterator[tuple[str, str, str]]:
    """Rows of the CSV. Raises ValueError with words where it is none."""
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("This is no text: save it as CSV in UTF-8.") from None
    reader = csv.reader(io.StringIO(text.replace("\x00", "")))
    for number, row in enumerate(reader, 1):
        if number == 1 and row and row[0].strip().lower() in ("service", "reference"):
            continue
        if row and len(row) < 3:
            raise ValueError(f"Line {number} has {len(row)} columns; three are needed: service, kind, value.")
        if row:
            yield row[0], row[1], row[2]
