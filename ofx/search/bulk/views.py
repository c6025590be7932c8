"""Pages of bulk qualification: the files, one file's way (columns, progress, result), its exports."""

from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.tables import table_page
from ofx.search.api import searching_organisation
from ofx.search.bulk import actions
from ofx.search.bulk.columns import COLUMNS
from ofx.search.bulk.export import csv_bytes, xlsx_bytes
from ofx.search.bulk.filters import PlaceFilter
from ofx.search.bulk.forms import ColumnsForm, PlacesForm
from ofx.search.bulk.models import BulkRun
from ofx.search.bulk.rows import Reader, rows_of
from ofx.search.bulk.tables import PlaceTable, RunTable, places_of
from partners.coverage.columns import guess
from partners.coverage.reading import ReadError, open_table
from partners.coverage.uploads import bound, was_too_large

PREVIEW = 8
ACTS = {
    "pause": (actions.pause_run, "It stops here; what is answered stays."),
    "resume": (actions.resume_run, "It goes on after the last answered row."),
    "cancel": (actions.cancel_run, "It is cancelled; what is answered stays readable."),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def run_or_404(request: UserRequest, pk: int) -> BulkRun:
    """A run of one's own tenant. Raises PermissionDenied for those who do not search, Http404 for anybody else's."""
    searching_organisation(request.user)
    return get_object_or_404(BulkRun.objects.visible_to(request.user).select_related("created_by"), pk=pk)


@login_required
@require_GET
def runs(request: UserRequest) -> HttpResponseBase:
    """Every file of places."""
    searching_organisation(request.user)
    rows = BulkRun.objects.visible_to(request.user).select_related("created_by")
    context = {
        "title": "Bulk qualification",
        "question": "Which files of places were answered, and what came out?",
        "may_write": may(request.user, "search.bulk"),
    }
    return table_page(request, RunTable, rows, "ofx/search/bulk/runs.html", context)


@csrf_exempt  # the bounded upload handler must be set before anything reads the body; then the check runs
@login_required
def upload(request: UserRequest) -> HttpResponseBase:
    """A file of places."""
    bound(request)
    return _upload(request)


@csrf_protect
def _upload(request: UserRequest) -> HttpResponse:
    permit(request.user, "search.bulk")
    form, status = PlacesForm(initial={"country": request.user.acting.organisation.country}), 200  # type: ignore[union-attr]
    if request.method == "POST":
        cut_off = was_too_large(request)
        form, status = PlacesForm(request.POST, request.FILES, cut_off=cut_off), 413 if cut_off else 422
        if form.is_valid() and (row := _keep(request, form)):
            return redirect(row)
    return render(request, "ofx/search/bulk/upload.html", {"form": form, "title": "Qualify a file"}, status=status)


def _keep(request: UserRequest, form: PlacesForm) -> BulkRun | None:
    """Store the file where it can be read as a table; else the form says why not."""
    file = form.cleaned_data["file"]
    try:
        with open_table(Path(file.temporary_file_path())):
            pass
        return actions.upload_places(
            actor=request.user,
            file=file,
            name=Path(file.name).name,
            country=form.cleaned_data["country"],
            at=now(),
        )
    except (ReadError, actions.TooLarge) as error:
        form.add_error("file", str(error))
    return None


@login_required
def run(request: UserRequest, pk: int) -> HttpResponseBase:
    """Columns while they are to be chosen, then progress and result in one."""
    row = run_or_404(request, pk)
    if row.state == "uploaded":
        return _columns(request, row)
    if request.method == "POST":
        messages.error(request, "This file is under way already.")
        return redirect(row)
    context = {
        "title": row.file_name,
        "question": "Who serves these places, and which of them can be ordered?",
        "run": row,
        "may_write": may(request.user, "search.bulk"),
        "may_order": may(request.user, "order.write"),
    }
    return table_page(request, PlaceTable, places_of(row), "ofx/search/bulk/run.html", context)


def _columns(request: UserRequest, row: BulkRun) -> HttpResponse:
    permit(request.user, "search.bulk")
    try:
        with open_table(Path(row.file.path)) as table:
            header, first = table.header, list(islice(rows_of(table), PREVIEW))
    except (ReadError, OSError) as error:
        messages.error(request, str(error) if isinstance(error, ReadError) else "The file is gone; upload it again.")
        return redirect("bulk-new")
    mapping = guess(header, COLUMNS)
    form = ColumnsForm(request.POST or None, header=header, mapping=mapping)
    if request.method == "POST" and form.is_valid():
        mapping = form.mapping()
        if "start" in request.POST:
            try:
                actions.start_run(actor=request.user, run=row, mapping=mapping, at=now())
            except IllegalTransition as error:
                messages.error(request, str(error))
            return redirect(row)
    reader = Reader(header, mapping, row.country)
    shown = [(reader.read(number, cells), [cell[:60] for cell in cells]) for number, cells in enumerate(first, start=1)]
    context = {"run": row, "form": form, "header": header, "shown": shown, "title": row.file_name}
    return render(request, "ofx/search/bulk/columns.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def progress(request: UserRequest, pk: int) -> HttpResponse:
    """The part of a run's page that moves; 286 once there is no more to come."""
    row = run_or_404(request, pk)
    context = {"run": row, "may_write": may(request.user, "search.bulk")}
    moving = row.state in ("queued", "running")
    return render(request, "ofx/search/bulk/progress.html", context, status=200 if moving else 286)


@login_required
@require_POST
def act(request: UserRequest, pk: int, word: str) -> HttpResponse:
    """Pause, resume, cancel, or throw away."""
    row = run_or_404(request, pk)
    permit(request.user, "search.bulk")
    if word == "delete":
        actions.delete_run(actor=request.user, run=row, at=now())
        messages.success(request, f"{row.file_name} and its result are gone.")
        return redirect("bulk")
    function, words = ACTS[word]
    try:
        function(actor=request.user, run=row, at=now())
        messages.success(request, words)
    except IllegalTransition as error:
        messages.error(request, str(error))
    return redirect(row)


@login_required
@require_GET
def download(request: UserRequest, pk: int, kind: str) -> StreamingHttpResponse:
    """The rows that pass the filter of the address, as CSV or XLSX."""
    row = run_or_404(request, pk)
    if row.state == "uploaded":
        raise Http404("There is no result yet.")
    rows: Any = PlaceFilter(request.GET, queryset=row.places.all(), request=request).qs
    body, mime = (csv_bytes(rows), "text/csv; charset=utf-8") if kind == "csv" else (xlsx_bytes(rows), XLSX)
    response = StreamingHttpResponse(body, content_type=mime)
    response.headers["Content-Disposition"] = f'attachment; filename="places-{row.pk}.{kind}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
