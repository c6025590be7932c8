"""From chosen rows of a bulk qualification to orders: what to order, then how far it is."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.tables import table_page
from ofx.portal.bulk import actions
from ofx.portal.bulk.forms import BatchForm
from ofx.portal.bulk.models import OrderBatch
from ofx.portal.bulk.tables import BatchTable
from ofx.search.bulk.filters import PlaceFilter
from ofx.search.bulk.views import run_or_404
from ofx.search.models import BulkRun

MOST_CHOSEN = 200


def _chosen(request: UserRequest, run: BulkRun) -> tuple[Any, list[str]]:
    """The rows that were ticked, else those that pass the filter of the address."""
    texts = request.POST.getlist("selected") or request.GET.getlist("selected")
    ids = [text for text in texts if text.isascii() and text.isdigit() and len(text) < 19][:MOST_CHOSEN]
    if ids:
        return run.places.filter(pk__in=ids), ids
    return PlaceFilter(request.GET, queryset=run.places.all(), request=request).qs, []


@login_required
@require_http_methods(["GET", "POST"])
def order(request: UserRequest, pk: int) -> HttpResponse:
    """What to order for the chosen rows. The list posts its ticks here first; `act` says that the form was filled."""
    run = run_or_404(request, pk)
    permit(request.user, "order.write")
    rows, ids = _chosen(request, run)
    at = now()
    filled = request.method == "POST" and "act" in request.POST
    form = BatchForm(request.POST if filled else None, user=request.user, today=timezone.localdate(at))
    if filled and form.is_valid():
        wishes = {**form.cleaned_data, "submit": request.POST["act"] == "submit"}
        try:
            return redirect(actions.create_batch(actor=request.user, run=run, rows=rows, at=at, **wishes))
        except actions.NothingChosen as error:
            form.add_error(None, str(error))
    count = rows.order_by().aggregate(
        n=Count("pk", filter=Q(orderable=True)), all=Count("pk"), named=Count("pk", filter=~Q(customer=""))
    )
    context = {"title": "Order from a file", "run": run, "form": form, "ids": ids, "count": count}
    return render(request, "ofx/bulk/order.html", context, status=422 if filled and form.errors else 200)


def _batch_or_404(request: UserRequest, pk: int) -> OrderBatch:
    rows = OrderBatch.objects.visible_to(request.user).select_related("created_by", "operator", "customer")
    return get_object_or_404(rows, pk=pk)


def _counts(batch: OrderBatch) -> dict[str, int]:
    found = batch.rows.aggregate(
        all=Count("pk"),
        **{state: Count("pk", filter=Q(state=state)) for state in ("waiting", "draft", "sent", "failed")},
    )
    return {**found, "done": found["all"] - found["waiting"]}


@login_required
@require_GET
def batch(request: UserRequest, pk: int) -> HttpResponseBase:
    """Progress, and what became of each row."""
    row = _batch_or_404(request, pk)
    context = {
        "title": f"Orders from {row.name}",
        "question": "Which rows have become orders, and which need somebody?",
        "batch": row,
        "counts": _counts(row),
        "may_write": may(request.user, "order.write"),
    }
    return table_page(request, BatchTable, row.rows.select_related("order__customer"), "ofx/bulk/batch.html", context)


@login_required
@require_GET
def progress(request: UserRequest, pk: int) -> HttpResponse:
    """The part of a batch's page that moves; 286 once there is no more to come."""
    row = _batch_or_404(request, pk)
    context = {"batch": row, "counts": _counts(row), "may_write": may(request.user, "order.write")}
    status = 200 if row.state in ("queued", "running") else 286
    return render(request, "ofx/bulk/progress.html", context, status=status)


@login_required
@require_POST
def act(request: UserRequest, pk: int, word: str) -> HttpResponse:
    """Stop, or go on."""
    row = _batch_or_404(request, pk)
    function = {"stop": actions.stop_batch, "resume": actions.resume_batch}[word]
    try:
        function(actor=request.user, batch=row, at=now())
    except IllegalTransition as error:
        messages.error(request, str(error))
    return redirect(row)
