"""A live service: what it is, its orders, and how it ends or changes."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.orders import actions
from ofx.orders.change_forms import CeaseForm, ModifyForm
from ofx.orders.models import ServiceRecord
from ofx.orders.views.loading import REFUSALS, blame
from partners.models import Offering

WANTED = ("customer", "operator", "offering", "item__order", "organisation")


def service_of(request: UserRequest, reference: str) -> ServiceRecord:
    """The service, if the user may see it."""
    rows = ServiceRecord.objects.visible_to(request.user).select_related(*WANTED)
    return get_object_or_404(rows, reference=reference)


@login_required
@require_safe
def service(request: UserRequest, reference: str) -> HttpResponse:
    """What is this service, where and since when, and which orders changed it?"""
    row = service_of(request, reference)
    changes = row.changes.select_related("order", "offering").order_by("-pk")
    staff = request.user.acting.organisation.kind != "customer"  # type: ignore[union-attr]
    context = {
        "title": row.reference,
        "service": row,
        "staff": staff,
        "changes": list(changes),
        "open_change": actions.open_change(service=row),
        "may_write": may(request.user, "order.write") and row.organisation_id == request.user.acting.organisation_id,  # type: ignore[union-attr]
    }
    return render(request, "ofx/orders/service.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cease(request: UserRequest, reference: str) -> HttpResponse:
    """End a live service by an order to its operator."""
    row = service_of(request, reference)
    permit(request.user, "order.write")
    form = CeaseForm(request.POST if request.method == "POST" else None, simulated=row.simulated)
    return _ordered(request, row, form, actions.cease_service, {"title": f"Cease {row.reference}", "cease": True})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def modify(request: UserRequest, reference: str) -> HttpResponse:
    """Another product of the same operator in its place."""
    row = service_of(request, reference)
    permit(request.user, "order.write")
    same = Offering.objects.filter(operator=row.operator_id, kind=row.offering.kind, active=True)
    offers = same.exclude(pk=row.offering_id).order_by("name")
    given = request.POST if request.method == "POST" else None
    form = ModifyForm(given, simulated=row.simulated, offerings=offers)
    return _ordered(request, row, form, actions.modify_service, {"title": f"Change {row.reference}", "offers": offers})


def _ordered(request: UserRequest, row: ServiceRecord, form: Any, action: Any, context: dict[str, Any]) -> HttpResponse:
    if form.is_bound and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "scenario" or value}
        try:
            order = action(actor=request.user, service=row, at=now(), **given)
        except REFUSALS as error:
            blame(form, error)
        else:
            return redirect(order)
    context = {"service": row, "form": form, "going": actions.open_change(service=row), **context}
    return render(request, "ofx/orders/service_change.html", context, status=422 if form.is_bound else 200)
