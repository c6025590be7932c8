"""Lists: orders, services, customers to choose from."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from ofx.core.request import UserRequest
from ofx.core.scoping import may
from ofx.core.ui.tables import table_page
from ofx.orders.models import ServiceRecord
from ofx.orders.queries import customers_of, order_list
from ofx.orders.tables import CustomerServiceTable, OrderTable, ServiceTable

STAFF = ("service_provider", "exchange")
MOST_CUSTOMERS = 30


def staff_only(request: UserRequest) -> None:
    """Raise PermissionDenied for operators and customers: their pages are the portal's."""
    acting = request.user.acting
    if acting is None or acting.organisation.kind not in STAFF:
        raise PermissionDenied("This list is for the service provider's staff. Your own orders are on your home page.")


@login_required
@require_safe
def orders(request: UserRequest) -> HttpResponseBase:
    """Which orders are there, and how does each stand?"""
    if request.user.acting and request.user.acting.organisation.kind == "customer":
        return redirect("/my/orders/")
    staff_only(request)
    context = {
        "title": "Orders",
        "question": "Which orders are there, and how does each stand?",
        "may_write": may(request.user, "order.write"),
        "may_rule": may(request.user, "rule.write"),
    }
    return table_page(request, OrderTable, order_list(request.user), "ofx/orders/list.html", context)


@login_required
@require_safe
def services(request: UserRequest) -> HttpResponseBase:
    """What is live, where, for whom?"""
    rows = ServiceRecord.objects.visible_to(request.user).select_related("customer", "operator", "offering")
    kind = request.user.acting.organisation.kind if request.user.acting else ""
    if kind == "operator":
        staff_only(request)
    context = {"title": "Services", "question": "What is live, where and for whom?"}
    table = CustomerServiceTable if kind == "customer" else ServiceTable
    return table_page(request, table, rows, context=context)


@login_required
@require_safe
def customers(request: UserRequest) -> HttpResponse:
    """Customers of the tenant by a part of their name, as JSON for the chooser."""
    acting = request.user.acting
    if acting is None or acting.organisation.kind != "service_provider":
        raise PermissionDenied("Only a service provider has customers here.")
    text = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    rows = customers_of(acting.organisation, text)[:MOST_CUSTOMERS]
    return JsonResponse({"customers": [{"value": row.pk, "text": row.name} for row in rows]})
