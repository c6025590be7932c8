"""Pages of coverage: publications, one version, and the way of a file: upload, columns, progress, result."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from ofx.core.clock import now
from ofx.core.models import LogEntry
from ofx.core.scoping import may, permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.columns import Column
from ofx.core.ui.export import csv_response
from ofx.core.ui.tables import table_page
from ofx.core.ui.timeline import from_log, merge
from partners.coverage import actions
from partners.coverage.columns import guess
from partners.coverage.forms import MappingForm, UploadForm
from partners.coverage.models import Footprint, Import
from partners.coverage.preview import preview
from partners.coverage.reading import ReadError, open_table
from partners.coverage.tables import FootprintTable
from partners.coverage.uploads import bound, was_too_large

SAMPLE = 50


def staff_only(request: HttpRequest) -> None:
    """Coverage is for those who buy, sell and run the exchange. Raises PermissionDenied for customers."""
    acting = getattr(request.user, "acting", None)
    if acting is None or acting.organisation.kind == "customer":
        raise PermissionDenied("This page is for service providers and operators.")


@login_required
@require_GET
def publications(request: HttpRequest) -> HttpResponseBase:
    """Which operators published what, when, and what is in force."""
    staff_only(request)
    rows = Footprint.objects.visible_to(request.user).select_related("operator", "created_by").defer("summary")
    context = {
        "title": "Coverage",
        "question": "Whose coverage is in force, since when, and from which source?",
        "may_write": may(request.user, "coverage.write"),
        "waiting": Import.objects.visible_to(request.user)
        .filter(state__in=["uploaded", "queued", "running", "failed"])
        .select_related("operator")
        .order_by("-pk")[:10],
    }
    return table_page(request, FootprintTable, rows, "partners/coverage/publications.html", context)


@login_required
@require_GET
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One published version: what it holds, what was rejected, and the way back to it."""
    staff_only(request)
    footprint = get_object_or_404(Footprint.objects.visible_to(request.user).select_related("operator"), pk=pk)
    mine = actions.may_publish_for(actor=request.user, operator=footprint.operator)
    log = LogEntry.objects.about(f"footprint:{footprint.pk}").visible_to(request.user)[:50]
    versions = Footprint.objects.visible_to(request.user).filter(operator=footprint.operator_id).order_by("-number")
    context = {
        "footprint": footprint,
        "mine": mine,
        "may_restore": mine and footprint.state == "replaced" and footprint.pruned_at is None,
        "rejected": footprint.rejected.order_by("line", "pk")[:SAMPLE] if mine else [],
        "versions": versions[:10],
        "timeline": merge(map(from_log, log)),
    }
    return render(request, "partners/coverage/version.html", context)


@login_required
@require_GET
def rejected(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rejected rows as they came, with line and reason."""
    footprint = get_object_or_404(Footprint.objects.visible_to(request.user).select_related("operator"), pk=pk)
    actions.permit_for(actor=request.user, operator=footprint.operator)
    rows = footprint.rejected.order_by("line", "pk")
    first = rows.first()
    columns = [Column("line", "line"), Column("reason", "reason")]
    columns += [Column(name, name, accessor=_raw(i)) for i, (name, _) in enumerate(first.raw if first else [])]
    return csv_response(f"rejected-{footprint.operator.code}-{footprint.number}", columns, rows.iterator(2000))


def _raw(position: int) -> Any:
    return lambda row: row.raw[position][1] if position < len(row.raw) else ""


@login_required
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the earlier version in force again."""
    footprint = get_object_or_404(Footprint.objects.visible_to(request.user).select_related("operator"), pk=pk)
    try:
        actions.restore_footprint(footprint=footprint, actor=request.user, at=now())
        messages.success(request, f"Version {footprint.number} of {footprint.operator} is in force again.")
    except actions.NotPossible as error:
        messages.error(request, str(error))
    return redirect(footprint)


@csrf_exempt  # the bounded upload handler must be set before anything reads the body; then the check runs
@login_required
def upload(request: HttpRequest) -> HttpResponseBase:
    """A file and whose coverage it is."""
    bound(request)
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    permit(request.user, "coverage.write")
    form = UploadForm(user=request.user)
    status = 200
    if request.method == "POST":
        cut_off = was_too_large(request)
        form = UploadForm(request.POST, request.FILES, user=request.user, cut_off=cut_off)
        status = 413 if cut_off else 422
        if form.is_valid() and (row := _keep(request, form)):
            return redirect(row)
    return render(request, "partners/coverage/upload.html", {"form": form}, status=status)


def _keep(request: HttpRequest, form: UploadForm) -> Import | None:
    """Store the file where it can be read as a table; else the form says why not."""
    file = form.cleaned_data["file"]
    try:
        with open_table(Path(file.temporary_file_path())):
            pass
        return actions.upload_import(
            operator=form.cleaned_data["operator"],
            file=file,
            name=Path(file.name).name,
            country=form.cleaned_data["country"],
            actor=request.user,
            at=now(),
        )
    except (ReadError, actions.NotPossible) as error:
        form.add_error("file", str(error))
    return None


def _import_or_404(request: HttpRequest, pk: int) -> Import:
    rows = Import.objects.visible_to(request.user).select_related("operator", "footprint", "created_by")
    return get_object_or_404(rows, pk=pk)


@login_required
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Columns while they are to be chosen, then progress, then the result."""
    row = _import_or_404(request, pk)
    if row.state == "uploaded" or (row.state == "failed" and row.file and "map" in request.GET):
        return _columns(request, row)
    if request.method == "POST":
        messages.error(request, "This file is loading already.")
        return redirect(row)
    return render(request, "partners/coverage/import.html", {"row": row})


def _columns(request: HttpRequest, row: Import) -> HttpResponse:
    permit(request.user, "coverage.write")
    try:
        with open_table(Path(row.file.path)) as table:
            header = table.header
        mapping = row.mapping or guess(header)
        mapping.pop("provider", None)
        form = MappingForm(request.POST or None, header=header, mapping=mapping)
        chosen = form.mapping() if request.method == "POST" and form.is_valid() else mapping
        if request.method == "POST" and form.is_valid() and "start" in request.POST:
            actions.start_import(upload=row, mapping=chosen, actor=request.user, at=now())
            return redirect(row)
        shown = preview(Path(row.file.path), chosen, row.country)
    except IllegalTransition:
        return redirect(row)
    except (ReadError, OSError) as error:
        messages.error(request, str(error) if isinstance(error, ReadError) else "The file is gone; upload it again.")
        return redirect("coverage-import")
    context = {"row": row, "form": form, "preview": shown}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "partners/coverage/columns.html", context, status=status)


@login_required
@require_GET
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the import's page that moves; 286 once there is no more to come."""
    row = _import_or_404(request, pk)
    over = row.state in {"done", "failed"}
    return render(request, "partners/coverage/_import_live.html", {"row": row}, status=286 if over else 200)
